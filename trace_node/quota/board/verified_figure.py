"""Which figure a year's obligation is, and whether the log has the leaf that the ledger names."""

from decimal import Decimal

from trace_node.ids import to_base64url
from trace_node.quota.board.case import BoardCase, Note
from trace_node.quota.board.debts import Owed, figure_of
from trace_node.quota.board.figure import Figure, Source, SourceKind, Standing, together
from trace_node.quota.board.outlook import Outlook, whole_tonnes


def obligation_figure(
    case: BoardCase, *, owed: Owed | None, seen: Outlook, notes: list[Note]
) -> Figure | None:
    """The obligation of a year, in whole tonnes.

    What the ledger confirms counts; its leaf is looked for in the log. Before that it is the figure
    stated, or the one expected, rounded up: a verified statement that no regulator has confirmed on
    the ledger stays unconfirmed.

    Args:
        case: The case.
        owed: Obligations on the ledger; None without.
        seen: Emission of the year.
        notes: Is added what has to be known about it.
    """
    if owed is not None and case.position is not None:
        return _on_ledger(case, owed, seen, notes)
    if seen.expected is None:
        return None
    notes.append(Note.FIGURE_NOT_ON_LEDGER)
    standing = seen.expected.standing
    return Figure(
        value=Decimal(whole_tonnes(seen.expected.value)),
        standing=Standing.UNCONFIRMED if standing is Standing.VERIFIED else standing,
        sources=seen.expected.sources,
    )


def _on_ledger(case: BoardCase, owed: Owed, seen: Outlook, notes: list[Note]) -> Figure | None:
    position = case.position
    if position is None:
        return None
    leaves = [line.leaf for line in owed.lines if line.leaf in case.leaves]
    if len(leaves) < len(owed.lines):
        notes.append(Note.FIGURE_NOT_IN_LOG)
    if len(owed.lines) > 1:
        notes.append(Note.SEVERAL_SECTORS)
    stated = seen.emission.whole
    if stated is not None and stated.standing is Standing.VERIFIED and stated.value != owed.tonnes:
        notes.append(Note.FIGURE_DIFFERS)
    is_sound = position.mark.final and not position.mark.stopped
    on_ledger = figure_of(owed.tonnes, *owed.lines, of=position)
    sources = [
        Source(kind=SourceKind.LEAF, ref=str(case.leaves[leaf]), digest=to_base64url(leaf))
        for leaf in leaves
    ]
    return Figure(
        value=on_ledger.value,
        standing=Standing.VERIFIED if is_sound else Standing.UNCONFIRMED,
        sources=together(sources, on_ledger.sources),
    )
