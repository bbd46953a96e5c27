"""Rows of the market from what the services give."""

from api.market import BALANCES_NOTE
from api.schemas.base import time_text
from api.schemas.market import (
    ComparisonReport,
    CorrectionRow,
    DifferenceRow,
    MatchRow,
    NumberRow,
    PartRow,
    ProductRow,
    RegistryFile,
    TradeFigure,
    UnconfirmedRow,
    UndraftedRow,
)
from trace_node.ports.market import Disclosure, ImportedFile
from trace_node.quota.disclosure import average
from trace_node.quota.ledger.kinds import Kind
from trace_node.quota.ledger.order_file import encode_order
from trace_node.quota.ledger.signed_order import SignedOrder
from trace_node.quota.ledger.state import ClassContent
from trace_node.quota.registry.corrections import Undrafted
from trace_node.quota.registry.outcome import Difference
from trace_node.quota.registry.unconfirmed import UnconfirmedOrder
from trace_node.services.registry_compare import RegistryReport


def file_row(file: ImportedFile, *, fresh: bool = False) -> RegistryFile:
    """An imported file."""
    return RegistryFile(
        digest=hex_of(file.digest),
        registry=file.registry,
        kind=file.kind,
        account=file.account,
        number=file.number,
        version=file.version,
        as_of=time_text(file.as_of),
        imported_at=time_text(file.imported_at),
        fresh=fresh,
    )


def report_of(report: RegistryReport) -> ComparisonReport:
    """A comparison."""
    found = report.comparison
    return ComparisonReport(
        note=BALANCES_NOTE,
        mirror_height=report.block,
        chain_height=report.height,
        final_height=report.final,
        exact=found.is_exact,
        files=tuple(file_row(file) for file in report.files),
        matches=tuple(
            MatchRow(
                account=each.account,
                row=each.row,
                lot=each.lot,
                quantity=each.quantity,
                numbered=each.numbered,
            )
            for each in found.matches
        ),
        to_number=tuple(
            NumberRow(
                lot=each.lot, reference=each.units.reference, digest=hex_of(each.units.digest)
            )
            for each in found.to_number
        ),
        differences=tuple(_difference(each) for each in found.differences),
        corrections=tuple(_correction(each) for each in report.corrections),
        undrafted=tuple(_undrafted(each) for each in report.undrafted),
        unconfirmed=tuple(_unconfirmed(each) for each in report.unconfirmed),
    )


def trade_figure(each: Disclosure) -> TradeFigure:
    """A published figure."""
    return TradeFigure(
        product=each.product,
        month=f"{each.month:%Y-%m}",
        trades=each.trades,
        volume=each.volume,
        average_price=str(average(each.amount, each.volume)),
        published_at=time_text(each.published_at),
    )


def product_row(content: ClassContent) -> ProductRow:
    """The totals of a class."""
    return ProductRow(
        product=content.code.rstrip(b"\0").decode("ascii", errors="replace"),
        instrument=content.instrument.name.lower(),
        vintage=content.vintage,
        issued=content.next_serial - 1,
        circulating=content.held,
        surrendered=content.surrendered,
        cancelled=content.cancelled,
        converted=content.converted,
    )


def hex_of(raw: bytes) -> str:
    """Bytes as the chain writes them."""
    return "0x" + raw.hex()


def _difference(each: Difference) -> DifferenceRow:
    return DifferenceRow(
        cause=each.cause.value,
        account=each.account,
        product=each.product,
        quantity=each.quantity,
        row=each.row,
        place=each.place,
        lot=each.lot,
        held_in=each.held_in,
        reserved=each.reserved,
        statement=each.statement,
    )


def _correction(draft: SignedOrder) -> CorrectionRow:
    order = draft.order
    return CorrectionRow(
        chain_id=order.chain_id,
        order_id=hex_of(order.order_id),
        kind=Kind(order.kind).name,
        source=order.source,
        target=order.target,
        parts=tuple(PartRow(lot=part.lot, quantity=part.quantity) for part in order.parts),
        quantity=order.quantity,
        registry_number=hex_of(order.registry_number),
        reason=hex_of(order.reason),
        deadline=order.deadline,
        file=encode_order(draft).decode(),
    )


def _undrafted(each: Undrafted) -> UndraftedRow:
    return UndraftedRow(
        cause=each.difference.cause.value,
        account=each.difference.account,
        product=each.difference.product,
        quantity=each.quantity,
        why=each.why.value,
    )


def _unconfirmed(each: UnconfirmedOrder) -> UnconfirmedRow:
    digest = each.confirmation
    return UnconfirmedRow(
        order_id=hex_of(each.order.order_id),
        kind=Kind(each.order.kind).name,
        product=each.product,
        quantity=each.order.quantity,
        age_s=each.age_s,
        candidates=each.candidates,
        confirmation=None if digest is None else hex_of(digest),
    )
