"""The group of commands ``trace-node ledger``, in which each of its modules registers its own."""

import typer

group = typer.Typer(no_args_is_help=True, help="The ledger of allowances and CCER on the chain.")
