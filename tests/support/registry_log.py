"""A log of its own for each test on a CheckpointRegistry, and its honest and forged histories."""

from itertools import count
from typing import Any

from eth_account.signers.local import LocalAccount
from support import reference
from support.evm import Engine, Sent, sender
from web3 import Web3
from web3.contract import Contract

from trace_node.crypto.sm3 import sm3

OWNER, SIGNER, STRANGER = sender("owner"), sender("signer"), sender("stranger")
ENTRIES = [b"reading %d" % number for number in range(20)]
FORKED = [*ENTRIES[:4], b"another reading", *ENTRIES[5:]]
ZERO = "0x" + "00" * 20
NONE = bytes(32)
_numbers = count()


def root(size: int, entries: list[bytes] = ENTRIES) -> bytes:
    return reference.root(sm3, entries[:size])


def proof(first: int, second: int, entries: list[bytes] = ENTRIES) -> list[bytes]:
    return reference.consistency(sm3, first, entries[:second]) if 0 < first <= second else []


class Log:
    """A log of its own for each test, on one registry."""

    def __init__(self, engine: Engine, registry: Contract) -> None:
        self.engine, self.registry = engine, registry
        self.origin = Web3.keccak(text=f"origin {next(_numbers)} of {engine.name}")
        self.id = Web3.solidity_keccak(["address", "bytes32"], [OWNER.address, self.origin])

    def send(self, name: str, *args: Any, account: LocalAccount = OWNER) -> Sent:
        return self.engine.send(self.registry, name, *args, account=account)

    def refused(self, name: str, *args: Any, account: LocalAccount = OWNER) -> tuple[str, Any]:
        return self.engine.refusal(self.registry, name, *args, account=account)

    def open(self) -> "Log":
        assert self.send("openLog", self.origin, SIGNER.address).status == 1
        return self

    def move(self, first: int, second: int, **other: Any) -> tuple[Any, ...]:
        """Arguments of ``anchor`` for an honest step, changed as told."""
        honest = {
            "id": self.id,
            "prev_size": first,
            "prev_root": root(first),
            "size": second,
            "root": root(second),
            "proof": proof(first, second),
        }
        return tuple((honest | other).values())

    def anchor(self, first: int, second: int, **other: Any) -> Sent:
        return self.send("anchor", *self.move(first, second, **other), account=SIGNER)

    def anchor_refused(self, first: int, second: int, **other: Any) -> tuple[str, Any]:
        arguments = self.move(first, second, **other)
        before = self.head()
        assert self.send("anchor", *arguments, account=SIGNER).status == 0
        assert self.head() == before
        return self.refused("anchor", *arguments, account=SIGNER)

    def head(self) -> tuple[int, bytes]:
        size, found, _ = self.registry.functions.head(self.id).call()
        return size, found
