"""``trace-node meters``: what the log knows of meters."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import HomeOption, load

group = typer.Typer(no_args_is_help=True, help="Enrol the meters of a point list.")


@group.command()
def enrol(
    points: Annotated[Path, typer.Argument(help="Point list (TOML).")],
    valid_from: Annotated[
        datetime | None,
        typer.Option(help="First instant the descriptions hold for; 1970 if left out."),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Let the authority sign a registration of each meter of a point list, and enrol them."""
    from datetime import UTC

    from api.cli.enrolling import enrol_all, registrar_of
    from collectors.runtime.config import registrations
    from collectors.runtime.config_reader import load_point_list

    settings, files = load(home)
    begin = valid_from.astimezone(UTC) if valid_from else datetime(1970, 1, 1, tzinfo=UTC)
    registrar = registrar_of(settings, files)
    meters = registrations(load_point_list(points), valid_from=begin)
    enrol_all(settings, files, [registrar.meter(meter) for meter in meters])
