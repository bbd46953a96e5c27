"""``trace-node template``: empty Excel forms with Chinese headings."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import say


class Form(StrEnum):
    """Which form."""

    PRODUCTION = "production"
    PAST_YEARS = "past-years"
    OPENING_BALANCES = "opening-balances"


def template(
    name: Annotated[Form, typer.Argument(help="Which form.")],
    file: Annotated[Path, typer.Argument(help="File to write, .xlsx.")],
) -> None:
    """Write an empty form that trace-node activity import reads."""
    from trace_node.services.entry_form import form_file

    file.write_bytes(form_file(name.value))
    say("{path} written", path=str(file))
