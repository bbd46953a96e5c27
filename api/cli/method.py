"""``trace-node method``: the method library, and unconfirmed terms approved."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.allowance_log import EvidenceOption, file_digest, print_logged
from api.cli.factor import ApproverOption, ProposerOption, ReasonOption
from api.cli.options import HomeOption, Output, OutputOption, say, show
from api.cli.printable import printable

if TYPE_CHECKING:
    from trace_node.accounting.methods.method import Method

__all__ = ["MethodArgument", "group", "print_method"]

group = typer.Typer(
    no_args_is_help=True, help="Methods of accounting: look up, check, publish, fetch, approve."
)
MethodArgument = Annotated[str, typer.Argument(help="The method, as ID@VERSION.")]


@group.command("list")
def list_methods(home: HomeOption = None, output: OutputOption = Output.TEXT) -> None:
    """List every version of every method; a released one shows its leaf."""
    from api.cli.stating import open_log
    from api.schemas.entered_rows import method
    from trace_node.services.library import known_methods

    with open_log(home) as (_settings, _files, store), store.view() as view:
        found = known_methods(view)
    if output is Output.JSON:
        rows = [method(each, whole=False).model_dump(mode="json") for each in found]
        show(rows, output=output)
        return
    for each in found:
        leaf = "" if each.leaf is None else f"  #{each.leaf}"
        typer.echo(printable(f"{each.method.ref:48} {each.method.title_zh}{leaf}"))
    say("{count} methods", count=len(found))


@group.command("show")
def show_method(
    ref: MethodArgument, home: HomeOption = None, output: OutputOption = Output.TEXT
) -> None:
    """Show a method: sources, what it asks for, terms with their evidence marks, figures."""
    from api.cli.stating import open_log
    from api.schemas.entered_rows import method
    from trace_node.services.library import known_method

    with open_log(home) as (_settings, _files, store), store.view() as view:
        known = known_method(view, ref)
    if output is Output.JSON:
        show(method(known, whole=True).model_dump(mode="json"), output=output)
        return
    print_method(known.method)


@group.command()
def check(
    file: Annotated[Path, typer.Argument(help="Method file (TOML).")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Check a method file: its form, its formulas and their units; nothing is logged."""
    from api.cli.examine import read_bounded
    from api.schemas.entered_rows import method
    from trace_node.accounting.methods.method_library import MAX_BYTES, read_method_file
    from trace_node.services.library import KnownMethod

    found = read_method_file(read_bounded(file, bound=MAX_BYTES), file=file.name)
    if output is Output.JSON:
        known = KnownMethod(method=found, leaf=None)
        show(method(known, whole=True).model_dump(mode="json"), output=output)
        return
    print_method(found)


@group.command()
def approve(
    *,
    ref: MethodArgument,
    step: Annotated[str, typer.Argument(help="Id of the term that is marked L, U or P.")],
    proposed_by: ProposerOption,
    by: ApproverOption,
    evidence: EvidenceOption,
    reason: ReasonOption,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Approve the use of a term whose text is not confirmed; the approval is a leaf of the log."""
    from api.cli.stating import statement_desk
    from trace_node.accounting.records.approvals import TermApproval
    from trace_node.ids import OrganisationId
    from trace_node.services.library import term_to_approve

    digest = file_digest(evidence)
    with statement_desk(home) as desk:
        with desk.store.view() as view:
            method = term_to_approve(view, ref, step)
        content = TermApproval(
            method=method.ref,
            digest=method.digest,
            step=step,
            proposed_by=proposed_by,
            approved_by=by,
            organisation=OrganisationId(desk.organisation),
            evidence=digest,
            reason=reason,
        )
        print_logged(desk.log(content), output)


def print_method(method: "Method") -> None:
    """A method for people."""
    from trace_node.ids import to_base64url

    head = {
        "method": method.ref,
        "title_zh": method.title_zh,
        "title_en": method.title_en,
        "source": method.source,
        "digest": to_base64url(method.digest),
        "missing_data": method.missing_data,
    }
    show(head, output=Output.TEXT)
    say("Asked for:")
    for symbol in method.activity_items:
        typer.echo(printable(f"  {symbol.id:20} {symbol.unit_text:20} {symbol.title_zh}"))
    say("Terms, with their evidence marks:")
    for step in method.terms:
        typer.echo(printable(f"  {step.id:20} [{step.mark.value}] {step.gas:8} {step.title_zh}"))
    say("Figures:")
    for total in method.totals.values():
        typer.echo(printable(f"  {total.id:20} {total.purpose.value:14} {total.unit_text}"))
