"""``trace-node report``: the greenhouse-gas inventory report, and whether a file is one."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import HomeOption, Output, OutputOption, say, show
from trace_node.accounting.report_kind import ReportKind
from trace_node.errors import NotFoundError
from trace_node.services.source_data import SortBy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trace_node.accounting.records.report import ReportMade
    from trace_node.accounting.report.device_file import Device
    from trace_node.canonical_json import JsonValue
    from trace_node.services.report_files import ReportFiles

group = typer.Typer(
    no_args_is_help=True, help="Reports of greenhouse-gas inventories: PDF/A, Word and Excel."
)
FILE_MAX_BYTES = 512 * 1024 * 1024


@group.command()
def make(
    span: Annotated[
        str, typer.Argument(help="2026, 2026-Q4, 2026-10 or a free span such as 2026-10/2027-03.")
    ],
    *,
    boundary: Annotated[str, typer.Option("--boundary", help="Name of the boundary.")],
    folder: Annotated[Path, typer.Option("--out", help="Folder that gets the three files.")],
    kind: Annotated[
        ReportKind, typer.Option(help="What the report may be used for.")
    ] = ReportKind.INTERNAL,
    demonstration: Annotated[
        str, typer.Option(help="Why it is a demonstration; printed on every page.")
    ] = "",
    devices: Annotated[
        Path | None,
        typer.Option(help="Devices behind the data (TOML), see docs/spec/report.md."),
    ] = None,
    day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day the report carries; today if left out."),
    ] = None,
    attach: Annotated[
        bool, typer.Option("--attach/--no-attach", help="Put the bundles inside the PDF.")
    ] = True,
    template: Annotated[
        str,
        typer.Option(
            help="Industry template; the one of the methods if left out.", show_default=False
        ),
    ] = "",
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Compute every figure of a span again, write the report, and log the digests of its files."""
    from api.cli.examine import read_bounded
    from api.cli.options import load
    from api.cli.stating import statement_desk
    from api.wiring.cosigning import vouched_by
    from trace_node.accounting.report.device_file import MAX_BYTES, read_devices
    from trace_node.services.prove_emission import figures_of_log
    from trace_node.services.report import ReportRequest, facts_of
    from trace_node.services.report_files import make_report
    from trace_node.services.report_statement import statement_of

    named: Mapping[str, Device] = {}
    if devices is not None:
        named = read_devices(read_bounded(devices, bound=MAX_BYTES), file=devices.name)
    _settings, files = load(home)
    with statement_desk(home) as desk:
        request = ReportRequest(
            organisation=desk.organisation,
            boundary=boundary,
            period=span,
            kind=kind,
            prepared_on=day.date() if day else _today(),
            devices=named,
            demonstration=demonstration,
            attach=attach,
            template=template,
        )
        facts = facts_of(request, figures=figures_of_log(desk.store), vouched=vouched_by(files))
        made = make_report(facts)
        written = _write(made, folder, span)
        logged = desk.log(statement_of(request, facts, made))
    digests = {form: f"sm3:{digest.hex()}" for form, digest in made.digests.items()}
    show({"leaf": logged.index, "files": written, "digests": digests}, output=output)


@group.command()
def templates(output: OutputOption = Output.TEXT) -> None:
    """List the industry templates of the report, with the methods of each."""
    from trace_node.accounting.report import template

    known = template.templates()
    if output is Output.JSON:
        rows: list[JsonValue] = [
            {
                "id": each.id,
                "methods": list(each.methods),
                "title_en": each.title_en,
                "title_zh": each.title_zh,
            }
            for each in known
        ]
        show({"templates": rows}, output=output)
        return
    for each in known:
        typer.echo(f"{each.id:16} {each.title_zh} ({each.title_en})  {', '.join(each.methods)}")


@group.command()
def check(
    file: Annotated[Path, typer.Argument(help="A file of a report.")],
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Tell which report of the log a file belongs to, byte for byte."""
    from api.cli.examine import read_bounded
    from api.cli.stating import open_log
    from trace_node.crypto.sm3 import sm3
    from trace_node.services.report_statement import report_with

    digest = sm3(read_bounded(file, bound=FILE_MAX_BYTES))
    with open_log(home) as (_settings, _files, store):
        found = report_with(digest, store=store)
    if found is None:
        raise NotFoundError(
            "{field}: no report of this log has a file with SM3 {digest}",
            field=file.name,
            digest=digest.hex(),
            remedy="ask for the file again; a changed file is another file",
            code="report.unknown",
        )
    index, report = found
    if output is Output.JSON:
        show({"leaf": index, **report.to_fields()}, output=output)
    else:
        _tell(index, report)


@group.command()
def sources(
    span: Annotated[str, typer.Argument(help="The span, as of report make.")],
    *,
    boundary: Annotated[str, typer.Option("--boundary", help="Name of the boundary.")],
    source: Annotated[str | None, typer.Option(help="Of this source.")] = None,
    unit: Annotated[str | None, typer.Option(help="Of this accounting unit.")] = None,
    scope: Annotated[int | None, typer.Option(help="Of this scope.", min=1, max=3)] = None,
    category: Annotated[str | None, typer.Option(help="Of this source category.")] = None,
    gas: Annotated[str | None, typer.Option(help="Of this gas.")] = None,
    sort: Annotated[SortBy, typer.Option(help="By which column.")] = SortBy.SOURCE,
    descending: Annotated[
        bool, typer.Option("--descending", help="The largest comes first.")
    ] = False,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show the data of each emission source, chosen and sorted; -o xlsx exports it."""
    from api.cli.stating import open_log
    from trace_node.services.prove_emission import figures_of_log
    from trace_node.services.source_data import SourceQuery, source_data, source_json

    with open_log(home) as (settings, _files, store):
        query = SourceQuery(
            organisation=settings.organisation,
            boundary=boundary,
            period=span,
            source=source,
            unit=unit,
            scope=scope,
            category=category,
            gas=gas,
            sort=sort,
            descending=descending,
        )
        found = source_data(query, figures=figures_of_log(store))
    if output is Output.JSON:
        show(source_json(found), output=output)
        return
    for row in found.rows:
        typer.echo(
            f"{row.period:12} {row.source:20} {row.scope} {row.category:20} {row.gas:5}"
            f" {row.role:8} {row.mass:f} t  {row.standing}  [{row.leaf}]"
        )
    for one in found.activity:
        typer.echo(
            f"{one.period:12} {one.source:20} {one.name:24} {one.value:f} {one.unit}  [{one.leaf}]"
        )


def _today() -> date:
    from trace_node.clock import SystemClock
    from trace_node.period import SHANGHAI

    return SystemClock().now().astimezone(SHANGHAI).date()


def _write(made: "ReportFiles", folder: Path, span: str) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for form, body in (("pdf", made.pdf), ("docx", made.docx), ("xlsx", made.xlsx)):
        path = folder / f"report-{span.replace('/', '_').replace(':', '')}.{form}"
        path.write_bytes(body)
        written.append(str(path))
    return written


def _tell(index: int, report: "ReportMade") -> None:
    say(
        "leaf {leaf}: report of {organisation}, {boundary}, {period}, {kind}, {day}",
        leaf=index,
        organisation=report.organisation,
        boundary=report.boundary,
        period=report.period,
        kind=report.kind.value,
        day=report.prepared_on.isoformat(),
    )
