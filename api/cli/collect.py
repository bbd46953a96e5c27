"""``trace-node collect``, ``simulate`` and ``replay``: from a meter, real or not, into the log."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.i18n import of_environment, translations

PointsFolder = Annotated[
    Path | None,
    typer.Option(
        "--points-out",
        help="Folder for point lists that name the ports in use.",
        show_default=False,
    ),
]
FreePorts = Annotated[bool, typer.Option("--free-ports", help="Let the system choose the ports.")]


def collect(
    path: Annotated[
        Path, typer.Argument(help="collector.toml, or the folder that holds it.")
    ] = Path(),
    *,
    drain: Annotated[
        bool,
        typer.Option(
            "--drain", help="Read meters that hand out stored rows, deliver everything, and end."
        ),
    ] = False,
) -> None:
    """Read the meters of a point list and deliver what they say, until stopped."""
    from api import access_log
    from collectors.runtime.entry import run_collector

    access_log.configure()
    status = run_collector(path, drain=drain)
    say = translations(of_environment()).gettext
    left = [destination for destination in status.destinations if destination.undelivered]
    if not left:
        typer.echo(say("everything is delivered"))
    for destination in left:
        count = destination.undelivered
        typer.echo(say("{count} records are kept in the spool for later").format(count=count))
        if destination.trouble:
            typer.echo(f"{destination.name}: {destination.trouble}", err=True)


def simulate(
    plants: Annotated[list[Path], typer.Argument(help="Plant files (TOML).")],
    *,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed instead of the files' own.")] = None,
    speed: Annotated[
        int, typer.Option(min=1, max=100_000, help="Seconds of the plant in one of ours.")
    ] = 1,
    start: Annotated[
        datetime | None,
        typer.Option(help="The plant's time at the start, UTC; now if left out."),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="DEVICE:KIND@+BEGIN/LENGTH[=AMOUNT], such as CM-EM-01:dead@+30s/1m."),
    ] = None,
    free_ports: FreePorts = False,
    points_out: PointsFolder = None,
) -> None:
    """Serve the meters of a plant that does not exist as real Modbus TCP meters."""
    from datetime import UTC

    from api import access_log
    from collectors.runtime.drafts import to_ms
    from collectors.runtime.entry import run_simulation
    from collectors.runtime.plant_reader import load_plant

    access_log.configure()
    run_simulation(
        [load_plant(path, seed=seed) for path in plants],
        speed=speed,
        start_ms=None if start is None else to_ms(start.replace(tzinfo=start.tzinfo or UTC)),
        faults=fault or [],
        free_ports=free_ports,
        points_folder=points_out,
        ready=_tell,
    )


def replay(
    table: Annotated[Path, typer.Argument(help="CSV file of real readings, plain or gzip.")],
    *,
    map_path: Annotated[Path, typer.Option("--map", help="What its columns mean (TOML).")],
    first_row: Annotated[int, typer.Option(min=0, help="Row shown first.")] = 0,
    pace: Annotated[
        int,
        typer.Option(min=0, help="Milliseconds until one more row is there; 0 for all at once."),
    ] = 0,
    free_ports: FreePorts = False,
    points_out: PointsFolder = None,
) -> None:
    """Let a simulated meter show a table of real readings, row by row."""
    from api import access_log
    from collectors.runtime.entry import run_replay
    from collectors.runtime.replay import load_replay

    access_log.configure()
    loaded = load_replay(table, map_path=map_path)
    typer.echo(f"{loaded.device.name}: {len(loaded.rows)} rows")
    run_replay(
        loaded,
        first_row=first_row,
        pace_ms=pace,
        free_ports=free_ports,
        points_folder=points_out,
        ready=_tell,
    )


def _tell(controllers: dict[str, str]) -> None:
    for name, controller in sorted(controllers.items()):
        typer.echo(f"{name} {controller}")
    typer.echo(translations(of_environment()).gettext("ready"))
