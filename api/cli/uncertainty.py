"""``trace-node uncertainty``: what is known of errors, and what figures are worth."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.allowance_log import EvidenceOption, file_digest, print_logged
from api.cli.options import HomeOption, Output, OutputOption, show
from api.cli.uncertainty_text import print_uncertainty, uncertainty_json

group = typer.Typer(
    no_args_is_help=True,
    help="Errors of meters, entries and factors, and the uncertainty of figures.",
)
EmissionArgument = Annotated[int, typer.Argument(min=0, help="Leaf of the emission record.")]


@group.command()
def state(
    file: Annotated[
        Path, typer.Argument(help="The statement (TOML), see docs/spec/measurement-statements.md.")
    ],
    evidence: EvidenceOption,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Put on record how far something may err: class, limit, certificate, or repetitions."""
    from api.cli.examine import read_bounded
    from api.cli.stating import statement_desk
    from trace_node.accounting.records.measured_file import MAX_BYTES, read_accuracy_file
    from trace_node.ids import OrganisationId

    raw, digest = read_bounded(file, bound=MAX_BYTES), file_digest(evidence)
    with statement_desk(home) as desk:
        content = read_accuracy_file(
            raw, file=file.name, organisation=OrganisationId(desk.organisation), evidence=digest
        )
        print_logged(desk.log(content), output)


@group.command()
def evaluate(
    index: EmissionArgument, home: HomeOption = None, output: OutputOption = Output.TEXT
) -> None:
    """Evaluate the uncertainty of a figure by what is stated now, and put it on record."""
    from api.cli.stating import statement_desk
    from trace_node.accounting.activity.data import EvidenceLink
    from trace_node.services.prove_emission import figures_of_log
    from trace_node.services.uncertainties import evaluate as evaluated
    from trace_node.services.uncertainties import put_beside

    with statement_desk(home) as desk:
        figures = figures_of_log(desk.store)
        found = figures.recompute(index)
        method = figures.methods.get(found.emission.method)
        record = evaluated(found.emission, found.result, method=method, store=desk.store)
        link = EvidenceLink(index, desk.store.reader().entry(index).leaf_hash)
        worth = None if record is None else put_beside(record, link, log=desk.log)
    if output is Output.JSON:
        show({"uncertainty": uncertainty_json(worth)}, output=output)
    else:
        print_uncertainty(worth)


@group.command("show")
def show_budget(
    index: EmissionArgument, home: HomeOption = None, output: OutputOption = Output.TEXT
) -> None:
    """Show the budget of a figure: parts of type A and B, U, k and the largest contributions."""
    from api.cli.stating import open_log
    from trace_node.services.prove_emission import figures_of_log
    from trace_node.services.uncertainties import beside

    with open_log(home) as (_settings, _files, store):
        worth = beside(figures_of_log(store).emission(index), index, store=store)
    if output is Output.JSON:
        show({"uncertainty": uncertainty_json(worth)}, output=output)
    else:
        print_uncertainty(worth)
