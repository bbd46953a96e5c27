"""Bring a database back to the present: a backup, or nothing, and the archive on top of it."""

from collections.abc import Callable

from trace_node.errors import ConfigError, IntegrityError
from trace_node.ports.archive import Archive, ArchivedEntries, ArchivedEvidence
from trace_node.ports.entries import StoredCheckpoint, TreeState
from trace_node.ports.store import Store
from trace_node.services.log_tail import LogTail
from trace_node.services.publish_tiles import TilePublisher
from trace_node.services.rebuild import Rebuilder
from trace_node.tlog.anchor import AnchoredHead
from trace_node.tlog.hasher import by_name

PIECE = 4096

Progress = Callable[[int, int], None]
"""Is told how many entries are done and how many there are."""


class RestoreError(IntegrityError):
    """Database, archive and chain do not tell the same history."""

    code = "restore.history"


class Restore:
    """Restores one log (恢复). The node must not run meanwhile.

    Args:
        store: The database: a restored backup, or a new one.
        archive: The archive of the same log.
        progress: Is told how far it is.

    Raises:
        ConfigError: The archive is that of another log.
    """

    def __init__(self, *, store: Store, archive: Archive, progress: Progress | None = None) -> None:
        found = archive.identity()
        if found != store.identity:
            raise ConfigError(
                "{field}: the archive is of {found}, the database of {origin}",
                field="archive_url",
                found="no log" if found is None else found.origin,
                origin=store.identity.origin,
                remedy="name the archive of this log",
                code="archive.other_log",
            )
        self._store = store
        self._archive = archive
        self._progress = progress or (lambda _done, _of: None)
        self._hasher = by_name(store.identity.hash_name)
        self._tail = LogTail(hasher=self._hasher)
        self._rebuilder = Rebuilder(profile=store.identity.profile)

    def run(self, *, anchored: AnchoredHead | None = None) -> TreeState:
        """Bring the database up to the end of the archive; may be broken off and run again.

        Args:
            anchored: The head on the chain, which the restored log must contain; None if the chain
                cannot be asked.

        Returns:
            The tree of the restored log.

        Raises:
            RestoreError: The database is no older copy of what was archived, or the result lacks
                the head on the chain.
            IntegrityError: The archive is damaged.
        """
        with self._store.view() as view:
            newest = view.checkpoints.newest()
        self._add_documents()
        for item in self._archive.read(0 if newest is None else newest.size):
            if isinstance(item, ArchivedEntries):
                self._add(item)
            elif isinstance(item, ArchivedEvidence):
                with self._store.unit_of_work() as work:
                    for conflict in item.conflicts:
                        work.evidence.add_conflict(conflict)
            elif newest is None or item.size > newest.size:
                self._publish(item, newest)
                newest = item
        with self._store.view() as view:
            state = view.entries.state()
        if anchored is not None:
            self._require_anchored(anchored, state)
        return state

    def _add_documents(self) -> None:
        """Before the records that rest on them, so that none of these counts without."""
        for digest, body in self._archive.documents():
            with self._store.unit_of_work() as work:
                work.footprints.keep_document(digest, body)

    def _add(self, piece: ArchivedEntries) -> None:
        with self._store.view() as view:
            size = view.entries.state().size
            stored = view.entries.bodies(piece.first_index, min(piece.end, size))
        if list(stored) != list(piece.bodies[: len(stored)]):
            raise _other_history(piece.end)
        while size < piece.end:
            skipped = size - piece.first_index
            bodies = piece.bodies[skipped : skipped + PIECE]
            part = ArchivedEntries(first_index=size, bodies=bodies, spans=piece.spans)
            with self._store.unit_of_work() as work:
                batch = self._tail.begin(work)
                self._rebuilder.add(part, batch)
                after = batch.finish()
            self._tail.committed(after)
            size = after.size
            self._progress(size, self._archive.size())

    def _publish(self, checkpoint: StoredCheckpoint, newest: StoredCheckpoint | None) -> None:
        """Store an archived checkpoint, if the entries lead to its root."""
        first = 0 if newest is None else newest.size
        with self._store.unit_of_work() as work:
            publisher = TilePublisher(work, hasher=self._hasher, newest=newest)
            for start in range(first, checkpoint.size, PIECE):
                end = min(start + PIECE, checkpoint.size)
                publisher.extend(work.entries.leaf_hashes(start, end))
            if publisher.size != checkpoint.size or publisher.root() != checkpoint.root:
                raise _other_history(checkpoint.size)
            work.checkpoints.put_tiles(publisher.tiles())
            work.checkpoints.add(checkpoint)

    def _require_anchored(self, anchored: AnchoredHead, state: TreeState) -> None:
        if anchored.size <= state.size:
            root = self._store.history().root_at(anchored.size)
            if root == anchored.root:
                return
        raise RestoreError(
            "the chain holds this log at {anchored} leaves, the restored log has {size} and does"
            " not lead there",
            anchored=anchored.size,
            size=state.size,
            remedy="find a newer copy of the archive; without one, open a successor log",
            code="restore.anchored",
        )


def _other_history(size: int) -> RestoreError:
    return RestoreError(
        "among the first {size} entries are others than those that were archived: the database is"
        " no older copy of this log",
        size=size,
        remedy="restore into a new database, or take another copy of the archive",
    )
