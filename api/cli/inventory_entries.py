"""``trace-node inventory``: levels, emitter statuses and clean energy put on record."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.allowance_log import EvidenceOption, file_digest, print_logged
from api.cli.inventory_group import group
from api.cli.options import HomeOption, Output, OutputOption

DocumentOption = Annotated[str, typer.Option(help="Kind and number of the document.")]
ByOption = Annotated[str, typer.Option("--by", help="The person who enters it.")]


@group.command()
def levels(
    file: Annotated[Path, typer.Argument(help="Plan, benchmarks and thresholds of a year (TOML).")],
    evidence: EvidenceOption,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Put on record what the emission of a year is rated by; a later one takes its place."""
    from api.cli.examine import read_bounded
    from api.cli.stating import statement_desk
    from trace_node.accounting.records.levels_file import MAX_BYTES, read_levels_file
    from trace_node.ids import OrganisationId

    raw = read_bounded(file, bound=MAX_BYTES)
    digest = file_digest(evidence)
    with statement_desk(home) as desk:
        content = read_levels_file(
            raw, file=file.name, organisation=OrganisationId(desk.organisation), evidence=digest
        )
        print_logged(desk.log(content), output)


@group.command("emitter-status")
def emitter_status(
    *,
    year: Annotated[str, typer.Argument(help="The year, such as 2026.")],
    status: Annotated[str, typer.Argument(help="key or general.")],
    document: DocumentOption,
    evidence: EvidenceOption,
    by: ByOption,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Put on record whether the organisation is on the list of key emission units of a year."""
    from api.cli.stating import statement_desk
    from trace_node.accounting.records.emitter_status import EmitterStatus
    from trace_node.ids import to_base64url

    digest = file_digest(evidence)
    with statement_desk(home) as desk:
        content = EmitterStatus.from_fields(
            {
                "document": document,
                "entered_by": by,
                "evidence": to_base64url(digest),
                "organisation": desk.organisation,
                "period": year,
                "status": status,
            }
        )
        print_logged(desk.log(content), output)


@group.command("clean-energy")
def clean_energy(
    *,
    kind: Annotated[
        str,
        typer.Argument(help="own_power, bought_power, own_heat, bought_heat or certificate."),
    ],
    number: Annotated[str, typer.Argument(help="Number of the certificate or contract.")],
    period: Annotated[str, typer.Argument(help="Period, such as 2025-12 or 2025.")],
    quantity: Annotated[str, typer.Argument(help="The amount, in plain notation.")],
    unit: Annotated[str, typer.Option(help="Its unit, such as MWh or GJ.")],
    source: Annotated[str, typer.Option(help="Emission source or plant it belongs to.")],
    document: DocumentOption,
    evidence: EvidenceOption,
    by: ByOption,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Put an amount of clean energy on record; a number counts once."""
    from api.cli.stating import statement_desk
    from trace_node.accounting.records.clean_energy import CleanEnergyEntry
    from trace_node.ids import to_base64url

    digest = file_digest(evidence)
    with statement_desk(home) as desk:
        content = CleanEnergyEntry.from_fields(
            {
                "document": document,
                "entered_by": by,
                "evidence": to_base64url(digest),
                "kind": kind,
                "number": number,
                "organisation": desk.organisation,
                "period": period,
                "quantity": quantity,
                "source": source,
                "unit": unit,
            }
        )
        print_logged(desk.log(content), output)
