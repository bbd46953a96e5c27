// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessRegistry} from "./IAccessRegistry.sol";
import {IGoverned} from "./IGoverned.sol";
import {IObligationBook, IObligationErrors} from "./IObligationBook.sol";
import {IRuleBook, IRuleErrors} from "./IRuleBook.sol";
import {Hold, Order, OrderState, OrderStatus, Place} from "./LedgerTypes.sol";
import {ILotBook, ILotErrors} from "./ILotBook.sol";

/// @title Who holds which tonnes: lots of allowances and CCER, and the orders that move them.
/// @notice Everything that moves a tonne is an order: typed data (EIP-712) signed by one person,
///         agreed to by the signature of a second one, carried out by anybody after its delay, and
///         until then cancelled by either. From its proposal on it reserves exactly its quantities.
///         This is a copy of the national registries, which are the legal record: an executed order
///         stays unconfirmed until an officer enters the number under which they made it, and what
///         they did otherwise is corrected by an order of its own.
/// @dev    The contract never walks over the lots of an account: an order names its lots. Events are
///         numbered without a gap, and the whole state follows from them.
interface IAllowanceRegistry is IGoverned, IRuleErrors, IObligationErrors, ILotErrors {
    /// @notice `lots` are reserved until the order ends; they hold its parts, in its order.
    event OrderProposed(
        uint64 sequence,
        bytes32 indexed orderId,
        uint64 indexed number,
        address indexed initiator,
        bytes32 contentHash,
        Order content,
        uint64[] lots
    );
    event OrderApproved(
        uint64 sequence, bytes32 indexed orderId, address indexed approver, uint64 executableAt
    );
    /// @notice EXECUTED, CANCELLED or EXPIRED: the lots are free again.
    event OrderEnded(
        uint64 sequence, bytes32 indexed orderId, OrderState state, address by, uint64 quantity
    );
    event OrderConfirmed(
        uint64 sequence, bytes32 indexed orderId, bytes32 registryNumber, address officer
    );
    event CounterpartySet(
        uint64 sequence,
        uint64 indexed account,
        uint64 indexed counterparty,
        bool allowed,
        bytes32 orderId
    );
    event LedgerClosed(uint64 sequence, bytes32 stateDigest, bytes32 orderId);

    // What is wrong with an order as such.
    error WrongChain(uint256 expected, uint256 given);
    /// @notice The order id was used with another content.
    error OrderConflict(bytes32 orderId);
    error NoOrderId();
    /// @notice The first 8 bytes of the id are not the account whose keys propose the order, or, of an
    ///         order of officers, not zero.
    error OrderIdOfAnother(bytes32 orderId, uint64 account);
    error UnknownKind(uint8 kind);
    /// @notice The deadline of the order has passed.
    error OrderExpired(bytes32 orderId, uint64 deadline);
    /// @notice The order could not be executed at any time before its deadline.
    error NoTimeToExecute(uint64 executableAt, uint64 deadline);
    /// @notice The signature is not of this signer, over this order, for this step.
    error SignatureMismatch(address signer);
    /// @notice The signer has no right to this step of this order (any more).
    error NotAuthorised(address signer);
    error ApproverIsInitiator(address signer);
    error UnknownOrder(bytes32 orderId);
    error OrderNotApproved(bytes32 orderId);
    /// @notice The order has come to another end, or was approved by somebody else.
    error OrderClosed(bytes32 orderId, OrderState state);
    error TooEarly(uint64 executableAt);
    error NotExpired(bytes32 orderId, uint64 deadline);

    // What is wrong with its accounts.
    error UnknownAccount(uint64 account);
    error AccountFrozen(uint64 account);
    error AccountIsClosed(uint64 account);
    error SameAccount(uint64 account);
    /// @notice Nobody pledges to its own organisation.
    error SameOrganisation(uint64 account);
    error AnotherOrganisation(uint64 account, uint64 organisation);
    /// @notice The receiver is not on the allow-list of the account.
    error CounterpartyNotAllowed(uint64 account, uint64 counterparty);
    /// @notice The CCER account is not bound to a holding account.
    error AccountNotBound(uint64 account);

    // What is wrong with its amounts and lots.
    error ZeroAmount();
    error NegativeAmount(uint256 amount);
    error AmountTooLarge(uint256 amount);
    error NoLots();
    error TooManyLots(uint256 given, uint256 most);
    /// @notice Lots are named in ascending order, each once.
    error LotsNotAscending(uint64 lotId);
    error NotInAccount(uint64 lotId, uint64 account);
    error InsufficientLot(uint64 lotId, uint64 available, uint256 asked);
    /// @notice Another open order reserves the lot.
    error LotReserved(uint64 lotId, uint64 order);
    error WrongPlace(uint64 lotId, Place place);
    error WrongHold(uint64 lotId, Hold hold, uint64 subject);
    error WrongClass(uint64 lotId, uint32 classId);
    error UnknownInstrument(uint64 instrument);
    /// @notice No rule admits this class for this obligation year, or not in this way.
    error NotAdmissible(uint32 classId, uint32 year);
    error UnknownPlace(uint64 place);
    /// @notice The quantity of the order is not the sum of its parts; of a claw-back, less than that.
    error QuantityMismatch(uint256 parts, uint256 quantity);
    /// @notice An arrear is opened only when nothing of the class is left in the account.
    error NotShort(uint64 account, uint64 available);

    /// @notice The order is not executed, or no registry makes such an order.
    error NothingToConfirm(bytes32 orderId);
    error AlreadyConfirmed(bytes32 orderId, bytes32 registryNumber);
    /// @notice The predecessor is not closed.
    error PredecessorOpen(address predecessor);

    /// @notice Proposes and approves an order whose two signatures are at hand, and carries it out if
    ///         it is due; all or nothing. Again: nothing happens, or what has become due.
    function submit(
        Order calldata order,
        address initiator,
        bytes calldata proposal,
        address approver,
        bytes calldata approval
    ) external;

    /// @notice Proposes an order with its initiator's signature, and reserves its quantities. Anybody
    ///         sends. Proposed again with the same content: nothing happens.
    function propose(Order calldata order, address signer, bytes calldata signature) external;

    /// @notice Approves it with the signature of another person over Approval(order). Approved again
    ///         by the same one: nothing happens.
    function approve(Order calldata order, address signer, bytes calldata signature) external;

    /// @notice Carries it out. Anybody; a second time nothing happens.
    function execute(Order calldata order) external;

    /// @notice Cancels it with a signature over Cancellation(order): of a regulator, or of whoever
    ///         could sign one of the steps that its initiator's side takes. An account's keys do not
    ///         cancel what officers have ordered.
    function cancel(Order calldata order, address signer, bytes calldata signature) external;

    /// @notice Releases what an order reserves whose deadline has passed. Anybody.
    function expire(Order calldata order) external;

    /// @notice Enters the number under which the registry or the exchange made an executed order.
    ///         REGISTRY or EXCHANGE.
    function confirm(bytes32 orderId, bytes32 registryNumber) external;

    /// @notice EIP-712 hash of an order's content.
    function hashOrder(Order calldata order) external pure returns (bytes32);
    function domainSeparator() external view returns (bytes32);
    function rules() external view returns (IRuleBook);
    function lotBook() external view returns (ILotBook);
    function obligations() external view returns (IObligationBook);
    function predecessor() external view returns (IAllowanceRegistry);
    /// @notice Digest with which the ledger was closed; 0 while it is open.
    function finalState() external view returns (bytes32);
    function orderOf(bytes32 orderId) external view returns (OrderStatus memory);
    function counterpartyAllowed(uint64 account, uint64 counterparty) external view returns (bool);
}
