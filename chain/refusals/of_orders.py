"""What is wrong with an order as such: its time, its signatures, its state."""

from typing import Final

from chain.refusals.row import Refusal

ROWS: Final = (
    Refusal(
        error="LedgerPaused()",
        field="ledger",
        template="{field}: the ledger is paused: nothing is written",
        remedy="wait until two administrators have lifted the pause",
    ),
    Refusal(
        error="LedgerIsClosed(bytes32 stateDigest)",
        field="ledger",
        template="{field}: the ledger was closed for good with state {stateDigest}",
        remedy="use its successor",
    ),
    Refusal(
        error="WrongChain(uint256 expected,uint256 given)",
        field="chain_id",
        template="{field}: the order is for chain {given}, this is chain {expected}",
        remedy="make the order for this chain, or send it to the other one",
    ),
    Refusal(
        error="OrderConflict(bytes32 orderId)",
        field="order_id",
        template="{field}: order {orderId} is there with another content",
        remedy="give a new order a new id: trace-node order new",
    ),
    Refusal(
        error="NoOrderId()",
        field="order_id",
        template="{field}: an order needs an id other than zero",
        remedy="make the order with trace-node order new",
    ),
    Refusal(
        error="OrderIdOfAnother(bytes32 orderId,uint64 account)",
        field="order_id",
        template="{field}: order {orderId} does not begin with {account}, whose keys propose it",
        remedy="make the order with trace-node order new",
    ),
    Refusal(
        error="UnknownKind(uint8 kind)",
        field="kind",
        template="{field}: the contract knows no kind of order {kind}",
        remedy="see the table of kinds in docs/spec/allowance-registry.md",
    ),
    Refusal(
        error="OrderExpired(bytes32 orderId,uint64 deadline)",
        field="deadline",
        template="{field}: order {orderId} could be used until {deadline}",
        remedy="make a new order with a later deadline",
    ),
    Refusal(
        error="NoTimeToExecute(uint64 executableAt,uint64 deadline)",
        field="deadline",
        template="{field}: the order could be executed from {executableAt}, after its deadline"
        " {deadline}",
        remedy="make a new order whose deadline leaves time for the account's delay",
    ),
    Refusal(
        error="SignatureMismatch(address signer)",
        field="signatures",
        template="{field}: a signature is not of {signer} over this order for this step",
        remedy="sign this file again: trace-node order sign",
    ),
    Refusal(
        error="NotAuthorised(address signer)",
        field="signatures",
        template="{field}: {signer} has no right to this step of this order",
        remedy="let a key or officer sign that has the right; see the kind's row in"
        " docs/spec/allowance-registry.md",
    ),
    Refusal(
        error="ApproverIsInitiator(address signer)",
        field="signatures.approval",
        template="{field}: {signer} is the initiator: another person must approve",
        remedy="let another key approve",
    ),
    Refusal(
        error="UnknownOrder(bytes32 orderId)",
        field="order_id",
        template="{field}: the ledger knows no order {orderId}",
        remedy="propose it first",
    ),
    Refusal(
        error="OrderNotApproved(bytes32 orderId)",
        field="signatures.approval",
        template="{field}: order {orderId} is not approved",
        remedy="let another person approve it first",
    ),
    Refusal(
        error="OrderClosed(bytes32 orderId,uint8 state)",
        field="order_id",
        template="{field}: order {orderId} is {state}, or another person approved it",
        remedy="see trace-node order status; for the same purpose make a new order",
    ),
    Refusal(
        error="TooEarly(uint64 executableAt)",
        field="not_before",
        template="{field}: not before {executableAt}",
        remedy="wait until then; the node goes on by itself",
    ),
    Refusal(
        error="NotExpired(bytes32 orderId,uint64 deadline)",
        field="deadline",
        template="{field}: order {orderId} may still be used until {deadline}",
        remedy="cancel it by a signature, or wait for its deadline",
    ),
    Refusal(
        error="NothingToConfirm(bytes32 orderId)",
        field="orderId",
        template="{field}: order {orderId} is not executed, or no registry makes such orders",
        remedy="confirm executed orders of confirmed kinds only",
    ),
    Refusal(
        error="AlreadyConfirmed(bytes32 orderId,bytes32 registryNumber)",
        field="orderId",
        template="{field}: order {orderId} is confirmed by another number ({registryNumber})",
        remedy="if the registry did otherwise, enter a correction",
    ),
    Refusal(
        error="PredecessorOpen(address predecessor)",
        field="predecessor",
        template="{field}: the ledger {predecessor} is not closed",
        remedy="close it by an order CLOSE_LEDGER first",
    ),
)
