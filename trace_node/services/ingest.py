"""Take in deliveries and opaque entries: check in the caller's thread, write in the writer's."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta

from trace_node.canonical_json import MAX_RECORD_BYTES
from trace_node.clock import Clock
from trace_node.crypto.signer import Signer
from trace_node.errors import ConfigError, TooLargeError
from trace_node.ports.entries import OPAQUE, LogIdentity
from trace_node.ports.store import Store
from trace_node.services.delivery_check import DEFAULT_TOLERANCE, DeliveryCheck
from trace_node.services.delivery_read import Read, read_here
from trace_node.services.delivery_write import Acknowledgement, DeliveryJob
from trace_node.services.enrolled import EnrolmentBook
from trace_node.services.group_commit import GroupCommit
from trace_node.services.log_tail import Batch
from trace_node.services.precedence import Precedence
from trace_node.services.seen_heads import IsAnchored, SeenHeads
from trace_node.tlog.hasher import by_name

COLLECTORS = "collectors"


class Ingest:
    """Takes in signed deliveries (接收) of a log that serves collectors.

    Args:
        store: The database of the log.
        writer: Its writer.
        signer: The node's key, enrolled with usage ``node``.
        book: What is enrolled.
        clock: The node's clock.
        tolerance: By how much a record's times may lie ahead of the node's clock.
        is_anchored: Asks the chain about a head; see ``SeenHeads``.
        precedence: Is told of each delivery while it is in hand.
        read: Reads the records of a delivery, here or elsewhere.

    Raises:
        ConfigError: The log is of the opaque profile, or not hashed with SM3.
    """

    def __init__(
        self,
        *,
        store: Store,
        writer: GroupCommit,
        signer: Signer,
        book: EnrolmentBook,
        clock: Clock,
        tolerance: timedelta = DEFAULT_TOLERANCE,
        is_anchored: IsAnchored | None = None,
        precedence: Precedence | None = None,
        read: Read = read_here,
    ) -> None:
        _require_profile(store.identity, profile=COLLECTORS)
        _require_sm3(store.identity)
        self._writer = writer
        self._signer = signer
        self._precedence = precedence or Precedence()
        origin = store.identity.origin
        heads = SeenHeads(origin=origin, history=store.history(), is_anchored=is_anchored)
        self._check = DeliveryCheck(
            origin=origin, book=book, heads=heads, clock=clock, tolerance=tolerance, read=read
        )

    def submit(self, body: bytes) -> "Future[Acknowledgement]":
        """Check a delivery now, in this thread, and queue it; the future ends after the commit.

        A delivery of 1,000 records takes this thread some milliseconds: from asyncio, call it in a
        worker thread and wrap the future. Handing in the same bytes again gives the same
        acknowledgement.

        Args:
            body: The delivery as it came, ``application/vnd.trace-node.delivery``.

        Raises:
            TooLargeError: Over a bound; it was not parsed.
            InputError: It breaks a rule; the code says which.
            AccessError: The key may not deliver.
            SignatureError: The signature does not verify.
            BusyError: The queue is full; ``retry_after`` says when to come back.
            LogStoppedError: The writer has stopped. The future may also end with this, with
                ``RecordConflictError`` or with ``CommitUnknownError``.
        """
        self._precedence.enter()
        try:
            queued = self._writer.submit(
                DeliveryJob(checked=self._check.check(body), signer=self._signer)
            )
        except BaseException:
            self._precedence.leave()
            raise
        queued.add_done_callback(lambda _: self._precedence.leave())
        return queued


@dataclass(frozen=True, slots=True, kw_only=True)
class OpaqueJob:
    """Writes entries that are no records, side by side.

    Attributes:
        entries: Their bytes, at least one.
        leaf_hashes: Their leaf hashes.
    """

    entries: Sequence[bytes]
    leaf_hashes: Sequence[bytes]

    @property
    def weight(self) -> int:
        """One for each entry."""
        return len(self.entries)

    def write(self, batch: Batch) -> int:
        """Stage them, and return the leaf index of the first."""
        first = batch.size
        batch.extend(
            [
                (index, OPAQUE, entry, leaf_hash, None, None)
                for index, (entry, leaf_hash) in enumerate(
                    zip(self.entries, self.leaf_hashes, strict=True), first
                )
            ]
        )
        return first


class OpaqueIngest:
    """Takes in opaque entries of a log of the interop profile; nothing is deduplicated.

    Args:
        identity: The log.
        writer: Its writer.

    Raises:
        ConfigError: The log serves collectors, whose records must be signed.
    """

    def __init__(self, *, identity: LogIdentity, writer: GroupCommit) -> None:
        _require_profile(identity, profile=OPAQUE)
        self._writer = writer
        self._hasher = by_name(identity.hash_name)

    def add(self, entry: bytes) -> "Future[int]":
        """Queue one entry; the future ends after the commit, with its leaf index.

        Raises:
            TooLargeError: More than 65,535 bytes.
            BusyError: The queue is full; ``retry_after`` says when to come back.
        """
        return self.add_together([entry])

    def add_all(self, entries: Sequence[bytes]) -> "list[Future[int]]":
        """Queue several entries; see ``add``. Those before a refused one are queued."""
        return [self.add(entry) for entry in entries]

    def add_together(self, entries: Sequence[bytes]) -> "Future[int]":
        """Queue several entries as one; the future ends with the leaf index of the first.

        The others follow it without gap. For one thread that has many entries at hand this is much
        cheaper than a future for each.

        Args:
            entries: At least one.

        Raises:
            TooLargeError: One has more than 65,535 bytes; none is queued.
            BusyError: The queue is full; none is queued.
        """
        for entry in entries:
            _require_size(entry)
        return self._writer.submit(
            OpaqueJob(entries=entries, leaf_hashes=self._hasher.leaves(entries))
        )


def _require_size(entry: bytes) -> None:
    if len(entry) > MAX_RECORD_BYTES:
        raise TooLargeError(
            "{field}: {size} bytes exceed the bound of {bound}",
            field="entry",
            size=len(entry),
            bound=MAX_RECORD_BYTES,
            remedy="log a digest of it",
        )


def _require_profile(identity: LogIdentity, *, profile: str) -> None:
    if identity.profile != profile:
        raise ConfigError(
            "{field}: the log {origin} has the profile {found}, this needs {wanted}",
            field="interop",
            origin=identity.origin,
            found=identity.profile,
            wanted=profile,
            remedy="keep opaque entries and signed deliveries in logs of their own",
            code="config.log_profile",
        )


def _require_sm3(identity: LogIdentity) -> None:
    if identity.hash_name != "sm3":
        raise ConfigError(
            "{field}: a log that serves collectors is hashed with sm3, not {found}",
            field="origin",
            found=identity.hash_name,
            remedy="choose an origin that ends in /sm3",
            code="config.log_hash",
        )
