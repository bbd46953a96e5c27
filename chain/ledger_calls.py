"""The arguments of the calls that move an order on, and the gas they may take."""

from typing import Final

from chain.addresses import checksum_address
from trace_node.ports.orders import OrderStep
from trace_node.quota.ledger.errors import OrderSignatureError
from trace_node.quota.ledger.order import Order
from trace_node.quota.ledger.signed_order import About, SignedOrder

OrderTuple = tuple[object, ...]
OrderArguments = tuple[object, ...]
_SIGNED: Final = {
    OrderStep.SUBMIT: (About.ORDER, About.APPROVAL),
    OrderStep.PROPOSE: (About.ORDER,),
    OrderStep.APPROVE: (About.APPROVAL,),
    OrderStep.EXECUTE: (),
    OrderStep.CANCEL: (About.CANCELLATION,),
    OrderStep.EXPIRE: (),
}
# Twice what tests/contracts/ledger/gas.json measures for the dearest kind.
_BASE_GAS: Final = 1_200_000
_GAS_PER_LOT: Final = 320_000


def arguments_of(signed: SignedOrder, step: OrderStep) -> OrderArguments:
    """The order and the signatures of a step, as the contract's function of its name takes them.

    Raises:
        OrderSignatureError: A signature it needs is not there; code ``order.signature.missing``.
    """
    arguments: list[object] = [order_tuple(signed.order)]
    for about in _SIGNED[step]:
        signature = signed.signatures.get(about)
        if signature is None:
            raise missing(about)
        arguments += [checksum_address(signature.signer), signature.value]
    return tuple(arguments)


def gas_of(signed: SignedOrder, step: OrderStep) -> int:
    """The most gas a step may take."""
    steps = 2 if step is OrderStep.SUBMIT else 1
    return steps * _BASE_GAS + len(signed.order.parts) * _GAS_PER_LOT


def order_tuple(order: Order) -> OrderTuple:
    """An order as an argument of a call."""
    return (
        order.chain_id,
        order.order_id,
        int(order.kind),
        order.source,
        order.target,
        order.subject,
        [(part.lot, part.quantity) for part in order.parts],
        order.quantity,
        order.commitment,
        order.registry_number,
        order.reason,
        order.not_before,
        order.deadline,
    )


def missing(about: About) -> OrderSignatureError:
    """The refusal of a step whose signature is not there."""
    return OrderSignatureError(
        "{field}: this signature is missing",
        field=f"signatures.{about.value}",
        remedy="sign the file first: trace-node order sign",
        code="order.signature.missing",
    )
