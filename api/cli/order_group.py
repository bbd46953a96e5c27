"""The group of the commands ``trace-node order``."""

import typer

group = typer.Typer(
    no_args_is_help=True, help="Write, read, sign and send orders of the allowance ledger."
)
