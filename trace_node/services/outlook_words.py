"""Purposes, years and months as people write them."""

from trace_node.accounting.methods.words import Purpose
from trace_node.errors import InputError
from trace_node.period import Period, PeriodKind, parse_period


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
