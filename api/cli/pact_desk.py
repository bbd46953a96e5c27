"""The PACT exchange of a home, for its commands; they work whether the node runs or not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.stating import open_log

if TYPE_CHECKING:
    from api.home import Home
    from api.pact.desk import PactDesk
    from trace_node.ports.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """The exchange as commands use it.

    Attributes:
        desk: Its verbs.
        store: The database.
        home: The node's files.
    """

    desk: "PactDesk"
    store: "Store"
    home: "Home"


@contextmanager
def open_exchange(home: Path | None) -> Iterator[Counter]:
    """The exchange of the node in ``home``.

    Raises:
        ConfigError: There is no node, or no exchange is set up.
    """
    from api.wiring.pact import pact_desk
    from trace_node.clock import SystemClock

    with open_log(home) as (settings, files, store):
        desk = pact_desk(settings, files, store, clock=SystemClock())
        yield Counter(desk=desk, store=store, home=files)
