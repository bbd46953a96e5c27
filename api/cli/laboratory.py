"""``trace-node laboratory``: reports of laboratories, and whose keys are theirs."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.allowance_log import EvidenceOption, file_digest, print_logged
from api.cli.bad_cells import telling_bad_cells
from api.cli.entered_text import EveryOption, print_records
from api.cli.form_import import FormEvidenceOption, documents, print_imported
from api.cli.options import HomeOption, Output, OutputOption
from api.cli.trusting import NameOption, PointArgument, ReasonOption, RevokeOption, log_trust

group = typer.Typer(no_args_is_help=True, help="Laboratory records: enter, list, trust.")


@group.command()
def add(
    file: Annotated[Path, typer.Argument(help="The report (TOML), see the manual.")],
    evidence: EvidenceOption,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Put a laboratory's report on record; a later one of the same sample corrects it."""
    from api.cli.examine import read_bounded
    from api.cli.stating import statement_desk
    from trace_node.accounting.laboratory.record_file import MAX_BYTES, read_record_file
    from trace_node.ids import OrganisationId

    raw = read_bounded(file, bound=MAX_BYTES)
    digest = file_digest(evidence)
    with statement_desk(home) as desk:
        content = read_record_file(
            raw, file=file.name, organisation=OrganisationId(desk.organisation), evidence=digest
        )
        print_logged(desk.log(content), output)


@group.command("import")
def import_form(
    *,
    file: Annotated[Path, typer.Argument(help="A filled-in form (trace-node template), .xlsx.")],
    evidence: FormEvidenceOption,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Put the reports of a form on record, all of them or none; every bad cell is named."""
    from api.cli.examine import read_bounded
    from api.cli.stating import statement_desk
    from trace_node.services.form_cells import FormImport
    from trace_node.services.form_log import log_form
    from trace_node.services.laboratory_form import read_laboratory_form
    from trace_node.services.workbook import MAX_FILE_BYTES

    raw, evidence_of = read_bounded(file, bound=MAX_FILE_BYTES), documents(evidence)
    with statement_desk(home) as desk:
        given = FormImport(organisation=desk.organisation, evidence=evidence_of, entered_by="")
        with telling_bad_cells():
            logged = log_form(lambda: read_laboratory_form(raw, given), desk.log_together)
    print_imported(logged, output=output)


@group.command("list")
def list_records(
    every: EveryOption = False, home: HomeOption = None, output: OutputOption = Output.TEXT
) -> None:
    """List laboratory records with what is wrong with their days; re-dated samples are flagged."""
    from api.cli.stating import open_log
    from trace_node.services.entered import laboratory_records

    with open_log(home) as (settings, _files, store):
        found = laboratory_records(store, organisation=settings.organisation)
    print_records(found, every=every, output=output)


@group.command()
def trust(
    *,
    point: PointArgument,
    name: NameOption,
    reason: ReasonOption,
    revoke: RevokeOption = False,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Trust a laboratory's key with reports under its name: the authority signs it."""
    from trace_node.accounting.records.signer_trust import SignerRole

    log_trust(
        point,
        role=SignerRole.LABORATORY,
        name=name,
        reason=reason,
        revoke=revoke,
        home=home,
        output=output,
    )
