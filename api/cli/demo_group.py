"""The group of the shows, into which each registers its own command."""

import typer

group = typer.Typer(invoke_without_command=True)
