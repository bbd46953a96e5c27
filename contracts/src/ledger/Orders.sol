// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governed} from "./Governed.sol";
import {IAccessRegistry} from "./IAccessRegistry.sol";
import {IAllowanceRegistry} from "./IAllowanceRegistry.sol";
import {ILotBook} from "./ILotBook.sol";
import {Kind, Order, OrderState, OrderStatus} from "./LedgerTypes.sol";
import {OrderHash} from "./OrderHash.sol";
import {OrderRule, OrderRules, Signer} from "./OrderRules.sol";

/// @title The life of an order: proposed, approved, executed; or cancelled, or expired.
abstract contract Orders is Governed, IAllowanceRegistry {
    using OrderRules for OrderRule;

    uint8 private constant _INITIATE = 1;
    uint8 private constant _APPROVE = 2;

    ILotBook internal _lots;
    uint64 private _orderCount;
    bytes32 internal _finalState;
    mapping(bytes32 orderId => OrderStatus) private _orders;

    /// @inheritdoc IAllowanceRegistry
    function submit(
        Order calldata order,
        address initiator,
        bytes calldata proposal,
        address approver,
        bytes calldata approval
    ) external {
        propose(order, initiator, proposal);
        approve(order, approver, approval);
        if (block.timestamp >= _orders[order.orderId].executableAt) execute(order);
    }

    /// @inheritdoc IAllowanceRegistry
    function propose(Order calldata order, address signer, bytes calldata signature) public {
        bytes32 hash = _requireWritable(order);
        OrderStatus storage status = _orders[order.orderId];
        if (status.state != OrderState.NONE) {
            if (status.contentHash != hash) revert OrderConflict(order.orderId);
            return;
        }
        if (order.orderId == 0) revert NoOrderId();
        OrderRule rule = _ruleOf(order);
        uint64 side = _side(order, rule);
        if (uint64(bytes8(order.orderId)) != side) revert OrderIdOfAnother(order.orderId, side);
        _requireInTime(order, order.notBefore);
        if (!OrderHash.signed(hash, 0, signer, signature)) revert SignatureMismatch(signer);
        _requireMay(order, rule.initiator(), _INITIATE, signer);
        _requireAccounts(order, rule);
        status.contentHash = hash;
        status.number = ++_orderCount;
        status.kind = Kind(order.kind);
        status.state = OrderState.PROPOSED;
        status.initiator = signer;
        uint64[] memory lots = _reserve(order, rule, status.number);
        status.lots = lots;
        emit OrderProposed(_next(), order.orderId, status.number, signer, hash, order, lots);
    }

    /// @inheritdoc IAllowanceRegistry
    function approve(Order calldata order, address signer, bytes calldata signature) public {
        (OrderStatus storage status, bytes32 hash) = _found(order);
        if (status.state != OrderState.PROPOSED) {
            bool stands =
                status.state == OrderState.APPROVED || status.state == OrderState.EXECUTED;
            if (stands && status.approver == signer) return;
            revert OrderClosed(order.orderId, status.state);
        }
        if (signer == status.initiator) revert ApproverIsInitiator(signer);
        if (!OrderHash.signed(hash, OrderHash.APPROVAL, signer, signature)) {
            revert SignatureMismatch(signer);
        }
        OrderRule rule = _ruleOf(order);
        _requireMay(order, rule.approver(), _APPROVE, signer);
        uint64 executableAt = _executableAt(order, rule);
        _requireInTime(order, executableAt);
        status.state = OrderState.APPROVED;
        status.approver = signer;
        status.executableAt = executableAt;
        emit OrderApproved(_next(), order.orderId, signer, executableAt);
    }

    /// @inheritdoc IAllowanceRegistry
    function execute(Order calldata order) public {
        (OrderStatus storage status,) = _found(order);
        if (status.state == OrderState.EXECUTED) return;
        if (status.state == OrderState.PROPOSED) revert OrderNotApproved(order.orderId);
        if (status.state != OrderState.APPROVED) revert OrderClosed(order.orderId, status.state);
        if (block.timestamp < status.executableAt) revert TooEarly(status.executableAt);
        _requireInTime(order, 0);
        OrderRule rule = _ruleOf(order);
        _requireMay(order, rule.initiator(), _INITIATE, status.initiator);
        _requireMay(order, rule.approver(), _APPROVE, status.approver);
        _requireAccounts(order, rule);
        uint64[] memory lots = status.lots;
        delete status.lots;
        status.state = OrderState.EXECUTED;
        uint64 quantity = _apply(order, lots);
        emit OrderEnded(_next(), order.orderId, OrderState.EXECUTED, msg.sender, quantity);
    }

    /// @inheritdoc IAllowanceRegistry
    function cancel(Order calldata order, address signer, bytes calldata signature) external {
        (OrderStatus storage status, bytes32 hash) = _found(order);
        if (status.state == OrderState.CANCELLED) return;
        _requireUnended(order, status);
        if (!OrderHash.signed(hash, OrderHash.CANCELLATION, signer, signature)) {
            revert SignatureMismatch(signer);
        }
        if (
            !_may(order, _ruleOf(order).initiator(), _INITIATE | _APPROVE, signer)
                && _access.roleOf(signer) != IAccessRegistry.Role.REGULATOR
        ) revert NotAuthorised(signer);
        _end(order, status, OrderState.CANCELLED, signer);
    }

    /// @inheritdoc IAllowanceRegistry
    function expire(Order calldata order) external {
        (OrderStatus storage status,) = _found(order);
        if (status.state == OrderState.EXPIRED) return;
        _requireUnended(order, status);
        if (block.timestamp <= order.deadline) revert NotExpired(order.orderId, order.deadline);
        _end(order, status, OrderState.EXPIRED, msg.sender);
    }

    /// @inheritdoc IAllowanceRegistry
    function hashOrder(Order calldata order) external pure returns (bytes32) {
        return OrderHash.content(order);
    }

    /// @inheritdoc IAllowanceRegistry
    function domainSeparator() external view returns (bytes32) {
        return OrderHash.domainSeparator();
    }

    /// @inheritdoc IAllowanceRegistry
    function orderOf(bytes32 orderId) external view returns (OrderStatus memory) {
        return _orders[orderId];
    }

    /// @inheritdoc IAllowanceRegistry
    function finalState() external view returns (bytes32) {
        return _finalState;
    }

    /// Refuses accounts that the order may not have.
    function _requireAccounts(Order calldata order, OrderRule rule) internal view virtual;
    /// Checks the amounts, splits the lots where needed and reserves them for the order.
    function _reserve(Order calldata order, OrderRule rule, uint64 number)
        internal
        virtual
        returns (uint64[] memory lots);
    /// Does what the order says; gives the tonnes it was about.
    function _apply(Order calldata order, uint64[] memory lots) internal virtual returns (uint64);

    function _status(bytes32 orderId) internal view returns (OrderStatus storage status) {
        status = _orders[orderId];
        if (status.state == OrderState.NONE) revert UnknownOrder(orderId);
    }

    function _requireOpen() internal view {
        _requireRunning();
        if (_finalState != 0) revert LedgerIsClosed(_finalState);
    }

    function _end(Order calldata order, OrderStatus storage status, OrderState state, address by)
        private
    {
        _lots.release(status.lots);
        delete status.lots;
        status.state = state;
        emit OrderEnded(_next(), order.orderId, state, by, 0);
    }

    function _requireWritable(Order calldata order) private view returns (bytes32 hash) {
        _requireOpen();
        if (order.chainId != block.chainid) revert WrongChain(block.chainid, order.chainId);
        return OrderHash.content(order);
    }

    function _found(Order calldata order)
        private
        view
        returns (OrderStatus storage status, bytes32 hash)
    {
        hash = _requireWritable(order);
        status = _status(order.orderId);
        if (status.contentHash != hash) revert OrderConflict(order.orderId);
    }

    function _requireUnended(Order calldata order, OrderStatus storage status) private view {
        if (status.state != OrderState.PROPOSED && status.state != OrderState.APPROVED) {
            revert OrderClosed(order.orderId, status.state);
        }
    }

    /// The deadline is not passed now, and there is time left at `executableAt`.
    function _requireInTime(Order calldata order, uint64 executableAt) private view {
        if (block.timestamp > order.deadline) {
            revert OrderExpired(order.orderId, order.deadline);
        }
        if (executableAt > order.deadline) revert NoTimeToExecute(executableAt, order.deadline);
    }

    /// The account whose keys propose the order; 0 when officers do.
    function _side(Order calldata order, OrderRule rule) private pure returns (uint64) {
        Signer who = rule.initiator();
        if (who == Signer.KEY) return order.from;
        return who == Signer.KEY_OF_TO ? order.to : 0;
    }

    /// An approved order waits until it says so itself, and as long as the account of its keys demands.
    function _executableAt(Order calldata order, OrderRule rule) private view returns (uint64) {
        uint64 delayed = uint64(block.timestamp) + _access.accountOf(_side(order, rule)).delay;
        return delayed > order.notBefore ? delayed : order.notBefore;
    }

    function _requireMay(Order calldata order, Signer who, uint8 right, address signer)
        private
        view
    {
        if (!_may(order, who, right, signer)) revert NotAuthorised(signer);
    }

    function _may(Order calldata order, Signer who, uint8 right, address signer)
        private
        view
        returns (bool)
    {
        if (who == Signer.KEY) return _access.rightsOf(order.from, signer) & right != 0;
        if (who == Signer.KEY_OF_TO) return _access.rightsOf(order.to, signer) & right != 0;
        IAccessRegistry.Role role = _access.roleOf(signer);
        if (who == Signer.REGULATOR) return role == IAccessRegistry.Role.REGULATOR;
        if (who == Signer.REGISTRY) return role == IAccessRegistry.Role.REGISTRY;
        return role == IAccessRegistry.Role.EXCHANGE;
    }

    function _ruleOf(Order calldata order) private pure returns (OrderRule rule) {
        if (order.kind > uint8(type(Kind).max)) revert UnknownKind(order.kind);
        rule = OrderRules.rowOf(Kind(order.kind));
        if (!rule.exists()) revert UnknownKind(order.kind);
    }
}
