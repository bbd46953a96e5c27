"""``trace-node ccer``: the projects behind CCER lots."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.allowance import day_of, packaged
from api.cli.allowance_log import print_logged
from api.cli.options import HomeOption, Output, OutputOption, show

if TYPE_CHECKING:
    from trace_node.quota.records.ccer_project import CcerProject

group = typer.Typer(no_args_is_help=True, help="CCER projects and whether their units may serve.")
_DAY = ["%Y-%m-%d"]


@group.command()
def register(
    *,
    project: Annotated[str, typer.Argument(help="Number in the CCER registry.")],
    name: Annotated[str, typer.Option(help="Name of the project.")],
    methodology: Annotated[str, typer.Option(help="Code and version of its methodology.")],
    period_from: Annotated[datetime, typer.Option(formats=_DAY, help="First monitored day.")],
    period_to: Annotated[datetime, typer.Option(formats=_DAY, help="Last monitored day.")],
    quantity: Annotated[int, typer.Option(min=1, help="Registered whole tonnes of CO2e.")],
    registered_on: Annotated[datetime, typer.Option(formats=_DAY, help="Day of registration.")],
    within_ets: Annotated[
        bool, typer.Option("--within-ets/--outside-ets", help="Whether it lies inside the ETS.")
    ],
    year: Annotated[list[int], typer.Option("--year", help="Obligation years to judge.")],
    filed_on: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="Day of filing, for the old procedure.")
    ] = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Put a project on record with a verdict for each year; its digest is the class's record."""
    from api.cli.stating import statement_desk
    from trace_node.quota.ccer import ProjectFacts, judge
    from trace_node.quota.records.ccer_project import CcerKind, CcerProject

    facts = ProjectFacts(
        kind=CcerKind.NEW if filed_on is None else CcerKind.OLD,
        registered_on=registered_on.date(),
        filed_on=None if filed_on is None else filed_on.date(),
        within_ets=within_ets,
    )
    library, today = packaged(), day_of(None)
    content = CcerProject(
        project=project,
        name=name,
        methodology=methodology,
        period_from=period_from.date(),
        period_to=period_to.date(),
        quantity=quantity,
        registered_on=facts.registered_on,
        filed_on=facts.filed_on,
        kind=facts.kind,
        within_ets=within_ets,
        verdicts=tuple(
            judge(facts, book=library.rules, year=each, on=today) for each in sorted(set(year))
        ),
    )
    with statement_desk(home) as desk:
        logged = desk.log(content)
    print_logged(logged, output)
    if output is Output.TEXT:
        typer.echo(f"0x{logged.digest.hex()}")
        _print_verdicts(content)


@group.command("list")
def list_projects(home: HomeOption = None, output: OutputOption = Output.TEXT) -> None:
    """List the projects on record with their verdicts."""
    from api.cli.stating import open_log
    from trace_node.quota.records.ccer_project import CCER_PROJECT, CcerProject
    from trace_node.quota.records.parse import parse_statement

    with open_log(home) as (_settings, _files, store), store.view() as view:
        found = view.statements.find(CCER_PROJECT, limit=10_000)
        contents = [
            (each, parse_statement(view.entries.bodies(each.index, each.index + 1)[0]).content)
            for each in found
        ]
    projects = [(each, one) for each, one in contents if isinstance(one, CcerProject)]
    if output is Output.JSON:
        rows = [
            {**one.to_fields(), "digest": "0x" + each.digest.hex(), "index": each.index}
            for each, one in projects
        ]
        show(rows, output=output)
        return
    for each, one in projects:
        print_logged(each, output)
        _print_verdicts(one)


def _print_verdicts(project: "CcerProject") -> None:
    for verdict in project.verdicts:
        typer.echo(f"  {verdict.year}  {verdict.admission}  {verdict.reason}")
