"""Ledgers on the embedded chain that were made once a process: a test has a copy of the chain file.

To deploy five contracts and appoint their officers takes forty blocks of an EVM in Python, and an
enterprise that owes something forty more.
"""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

from support.ledger import Ledger, Parties, ready
from support.ledger_engines import CHAIN_FILE, TimedEngine, timed_embedded


class Made(Protocol):
    """What a test begins with: numbers of accounts and lots, and the ledger they are on."""

    ledger: Ledger


T = TypeVar("T", bound=Made)


class Prepared(Protocol):
    """Gives what a test begins with; ``make`` is told a ledger, and the rest."""

    def __call__(self, make: Callable[..., T], **fields: Any) -> T: ...


@contextmanager
def ledger_copy(folder: Path) -> Iterator[Ledger]:
    """A ledger with its officers, on a chain of its own in ``folder``."""
    kept, ledger = _ready()
    with _copied(kept, folder) as engine:
        yield ledger.on(engine)


@contextmanager
def prepared_copy(make: Callable[..., T], folder: Path, **fields: Any) -> Iterator[T]:
    """What ``make`` makes on such a ledger, on a chain of its own in ``folder``."""
    kept, made = _made(make, tuple(fields.items()))
    with _copied(kept, folder) as engine:
        yield _moved(made, made.ledger.on(engine))


def _moved(made: T, ledger: Ledger) -> T:
    found = copy(made)
    found.ledger = ledger
    if isinstance(parties := getattr(found, "parties", None), Parties):
        found.parties = _moved(parties, ledger)  # type: ignore[attr-defined]
    return found


@contextmanager
def _copied(kept: Path, folder: Path) -> Iterator[TimedEngine]:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(kept / CHAIN_FILE, folder / CHAIN_FILE)
    with timed_embedded(folder) as engine:
        yield engine


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="trace-node-ledger-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _ready() -> tuple[Path, Ledger]:
    folder = _folder()
    with timed_embedded(folder) as engine:
        return folder, ready(engine)


@cache
def _made(make: Callable[..., T], fields: tuple[tuple[str, Any], ...]) -> tuple[Path, T]:
    folder = _folder()
    with ledger_copy(folder) as ledger:
        return folder, make(ledger, **dict(fields))
