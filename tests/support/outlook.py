"""A plant with years of months on record: what forecasts and boards start from."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from support.accounts import DIESEL, accounts, log_boundary, log_content, log_diesel, request
from support.builders import ORGANISATION
from support.plant import Plant, plant
from support.stores import new_store

from trace_node.accounting.activity.entry import ActivityEntry
from trace_node.accounting.outlook.series import month_of, number_of
from trace_node.accounting.standing import Standing
from trace_node.period import parse_period

SHAPE = (130, 115, 105, 95, 85, 80, 80, 85, 90, 100, 115, 120)  # tonnes of diesel, January first
GROWTH = {2024: Decimal(1), 2025: Decimal("1.1"), 2026: Decimal("1.21")}
LAST = "2026-10"
WORKS = (
    DIESEL.replace("valid_from = 2026-01-01", "valid_from = 2023-01-01")
    + """
[[entries]]
name = "steel.output"
source = "trucks"
"""
)
CO2_OF_DIESEL = Decimal("42.652") * Decimal("0.0202") * 44 / 12  # of one tonne


def tonnes_of(month: str) -> Decimal:
    """Diesel of a month."""
    year, number = map(int, month.split("-"))
    return SHAPE[number - 1] * GROWTH[year]


def months(first: str, last: str) -> list[str]:
    """Names of months, both ends included."""
    span = range(number_of(parse_period(first)), number_of(parse_period(last)) + 1)
    return [month_of(each).name for each in span]


def enter(here: Plant, activity: str, quantity: str, measure: str, period: str) -> None:
    """Log what a ledger of the works says of an activity of the trucks."""
    log_content(
        here,
        ActivityEntry(
            organisation=ORGANISATION,
            activity=activity,
            source="trucks",
            period=parse_period(period),
            quantity=Decimal(quantity),
            unit=measure,
            standing=Standing.FINAL,
            document="ledger of the works",
            evidence=bytes(32),
            entered_by="王芳",
            replaces=None,
        ),
    )


@contextmanager
def works_of_years(folder: Path) -> Iterator[Plant]:
    """34 months of diesel accounted for, the same season each year and a tenth more."""
    with new_store("sqlite", folder) as store, plant(store) as here:
        log_boundary(here, WORKS)
        service = accounts(here)
        for month in months("2024-01", LAST):
            log_diesel(here, "trucks", f"{tonnes_of(month):f}", period=month)
            log_diesel(here, "loaders", "0", period=month)
            service.account(request(month))
        yield here
