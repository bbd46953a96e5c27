"""Engines with a clock, and ledgers on them: one for many tests, or one for the test alone."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from support.evm import anvil_program
from support.ledger import Ledger, Parties, ready
from support.ledger_copies import Prepared, T, ledger_copy, prepared_copy
from support.ledger_engines import TimedEngine, timed_anvil, timed_embedded

NO_ANVIL = "no anvil: run infra/scripts/contracts --install, or set TN_ANVIL to the program"


@pytest.fixture(scope="session")
def timed_embedded_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimedEngine]:
    with timed_embedded(tmp_path_factory.mktemp("timed chain")) as engine:
        yield engine


@pytest.fixture(scope="session")
def timed_anvil_engine() -> Iterator[TimedEngine]:
    if anvil_program() is None:
        pytest.skip(NO_ANVIL)
    with timed_anvil() as engine:
        yield engine


def _marks(engine: str) -> list[pytest.MarkDecorator]:
    """Everything once on the quicker engine there is, and on the other with the campaigns.

    A random history is always played on both.
    """
    usual = "anvil" if anvil_program() else "embedded"
    later = [] if engine == usual else [pytest.mark.soak]
    return [pytest.mark.anvil, *later] if engine == "anvil" else later


@pytest.fixture(
    scope="session",
    params=[pytest.param(engine, marks=_marks(engine)) for engine in ("embedded", "anvil")],
)
def timed_engine(request: pytest.FixtureRequest) -> TimedEngine:
    return request.getfixturevalue(f"timed_{request.param}_engine")


@pytest.fixture(scope="session")
def ledger(timed_engine: TimedEngine) -> Ledger:
    """Shared: a test opens organisations, accounts and classes of its own."""
    return ready(timed_engine)


@pytest.fixture
def own_ledger(timed_engine: TimedEngine, tmp_path: Path) -> Iterator[Ledger]:
    """For the test alone: it may pause, close, dismiss."""
    if timed_engine.name == "embedded":
        with ledger_copy(tmp_path) as ledger:
            yield ledger
    else:
        yield ready(timed_engine)


@pytest.fixture(scope="session")
def parties(ledger: Ledger) -> Parties:
    """Shared: a test issues lots of its own."""
    return Parties(ledger)


@pytest.fixture
def prepared(
    timed_engine: TimedEngine, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Prepared]:
    """Makes what a test begins with: a copy of what was made before, where a chain is a file."""
    numbers = count()
    with ExitStack() as stack:

        def prepare(make: Callable[..., T], **fields: Any) -> T:
            if timed_engine.name != "embedded":
                return make(request.getfixturevalue("ledger"), **fields)
            folder = tmp_path / str(next(numbers))
            return stack.enter_context(prepared_copy(make, folder, **fields))

        yield prepare
