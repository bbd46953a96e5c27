"""``trace-node keys bind``: an organisation binds its addresses on the chain to its SM2 key."""

import re
from pathlib import Path
from typing import Annotated

import typer

from api.cli.keys import group
from api.cli.options import HomeOption, Output, OutputOption, load, say
from trace_node.errors import InputError


@group.command()
def bind(
    *,
    key: Annotated[Path, typer.Argument(help="SM2 key file of the organisation.")],
    organisation: Annotated[str, typer.Option(help="Name in the records of this node.")],
    legal_name: Annotated[str, typer.Option(help="Name in the registry of enterprises.")],
    address: Annotated[list[str], typer.Option("--address", help="Addresses to bind.")],
    chain_id: Annotated[int, typer.Option(min=1, help="Chain id of the ledger.")],
    out: Annotated[Path, typer.Option("--out", help="File that gets the signed record.")],
    credit_code: Annotated[str | None, typer.Option(help="Unified social credit code.")] = None,
    home: HomeOption = None,
) -> None:
    """Sign the binding of an organisation's addresses with its SM2 key; any node can log it."""
    from api.cli.allowance import day_of
    from trace_node.clock import SystemClock
    from trace_node.crypto import keys
    from trace_node.ids import OrganisationId, require_name
    from trace_node.quota.records.organisation_binding import OrganisationBinding
    from trace_node.services.log_statement import signed_statement

    signer = keys.load(key, load(home)[0].secret())
    content = OrganisationBinding(
        organisation=OrganisationId(require_name(organisation, field="organisation")),
        legal_name=legal_name,
        credit_code=credit_code,
        key=signer.public,
        chain_id=chain_id,
        addresses=tuple(sorted({_address(text) for text in address})),
        valid_from=day_of(None),
    )
    raw = signed_statement(content, signer=signer, clock=SystemClock())
    with out.open("xb") as file:
        file.write(raw)
    say("{path} written", path=str(out))
    say("Compare the key id {key} with the organisation out of band.", key=signer.public.key_id)


@group.command("log-binding")
def log_binding(
    file: Annotated[Path, typer.Argument(help="The signed record.")],
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Log a binding; its digest is what an officer enters for the organisation on the chain."""
    from api.cli.allowance_log import print_logged
    from api.cli.examine import read_bounded
    from api.cli.stating import statement_desk
    from trace_node.canonical_json import MAX_RECORD_BYTES
    from trace_node.quota.records.parse import verify_binding

    raw = read_bounded(file, bound=MAX_RECORD_BYTES)
    signed_by = verify_binding(raw).signed_by
    with statement_desk(home) as desk:
        logged = desk.take(raw)
    print_logged(logged, output)
    if output is Output.TEXT:
        typer.echo(f"0x{logged.digest.hex()}")
        say("Compare the key id {key} with the organisation out of band.", key=signed_by)


def _address(text: str) -> bytes:
    if not re.fullmatch(r"0x[0-9a-fA-F]{40}", text):
        raise InputError(
            "{field}: {text} is no address",
            field="address",
            text=repr(text[:50]),
            remedy="write 0x and 40 hexadecimal digits",
            code="record.addresses",
        )
    return bytes.fromhex(text[2:])
