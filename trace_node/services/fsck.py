"""Check the whole log: recompute everything from the bodies of the records and compare.

One pass over the entries, in pieces, so that memory is bounded whatever the size. It reads only,
and may run beside the node: what is committed after it began is left for the next time.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from trace_node.crypto.sm2 import PublicKey
from trace_node.ports.archive import Archive
from trace_node.ports.entries import OPAQUE, StoredCheckpoint, StoredEntry, TreeState
from trace_node.ports.store import Store, UnitOfWork
from trace_node.services.fsck_archive import check_archive
from trace_node.services.fsck_chains import ChainCheck
from trace_node.services.fsck_leaves import LeafCheck, Leaves
from trace_node.services.fsck_readings import ReadingCheck
from trace_node.services.fsck_records import RecordCheck
from trace_node.services.fsck_report import MOST_PROBLEMS, Findings, Progress, Report
from trace_node.services.fsck_rows import in_parts, read_rows
from trace_node.services.fsck_series import SeriesCheck
from trace_node.services.fsck_signatures import SignatureCheck
from trace_node.services.fsck_tree import AnchorLookup, TreeCheck, by_size
from trace_node.services.project import NAME as PROJECTION
from trace_node.tlog.anchor import Anchor
from trace_node.tlog.hasher import by_name
from trace_node.tlog.note import NoteVerifier

PIECE = 4096
_NO_END = 2**63 - 1


class Fsck:
    """Checks one log (全库核验).

    Args:
        store: The database.
        archive: The second place; None if it is not to be compared.
        verifiers: The log's keys, from the trust root; empty if they are not known here.
        authorities: Keys that may sign registrations, from the trust root; empty likewise.
        anchored_at: Asks the chain what was anchored at a size; None without a chain.
        progress: Is told how far it is.
        signatures: Verifies signatures; here, one after the other, if left out.
        derived: Whether to compute increments, totals and device chains again, which takes
            longer than all else.
    """

    def __init__(
        self,
        *,
        store: Store,
        archive: Archive | None = None,
        verifiers: Sequence[NoteVerifier] = (),
        authorities: Sequence[PublicKey] = (),
        anchored_at: AnchorLookup | None = None,
        progress: Progress | None = None,
        signatures: SignatureCheck | None = None,
        derived: bool = False,
    ) -> None:
        self._store = store
        self._archive = archive
        self._anchored_at = anchored_at
        self._progress = progress or (lambda _done, _of: None)
        self._verifiers = verifiers
        self._found = Findings()
        self._signatures = signatures or SignatureCheck()
        self._records = RecordCheck(
            authorities=authorities, signatures=self._signatures, found=self._found
        )
        self._readings = ReadingCheck(self._found)
        self._is_opaque = store.identity.profile == OPAQUE
        self._derived = derived and not self._is_opaque
        self._chains: ChainCheck | None = None
        for name, is_there in (
            ("archive", archive is not None),
            ("checkpoint_signatures", bool(verifiers)),
            ("registration_signatures", bool(authorities) or self._is_opaque),
            ("anchors_on_chain", anchored_at is not None),
            ("derived", derived or self._is_opaque),
        ):
            if not is_there:
                self._found.leave_out(name)

    def run(self) -> Report:
        """Check everything that is committed now.

        Raises:
            UnavailableError: The database does not answer, or a process that verifies has ended.
        """
        # The database's own check does not hold the interpreter lock: it costs next to no time.
        with ThreadPoolExecutor(max_workers=1) as beside:
            damage = beside.submit(self._store.damage)
            size = self._check()
        return self._found.report(size=size, damage=damage.result())

    def _check(self) -> int:
        """Check all but the pages of the database; returns the number of entries."""
        with self._store.view() as view:
            state = view.entries.state()
            newest = view.checkpoints.newest()
            published = 0 if newest is None else newest.size
            self._beside_the_tree(view, state, published=published)
        if self._derived:
            with read_rows(self._store, 0, state.size, self._found) as view:
                self._chains = ChainCheck(view, found=self._found)
        tree = TreeCheck(
            hasher=by_name(self._store.identity.hash_name),
            origin=self._store.identity.origin,
            verifiers=self._verifiers,
            published=published,
            signatures=self._signatures,
            found=self._found,
        )
        leaves = LeafCheck(self._store, published=published, found=self._found)
        for first in range(0, state.size, PIECE):
            if self._found.is_full:
                break
            self._piece(leaves.read(first, min(first + PIECE, state.size)), tree)
            self._progress(tree.size, state.size)
        self._signatures.finish()
        with read_rows(self._store, 0, state.size, self._found) as view:
            self._records.end(view, size=state.size)
        if not self._found.is_full:
            tree.state(state)
            if self._archive is not None:
                check_archive(self._archive, self._store, signed=published, found=self._found)
            if self._chains is not None:
                self._chains.end()
            if self._derived:
                series = SeriesCheck(self._store, found=self._found, progress=self._progress)
                series.run(size=state.size)
        return state.size

    def _beside_the_tree(self, view: UnitOfWork, state: TreeState, *, published: int) -> None:
        """What is settled by looking at the rows once, before the walk."""
        if published > state.size:
            self._found.add(
                "checkpoint_ahead",
                "a checkpoint of {sealed} leaves was signed, the log has {size}",
                sealed=published,
                size=state.size,
            )
        self._stray_anchors(by_size(view.checkpoints.anchors(published + 1, _NO_END)))
        for size in view.checkpoints.unfit_requests(limit=MOST_PROBLEMS):
            self._found.add(
                "anchor_request",
                "the request to anchor {size} leaves fits no checkpoint, or not its anchor",
                size=size,
            )
        reached = view.projections.cursor(PROJECTION)
        if reached > state.size:
            self._found.add(
                "cursor",
                "the readings are computed up to the entry {reached}, the log has {size}",
                reached=reached,
                size=state.size,
            )

    def _stray_anchors(self, sizes: Iterable[int]) -> None:
        for size in sizes:
            self._found.add("anchor_row", "an anchor of {size} leaves has no checkpoint", size=size)

    def _piece(self, leaves: Leaves, tree: TreeCheck) -> None:
        first, end = tree.size, tree.size + len(leaves.hashes)
        self._grow(tree, leaves.hashes)
        if self._is_opaque:
            self._require_opaque(leaves.entries)
            return
        self._records.next_piece()
        in_parts(self._store, first, end, partial(self._take, leaves), found=self._found)
        in_parts(self._store, first, end, self._compare_readings, found=self._found)
        if self._chains is not None:
            with read_rows(self._store, first, end, self._found) as view:
                self._chains.take(self._records.chained, view)

    def _grow(self, tree: TreeCheck, hashes: Sequence[bytes]) -> None:
        """Add leaf hashes to the tree, and stop at each checkpoint to compare."""
        first, end = tree.size, tree.size + len(hashes)
        tree.read_tiles(self._store, end)
        for checkpoint, anchors in self._checkpoints(first, min(end, tree.published)):
            tree.extend(hashes[tree.size - first : checkpoint.size - first])
            tree.checkpoint(checkpoint)
            for anchor in anchors:
                tree.anchor(anchor, self._anchored_at)
            if checkpoint.size == tree.published:
                with read_rows(self._store, 0, checkpoint.size, self._found) as view:
                    tree.end_of_tiles(view)
        tree.extend(hashes[tree.size - first :])

    def _checkpoints(
        self, first: int, end: int
    ) -> Sequence[tuple[StoredCheckpoint, Sequence[Anchor]]]:
        """The checkpoints over ``first`` up to ``end`` leaves, each with its anchors.

        Anchors without a checkpoint are recorded.
        """
        found: list[tuple[StoredCheckpoint, Sequence[Anchor]]] = []

        def read(view: UnitOfWork, above: int, last: int) -> None:
            page = view.checkpoints.read(above=above, until=last, limit=last - above)
            anchors = by_size(view.checkpoints.anchors(above + 1, last + 1))
            found.extend((checkpoint, anchors.pop(checkpoint.size, ())) for checkpoint in page)
            self._stray_anchors(anchors)

        if first < end:
            in_parts(self._store, first, end, read, found=self._found)
        return found

    def _take(self, leaves: Leaves, view: UnitOfWork, first: int, end: int) -> None:
        self._records.take(leaves.between(first, end), leaves.altered, view)

    def _compare_readings(self, view: UnitOfWork, first: int, end: int) -> None:
        self._readings.check(
            self._records.chained, self._records.others, view=view, first=first, end=end
        )

    def _require_opaque(self, entries: Sequence[StoredEntry]) -> None:
        for entry in entries:
            if entry.kind != OPAQUE or entry.stream_id is not None:
                self._found.add("row", "entry {index}: its kind is not opaque", index=entry.index)
