"""The two engines with a clock that the test moves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from support.evm import CHAIN_ID, Engine, anvil, sender
from support.ledger_orders import START
from web3 import Web3
from web3.types import RPCEndpoint

from chain.embedded.chain import EmbeddedChain
from chain.embedded.provider import EmbeddedProvider

CHAIN_FILE = "chain.db"


class Clock:
    """Seconds since 1970, moved by the test."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now


class TimedEngine(Engine):
    """An engine whose blocks carry the time that the test sets."""

    def __init__(self, name: str, web3: Web3, move: Callable[[int], None]) -> None:
        super().__init__(name, web3)
        self._move = move
        self._idle = sender("the one who only lets time pass")

    @property
    def now(self) -> int:
        """Time of the newest block."""
        return int(self.web3.eth.get_block("latest")["timestamp"])

    def advance(self, seconds: int) -> None:
        """Let time pass; a block is made of it, so that calls see it too."""
        self._move(self.now + seconds)
        raw = self.sign(self._idle, to=self._idle.address)
        self.receipt(self.web3.eth.send_raw_transaction(raw))


@contextmanager
def timed_embedded(folder: Path) -> Iterator[TimedEngine]:
    """The embedded chain in this process, with a clock of the test's."""
    clock = Clock()

    def move(time: int) -> None:
        clock.now = time

    chain = EmbeddedChain(folder / CHAIN_FILE, chain_id=CHAIN_ID, now=clock)
    try:
        with EmbeddedProvider(chain) as provider:
            yield TimedEngine("embedded", Web3(provider), move)
    finally:
        chain.close()


@contextmanager
def timed_anvil() -> Iterator[TimedEngine]:
    """anvil with a clock of the test's."""
    with anvil() as engine:

        def move(time: int) -> None:
            engine.web3.provider.make_request(RPCEndpoint("evm_setNextBlockTimestamp"), [time])

        timed = TimedEngine("anvil", engine.web3, move)
        timed.advance(START - timed.now)
        yield timed
