"""What is checked of a signed order before anything is sent; needs no chain and no database."""

from trace_node.errors import UnavailableError
from trace_node.ports.orders import OrderSignatures, Standing
from trace_node.quota.ledger.errors import OrderConflictError, OrderSignatureError
from trace_node.quota.ledger.order_shape import require_shape
from trace_node.quota.ledger.order_texts import NO_DIGEST
from trace_node.quota.ledger.signed_order import About, SignedOrder

_MISSING = "{field}: this signature is missing"
_SIGN = "sign the file first: trace-node order sign"


def require_sound(signed: SignedOrder, signatures: OrderSignatures) -> None:
    """Check the shape of an order and every signature that is there.

    Raises:
        OrderFileError: Its kind needs something else.
        AccessError: A signature is not of its signer (``order.signature.mismatch``), or initiator
            and approver are one person (``order.signature.same_person``).
    """
    require_shape(signed.order)
    for about, signature in signed.signatures.items():
        signatures.require_signed(
            signed.order, contract=signed.contract, about=about, signature=signature
        )
    initiator = signed.signatures.get(About.ORDER)
    approver = signed.signatures.get(About.APPROVAL)
    if initiator is not None and approver is not None and initiator.signer == approver.signer:
        raise OrderSignatureError(
            "{field}: initiator and approver are one person: {signer}",
            field="signatures.approval",
            signer="0x" + approver.signer.hex(),
            remedy="let another key approve",
            code="order.signature.same_person",
        )


def require_initiator(signed: SignedOrder) -> None:
    """Require the signature without which nothing can be done with an order.

    Raises:
        OrderSignatureError: It is not there; code ``order.signature.missing``.
    """
    if About.ORDER not in signed.signatures:
        raise OrderSignatureError(
            _MISSING,
            field=f"signatures.{About.ORDER.value}",
            remedy=_SIGN,
            code="order.signature.missing",
        )


def require_ledger(signed: SignedOrder, *, chain_id: int, contract: bytes) -> None:
    """Require an order for this ledger.

    Raises:
        OrderConflictError: It is for another chain (``order.ledger.chain_id``) or contract
            (``order.ledger.contract``).
    """
    if signed.order.chain_id != chain_id:
        raise OrderConflictError(
            "{field}: the order is for chain {found}, this ledger is on chain {expected}",
            field="ledger.chain_id",
            found=signed.order.chain_id,
            expected=chain_id,
            remedy="make the order for this ledger, or send it to the other one",
            code="order.ledger.chain_id",
        )
    if signed.contract != contract:
        raise OrderConflictError(
            "{field}: the order is for contract {found}, this ledger is {expected}",
            field="ledger.contract",
            found="0x" + signed.contract.hex(),
            expected="0x" + contract.hex(),
            remedy="make the order for this ledger, or send it to the other one",
            code="order.ledger.contract",
        )


def require_same_content(standing: Standing, content_hash: bytes, *, order_id: bytes) -> None:
    """Require that the chain knows an order of that id with no other content.

    Args:
        standing: How the chain sees the id.
        content_hash: 32-byte hash of the content that is held here.
        order_id: The id.

    Raises:
        OrderConflictError: It was proposed with another content; code ``order.conflict``.
    """
    if standing.content_hash not in (NO_DIGEST, content_hash):
        raise OrderConflictError(
            "{field}: order {order} is on the chain with another content",
            field="order.order_id",
            order="0x" + order_id.hex(),
            remedy="give a new order a new id: trace-node order new",
        )


def joined(kept: SignedOrder, given: SignedOrder, *, done: frozenset[About]) -> SignedOrder:
    """An order with the signatures and texts of two files of it.

    Args:
        kept: As it was taken before.
        given: With the same content.
        done: The signatures whose step was taken on the chain: these stand.

    Raises:
        OrderConflictError: ``given`` has another signer for a step that was taken.
    """
    found = kept
    for about, signature in given.signatures.items():
        before = kept.signatures.get(about)
        if about not in done or before is None:
            found = found.signed(about, signature)
        elif before.signer != signature.signer:
            raise OrderConflictError(
                "{field}: this step was taken with the signature of {signer}",
                field=f"signatures.{about.value}",
                signer="0x" + before.signer.hex(),
                remedy="nothing is to be done; see trace-node order status",
                code="order.conflict.signer",
            )
    return SignedOrder(
        order=found.order,
        contract=found.contract,
        reason=kept.reason or given.reason,
        registry_number=kept.registry_number or given.registry_number,
        signatures=found.signatures,
    )


def contested(order_id: bytes) -> UnavailableError:
    """What is raised where others change the kept row of an order all the time."""
    return UnavailableError(
        "{field}: order {order} is changed by others all the time",
        field="order.order_id",
        order="0x" + order_id.hex(),
        remedy="try again",
    )
