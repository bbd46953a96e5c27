"""Events become what one transaction writes: loaded state, postings, rows, images, history."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from trace_node.crypto.sm3 import new_sm3
from trace_node.ports.ledger_mirror_step import Applied, AppliedEvent, MirroredBlock, MirrorWork
from trace_node.quota.ledger import touched
from trace_node.quota.ledger.event_json import event_bytes
from trace_node.quota.ledger.events import PlacedEvent
from trace_node.quota.ledger.rows import Key, Table
from trace_node.quota.ledger.worksheet import Worksheet


def apply_events(
    events: Sequence[PlacedEvent], *, work: MirrorWork, history: bytes, keep_above: int
) -> Applied:
    """What the events do to the state that ``work`` sees; nothing is written yet.

    Args:
        events: Checked, in the order of the chain.
        work: The transaction.
        history: Digest over all events before.
        keep_above: Rows that blocks above this height change are kept as they were.

    Raises:
        MirrorEventError: An event does not follow from the state.
    """
    sheet = Worksheet(keep_above=keep_above)
    _load(sheet, work, touched.named(events))
    _load(sheet, work, touched.implied(events, sheet))
    _load(sheet, work, touched.cells(events, sheet))
    applied = [
        AppliedEvent(event, event_bytes(event.content), sheet.apply(event)) for event in events
    ]
    blocks = list(_blocks(applied, history=history))
    return Applied(blocks=blocks, events=applied, rows=sheet.written(), images=sheet.images)


def _load(sheet: Worksheet, work: MirrorWork, touches: Iterable[touched.Touch]) -> None:
    by_table: dict[Table, list[Key]] = {}
    for table, key in sheet.unknown(touches):
        by_table.setdefault(table, []).append(key)
    for table, keys in by_table.items():
        sheet.add(table, keys, work.load(table, keys))


def _blocks(applied: Sequence[AppliedEvent], *, history: bytes) -> Iterator[MirroredBlock]:
    """The blocks of the events, each with the digest over all events up to it.

    history = SM3(history before ‖ block hash ‖ for each event: contract ‖ content), where a
    contract is one byte, and a content has its length before it in 4 bytes, big-endian.
    """
    for number, members in groupby(applied, key=lambda each: each.event.block):
        events = list(members)
        digest = new_sm3()
        digest.update(history + events[0].event.block_hash)
        for each in events:
            size = len(each.content).to_bytes(4, "big")
            digest.update(bytes((each.event.book,)) + size + each.content)
        history = digest.digest()
        first = events[0].event
        yield MirroredBlock(number, first.block_hash, first.time, history)
