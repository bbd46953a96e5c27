"""``trace-node demo ledger``: a compliance year of five enterprises."""

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from api.cli.demo_group import group
from api.cli.options import say
from api.cli.serving import sigterm_interrupts


@group.command()
def ledger(
    once: Annotated[bool, typer.Option("--once", help="End after the show.")] = False,
    home: Annotated[
        Path | None,
        typer.Option(
            "--home",
            help="New home folder, which is kept; else a temporary one, which is not.",
            show_default=False,
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="HTTP port; 0 for any.")] = 0,
) -> None:
    """Play a compliance year of five enterprises on a new ledger; then serve until stopped."""
    from api.cli.demo_ledger.play import play
    from api.demo.processes import Processes

    began = time.monotonic()
    with sigterm_interrupts(), ExitStack() as stack:
        folder = home or Path(stack.enter_context(tempfile.TemporaryDirectory())) / "home"
        processes = stack.enter_context(Processes(folder / "logs"))
        world = play(folder.absolute(), port=port, processes=processes, stack=stack)
        say("the show took {seconds} s", seconds=round(time.monotonic() - began))
        if once:
            return
        say("serving on {url} (API: {url}/docs); Ctrl-C stops it", url=world.running.url)
        try:
            processes.wait()
        except KeyboardInterrupt:
            say("stopping")
