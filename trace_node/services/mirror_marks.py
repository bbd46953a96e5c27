"""The mirror's head after a step: what was applied, what is final, which state can be compared."""

from dataclasses import replace

from trace_node.ports.ledger import LedgerStep
from trace_node.ports.ledger_mirror_head import MirrorHead


def head_after(head: MirrorHead, step: LedgerStep, *, now_ms: int) -> MirrorHead:
    """The head after ``step``, but for what its events do to counts and history.

    Final blocks stay final, whatever a slower endpoint says.
    """
    final = max(head.final, step.final)
    level = step.tip.number >= step.height
    moved = replace(
        head,
        cursor=step.cursor,
        tip=step.tip,
        height=step.height,
        final=final,
        level_ms=now_ms if level else head.level_ms,
    )
    return _settle(moved, undone_above=step.undo_above)


def kept_above(head: MirrorHead) -> int:
    """Above which height rows are kept as they were: what is not settled is taken back or compared.

    A settled block is final, and not always the newest final one.
    """
    return head.final if head.settled is None else head.settled.number


def _settle(head: MirrorHead, *, undone_above: int | None) -> MirrorHead:
    """Move the marks on: a tip that waited is settled once it is final.

    Only a block whose hash the follower gave can be asked for, and blocks without events are not
    kept, so one tip is remembered until it is final; then the present tip takes its place.
    """
    waiting, settled = head.waiting, head.settled
    if undone_above is not None and waiting.number > undone_above:
        waiting = head.tip
    if any(waiting.block_hash) and waiting.number <= head.final:
        settled, waiting = waiting, head.tip
    if head.tip.number <= head.final and any(head.tip.block_hash):
        settled = waiting = head.tip
    if not any(waiting.block_hash):
        waiting = head.tip
    return replace(head, waiting=waiting, settled=settled)
