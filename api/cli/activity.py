"""``trace-node activity``: activity data that people take from documents."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from api.cli.allowance_log import EvidenceOption, file_digest, print_logged
from api.cli.bad_cells import telling_bad_cells
from api.cli.entered_text import EveryOption, print_records
from api.cli.form_import import FormEvidenceOption, documents, print_imported
from api.cli.options import HomeOption, Output, OutputOption

group = typer.Typer(no_args_is_help=True, help="Activity data from documents: enter, list.")


@group.command()
def add(
    *,
    activity: Annotated[str, typer.Argument(help="Name of the activity data in the boundary.")],
    period: Annotated[str, typer.Argument(help="Period, such as 2025-12 or 2025.")],
    quantity: Annotated[str, typer.Argument(help="The figure, in plain notation.")],
    unit: Annotated[str, typer.Option(help="Its unit, such as t or MWh.")],
    source: Annotated[str, typer.Option(help="Emission source it belongs to.")],
    document: Annotated[str, typer.Option(help="Kind and number of the document.")],
    evidence: EvidenceOption,
    by: Annotated[str, typer.Option("--by", help="The person who enters it.")],
    provisional: Annotated[
        bool, typer.Option("--provisional", help="It will be entered again.")
    ] = False,
    correct: Annotated[
        bool, typer.Option("--correct", help="It corrects the entry that is there.")
    ] = False,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Put a figure on record with the document it was taken from."""
    from api.cli.stating import statement_desk
    from trace_node.services.enter_activity import TypedFigure, entry_of

    figure = TypedFigure(
        activity=activity,
        source=source,
        period=period,
        quantity=quantity,
        unit=unit,
        document=document,
        evidence=file_digest(evidence),
        entered_by=by,
        is_provisional=provisional,
    )
    with statement_desk(home) as desk:
        with desk.store.view() as view:
            content = entry_of(figure, view, organisation=desk.organisation, corrects=correct)
        print_logged(desk.log(content), output)


@group.command("list")
def list_entries(
    every: EveryOption = False, home: HomeOption = None, output: OutputOption = Output.TEXT
) -> None:
    """List activity data that people entered; what was corrected only with --all."""
    from api.cli.stating import open_log
    from trace_node.services.entered import activity_entries

    with open_log(home) as (settings, _files, store):
        found = activity_entries(store, organisation=settings.organisation)
    print_records(found, every=every, output=output)


@group.command("import")
def import_form(
    *,
    file: Annotated[Path, typer.Argument(help="A filled-in form (trace-node template), .xlsx.")],
    evidence: FormEvidenceOption,
    by: Annotated[str, typer.Option("--by", help="The person who enters it.")],
    correct: Annotated[
        bool, typer.Option("--correct", help="It corrects the entries that are there.")
    ] = False,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Put the rows of a form on record, all of them or none; every bad cell is named."""
    from api.cli.examine import read_bounded
    from api.cli.stating import statement_desk
    from trace_node.record.statement import Content
    from trace_node.services.entry_form import ReadForm, read_form
    from trace_node.services.form_cells import FormImport
    from trace_node.services.form_log import log_form
    from trace_node.services.workbook import MAX_FILE_BYTES

    raw, evidence_of = read_bounded(file, bound=MAX_FILE_BYTES), documents(evidence)
    with statement_desk(home) as desk:
        given = FormImport(
            organisation=desk.organisation, evidence=evidence_of, entered_by=by, corrects=correct
        )
        forms: list[ReadForm] = []

        def read() -> Sequence[Content]:
            """Against the log as it is now."""
            with desk.store.view() as view:
                forms.append(read_form(raw, view, given))
            return forms[-1].entries

        with telling_bad_cells():
            logged = log_form(read, desk.log_together)
    print_imported(logged, empty=forms[-1].empty, output=output)
