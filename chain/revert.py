"""Reverts of contracts as typed errors; those of CheckpointRegistry here.

A revert carries the first four bytes of keccak256 over the error's signature, then its arguments.
web3.py hands custom errors on undecoded, and the plain JSON-RPC reader does not know ABIs at all,
so both ask this table. ``tests/unit/chain`` compares it with the compiled ABI.
"""

from functools import cache

from chain.addresses import keccak256
from chain.errors import ContractRefusalError
from chain.ledger_refusals import ledger_refusal
from trace_node.ports.chain import HeadMovedError

_WORD = 32
_ANOTHER_SIGNER = (
    "another key may anchor the log now: bring its key file,"
    " or, where trace-node chain rotate-signer broke off, give it again with the node stopped"
)
_ERROR_STRING = bytes.fromhex("08c379a0")  # Error(string)
_PANIC = bytes.fromhex("4e487b71")  # Panic(uint256)


class LogAlreadyOpenError(ContractRefusalError):
    """This owner has opened a log with this origin before."""

    code = "chain.refused.log_already_open"


class UnknownLogError(ContractRefusalError):
    """No log with this id was ever opened."""

    code = "chain.refused.unknown_log"


class LogClosedError(ContractRefusalError):
    """The log was closed by naming its successor."""

    code = "chain.refused.log_closed"


class NotOwnerError(ContractRefusalError):
    """The sender is not the owner of the log."""

    code = "chain.refused.not_owner"


class NotSignerError(ContractRefusalError):
    """The sender is not the signer of the log."""

    code = "chain.refused.not_signer"


class ZeroSignerError(ContractRefusalError):
    """The zero address cannot be a signer."""

    code = "chain.refused.zero_signer"


class HeadMismatchError(ContractRefusalError, HeadMovedError):
    """The previous size and root are not the stored head."""

    code = "chain.refused.head_mismatch"


class SizeNotGrowingError(ContractRefusalError):
    """The new size is not greater than that of the stored head."""

    code = "chain.refused.size_not_growing"


class BadConsistencyProofError(ContractRefusalError):
    """The proof does not show that the new tree contains the old one unchanged."""

    code = "chain.refused.bad_consistency_proof"


class NotAnchoredError(ContractRefusalError):
    """The log has no anchored head of this size."""

    code = "chain.refused.not_anchored"


_TABLE: tuple[tuple[str, type[ContractRefusalError], str], ...] = (
    (
        "LogAlreadyOpen(bytes32)",
        LogAlreadyOpenError,
        "the contract refuses: log {a0} is open already",
    ),
    ("UnknownLog(bytes32)", UnknownLogError, "the contract refuses: it knows no log {a0}"),
    (
        "LogClosed(bytes32,bytes32)",
        LogClosedError,
        "the contract refuses: log {a0} was closed, {a1} continues it",
    ),
    (
        "NotOwner(bytes32,address)",
        NotOwnerError,
        "the contract refuses: {a1} is not the owner of log {a0}",
    ),
    (
        "NotSigner(bytes32,address)",
        NotSignerError,
        "the contract refuses: {a1} is not the signer of log {a0}",
    ),
    ("ZeroSigner()", ZeroSignerError, "the contract refuses: the zero address cannot sign"),
    (
        "HeadMismatch(bytes32,uint64,bytes32)",
        HeadMismatchError,
        "the contract refuses: the head of log {a0} is size {a1}, root {a2}",
    ),
    (
        "SizeNotGrowing(uint64,uint64)",
        SizeNotGrowingError,
        "the contract refuses: size {a1} does not grow beyond {a0}",
    ),
    (
        "BadConsistencyProof(uint64,uint64)",
        BadConsistencyProofError,
        "the contract refuses: the proof from size {a0} to {a1} does not hold",
    ),
    (
        "NotAnchored(bytes32,uint64)",
        NotAnchoredError,
        "the contract refuses: log {a0} has no anchor of size {a1}",
    ),
)


def error_signatures() -> frozenset[str]:
    """The signatures this table knows."""
    return frozenset(signature for signature, _, _ in _TABLE)


def refusal(data: bytes, *, text: str = "") -> ContractRefusalError:
    """The typed error of a revert.

    Args:
        data: Revert data, possibly empty.
        text: What the endpoint said beside it; shown when the data says nothing.
    """
    entry = _by_selector().get(data[:4])
    if entry is None:
        return ledger_refusal(data) or _plain_refusal(data, text)
    signature, kind, template = entry
    types = [name for name in signature[signature.index("(") + 1 : -1].split(",") if name]
    words = [data[4 + at * _WORD : 4 + (at + 1) * _WORD] for at in range(len(types))]
    if any(len(word) != _WORD for word in words):
        return _plain_refusal(data, text)
    values = {f"a{at}": _shown(types[at], word) for at, word in enumerate(words)}
    return kind(template, remedy=_ANOTHER_SIGNER if kind is NotSignerError else "", **values)


@cache
def _by_selector() -> dict[bytes, tuple[str, type[ContractRefusalError], str]]:
    return {keccak256(entry[0].encode())[:4]: entry for entry in _TABLE}


def _shown(kind: str, word: bytes) -> str:
    if kind == "uint64":
        return str(int.from_bytes(word))
    return "0x" + (word[12:] if kind == "address" else word).hex()


def _plain_refusal(data: bytes, text: str) -> ContractRefusalError:
    if data[:4] == _PANIC:
        text = f"panic 0x{int.from_bytes(data[4:36]):02x}"
    elif data[:4] == _ERROR_STRING:
        length = int.from_bytes(data[36:68])
        text = data[68 : 68 + min(length, 200)].decode(errors="replace")
    elif data:
        text = f"{text} 0x{data[:68].hex()}".strip()
    return ContractRefusalError("the contract refuses: {detail}", detail=text or "no reason given")
