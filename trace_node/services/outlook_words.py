"""Purposes, years and months as people write them."""

from collections.abc import Iterable

from trace_node.accounting.methods.words import Purpose
from trace_node.errors import InputError
from trace_node.period import Period, PeriodKind, parse_period
from trace_node.services.emission_trend import KINDS


def read_purpose(text: str) -> Purpose:
    """A purpose by its word.

    Raises:
        InputError: There is no such purpose.
    """
    try:
        return Purpose(text)
    except ValueError as error:
        raise InputError(
            "{field}: there is no purpose {purpose}",
            field="purpose",
            purpose=repr(text[:40]),
            remedy="name one of: " + ", ".join(Purpose),
            code="inventory.purpose",
        ) from error


def read_year(text: str) -> Period:
    """A year such as 2026.

    Raises:
        InputError: It is no year.
    """
    return _of_kind(text, PeriodKind.YEAR, "2026")


def read_month(text: str) -> Period:
    """A month such as 2026-11.

    Raises:
        InputError: It is no month.
    """
    return _of_kind(text, PeriodKind.MONTH, "2026-11")


def read_kind(text: str) -> PeriodKind:
    """Day or month.

    Raises:
        InputError: It is neither.
    """
    if text in KINDS:
        return KINDS[text]
    raise InputError(
        "{field}: a trend goes by days or by months, not by {kind}",
        field="by",
        kind=repr(text[:40]),
        remedy="name one of: " + ", ".join(KINDS),
        code="outlook.kind",
    )


def read_references(texts: Iterable[str]) -> dict[str, str]:
    """Rows of the library by line: ``total=ROW`` or ``category=ROW``.

    Raises:
        InputError: One is not of that form.
    """
    found = {}
    for text in texts:
        line, mark, row = text.partition("=")
        if not (line and mark and row):
            raise InputError(
                "{field}: {text} is no line and row",
                field="reference",
                text=repr(text[:80]),
                remedy="write total=ROW, or the name of a source category in place of total",
                code="outlook.reference",
            )
        found[line] = row
    return found


def _of_kind(text: str, kind: PeriodKind, example: str) -> Period:
    period = parse_period(text)
    if period.kind is not kind:
        raise InputError(
            "{field}: {period} is no {kind}",
            field="period",
            period=period.name,
            kind=kind.value,
            remedy=f"write it as {example}",
            code="inventory.period",
        )
    return period
