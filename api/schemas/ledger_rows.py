"""From what the ledger holds to rows on the wire."""

from typing import Any

from api.i18n import translations
from api.schemas.base import Time, time_text
from api.schemas.ledger import (
    AccountRow,
    ClassBalanceRow,
    LotRow,
    MirrorState,
    ObligationRow,
    OrderRow,
    PartRow,
)
from trace_node.period import from_ms
from trace_node.ports.ledger_mirror import ClassBalance, Found, LedgerView
from trace_node.ports.ledger_mirror_head import Stop
from trace_node.ports.orders import OrderPhase, StoredOrder
from trace_node.quota.ledger.kinds import OrderState
from trace_node.quota.ledger.order import Order
from trace_node.quota.ledger.order_file import decode_order
from trace_node.quota.ledger.order_texts import NO_DIGEST
from trace_node.quota.ledger.rows import OrderRow as MirroredOrder
from trace_node.quota.ledger.state import (
    AccountContent,
    ClassContent,
    LotContent,
    ObligationContent,
)
from trace_node.services.order_course import final_phase

_PHASES = {
    OrderState.PROPOSED: OrderPhase.PROPOSED,
    OrderState.APPROVED: OrderPhase.APPROVED,
    OrderState.CANCELLED: OrderPhase.CANCELLED,
    OrderState.EXPIRED: OrderPhase.EXPIRED,
}
_ENDS = (OrderState.EXECUTED, OrderState.CANCELLED, OrderState.EXPIRED)
_LAST_SECOND = 253_402_300_799  # of the year 9999, the last that a date can hold


def mirror_state(view: LedgerView, stop: Stop | None, *, language: str) -> MirrorState:
    """How far the copy has come, and which book is the legal one."""
    head = view.head()
    gettext = translations(language).gettext
    return MirrorState(
        height=head.tip.number,
        block_hash=_hex(head.tip.block_hash),
        chain_head=max(head.height, head.tip.number),
        final=head.final if head.final >= 0 else None,
        lag=head.lag,
        level_at=time_text(from_ms(head.level_ms)) if head.level_ms else None,
        orders_stopped="" if stop is None else stop.cause.value,  # the detail may be of others
        legal_record=gettext(
            "The national registries are the legal record of allowances and CCER; this is a copy."
        ),
    )


def stored_row(stored: StoredOrder, mirrored: MirroredOrder | None) -> OrderRow:
    """An order that was handed in here."""
    signed = decode_order(stored.file)
    signers = {about.value: "0x" + each.signer.hex() for about, each in signed.signatures.items()}
    number = None if mirrored is None else _digest(mirrored.confirmation)
    phase = stored.phase
    if phase is OrderPhase.UNCONFIRMED:  # the number may have come since that was noted
        confirmation = NO_DIGEST if mirrored is None else mirrored.confirmation
        phase = final_phase(signed.order.kind, confirmation)
    return OrderRow(
        **_content(signed.order),
        phase=phase.value,
        final=stored.final,
        reason=stored.reason,
        detail=stored.detail,
        signers=signers,
        registry_number=number,
        transaction=None if stored.transaction is None else _hex(stored.transaction),
        block=stored.block,
    )


def mirrored_row(found: MirroredOrder, *, final_block: int) -> OrderRow:
    """An order of the chain, whoever handed it in."""
    final = found.state in _ENDS and found.ended_block <= final_block
    signers = {"order": found.initiator, "approval": found.approver}
    phase = _PHASES.get(found.state, OrderPhase.EXECUTED)
    if phase is OrderPhase.EXECUTED and final:
        phase = final_phase(found.content.kind, found.confirmation)
    return OrderRow(
        **_content(found.content),
        phase=phase.value,
        final=final,
        reason="",
        detail="",
        signers={name: "0x" + each.hex() for name, each in signers.items() if any(each)},
        registry_number=_digest(found.confirmation),
        transaction=None,
        block=None,
    )


def account_row(
    found: Found[AccountContent], balances: list[ClassBalance], classes: dict[int, ClassContent]
) -> AccountRow:
    """An account with its balances."""
    content = found.content
    return AccountRow(
        account=found.number,
        organisation=content.organisation,
        kind=content.kind.name,
        status=content.status.name,
        delay=content.delay,
        balances=tuple(_balance_row(each, classes[each.class_id]) for each in balances),
    )


def lot_row(found: Found[LotContent]) -> LotRow:
    """A lot."""
    lot = found.content
    return LotRow(
        lot=found.number,
        class_id=lot.class_id,
        place=lot.place.name,
        hold=lot.hold.name,
        subject=lot.subject,
        first_serial=lot.first_serial,
        quantity=lot.quantity,
        reserved_by=lot.order or None,
        registry_number=_digest(lot.registry_number),
    )


def obligation_row(found: Found[ObligationContent]) -> ObligationRow:
    """An obligation."""
    content = found.content
    return ObligationRow(
        obligation=found.number,
        organisation=content.organisation,
        year=content.year,
        sector=content.sector,
        tonnes=content.tonnes,
        surrendered=content.surrendered,
        cap=content.cap,
        offset_reserved=content.offset_reserved,
        offset_used=content.offset_used,
        outstanding=content.outstanding,
    )


def _content(order: Order) -> dict[str, Any]:
    return {
        "order_id": _hex(order.order_id),
        "kind": order.kind.name,
        "source": order.source,
        "target": order.target,
        "subject": order.subject,
        "parts": tuple(PartRow(lot=part.lot, quantity=part.quantity) for part in order.parts),
        "quantity": order.quantity,
        "not_before": _time(order.not_before) if order.not_before else None,
        "deadline": _time(order.deadline),
    }


def _balance_row(found: ClassBalance, content: ClassContent) -> ClassBalanceRow:
    balance = found.balance
    return ClassBalanceRow(
        class_id=found.class_id,
        code=content.code.rstrip(b"\0").decode("ascii", "replace"),
        instrument=content.instrument.name,
        vintage=content.vintage,
        registry=balance.registry,
        trading=balance.trading,
        frozen=balance.frozen,
        pending=balance.pending,
        total=balance.total,
    )


def _time(seconds: int) -> Time:
    return time_text(from_ms(min(seconds, _LAST_SECOND) * 1_000))


def _digest(raw: bytes) -> str | None:
    return None if raw == NO_DIGEST else _hex(raw)


def _hex(raw: bytes) -> str:
    return "0x" + raw.hex()
