"""CheckpointRegistry in Python: the same rules, ABI, events and errors, for the fake chain."""

import copy
from dataclasses import dataclass, field
from typing import Any

from eth_abi import decode, encode
from eth_utils import keccak

from trace_node.crypto.sm3 import sm3
from trace_node.tlog.errors import ProofError
from trace_node.tlog.hasher import SM3
from trace_node.tlog.verify import verify_consistency

EMPTY_ROOT = sm3(b"")


class RevertError(Exception):
    def __init__(self, signature: str, *values: object) -> None:
        types = [name for name in signature[signature.index("(") + 1 : -1].split(",") if name]
        self.data = selector(signature) + encode(types, values)
        super().__init__(signature)


@dataclass
class Event:
    topics: list[bytes]
    data: bytes


@dataclass
class Context:
    """What a call sees of its transaction and block, and the events it emits."""

    sender: bytes
    number: int
    time: int
    events: list[Event] = field(default_factory=list)

    def emit(self, signature: str, *indexed: bytes, data: bytes = b"") -> None:
        self.events.append(Event([keccak(text=signature), *indexed], data))


@dataclass
class LogState:
    owner: bytes
    origin_hash: bytes
    signer: bytes
    size: int = 0
    root: bytes = EMPTY_ROOT
    successor: bytes = bytes(32)
    predecessor: bytes = bytes(32)
    predecessor_size: int = 0
    predecessor_root: bytes = bytes(32)
    anchors: dict[int, tuple[bytes, int, int]] = field(default_factory=dict)


@dataclass
class Registry:
    logs: dict[bytes, LogState] = field(default_factory=dict)

    def copy(self) -> "Registry":
        return copy.deepcopy(self)

    def call(self, data: bytes, context: Context) -> bytes:
        name, types = _FUNCTIONS[data[:4]]
        return getattr(self, name)(context, decode(types, data[4:])) or b""

    def head(self, _: Context, args: tuple[Any, ...]) -> bytes:
        log = self.logs.get(args[0])
        if log is None:
            return bytes(96)
        time = log.anchors.get(log.size, (b"", 0, 0))[2]
        return encode(["uint64", "bytes32", "uint64"], [log.size, log.root, time])

    def anchored_at(self, _: Context, args: tuple[Any, ...]) -> bytes:
        log = self.logs.get(args[0])
        found = log.anchors.get(args[1]) if log else None
        return encode(["bytes32", "uint64", "uint64"], found or (bytes(32), 0, 0))

    def log_info(self, _: Context, args: tuple[Any, ...]) -> bytes:
        log = self.logs.get(args[0]) or LogState(bytes(20), bytes(32), bytes(20))
        types = ["address", "address", *["bytes32"] * 3, "uint64", "bytes32"]
        values = [
            *(log.owner, log.signer, log.origin_hash, log.successor),
            *(log.predecessor, log.predecessor_size, log.predecessor_root),
        ]
        return encode(types, values)

    def open_log(self, context: Context, args: tuple[Any, ...]) -> bytes:
        origin_hash, signer = args[0], bytes.fromhex(args[1][2:])
        if not any(signer):
            raise RevertError("ZeroSigner()")
        log_id = keccak(context.sender + origin_hash)
        if log_id in self.logs:
            raise RevertError("LogAlreadyOpen(bytes32)", log_id)
        self.logs[log_id] = LogState(context.sender, origin_hash, signer)
        context.emit(
            "LogOpened(bytes32,address,bytes32,address)",
            *(log_id, bytes(12) + context.sender, origin_hash),
            data=bytes(12) + signer,
        )
        return log_id

    def open_successor(self, context: Context, args: tuple[Any, ...]) -> bytes:
        old = self._owned(args[2], context)
        log_id = self.open_log(context, args[:2])
        new = self.logs[log_id]
        new.predecessor, new.predecessor_size = args[2], old.size
        new.predecessor_root, old.successor = old.root, log_id
        context.emit(
            "LogSucceeded(bytes32,bytes32,uint64,bytes32)",
            *(args[2], log_id),
            data=encode(["uint64", "bytes32"], [old.size, old.root]),
        )
        return log_id

    def rotate_signer(self, context: Context, args: tuple[Any, ...]) -> None:
        log = self._owned(args[0], context)
        new = bytes.fromhex(args[1][2:])
        context.emit(
            "SignerRotated(bytes32,address,address)",
            *(args[0], bytes(12) + log.signer, bytes(12) + new),
        )
        log.signer = new

    def anchor(self, context: Context, args: tuple[Any, ...]) -> None:
        log_id, prev_size, prev_root, size, root, proof = args
        log = self.logs.get(log_id)
        if log is None:
            raise RevertError("UnknownLog(bytes32)", log_id)
        if context.sender != log.signer:
            raise RevertError("NotSigner(bytes32,address)", log_id, "0x" + context.sender.hex())
        if any(log.successor):
            raise RevertError("LogClosed(bytes32,bytes32)", log_id, log.successor)
        if (log.size, log.root) == (size, root):
            return
        if (log.size, log.root) != (prev_size, prev_root):
            raise RevertError("HeadMismatch(bytes32,uint64,bytes32)", log_id, log.size, log.root)
        if size <= prev_size:
            raise RevertError("SizeNotGrowing(uint64,uint64)", prev_size, size)
        if not consistent(prev_size, prev_root, size, root, list(proof)):
            raise RevertError("BadConsistencyProof(uint64,uint64)", prev_size, size)
        log.size, log.root = size, root
        log.anchors[size] = (root, context.number, context.time)
        words = [prev_size, prev_root, root, context.time]
        context.emit(
            "Anchored(bytes32,uint64,bytes32,uint64,bytes32,uint64)",
            *(log_id, size.to_bytes(32)),
            data=encode(["uint64", "bytes32", "bytes32", "uint64"], words),
        )

    def _owned(self, log_id: bytes, context: Context) -> LogState:
        log = self.logs.get(log_id)
        if log is None:
            raise RevertError("UnknownLog(bytes32)", log_id)
        if log.owner != context.sender:
            raise RevertError("NotOwner(bytes32,address)", log_id, "0x" + context.sender.hex())
        return log


def consistent(old_size: int, old_root: bytes, size: int, root: bytes, proof: list[bytes]) -> bool:
    if old_size == 0:
        return not proof
    sizes = {"size1": old_size, "size2": size}
    try:
        verify_consistency(hasher=SM3, root1=old_root, root2=root, proof=proof, **sizes)
    except ProofError:
        return False
    return True


def selector(signature: str) -> bytes:
    return keccak(text=signature)[:4]


_FUNCTIONS = {
    selector(f"{name}({','.join(types)})"): (method, types)
    for name, method, types in (
        ("head", "head", ["bytes32"]),
        ("anchoredAt", "anchored_at", ["bytes32", "uint64"]),
        ("logInfo", "log_info", ["bytes32"]),
        ("openLog", "open_log", ["bytes32", "address"]),
        ("openSuccessor", "open_successor", ["bytes32", "address", "bytes32"]),
        ("rotateSigner", "rotate_signer", ["bytes32", "address"]),
        (
            "anchor",
            "anchor",
            ["bytes32", "uint64", "bytes32", "uint64", "bytes32", "bytes32[]"],
        ),
    )
}
