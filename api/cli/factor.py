"""``trace-node factor``: the factor library, factors of one's own, approvals and releases."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.cli.allowance_log import EvidenceOption, file_digest, print_logged
from api.cli.options import HomeOption, Output, OutputOption, say, show
from api.cli.printable import printable

group = typer.Typer(no_args_is_help=True, help="Factors: look up, enter, approve, release.")


class Status(StrEnum):
    """How far a factor can be relied on."""

    ACTIVE = "active"
    DRAFT = "draft"
    SUPERSEDED = "superseded"
    FORBIDDEN = "forbidden"


RowArgument = Annotated[str, typer.Argument(help="Id of the factor.")]
ProposerOption = Annotated[str, typer.Option("--proposed-by", help="The person who asks for it.")]
ApproverOption = Annotated[
    str, typer.Option("--by", help="The person who approves; not who proposes.")
]
ReasonOption = Annotated[str, typer.Option(help="Why, in a sentence.")]


@group.command("list")
def list_factors(
    *,
    scheme: Annotated[str | None, typer.Option(help="Guideline or series.")] = None,
    kind: Annotated[str | None, typer.Option(help="What they say, such as ncv or ef.")] = None,
    substance: Annotated[str | None, typer.Option(help="Fuel, material or gas.")] = None,
    status: Annotated[Status | None, typer.Option(help="How far they can be relied on.")] = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """List factors with their status; a draft shows the leaf of its approval."""
    from api.cli.stating import open_log
    from api.schemas.entered_rows import factor
    from trace_node.ids import OrganisationId
    from trace_node.services.library import known_factors

    with open_log(home) as (settings, _files, store), store.view() as view:
        found = known_factors(view, organisation=OrganisationId(settings.organisation))
    asked = {"scheme": scheme, "kind": kind, "substance": substance}
    rows = [
        each
        for each in found
        if status in {None, each.status}
        and all(value in {None, str(getattr(each.row, name))} for name, value in asked.items())
    ]
    if output is Output.JSON:
        show([factor(each).model_dump(mode="json") for each in rows], output=output)
        return
    for each in rows:
        value = f"{each.row.value:f} {each.row.unit}"
        noted = "" if each.approval is None else f"  #{each.approval}"
        typer.echo(printable(f"{each.row.id:56} {value:28} {each.status}{noted}"))
    say("{count} factors", count=len(rows))


@group.command("show")
def show_factor(
    row: RowArgument, home: HomeOption = None, output: OutputOption = Output.TEXT
) -> None:
    """Show one factor with its source, digest, status and approval."""
    from api.cli.stating import open_log
    from api.schemas.entered_rows import factor
    from trace_node.accounting.factors.factor_file import packaged_factors
    from trace_node.ids import OrganisationId
    from trace_node.services.library import known_factors

    with open_log(home) as (settings, _files, store), store.view() as view:
        found = known_factors(view, organisation=OrganisationId(settings.organisation))
    known = next((each for each in found if each.row.id == row), None)
    if known is None:
        packaged_factors().row(row)  # says that there is none
        return
    shown = factor(known).model_dump(mode="json")
    if output is Output.JSON:
        show(shown, output=output)
        return
    inner = shown.pop("row")
    show({**{name: inner[name] for name in sorted(inner)}, **shown}, output=output)


@group.command()
def approve(
    *,
    row: RowArgument,
    proposed_by: ProposerOption,
    by: ApproverOption,
    evidence: EvidenceOption,
    reason: ReasonOption,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Approve the use of a draft factor by this organisation; the approval is a leaf of the log."""
    from api.cli.stating import statement_desk
    from trace_node.accounting.records.approvals import FactorApproval
    from trace_node.ids import OrganisationId
    from trace_node.services.library import factor_to_approve

    digest = file_digest(evidence)
    with statement_desk(home) as desk:
        organisation = OrganisationId(desk.organisation)
        with desk.store.view() as view:
            draft = factor_to_approve(view, row, organisation=organisation)
        content = FactorApproval(
            row=draft.id,
            digest=draft.digest,
            proposed_by=proposed_by,
            approved_by=by,
            organisation=organisation,
            evidence=digest,
            reason=reason,
        )
        print_logged(desk.log(content), output)


@group.command()
def release(
    name: Annotated[str, typer.Argument(help="Name of the release, such as 2026-11.")],
    note: Annotated[str, typer.Option(help="What changed, in a sentence.")],
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Release the factors of the package: the authority signs the root of the tree over them."""
    from api.cli.stating import statement_desk
    from trace_node.accounting.factors.factor_file import packaged_factors
    from trace_node.services.factor_release import factor_release
    from trace_node.services.library import newest_release

    with statement_desk(home, by_authority=True) as desk:
        with desk.store.view() as view:
            before = newest_release(view)
        made = factor_release(packaged_factors(), name=name, note=note)
        if before is not None and before.root == made.root:
            say("these factors are released as {name}", name=before.name, err=True)
            made = before
        elif before is not None:
            made = factor_release(packaged_factors(), name=name, note=note, replaces=before.root)
        print_logged(desk.log(made), output)


@group.command("import")
def import_factors(
    *,
    file: Annotated[Path, typer.Argument(help="Factors (TOML), status draft.")],
    by: Annotated[str, typer.Option("--by", help="The person who enters them.")],
    evidence: EvidenceOption,
    reason: Annotated[str, typer.Option(help="Why the library does not do, in a sentence.")],
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Enter factors of this organisation's own; another person approves each."""
    from api.cli.examine import read_bounded
    from api.cli.stating import statement_desk
    from trace_node.accounting.factors.factor_file import MAX_BYTES, read_factors
    from trace_node.accounting.records.factor_entry import FactorEntry
    from trace_node.ids import OrganisationId

    rows = read_factors(read_bounded(file, bound=MAX_BYTES), file=file.name)
    digest = file_digest(evidence)
    with statement_desk(home) as desk:
        for row in rows:
            content = FactorEntry(
                organisation=OrganisationId(desk.organisation),
                row=row,
                entered_by=by,
                evidence=digest,
                reason=reason,
            )
            print_logged(desk.log(content), output)
