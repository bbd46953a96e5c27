"""What a step of the follower must be before any of it is applied.

The follower checks the chain; this checks the follower, and the endpoint behind it: an event that
is missing, doubled or out of order is found here once more, by the numbers the contracts gave it.
"""

from collections.abc import Iterable, Mapping

from trace_node.errors import UnavailableError
from trace_node.ports.ledger import LedgerStep
from trace_node.ports.ledger_mirror_head import MirrorHead
from trace_node.quota.ledger.events import PlacedEvent
from trace_node.quota.ledger.kinds import Book


class StepError(UnavailableError):
    """A step does not go on from where the mirror stands; nothing of it was applied: ask again."""

    code = "ledger.step"


def require_step(head: MirrorHead, step: LedgerStep) -> None:
    """Refuse a step that takes back and applies at once, or ends before what it applies.

    Raises:
        StepError: It does.
    """
    if step.undo_above is not None and step.events:
        raise _wrong("one step takes blocks back and applies others")
    if step.undo_above is None and step.tip.number < head.tip.number:
        raise _wrong("a step leads back without saying so")
    if step.undo_above is not None and step.tip.number > step.undo_above:
        raise _wrong("a step ends above the block it leads back to")
    if step.events and step.events[-1].block > step.tip.number:
        raise _wrong("a step ends before its last event")
    require_order(step.events, above=head.tip.number, counts=head.counts)


def require_order(
    events: Iterable[PlacedEvent], *, above: int, counts: Mapping[Book, int]
) -> dict[Book, int]:
    """Refuse events that are not the very next ones, in the order of the chain.

    Returns:
        How many events of each contract there are with them.

    Raises:
        StepError: One is missing, comes twice, or is out of order.
    """
    counted, place, hashes = dict(counts), (above, -1), (above, b"")
    for event in events:
        if event.block <= above or (event.block, event.index) <= place:
            raise _wrong("an event is out of order")
        if event.block == hashes[0] and event.block_hash != hashes[1]:
            raise _wrong("events of one height are of two blocks")
        if event.content.sequence != counted[event.book] + 1:
            raise _gap(event, expected=counted[event.book] + 1)
        counted[event.book] += 1
        place, hashes = (event.block, event.index), (event.block, event.block_hash)
    return counted


def _gap(event: PlacedEvent, *, expected: int) -> StepError:
    return StepError(
        "event {number} of {book} came where event {expected} was due: the endpoint left some out",
        number=event.content.sequence,
        book=event.book.name,
        expected=expected,
        remedy="nothing was applied; if it persists, use another endpoint",
        code="ledger.gap",
    )


def _wrong(detail: str) -> StepError:
    return StepError(
        "the endpoint's answer does not go on from the mirror: {detail}",
        detail=detail,
        remedy="nothing was applied; if it persists, use another endpoint",
    )
