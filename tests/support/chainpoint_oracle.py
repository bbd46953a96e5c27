"""merkletools as the judge of a Chainpoint receipt: the tool that such receipts are written for."""

import warnings
from collections.abc import Mapping
from typing import Any

from trace_node.crypto.sm3 import sm3

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # "sha3 is not working!"; it is not used
    import merkletools


class _NodeHash:
    """What merkletools calls: the hash of an inner node of RFC 9162."""

    def __init__(self, data: bytes) -> None:
        self._digest = sm3(b"\x01" + bytes(data))

    def digest(self) -> bytes:
        return self._digest


def accepts(receipt: Mapping[str, Any], *, target: str | None = None) -> bool:
    """Whether merkletools finds the target, by default the receipt's own, below its root."""
    oracle = merkletools.MerkleTools()
    oracle.hash_function = _NodeHash
    wanted = receipt["targetHash"] if target is None else target
    return oracle.validate_proof(receipt["proof"], wanted, receipt["merkleRoot"])
