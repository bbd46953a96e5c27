"""What a year has emitted and is expected to emit, and what has to be said about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Context, Decimal

from trace_node.quota.board.case import ApprovedDraft, BoardCase, Note
from trace_node.quota.board.emission import MONTHS, EmissionYear
from trace_node.quota.board.exhaustion import exhaustion
from trace_node.quota.board.figure import Figure, SourceKind
from trace_node.quota.board.forecast import Forecast, forecast
from trace_node.quota.board.rules import BoardRules

_EXACT = Context(prec=80)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Emission of a year as far as it is known, and beyond (排放展望).

    Attributes:
        emission: What was stated.
        emitted: Sum of that; None where nothing was.
        expected: Emission of the whole year; None where nothing was stated.
        forecast: How the rest was estimated; None where nothing was.
        notes: What has to be known about it.
    """

    emission: EmissionYear
    emitted: Figure | None
    expected: Figure | None
    forecast: Forecast | None
    notes: tuple[Note, ...]

    @property
    def months(self) -> Mapping[int, Decimal] | None:
        """Emission of each of the 12 months; None where one of them is not known."""
        if self.forecast is not None:
            return self.forecast.months
        stated = self.emission.months
        if any(month not in stated for month in MONTHS):
            return None
        return {month: stated[month].value for month in MONTHS}

    def exhausted_on(self, available: Decimal) -> date | None:
        """First day on which more was emitted than is available; None if unknown or if it lasts."""
        months = self.months
        return None if months is None else exhaustion(self.emission.year, months, available)


def outlook_of(case: BoardCase, year: int, *, rules: BoardRules) -> Outlook:
    """Look at a year of a case."""
    emission = case.emission_of(year)
    found = forecast(emission, case.emission_of(year - 1), rules=rules)
    emitted = emission.total()
    notes = []
    if emitted is None:
        notes.append(Note.NO_EMISSION)
    if emission.gaps and emission.whole is None:
        notes.append(Note.GAPS)
    if found is not None and found.growth is None:
        notes.append(Note.GROWTH_UNKNOWN)
    return Outlook(
        emission=emission,
        emitted=emitted,
        expected=emitted if found is None else found.total,
        forecast=found,
        notes=tuple(notes),
    )


def whole_tonnes(value: Decimal) -> int:
    """Units needed for an emission: whole tonnes, rounded up, as no part of a unit exists."""
    return int(value.to_integral_value(ROUND_CEILING, _EXACT))


def draft_notes(
    figures: Iterable[Figure | None], *, year: int, approved: frozenset[ApprovedDraft]
) -> tuple[Note, ...]:
    """Says whether a figure rests on a draft rule or method, and whether somebody let it be used.

    What the ledger gives of a draft was released there by two regulators: no other number holds.

    Args:
        figures: What was computed.
        year: Obligation year that they are of.
        approved: Drafts of the library whose use the log approves.
    """
    drafts = {
        source
        for figure in figures
        if figure is not None
        for source in figure.sources
        if source.draft
    }
    let = {
        source
        for source in drafts
        if source.kind is SourceKind.LEDGER_RULE or (year, source.ref, source.digest) in approved
    }
    notes = (Note.DRAFT_RULE,) if drafts - let else ()
    return (*notes, Note.DRAFT_APPROVED) if let else notes


def ledger_notes(case: BoardCase) -> tuple[Note, ...]:
    """Says how far what the mirror tells can be relied on."""
    position = case.position
    if position is None:
        return (Note.NO_LEDGER,)
    notes = []
    if position.unconfirmed:
        notes.append(Note.UNCONFIRMED)
    if position.provincial:
        notes.append(Note.PROVINCIAL)
    mark = position.mark
    if not mark.final:
        notes.append(Note.NOT_FINAL)
    if mark.height < mark.head:
        notes.append(Note.BEHIND)
    if mark.stopped:
        notes.append(Note.MIRROR_STOPPED)
    return tuple(notes)
