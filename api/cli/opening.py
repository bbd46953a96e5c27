"""``trace-node registry commit|keep``: price and counterparties as salted digests."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from api.cli.allowance import pairs
from api.cli.options import HomeOption, Output, OutputOption, load, say, show
from api.cli.registry import group
from trace_node.errors import InputError

SALT_BYTES = 16


@group.command()
def commit(
    order_id: Annotated[str, typer.Argument(help="Id of the order: 0x and 64 hex digits.")],
    values: Annotated[list[str], typer.Argument(help="Texts, as name=value: price=92.50 buyer=…")],
    file: Annotated[Path, typer.Option("--out", help="File that gets the opening; keep it.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Make a commitment: the digest goes into the order, the opening stays with the parties."""
    from trace_node.quota.commitment import make_opening

    text = order_id.removeprefix("0x")
    try:
        raw = bytes.fromhex(text)
    except ValueError as error:
        raise _no_id() from error
    opening = make_opening(
        order_id=raw, salt=secrets.token_bytes(SALT_BYTES), content=pairs(values)
    )
    with file.open("xb") as out:
        out.write(opening.to_bytes())
    file.chmod(0o600)
    digest = "0x" + opening.commitment.hex()
    if output is Output.JSON:
        show({"commitment": digest, "file": str(file)}, output=output)
        return
    typer.echo(digest)
    say("hand {path} to the other party and the regulator only", path=str(file))


@group.command()
def keep(
    file: Annotated[Path, typer.Argument(help="The opening.")],
    party: Annotated[list[str], typer.Option("--party", help="Organisations that may read it.")],
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Keep an opening in this node; it is compared with its order where the ledger has that."""
    from api.cli.examine import read_bounded
    from api.wiring.intake import identity_of
    from trace_node.clock import SystemClock
    from trace_node.quota.commitment import MAX_OPENING_BYTES
    from trace_node.services.openings import keep_opening
    from trace_node.store.ledger_mirror import SqlLedgerMirror
    from trace_node.store.sql_store import open_store

    raw = read_bounded(file, bound=MAX_OPENING_BYTES)
    settings, _files = load(home)
    store = open_store(settings.database, identity=identity_of(settings))
    try:
        kept = keep_opening(
            raw,
            parties=party,
            store=store,
            holdings=SqlLedgerMirror(store.database),
            clock=SystemClock(),
        )
    finally:
        store.close()
    answer = {"commitment": "0x" + kept.commitment.hex(), "parties": ", ".join(kept.parties)}
    show(answer, output=output)


def _no_id() -> InputError:
    return InputError(
        "{field}: must be 0x and 64 hexadecimal digits",
        field="order_id",
        remedy="take it from the order file",
        code="opening",
    )
