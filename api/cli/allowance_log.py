"""``trace-node allowance``: what is put on record of allocations, rules and drafts."""

import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.allowance import (
    OnOption,
    YearOption,
    day_of,
    group,
    packaged,
    pairs,
    print_drafts,
)
from api.cli.options import HomeOption, Output, OutputOption, say, show
from trace_node.errors import InputError
from trace_node.ids import to_base64url

if TYPE_CHECKING:
    from trace_node.canonical_json import JsonObject
    from trace_node.ports.statements import LoggedStatement

__all__ = ["file_digest", "group", "logged_row", "print_logged"]

MAX_EVIDENCE_BYTES = 64 * 1024 * 1024
EvidenceOption = Annotated[
    Path, typer.Option("--evidence", help="The document behind it; its SM3 is logged.")
]
OrganisationOption = Annotated[
    str | None,
    typer.Option("--organisation", help="Whose units; the node's own if left out."),
]


@group.command("log-input")
def log_input(
    *,
    unit: Annotated[str, typer.Argument(help="Generating unit, line or process.")],
    name: Annotated[str, typer.Argument(help="Input of the method, such as electricity.")],
    value: Annotated[str, typer.Argument(help="The figure, in plain notation.")],
    year: YearOption,
    measure: Annotated[str, typer.Option("--unit", help="Its unit, such as MWh; 1 for a ratio.")],
    source: Annotated[str, typer.Option(help="Who or what it comes from.")],
    evidence: Annotated[
        Path | None, typer.Option("--evidence", help="The document behind it.")
    ] = None,
    organisation: OrganisationOption = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Put a figure on record, so that an allocation can take it from its leaf."""
    from api.cli.stating import statement_desk
    from trace_node.ids import OrganisationId, require_name
    from trace_node.quota.records.allocation_input import AllocationInput

    if not re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,9})?", value):
        raise InputError(
            "{field}: {value} is not a decimal in plain notation",
            field="value",
            value=repr(value[:40]),
            remedy="write digits and at most one point",
            code="quota.input",
        )
    digest = None if evidence is None else file_digest(evidence)
    with statement_desk(home) as desk:
        content = AllocationInput(
            organisation=OrganisationId(
                require_name(organisation or desk.organisation, field="organisation")
            ),
            year=year,
            unit_name=unit,
            input_name=name,
            value=Decimal(value),
            unit=measure,
            evidence=digest,
            source=source,
        )
        print_logged(desk.log(content), output)


@group.command("approve-draft")
def approve_draft(
    *,
    draft: Annotated[str, typer.Argument(help="Id of the rule, or ID@VERSION of the method.")],
    year: YearOption,
    by: Annotated[str, typer.Option("--by", help="The person who approves.")],
    evidence: EvidenceOption,
    reason: Annotated[str, typer.Option(help="Why, in a sentence.")],
    organisation: OrganisationOption = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Approve the use of a draft rule or method for a year; the approval is a leaf of the log."""
    from api.cli.stating import statement_desk
    from trace_node.ids import OrganisationId, require_name
    from trace_node.quota.records.draft_approval import DraftApproval
    from trace_node.services.draft_choice import draft_rows

    digest = file_digest(evidence)
    rows = draft_rows(packaged(), draft, year=year)
    with statement_desk(home) as desk:
        name = require_name(organisation or desk.organisation, field="organisation")
        for row in rows:
            content = DraftApproval(
                draft=draft,
                digest=row,
                year=year,
                approved_by=by,
                organisation=OrganisationId(name),
                evidence=digest,
                reason=reason,
            )
            print_logged(desk.log(content), output)


@group.command("log-sheet")
def log_sheet(
    *,
    file: Annotated[Path, typer.Argument(help="The generating units (TOML), a table unit each.")],
    year: YearOption,
    on: OnOption = None,
    organisation: OrganisationOption = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Settle an allocation: compute it and log every sheet; refuses drafts nobody approved."""
    from api.cli.examine import read_bounded
    from api.cli.stating import statement_desk
    from trace_node.ids import OrganisationId, require_name
    from trace_node.quota.unit_file import MAX_BYTES, read_units
    from trace_node.services.settlement import settle_power

    units = read_units(read_bounded(file, bound=MAX_BYTES))
    with statement_desk(home) as desk:
        name = require_name(organisation or desk.organisation, field="organisation")
        settled = settle_power(
            units,
            organisation=OrganisationId(name),
            year=year,
            on=day_of(on),
            library=packaged(),
            store=desk.store,
            log=desk.log,
        )
    if output is Output.JSON:
        approvals = {name: used.approval.index for name, used in settled.approvals.items()}
        rows: JsonObject = {
            "approvals": {**approvals},
            "result": format(settled.sheet.total.result, "f"),
            "total": logged_row(settled.total),
            "units": {name: logged_row(each) for name, each in settled.units.items()},
        }
        show(rows, output=output)
        return
    for each in (*settled.units.values(), settled.total):
        print_logged(each, output)
    typer.echo(format(settled.sheet.total.result, "f"))
    for name, used in settled.approvals.items():
        say(
            "the draft {id} was used by the approval in leaf {index}",
            id=name,
            index=used.approval.index,
        )
    print_drafts(())


@group.command("log-calculation")
def log_calculation(
    *,
    method: Annotated[str, typer.Argument(help="Id of the method.")],
    values: Annotated[list[str], typer.Argument(help="Inputs, as name=value.")],
    year: YearOption,
    on: OnOption = None,
    organisation: OrganisationOption = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Settle one calculation, such as a carry-over, and log its sheet; refuses drafts likewise."""
    from api.cli.stating import statement_desk
    from trace_node.ids import OrganisationId, require_name
    from trace_node.services.settlement import settle_calculation

    with statement_desk(home) as desk:
        name = require_name(organisation or desk.organisation, field="organisation")
        sheet, logged = settle_calculation(
            method,
            pairs(values),
            organisation=OrganisationId(name),
            year=year,
            on=day_of(on),
            library=packaged(),
            store=desk.store,
            log=desk.log,
        )
    print_logged(logged, output)
    if output is Output.TEXT:
        typer.echo(format(sheet.result, "f"))
        print_drafts(())


@group.command("log-changes")
def log_changes(
    reason: Annotated[str, typer.Option(help="Why the library changed, in a sentence.")],
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Log every rule and method of the library that the log does not know yet."""
    from api.cli.stating import statement_desk
    from trace_node.services import rule_changes

    with statement_desk(home) as desk:
        logged = rule_changes.log_changes(packaged(), store=desk.store, reason=reason, log=desk.log)
    if output is Output.JSON:
        show([logged_row(each) for each in logged], output=output)
        return
    for each in logged:
        print_logged(each, output)
    say("{count} changes logged", count=len(logged))


def file_digest(path: Path) -> bytes:
    """SM3 of a document of at most 64 MiB.

    Raises:
        InputError: It cannot be read.
        TooLargeError: It is larger.
    """
    from api.cli.examine import read_bounded
    from trace_node.crypto.sm3 import sm3

    return sm3(read_bounded(path, bound=MAX_EVIDENCE_BYTES))


def print_logged(logged: "LoggedStatement", output: Output) -> None:
    """Where a statement was logged."""
    if output is Output.JSON:
        show(logged_row(logged), output=output)
        return
    say(
        "leaf {index}: {kind} {topic} {digest}",
        index=logged.index,
        kind=logged.kind,
        topic=logged.topic,
        digest=to_base64url(logged.digest),
    )


def logged_row(logged: "LoggedStatement") -> "JsonObject":
    """Where a statement was logged, as JSON."""
    return {
        "digest": to_base64url(logged.digest),
        "index": logged.index,
        "kind": logged.kind,
        "topic": logged.topic,
    }
