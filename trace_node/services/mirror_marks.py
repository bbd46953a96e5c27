"""The mirror's head after a step: what was applied, what is final, which state can be compared."""

from dataclasses import replace

from trace_node.ports.ledger import BlockMark, LedgerStep
from trace_node.ports.ledger_mirror_head import MirrorHead


def head_after(
    head: MirrorHead, step: LedgerStep, *, newest: BlockMark | None, now_ms: int
) -> MirrorHead:
    """The head after ``step``, but for what its events do to counts and history.

    Final blocks stay final, whatever a slower endpoint says. ``newest`` is the newest final block
    with events that is kept already.
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
    for event in reversed(step.events):
        if event.block <= final:
            newest = BlockMark(number=event.block, block_hash=event.block_hash, time=event.time)
            break
    return _settle(moved, undone_above=step.undo_above, newest=newest)


def kept_above(head: MirrorHead) -> int:
    """Above which height rows are kept as they were: what is not settled is taken back or compared.

    A settled block is final, and not always the newest final one.
    """
    return head.final if head.settled is None else head.settled.number


def _settle(head: MirrorHead, *, undone_above: int | None, newest: BlockMark | None) -> MirrorHead:
    """Move the marks on: a tip that waited is settled once it is final.

    The newest final block with events would do, but where nothing happens for long an endpoint has
    its state no more. Blocks without events are not kept, so one tip is remembered until it is
    final; then the present tip takes its place.
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
    if newest is not None and (settled is None or settled.number < newest.number):
        settled = newest
    return replace(head, waiting=waiting, settled=settled)
