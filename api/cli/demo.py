"""``trace-node demo``: the show of ``make run``; ``trace-node demo ledger`` is the other one."""

import time
from pathlib import Path
from typing import Annotated

import typer

from api.cli.demo_group import group
from api.cli.demo_ledger import command
from api.cli.options import say
from api.cli.serving import sigterm_interrupts

__all__ = ("command", "group")
CHECKOUT = Path(__file__).resolve().parents[2]


@group.callback()
def demo(
    ctx: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="End after the show.")] = False,
    home: Annotated[Path | None, typer.Option("--home", help="Home folder of the show.")] = None,
    plants: Annotated[Path, typer.Option(help="Folder of the plant files.")] = (
        CHECKOUT / "infra" / "plant"
    ),
    port: Annotated[int, typer.Option(min=0, max=65_535, help="HTTP port; 0 for any.")] = 8000,
) -> None:
    """Simulate a plant, collect, seal, anchor, prove, verify, alter; then serve until stopped."""
    if ctx.invoked_subcommand is not None:
        return
    from api.demo.processes import Processes
    from api.demo.show import perform
    from api.demo.stage import Stage

    began = time.monotonic()
    folder = home or CHECKOUT / "var" / "demo"
    with sigterm_interrupts(), Processes(folder / "logs") as processes:
        stage = Stage(folder, plants=plants, processes=processes, port=0 if once else port)
        running = perform(stage, say=say)
        say("the show took {seconds} s", seconds=round(time.monotonic() - began))
        if once:
            return
        say("serving on {url} (API: {url}/docs); Ctrl-C stops it", url=running.url)
        try:
            processes.wait()
        except KeyboardInterrupt:
            say("stopping")
