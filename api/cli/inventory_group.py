"""The group of the commands ``trace-node inventory``, and what they share."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from trace_node.accounting.arithmetic import half_up
from trace_node.errors import InputError

if TYPE_CHECKING:
    from trace_node.ports.store import Store
    from trace_node.services.inventory import InventoryRequest

group = typer.Typer(no_args_is_help=True, help="Greenhouse-gas inventories from the log.")
PLACES: Final = 6
BoundaryOption = Annotated[str, typer.Option("--boundary", help="Name of the boundary.")]
UnitOption = Annotated[
    str | None, typer.Option("--unit", help="Of one unit; all if left out.", show_default=False)
]
SpanArgument = Annotated[
    str, typer.Argument(help="2026, 2026-Q4, 2026-10 or a free span such as 2026-10/2027-03.")
]


@contextmanager
def asked(
    span: str, boundary: str, unit: str | None, home: Path | None
) -> "Iterator[tuple[InventoryRequest, Store]]":
    """The log of the node in ``home``, and what is asked of it."""
    from api.cli.stating import open_log
    from trace_node.ids import OrganisationId
    from trace_node.services.inventory import InventoryRequest, Span

    with open_log(home) as (settings, _files, store):
        request = InventoryRequest(
            organisation=OrganisationId(settings.organisation),
            boundary=boundary,
            span=Span.parse(span),
            unit=unit,
        )
        yield request, store


def read_number(text: str, *, field: str) -> Decimal:
    """A decimal from the command line.

    Raises:
        InputError: It is none.
    """
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise InputError(
            "{field}: must be a decimal number",
            field=field,
            remedy="write it as 1250.5",
            code="input.number",
        ) from error


def shown(value: Decimal) -> str:
    """A decimal for people: at most six places, half up; JSON has every digit."""
    exponent = value.as_tuple().exponent
    is_long = isinstance(exponent, int) and exponent < -PLACES
    return f"{half_up(value, PLACES) if is_long else value:f}"


def plain(value: Decimal | None) -> str | None:
    """A decimal as text; None as it is."""
    return None if value is None else f"{value:f}"
