"""Seal the log: archive what is new, sign a checkpoint over it, publish its tiles.

The order is the promise: the entries are durable in the second place before anything is signed, and
the checkpoint, its tiles and the request to anchor it are stored in one transaction. Each step may
fail, take effect or not, and be done again.
"""

import logging
import threading
from collections.abc import Sequence

from trace_node.clock import Clock
from trace_node.errors import IntegrityError, StateError
from trace_node.ports.archive import Archive, ArchivedEntries, ArchivedEvidence
from trace_node.ports.entries import Span, StoredCheckpoint, StoredEntry, TreeState
from trace_node.ports.store import Store, UnitOfWork
from trace_node.services.archive_documents import archive_kept, archive_named
from trace_node.services.publish_tiles import PublishedTreeError, TilePublisher
from trace_node.tlog import checkpoint as checkpoints
from trace_node.tlog.checkpoint import Checkpoint
from trace_node.tlog.hasher import by_name
from trace_node.tlog.note import NoteSigner

logger = logging.getLogger(__name__)

PIECE = 4096  # entries archived and hashed at a time
EVIDENCE_PIECE = 64  # conflicts archived at a time
MOST_PER_CHECKPOINT = 1 << 20  # bounds the memory of tiles: 34 bytes an entry


class RolledBackError(StateError):
    """The database lacks what was archived or signed before: it is an older copy."""

    code = "seal.rolled_back"


class Seal:
    """Makes checkpoints (封批) of one log.

    Args:
        store: The database of the log.
        archive: The second place; opened here.
        signers: The log's keys; the first is the one that must not fail.
        clock: The node's clock.

    Raises:
        ConfigError: The archive is that of another log.
        RolledBackError: The archive holds entries that the database lacks, or others.
        UnavailableError: Database or archive does not answer.
    """

    def __init__(
        self, *, store: Store, archive: Archive, signers: Sequence[NoteSigner], clock: Clock
    ) -> None:
        self._store = store
        self._archive = archive
        self._signers = signers
        self._clock = clock
        self._hasher = by_name(store.identity.hash_name)
        self._lock = threading.Lock()
        self._documents_are_archived = False  # those of before this process
        archive.open(store.identity)
        self.require_not_rolled_back()

    def require_not_rolled_back(self) -> None:
        """Compare the database with the archive.

        Raises:
            RolledBackError: The database lacks entries or checkpoints that were archived.
        """
        with self._store.view() as view:
            size = view.entries.state().size
            archived = self._archive.size()
            sealed = self._archive.checkpoint_size()
            missing = sealed and view.checkpoints.of_size(sealed) is None
        if archived > size or missing:
            raise RolledBackError(
                "the archive holds {archived} entries and a checkpoint of {sealed}, the database"
                " {size} entries: it is an older copy",
                archived=archived,
                sealed=sealed,
                size=size,
                remedy="stop the node and run trace-node restore; do not let it take in anything",
            )

    def seal_once(self) -> StoredCheckpoint | None:
        """Seal what is committed; None while the log is empty.

        Returns the newest checkpoint, an old one if nothing is new.

        Raises:
            UnavailableError: Database or archive does not answer; nothing is lost, call again.
            IntegrityError: What is stored contradicts itself; nothing was signed.
            RolledBackError: The database lacks what was archived or signed before.
        """
        with self._lock:
            if not self._documents_are_archived:
                archive_kept(self._archive, self._store)
                self._documents_are_archived = True
            while True:
                with self._store.view() as view:
                    state, newest = view.entries.state(), view.checkpoints.newest()
                if newest is not None and newest.size > state.size:
                    raise self._behind(newest, state)
                if newest is None and not state.size:
                    return None
                if newest is not None and newest.size == state.size:
                    self._archive_checkpoints()
                    self._archive_evidence()  # after the entries it points at
                    return newest
                self._seal(state, newest)

    def _seal(self, state: TreeState, newest: StoredCheckpoint | None) -> None:
        first = 0 if newest is None else newest.size
        end = min(state.size, first + MOST_PER_CHECKPOINT)
        self._archive_checkpoints()
        with self._store.view() as view:
            publisher = TilePublisher(view, hasher=self._hasher, newest=newest)
        for start in range(first, end, PIECE):
            self._take(publisher, start, min(start + PIECE, end))
        self._archive_evidence()
        if end == state.size and publisher.root() != state.root:
            raise PublishedTreeError(
                "the leaf hashes of {size} entries lead to another root than the tree's state",
                size=end,
                remedy="run trace-node fsck; it names the damaged entry",
            )
        made = self._signed(size=end, root=publisher.root())
        with self._store.unit_of_work() as work:
            now = work.checkpoints.newest()
            if (0 if now is None else now.size) != first:
                raise StateError(
                    "another process sealed the log meanwhile",
                    remedy="seal in one process",
                    code="seal.raced",
                )
            work.checkpoints.put_tiles(publisher.tiles())
            work.checkpoints.add(made)
        self._archive_checkpoints()

    def _take(self, publisher: TilePublisher, first: int, end: int) -> None:
        """Archive a piece of the log, unless it is, and add its leaves to the published tree."""
        with self._store.view() as view:
            entries = view.entries.read(first, end)
            self._require_sound(entries, first=first, end=end)
            self._archive_entries(view, entries)
        publisher.extend([entry.leaf_hash for entry in entries])

    def _archive_entries(self, view: UnitOfWork, entries: Sequence[StoredEntry]) -> None:
        """Archive those of ``entries`` that are not archived; the archive has all before them."""
        first = self._archive.size()
        missing = [entry.body for entry in entries if entry.index >= first]
        if missing:
            archive_named(self._archive, view, entries)
            # A delivery right before the piece belongs to it: its received record is the first.
            spans = _split_deliveries(view, max(first - 1, 0), first + len(missing))
            self._archive.append(ArchivedEntries(first_index=first, bodies=missing, spans=spans))

    def _require_sound(self, entries: Sequence[StoredEntry], *, first: int, end: int) -> None:
        """Require the entries to be all there and to have the leaf hashes stored with them."""
        for index, entry in zip(range(first, end), entries, strict=False):
            if entry.index != index or self._hasher.leaf(entry.body) != entry.leaf_hash:
                raise _damaged(index)
        if len(entries) != end - first:
            raise _damaged(first + len(entries))

    def _signed(self, *, size: int, root: bytes) -> StoredCheckpoint:
        checkpoint = Checkpoint(origin=self._store.identity.origin, size=size, root=root)
        note = checkpoints.sign(checkpoint, signers=self._signers)
        now = self._clock.now()
        return StoredCheckpoint(
            size=size,
            root=root,
            note=note.format(),
            sealed_at=now.replace(microsecond=now.microsecond // 1000 * 1000),
        )

    def _archive_evidence(self) -> None:
        """Archive the conflicts that are not archived yet."""
        while True:
            with self._store.view() as view:
                place = self._archive.evidence_count()
                missing = view.evidence.conflicts_from(place, limit=EVIDENCE_PIECE)
            if not missing:
                return
            self._archive.append_evidence(ArchivedEvidence(conflicts=missing))

    def _archive_checkpoints(self) -> None:
        """Archive the checkpoints that are not archived yet: usually the one just stored.

        An archive that is new, or an older copy, gets the entries they cover first.
        """
        while True:
            place = self._archive.checkpoint_size()
            with self._store.view() as view:
                missing = view.checkpoints.read(above=place, limit=PIECE)
            if not missing:
                return
            for made in missing:
                self._archive_up_to(made.size)
                self._archive.append_checkpoint(made)

    def _archive_up_to(self, size: int) -> None:
        """Archive the entries before ``size`` that are missing there."""
        while (first := self._archive.size()) < size:
            logger.warning("archive_refilled from=%d to=%d", first, size)
            end = min(first + PIECE, size)
            with self._store.view() as view:
                entries = view.entries.read(first, end)
                self._require_sound(entries, first=first, end=end)
                self._archive_entries(view, entries)

    def _behind(self, newest: StoredCheckpoint, state: TreeState) -> RolledBackError:
        return RolledBackError(
            "a checkpoint of {sealed} leaves was signed, the log has {size}",
            sealed=newest.size,
            size=state.size,
            remedy="stop the node and run trace-node restore",
        )


def _split_deliveries(view: UnitOfWork, first: int, end: int) -> dict[int, Sequence[Span]]:
    """Where the records of those deliveries are of which an earlier one brought some."""
    return {
        delivery.index: delivery.spans
        for delivery in view.deliveries.read(first, end)
        if len(delivery.spans) != 1
    }


def _damaged(index: int) -> IntegrityError:
    return IntegrityError(
        "entry {index} does not have the leaf hash stored with it, or is missing",
        index=index,
        remedy="run trace-node fsck, then restore from backup and archive",
        code="seal.entry",
    )
