"""``trace-node order``: write, read, sign, verify and send orders of the ledger."""

from typing import Annotated

import typer

from api.cli import order_new, order_send
from api.cli.options import HomeOption, Output, OutputOption, say, show
from api.cli.order_group import group
from api.cli.order_options import FileArgument, KeyOption, read_order, write_file
from api.cli.order_text import order_json, print_order
from api.cli.order_words import word_shown
from api.exit_codes import PENDING

__all__ = ["group", "order_new", "order_send"]  # the commands of those are in the group too


@group.command("show")
def show_order(file: FileArgument, output: OutputOption = Output.TEXT) -> None:
    """Show exactly what is signed: kind, accounts, lots, tonnes, times, chain and contract."""
    signed = read_order(file)
    if output is Output.JSON:
        show(order_json(signed, verified=False), output=output)
        return
    print_order(signed)


@group.command()
def sign(
    file: FileArgument,
    *,
    key: KeyOption = None,
    as_: Annotated[
        str | None,
        typer.Option(
            "--as",
            help="order, approval or cancellation; what is missing next if left out.",
            show_default=False,
        ),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Sign an order file with an account key; needs no node, no account and no network.

    What is signed is printed first.
    """
    from api import settings as settings_module
    from chain.order_signing import Eip712Orders, sign_order
    from chain.signer_key import load_key
    from trace_node.errors import InputError
    from trace_node.quota.ledger.order_file import encode_order
    from trace_node.quota.ledger.signed_order import About
    from trace_node.services.order_checks import require_sound

    signed = read_order(file)
    require_sound(signed, Eip712Orders())
    known = {about.value: about for about in About}
    if as_ is not None and as_ not in known:
        raise InputError(
            "{field}: must be one of {expected}",
            field="--as",
            expected=", ".join(known),
            remedy="leave it out to sign what is missing next",
            code="input.usage",
        )
    waiting = About.APPROVAL if About.ORDER in signed.signatures else About.ORDER
    about = waiting if as_ is None else known[as_]
    if key is None:
        raise InputError(
            "{field}: missing",
            field="--key",
            remedy="make a key with trace-node keys account",
            code="input.usage",
        )
    print_order(signed)
    owner = load_key(key, settings_module.load(home=home).secret())
    made = signed.signed(
        about, sign_order(signed.order, owner, contract=signed.contract, about=about)
    )
    require_sound(made, Eip712Orders())
    write_file(file, encode_order(made), replace=True)
    say("signed as {about} by {signer}", about=word_shown(about.value), signer=owner.shown)


@group.command()
def verify(file: FileArgument, output: OutputOption = Output.TEXT) -> None:
    """Check form, texts and signatures without a chain; exit code 3 while one is missing."""
    from chain.order_signing import Eip712Orders
    from trace_node.quota.ledger.signed_order import About
    from trace_node.services.order_checks import require_sound

    signed = read_order(file)
    require_sound(signed, Eip712Orders())
    missing = [about for about in (About.ORDER, About.APPROVAL) if about not in signed.signatures]
    if output is Output.JSON:
        show(order_json(signed, verified=True), output=output)
    else:
        print_order(signed)
        say("form, texts and signatures are sound")
        for about in missing:
            say("not signed yet: {about}", about=word_shown(about.value))
    if missing:
        raise typer.Exit(PENDING)
