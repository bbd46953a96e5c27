"""``trace-node tokens``: who may see what."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import HomeOption, Output, OutputOption, load, show
from api.tokens import Caller, Role, TokenFile
from trace_node.clock import SystemClock

group = typer.Typer(no_args_is_help=True, help="Issue, list and revoke access tokens.")


def token_file(home: Path | None) -> TokenFile:
    """The token file of the node in ``home``."""
    return TokenFile(load(home)[1].tokens, SystemClock())


@group.command()
def issue(
    name: Annotated[
        str, typer.Argument(help="Name of the token; a second one replaces the first.")
    ],
    role: Annotated[Role, typer.Option(help="What it allows.")],
    organisation: Annotated[str | None, typer.Option(help="Its scope; all if left out.")] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Its life in days.")] = 90,
    home: HomeOption = None,
) -> None:
    """Make a token and print it; it is shown this once."""
    typer.echo(token_file(home).issue(name=name, role=role, organisation=organisation, days=days))


@group.command()
def revoke(
    name: Annotated[str, typer.Argument(help="Name of the token.")], home: HomeOption = None
) -> None:
    """End a token at once."""
    token_file(home).revoke(name)


@group.command("list")
def list_tokens(
    output: OutputOption = Output.TEXT,
    home: HomeOption = None,
) -> None:
    """Show whose tokens there are; the tokens themselves are not kept."""
    rows = [_row(caller) for caller in token_file(home).callers()]
    if output is Output.JSON:
        show(rows, output=output)
        return
    for row in rows:
        typer.echo(
            f"{row['name']:24} {row['role']:12} {row['organisation']:24} {row['expires_at']}"
        )


def _row(caller: Caller) -> dict[str, str]:
    return {
        "name": caller.name,
        "role": caller.role.value,
        "organisation": caller.organisation or "*",
        "expires_at": caller.expires_at.isoformat(timespec="seconds"),
    }
