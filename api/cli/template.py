"""``trace-node template``: empty Excel forms with Chinese headings."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import HomeOption, say

if TYPE_CHECKING:
    from trace_node.accounting.boundary.boundary import Boundary


class Form(StrEnum):
    """Which form."""

    PRODUCTION = "production"
    PAST_YEARS = "past-years"
    OPENING_BALANCES = "opening-balances"
    LABORATORY = "laboratory"


def template(
    name: Annotated[Form, typer.Argument(help="Which form.")],
    file: Annotated[Path, typer.Argument(help="File to write, .xlsx.")],
    *,
    boundary: Annotated[
        str | None,
        typer.Option(
            help="Fill in the entered activity data of this boundary.", show_default=False
        ),
    ] = None,
    period: Annotated[
        str, typer.Option(help="Fill in this period, such as 2026-10.", show_default=False)
    ] = "",
    home: HomeOption = None,
) -> None:
    """Write an empty form that trace-node activity import or laboratory import reads."""
    from trace_node.services.entry_form import form_file
    from trace_node.services.laboratory_form import laboratory_form

    if name is Form.LABORATORY:
        raw = laboratory_form()
    else:
        named = None if boundary is None else _boundary(boundary, home)
        raw = form_file(name.value, boundary=named, period=period)
    file.write_bytes(raw)
    say("{path} written", path=str(file))


def _boundary(name: str, home: Path | None) -> "Boundary":
    """The newest version of a boundary.

    Raises:
        BoundaryNotFoundError: There is none of that name.
    """
    from api.cli.stating import open_log
    from trace_node.services.boundaries import newest_boundary

    with open_log(home) as (settings, _files, store):
        return newest_boundary(settings.organisation, name, store=store)
