"""Engines of the contract suite: every test runs on the embedded chain and on anvil."""

from collections.abc import Iterator

import pytest
from support.evm import Engine, anvil, anvil_program, embedded, harness_on, registry_on
from support.registry_log import Log
from web3.contract import Contract

NO_ANVIL = "no anvil: run infra/scripts/contracts --install, or set TN_ANVIL to the program"


@pytest.fixture(scope="session")
def embedded_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with embedded(tmp_path_factory.mktemp("chain")) as engine:
        yield engine


@pytest.fixture(scope="session")
def anvil_engine() -> Iterator[Engine]:
    if anvil_program() is None:
        pytest.skip(NO_ANVIL)
    with anvil() as engine:
        yield engine


@pytest.fixture(
    scope="session", params=["embedded", pytest.param("anvil", marks=pytest.mark.anvil)]
)
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.getfixturevalue(f"{request.param}_engine")


@pytest.fixture(scope="session")
def registry(engine: Engine) -> Contract:
    return registry_on(engine)


@pytest.fixture(scope="session")
def harness(engine: Engine) -> Contract:
    return harness_on(engine)


@pytest.fixture
def log(engine: Engine, registry: Contract) -> Iterator[Log]:
    return Log(engine, registry).open()
