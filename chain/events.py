"""Events of CheckpointRegistry as typed values; an unknown one is an error, never skipped."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from chain.addresses import keccak256
from chain.engines import block_seconds
from chain.errors import ChainAnswerError
from chain.rpc_values import ANCHORED, uint64, words
from chain.values import EventLog
from trace_node.tlog.anchor import AnchoredHead

LOG_OPENED = "LogOpened(bytes32,address,bytes32,address)"
SIGNER_ROTATED = "SignerRotated(bytes32,address,address)"
LOG_SUCCEEDED = "LogSucceeded(bytes32,bytes32,uint64,bytes32)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """The head of a log moved (已锚定).

    Attributes:
        log_id: 32 bytes.
        previous: Head before.
        head: Head after.
        time: Seconds since the epoch by the contract.
        raw: Where it was emitted.
    """

    log_id: bytes
    previous: AnchoredHead
    head: AnchoredHead
    time: int
    raw: EventLog


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOpened:
    """A log was opened.

    Attributes:
        log_id: 32 bytes.
        owner: 20-byte address that opened it.
        origin_hash: keccak256 of the origin line.
        signer: 20-byte address that may move the head.
        raw: Where it was emitted.
    """

    log_id: bytes
    owner: bytes
    origin_hash: bytes
    signer: bytes
    raw: EventLog


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerRotated:
    """The owner replaced the signer of a log.

    Attributes:
        log_id: 32 bytes.
        old_signer: 20-byte address.
        new_signer: 20-byte address.
        raw: Where it was emitted.
    """

    log_id: bytes
    old_signer: bytes
    new_signer: bytes
    raw: EventLog


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSucceeded:
    """A log was closed for good and continued by another.

    Attributes:
        old_log_id: 32 bytes.
        new_log_id: 32 bytes.
        last: Last head of the closed log.
        raw: Where it was emitted.
    """

    old_log_id: bytes
    new_log_id: bytes
    last: AnchoredHead
    raw: EventLog


RegistryEvent = Anchored | LogOpened | SignerRotated | LogSucceeded


def event_signatures() -> tuple[str, ...]:
    """Signatures of all events the contract emits."""
    return (ANCHORED, LOG_OPENED, SIGNER_ROTATED, LOG_SUCCEEDED)


@cache
def event_topics() -> tuple[bytes, ...]:
    """First topics of all events the contract emits."""
    return tuple(keccak256(signature.encode()) for signature in event_signatures())


def registry_event(raw: EventLog) -> RegistryEvent:
    """The typed event of a raw one.

    Raises:
        ChainAnswerError: Not an event of this contract, or malformed.
    """
    first = raw.topics[0] if raw.topics else b""
    kind = _kinds().get(first)
    if kind is None or len(raw.topics) != kind[0]:
        raise ChainAnswerError("{field}: an event of another contract was answered", field="topics")
    return kind[1](raw)


@cache
def _kinds() -> dict[bytes, tuple[int, Callable[[EventLog], RegistryEvent]]]:
    """First topic to number of topics and reader."""
    readers: tuple[tuple[int, Callable[[EventLog], RegistryEvent]], ...] = (
        (3, _anchored),
        (4, _opened),
        (4, _rotated),
        (3, _succeeded),
    )
    return dict(zip(event_topics(), readers, strict=True))


def _anchored(raw: EventLog) -> Anchored:
    previous_size, previous_root, root, time = words(raw.data, count=4, field="Anchored")
    return Anchored(
        log_id=raw.topics[1],
        previous=AnchoredHead(size=uint64(previous_size, field="prevSize"), root=previous_root),
        head=AnchoredHead(size=uint64(raw.topics[2], field="size"), root=root),
        time=block_seconds(uint64(time, field="time")),
        raw=raw,
    )


def _opened(raw: EventLog) -> LogOpened:
    (signer,) = words(raw.data, count=1, field="LogOpened")
    return LogOpened(
        log_id=raw.topics[1],
        owner=raw.topics[2][12:],
        origin_hash=raw.topics[3],
        signer=signer[12:],
        raw=raw,
    )


def _rotated(raw: EventLog) -> SignerRotated:
    return SignerRotated(
        log_id=raw.topics[1],
        old_signer=raw.topics[2][12:],
        new_signer=raw.topics[3][12:],
        raw=raw,
    )


def _succeeded(raw: EventLog) -> LogSucceeded:
    size, root = words(raw.data, count=2, field="LogSucceeded")
    return LogSucceeded(
        old_log_id=raw.topics[1],
        new_log_id=raw.topics[2],
        last=AnchoredHead(size=uint64(size, field="size"), root=root),
        raw=raw,
    )
