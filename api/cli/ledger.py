"""``trace-node ledger``: the ledger of allowances and CCER; each command has its own module."""

import typer

from api.cli import ledger_setup

group = typer.Typer(no_args_is_help=True, help="The ledger of allowances and CCER on the chain.")
group.command("deploy")(ledger_setup.deploy)
group.command("join")(ledger_setup.join)
