"""``trace-node pact partner|revoke|partners``: who has access, and where events go."""

import re
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import HomeOption, Output, OutputOption, say, show
from api.cli.pact import PartnerArgument, group
from trace_node.errors import InputError

if TYPE_CHECKING:
    from api.home import Home

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_ADDRESS = re.compile(r"https://[A-Za-z0-9.\-\[\]:]+(/[\w.~-]+)*", re.ASCII)


@group.command()
def partner(
    name: PartnerArgument,
    address: Annotated[str, typer.Option(help="Base address of its host, for events.")] = "",
    client: Annotated[
        str, typer.Option(help="Our client id there; our secret is read from standard input.")
    ] = "",
    answers_itself: Annotated[
        bool,
        typer.Option("--answer-at-once", help="Answer its requests from what it may see."),
    ] = False,
    home: HomeOption = None,
) -> None:
    """Give a partner access and print its secret, which is shown this once."""
    from api.cli.pact_desk import open_exchange
    from trace_node.clock import SystemClock
    from trace_node.ports.pact import Partner

    _require(name, address, client)
    with open_exchange(home) as counter:
        if client:
            _keep_secret(counter.home, name)
        secret = counter.desk.access.issue(
            Partner(
                name=name,
                secret=bytes(32),
                created=SystemClock().now(),
                address=address,
                client=client,
                answers_itself=answers_itself,
            )
        )
    typer.echo(secret)


@group.command()
def revoke(name: PartnerArgument, home: HomeOption = None) -> None:
    """End a partner's access at once, with every token it has."""
    from api.cli.pact_desk import open_exchange

    with open_exchange(home) as counter:
        counter.desk.access.revoke(name)
    say("the access of {partner} has ended", partner=name)


@group.command()
def partners(home: HomeOption = None, output: OutputOption = Output.TEXT) -> None:
    """List the partners; their secrets are not kept."""
    from api.cli.pact_desk import open_exchange
    from trace_node.accounting.pact.footprint import rfc3339

    with open_exchange(home) as counter, counter.store.view() as view:
        rows = [
            {
                "name": each.name,
                "since": rfc3339(each.created),
                "until": "" if each.revoked is None else rfc3339(each.revoked),
                "address": each.address,
            }
            for each in view.partners.all()
        ]
    if output is Output.JSON:
        show(rows, output=output)
        return
    for row in rows:
        typer.echo(f"{row['name']:24} {row['since']:22} {row['until']:22} {row['address']}")


def _require(name: str, address: str, client: str) -> None:
    if not _NAME.fullmatch(name):
        raise InputError(
            "{field}: must be 1 to 63 lower-case letters, digits or hyphens",
            field="partner",
            remedy="choose another name",
        )
    if address and not _ADDRESS.fullmatch(address):
        raise InputError(
            "{field}: must be an https address without a slash at the end",
            field="--address",
            remedy="write https://host or https://host/path",
        )
    if bool(address) != bool(client):
        raise InputError(
            "{field}: address and client id go together",
            field="--client",
            remedy="give both, or neither where events are not sent to it",
        )


def _keep_secret(home: "Home", name: str) -> None:
    """Keep our secret at a partner's host in a file that nobody else can read."""
    from trace_node.crypto import secret_file

    secret = sys.stdin.readline().strip()
    if not secret:
        raise InputError(
            "{field}: our secret at the partner's host was not given",
            field="stdin",
            remedy="write it to standard input: trace-node pact partner … < FILE",
        )
    path = home.pact_secret(name)
    path.unlink(missing_ok=True)
    secret_file.create(path, secret.encode("utf-8"))
