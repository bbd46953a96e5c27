"""Row by row: what the mirror and the contracts say of the same thing at the same block."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from trace_node.ports.ledger import BlockMark, LedgerReader
from trace_node.ports.ledger_mirror_step import MirrorAudit
from trace_node.quota.ledger.class_totals import class_content
from trace_node.quota.ledger.effect import CONTRA
from trace_node.quota.ledger.effects_access import LEDGER_KEY
from trace_node.quota.ledger.kinds import Book, Place
from trace_node.quota.ledger.rows import LedgerRow, OrderRow, Table
from trace_node.quota.ledger.state import Balance, OrderContent
from trace_node.services.mirror_evidence import Difference

PAGE = 256
MOST = 2**63 - 1  # what the mirror's columns hold of a number of 64 bits without a sign

Comparison = Callable[[MirrorAudit, LedgerReader, BlockMark], Iterator[list[Difference]]]
"""Gives for each thing what differs of it."""


def counts_differ(
    audit: MirrorAudit, reader: LedgerReader, at: BlockMark
) -> Iterator[list[Difference]]:
    """How many events there are, and whether writing is stopped."""
    ours, theirs = audit.event_counts(), reader.event_counts(at)
    for book in Book:
        yield _differ("events", book.name.lower(), ours[book], theirs[book])
    paused = False
    for page in audit.rows(Table.LEDGER, size=PAGE):
        for key, row in page:
            paused = key == LEDGER_KEY and isinstance(row, LedgerRow) and row.paused
    yield _differ("ledger", "paused", paused, reader.paused(at))


def _numbered(
    table: Table, ask: Callable[[LedgerReader, list[Any], BlockMark], Sequence[Any]]
) -> Comparison:
    """Compares things with a number, and that there is none after the last."""

    def compare(
        audit: MirrorAudit, reader: LedgerReader, at: BlockMark
    ) -> Iterator[list[Difference]]:
        last = 0
        for page in audit.rows(table, size=PAGE):
            keys = [key for key, _ in page]
            answers = ask(reader, keys, at) if keys else ()
            for (key, row), answer in zip(page, answers, strict=True):
                yield _differ(table.name.lower(), str(key), _ours(row), answer)
                last = max(last, key)
        yield _nothing_after(table, last, ask(reader, [last + 1], at)[0])

    return compare


def _nothing_after(table: Table, last: int, answer: Any) -> list[Difference]:  # noqa: ANN401
    """The contracts count from 1: the first number that the mirror does not know is nothing."""
    return _nothing(table.name.lower(), str(last + 1), answer)


def _nothing(table: str, key: str, answer: Any) -> list[Difference]:  # noqa: ANN401
    """The contracts have something that the mirror does not know, unless all of it is zeros."""
    if not any(_plain(getattr(answer, field.name)) for field in fields(answer)):
        return []
    return [Difference(table=table, key=key, field="", mirror="none", chain=str(answer))]


def _orders(audit: MirrorAudit, reader: LedgerReader, at: BlockMark) -> Iterator[list[Difference]]:
    for page in audit.rows(Table.ORDERS, size=PAGE):
        answers = reader.orders([key for key, _ in page], at)
        for (key, row), answer in zip(page, answers, strict=True):
            yield _differ("orders", "0x" + key.hex(), _ours(row), answer)


def _carry_overs(
    audit: MirrorAudit, reader: LedgerReader, at: BlockMark
) -> Iterator[list[Difference]]:
    for page in audit.rows(Table.CARRY_OVERS, size=PAGE):
        pairs = [key for key, _ in page]
        for (key, row), answer in zip(page, reader.carry_overs(pairs, at), strict=True):
            yield _differ("carry_overs", str(key), row, answer)


def _classes(audit: MirrorAudit, reader: LedgerReader, at: BlockMark) -> Iterator[list[Difference]]:
    contra = {
        (key[1], key[2]): tonnes
        for page in audit.rows(Table.BALANCES, size=PAGE)
        for key, tonnes in page
        if key[0] == CONTRA
    }
    last = 0
    for page in audit.rows(Table.CLASSES, size=PAGE):
        numbers = [key for key, _ in page]
        for (key, row), answer in zip(page, reader.classes(numbers, at), strict=True):
            yield _differ("classes", str(key), class_content(key, row, contra), answer)
            last = max(last, key)
    yield _nothing_after(Table.CLASSES, last, reader.classes([last + 1], at)[0])


def _offices(audit: MirrorAudit, reader: LedgerReader, at: BlockMark) -> Iterator[list[Difference]]:
    for page in audit.rows(Table.OFFICES, size=PAGE):
        answers = reader.offices([key for key, _ in page], at)
        for (key, row), answer in zip(page, answers, strict=True):
            yield _differ("offices", "0x" + key.hex(), row.role, answer)


def _keys(audit: MirrorAudit, reader: LedgerReader, at: BlockMark) -> Iterator[list[Difference]]:
    for page in audit.rows(Table.KEYS, size=PAGE):
        answers = reader.rights([key for key, _ in page], at)
        for ((account, address), row), answer in zip(page, answers, strict=True):
            yield _differ("keys", f"({account}, 0x{address.hex()})", row.rights, answer)


def _rules(audit: MirrorAudit, reader: LedgerReader, at: BlockMark) -> Iterator[list[Difference]]:
    last: dict[tuple[bytes, int], int] = {}
    for page in audit.rows(Table.RULES, size=PAGE):
        keys = [key for key, _ in page]
        for (key, row), answer in zip(page, reader.rule_versions(keys, at), strict=True):
            rule, year, version = key
            yield _differ("rules", _rule_key(rule, year, version), row, answer)
            last[rule, year] = max(last.get((rule, year), 0), version)
    after = [(rule, year, version + 1) for (rule, year), version in last.items()]
    for start in range(0, len(after), PAGE):
        asked = after[start : start + PAGE]
        for key, answer in zip(asked, reader.rule_versions(asked, at), strict=True):
            yield _nothing("rules", _rule_key(*key), answer)


def _rule_key(rule: bytes, year: int, version: int) -> str:
    return f"(0x{rule.hex()}, {year}, {version})"


def balances_differ(
    audit: MirrorAudit, reader: LedgerReader, at: BlockMark
) -> Iterator[list[Difference]]:
    """Balances that the mirror has against the contracts', and against their own postings.

    A balance that only a contract has would show too: the totals of each class are compared, and
    there the contracts add up all balances.
    """
    held: dict[tuple[int, int], dict[str, int]] = {}
    for page in audit.rows(Table.BALANCES, size=PAGE):
        for key, tonnes in page:
            account, class_id, place = key
            if account != CONTRA:
                cells = held.setdefault((account, class_id), {})
                cells[Place(place).name.lower()] = tonnes
    pairs = list(held)
    for start in range(0, len(pairs), PAGE):
        asked = pairs[start : start + PAGE]
        for pair, answer in zip(asked, reader.balances(asked, at), strict=True):
            yield _differ("balances", str(pair), Balance(**held[pair]), answer)
    for each in audit.unposted():
        yield _differ("postings", str(each.key), each.balance, each.postings)


COMPARISONS: tuple[Comparison, ...] = (
    _numbered(Table.ACCOUNTS, lambda reader, keys, at: reader.accounts(keys, at)),
    _classes,
    _numbered(Table.LOTS, lambda reader, keys, at: reader.lots(keys, at)),
    _orders,
    _numbered(Table.OBLIGATIONS, lambda reader, keys, at: reader.obligations(keys, at)),
    _numbered(Table.ARREARS, lambda reader, keys, at: reader.arrears(keys, at)),
    _carry_overs,
    _offices,
    _keys,
    _rules,
)


def _ours(row: Any) -> Any:  # noqa: ANN401 (a row of any table)
    """The row as the contracts tell it: of an order its state, with the lots it still reserves."""
    if not isinstance(row, OrderRow):
        return row
    return OrderContent(
        content_hash=row.content_hash,
        number=row.number,
        kind=row.content.kind,
        state=row.state,
        executable_at=row.executable_at,
        initiator=row.initiator,
        approver=row.approver,
        confirmation=row.confirmation,
        lots=row.lots if row.open else (),
    )


def _differ(table: str, key: str, ours: Any, theirs: Any) -> list[Difference]:  # noqa: ANN401
    """What differs of one thing, field by field."""
    if ours == theirs:
        return []
    if type(ours) is not type(theirs) or isinstance(ours, int):
        return [Difference(table=table, key=key, field="", mirror=_text(ours), chain=_text(theirs))]
    pairs = [
        (field.name, getattr(ours, field.name), getattr(theirs, field.name))
        for field in fields(ours)
    ]
    return [
        Difference(table=table, key=key, field=name, mirror=_text(one), chain=_text(other))
        for name, one, other in pairs
        if _bounded(one) != _bounded(other)
    ]


def _bounded(value: object) -> object:
    return min(value, MOST) if isinstance(value, int) else value


def _plain(value: object) -> bool:
    """Whether a field of an empty answer is as it is where there is nothing."""
    return any(value) if isinstance(value, bytes) else bool(value)


def _text(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
