"""An embedded chain of its own for each test, and one with a registry for those that only read."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.evm import CHAIN_ID, Engine, registry_on, sender
from web3 import Web3
from web3.contract import Contract

from chain.embedded.chain import EmbeddedChain
from chain.embedded.dispatch import answer_call
from chain.embedded.provider import EmbeddedProvider

Ask = Callable[..., Any]


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[EmbeddedChain]:
    with EmbeddedChain(tmp_path / "chain.db", chain_id=CHAIN_ID) as opened:
        yield opened


@pytest.fixture
def engine(chain: EmbeddedChain) -> Engine:
    return Engine("embedded", Web3(EmbeddedProvider(chain)))


def asker(chain: EmbeddedChain) -> Ask:
    def ask(method: str, *params: Any) -> Any:
        """The result, or the whole error object."""
        answer = answer_call(chain, method, list(params))
        return answer["result"] if "result" in answer else answer["error"]

    return ask


@pytest.fixture
def ask(chain: EmbeddedChain) -> Ask:
    return asker(chain)


class Told:
    """A chain with a short history: one registry, two logs, three anchors."""

    def __init__(self, chain: EmbeddedChain) -> None:
        self.chain = chain
        self.engine = Engine("embedded", Web3(EmbeddedProvider(chain)))
        self.ask = asker(chain)
        self.registry: Contract = registry_on(self.engine)
        self.owners = [sender("first owner"), sender("second owner")]
        self.origin = Web3.keccak(text="origin")
        self.ids = [
            Web3.solidity_keccak(["address", "bytes32"], [owner.address, self.origin])
            for owner in self.owners
        ]
        empty = self.registry.functions.sm3(b"").call()
        for owner, log_id in zip(self.owners, self.ids, strict=True):
            self._send("openLog", self.origin, owner.address, account=owner)
            self._send("anchor", log_id, 0, empty, 1, b"\x11" * 32, [], account=owner)

    def _send(self, name: str, *args: Any, account: Any) -> None:
        assert self.engine.send(self.registry, name, *args, account=account).status == 1


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    path = tmp_path_factory.mktemp("told") / "chain.db"
    with EmbeddedChain(path, chain_id=CHAIN_ID) as opened:
        yield Told(opened)
