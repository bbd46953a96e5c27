"""``trace-node ledger act``: what officers do, by the functions of the contracts."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.ledger_group import group
from api.cli.options import HomeOption, Output, OutputOption, say, show
from api.cli.order_options import KeyOption, LedgerOption
from api.exit_codes import PENDING
from trace_node.errors import InputError

if TYPE_CHECKING:
    from chain.ledger_act_arguments import Argument


@group.command()
def acts(output: OutputOption = Output.TEXT) -> None:
    """List the acts of officers with their arguments."""
    from chain import ledger_acts

    listed = {
        act.shown: [f"{each.name}:{each.kind}" for each in act.parameters]
        for act in ledger_acts.acts()
    }
    if output is Output.JSON:
        show(listed, output=output)
        return
    for name, arguments in listed.items():
        typer.echo(f"{name}  {' '.join(arguments)}")


@group.command()
def act(
    name: Annotated[str, typer.Argument(help="Contract.function; see trace-node ledger acts.")],
    values: Annotated[
        list[str] | None,
        typer.Argument(help="Arguments, as name=value; a text stands for its digest."),
    ] = None,
    *,
    rpc: Annotated[str, typer.Option("--rpc", help="JSON-RPC endpoint of the chain.")],
    key: KeyOption = None,
    ledger: LedgerOption = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Do an act of an officer with the officer's key; a refusal is named before anything is sent.

    Names of offices and kinds of accounts are taken as words, times by RFC 3339, rights as
    initiate, approve, both or none. A text given for a digest is hashed (SM3) and printed with it.
    """
    from api import settings as settings_module
    from api.cli.order_ledger import deployment_of
    from api.wiring.ledger_sender import ledger_sender
    from chain.ledger_act_arguments import read_arguments
    from chain.ledger_acts import find_act
    from trace_node.clock import SystemClock

    found = find_act(name)
    arguments = read_arguments(found, _pairs(values or []))
    if key is None:
        raise InputError(
            "{field}: missing",
            field="--key",
            remedy="give the key file of the officer",
            code="input.usage",
        )
    _print_texts(arguments)
    with ledger_sender(
        deployment_of(ledger, home),
        url=rpc,
        key=key,
        passphrase=settings_module.load(home=home).secret(),
        clock=SystemClock(),
    ) as sender:
        done = sender.acts.perform(found, arguments)
        told = sender.acts.events(found, done)
    mined = done.mined
    show(
        {
            "act": found.shown,
            "transaction": None if mined is None else "0x" + mined.transaction_hash.hex(),
            "block": None if mined is None else mined.block_number,
            "state": done.state.value,
            "events": [{"event": event, **values} for event, values in told],
        },
        output=output,
    )
    if not done.state.finished:
        raise typer.Exit(PENDING)


def _print_texts(arguments: "tuple[Argument, ...]") -> None:
    """Which text each digest stands for."""
    for each in arguments:
        if each.text:
            say(
                "{name} = {digest} for: {text}",
                err=True,
                name=each.name,
                digest=each.shown,
                text=each.text,
            )


def _pairs(texts: list[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not mark or name in given:
            raise InputError(
                "{field}: write each argument once, as name=value",
                field=text[:60],
                remedy="trace-node ledger acts shows the arguments of each act",
                code="ledger.act.argument",
            )
        given[name] = value
    return given
