"""Waiting for what the processes of a show do."""

import json
import time
from collections.abc import Callable
from typing import TypeVar

import httpx

from api.demo.processes import Processes
from api.home import Home
from api.running import Running, read_running
from trace_node.errors import TraceNodeError, UnavailableError

T = TypeVar("T")
PATIENCE_S = 120
PAUSE_S = 0.2


def wait_for(what: str, ask: Callable[[], T | None], *, home: Home, processes: Processes) -> T:
    """Ask until there is an answer.

    Raises:
        UnavailableError: There was none in two minutes, or a process ended.
    """
    deadline = time.monotonic() + PATIENCE_S
    while True:
        processes.require_alive()
        try:
            if (answer := ask()) is not None:
                return answer
        except (TraceNodeError, httpx.HTTPError, json.JSONDecodeError):
            # Not yet: whatever it was, the next question will tell, or time runs out.
            pass
        if time.monotonic() > deadline:
            raise UnavailableError(
                "{what} did not come in {seconds} s",
                code="unavailable.demo",
                what=what,
                seconds=PATIENCE_S,
                remedy="see the files in {path}",
                path=str(home.folder / "logs"),
            )
        time.sleep(PAUSE_S)


def wait_for_node(home: Home, processes: Processes) -> Running:
    """Wait until the node of a home answers."""
    running = wait_for("the node", lambda: read_running(home), home=home, processes=processes)
    ready = f"{running.url}/readyz"
    wait_for("the node", lambda: _answers(ready) or None, home=home, processes=processes)
    return running


def _answers(url: str) -> bool:
    return httpx.get(url, trust_env=False, timeout=5).is_success
