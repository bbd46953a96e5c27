"""Laboratory records and activity entries for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import Output, say, show
from api.cli.printable import printable

if TYPE_CHECKING:
    from trace_node.services.entered import EnteredRecord

EveryOption = Annotated[bool, typer.Option("--all", help="Also what a later record corrected.")]


def print_records(found: "Sequence[EnteredRecord]", *, every: bool, output: Output) -> None:
    """Records in the order of the log, each with its findings below it."""
    from api.i18n import of_environment
    from api.schemas.entered_rows import record

    rows = [record(each, language=of_environment()) for each in found if every or each.holds]
    if output is Output.JSON:
        show([row.model_dump(mode="json") for row in rows], output=output)
        return
    for row in rows:
        said = row.record
        figure = f"{said['quantity']} {said['unit']}"
        mark = " " if row.holds else "-"
        typer.echo(printable(f"#{row.index:<8}{mark} {row.topic:48} {figure}"))
        for finding in row.findings:
            typer.echo(printable(f"   ! {finding.message} [{finding.code}]"))
    say("{count} records", count=len(rows))
