"""How every row of the mirror's books goes into SQL and comes out; see ``ledger_shapes``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Table as SqlTable

from trace_node.quota.ledger.kinds import Kind, OrderState, Place
from trace_node.quota.ledger.order import Order, Part
from trace_node.quota.ledger.rows import Key, OrderRow, ProposalState, RuleProposalRow, Table
from trace_node.quota.ledger.rules_events import RuleVersion
from trace_node.store import tables
from trace_node.store.ledger_shapes import SHAPES, Values, bounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """How the rows of one kind stand in SQL.

    Attributes:
        table: Where they stand.
        lookup: The columns of their key.
        encode: Makes values, in the order of the columns, of key and row.
        decode: Makes key and row of such values; an order is without its parts then.
    """

    table: SqlTable
    lookup: tuple[str, ...]
    encode: Callable[[Key, Any], Values]
    decode: Callable[[Values], tuple[Key, Any]]


def _encode_balance(key: Key, row: int) -> Values:
    assert isinstance(key, tuple)  # noqa: S101 (the key of a balance is a cell)
    return (*key, row)


def _decode_balance(values: Values) -> tuple[Key, int]:
    account, class_id, place, tonnes = values
    return (account, class_id, Place(place)), tonnes


def _encode_counterparty(key: Key, row: bool) -> Values:  # noqa: FBT001 (the row itself)
    assert isinstance(key, tuple)  # noqa: S101 (the key is a pair)
    return (*key, int(row))


def _decode_counterparty(values: Values) -> tuple[Key, bool]:
    return (values[0], values[1]), bool(values[2])


def _encode_proposal(key: Key, row: RuleProposalRow) -> Values:
    content = row.content
    told: Values = (None,) * 5
    if content is not None:
        valid = bounded(content.valid_from), bounded(content.valid_to)
        told = (str(content.number), *valid, content.digest, int(content.draft))
    head = (key, row.rule_id, row.year, row.version, row.proposer, int(row.state), row.evidence)
    return head + told


def _decode_proposal(values: Values) -> tuple[Key, RuleProposalRow]:
    number, rule_id, year, version, proposer, state, evidence, value, *rest = values
    content = None
    if value is not None:
        valid_from, valid_to, digest, draft = rest
        content = RuleVersion(
            number=int(value),
            valid_from=valid_from,
            valid_to=valid_to,
            digest=digest,
            draft=bool(draft),
            released=False,
        )
    return number, RuleProposalRow(
        rule_id=rule_id,
        year=year,
        version=version,
        proposer=proposer,
        state=ProposalState(state),
        content=content,
        evidence=evidence,
    )


def _encode_order(_key: Key, row: OrderRow) -> Values:
    order = row.content
    return (
        row.number,
        order.order_id,
        int(order.kind),
        int(row.state),
        bounded(order.source),
        bounded(order.target),
        bounded(order.subject),
        bounded(order.quantity),
        order.commitment,
        order.registry_number,
        order.reason,
        bounded(order.not_before),
        bounded(order.deadline),
        bounded(order.chain_id),
        row.content_hash,
        row.initiator,
        row.approver,
        bounded(row.executable_at),
        row.confirmation,
        row.proposed_block,
        row.ended_block,
    )


def _decode_order(values: Values) -> tuple[Key, OrderRow]:
    number, order_id, kind, state, source, target, subject, quantity, *rest = values
    commitment, registry_number, reason, not_before, deadline, chain_id, *status = rest
    content_hash, initiator, approver, executable_at, confirmation, proposed, ended = status
    content = Order(
        chain_id=chain_id,
        order_id=order_id,
        kind=Kind(kind),
        source=source,
        target=target,
        subject=subject,
        parts=(),
        quantity=quantity,
        commitment=commitment,
        registry_number=registry_number,
        reason=reason,
        not_before=not_before,
        deadline=deadline,
    )
    return order_id, OrderRow(
        content=content,
        content_hash=content_hash,
        number=number,
        state=OrderState(state),
        executable_at=executable_at,
        initiator=initiator,
        approver=approver,
        confirmation=confirmation,
        lots=(),
        proposed_block=proposed,
        ended_block=ended,
    )


def part_values(row: OrderRow) -> list[Values]:
    """The rows that hold the parts of an order."""
    return [
        (row.number, ordinal, part.lot, bounded(part.quantity), taken)
        for ordinal, (part, taken) in enumerate(zip(row.content.parts, row.lots, strict=True))
    ]


def with_parts(row: OrderRow, parts: Sequence[Values]) -> OrderRow:
    """The order with its parts, which are given in their order."""
    told = tuple(Part(lot=lot, quantity=quantity) for _, _, lot, quantity, _ in parts)
    taken = tuple(part[4] for part in parts)
    return replace(row, content=replace(row.content, parts=told), lots=taken)


CODECS: Mapping[Table, Codec] = {
    **{
        each: Codec(
            table=shape.table,
            lookup=shape.lookup,
            encode=shape.encoder(),
            decode=shape.decoder(),
        )
        for each, shape in SHAPES.items()
    },
    Table.BALANCES: Codec(
        table=tables.LEDGER_BALANCES,
        lookup=("account", "class_id", "place"),
        encode=_encode_balance,
        decode=_decode_balance,
    ),
    Table.COUNTERPARTIES: Codec(
        table=tables.LEDGER_COUNTERPARTIES,
        lookup=("account", "counterparty"),
        encode=_encode_counterparty,
        decode=_decode_counterparty,
    ),
    Table.RULE_PROPOSALS: Codec(
        table=tables.LEDGER_RULE_PROPOSALS,
        lookup=("proposal",),
        encode=_encode_proposal,
        decode=_decode_proposal,
    ),
    Table.ORDERS: Codec(
        table=tables.LEDGER_ORDERS,
        lookup=("order_id",),
        encode=_encode_order,
        decode=_decode_order,
    ),
}
"""Each table of the books, and how it stands in SQL."""
