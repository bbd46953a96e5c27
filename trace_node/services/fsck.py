"""Check the whole log: recompute everything from the bodies of the records and compare.

One pass over the entries, in pieces, so that memory is bounded whatever the size. It reads only,
and may run beside the node: what is committed after it began is left for the next time.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from trace_node.crypto.sm2 import PublicKey
from trace_node.errors import IntegrityError
from trace_node.ports.archive import Archive
from trace_node.ports.entries import OPAQUE, StoredCheckpoint, StoredEntry, TreeState
from trace_node.ports.store import Store, UnitOfWork
from trace_node.services.fsck_archive import check_archive
from trace_node.services.fsck_readings import check_readings
from trace_node.services.fsck_records import RecordCheck
from trace_node.services.fsck_report import MOST_PROBLEMS, Findings, Progress, Report
from trace_node.services.fsck_tree import AnchorLookup, TreeCheck, by_size, expected_hashes
from trace_node.services.project import NAME as PROJECTION
from trace_node.tlog.anchor import Anchor
from trace_node.tlog.hasher import by_name
from trace_node.tlog.note import NoteVerifier

PIECE = 4096
_NO_END = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaves:
    """A range of the log, as far as it could be read.

    Attributes:
        hashes: Leaf hashes to grow the tree by, one for each index of the range.
        entries: The entries that are there, each with the leaf hash that is right.
        altered: Indexes of those whose body does not have that leaf hash.
    """

    hashes: Sequence[bytes]
    entries: Sequence[StoredEntry]
    altered: frozenset[int]


class Fsck:
    """Checks one log (全库核验).

    Args:
        store: The database.
        archive: The second place; None if it is not to be compared.
        verifiers: The log's keys, from the trust root; empty if they are not known here.
        authorities: Keys that may sign registrations, from the trust root; empty likewise.
        anchored_at: Asks the chain what was anchored at a size; None without a chain.
        progress: Is told how far it is.
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
    ) -> None:
        self._store = store
        self._archive = archive
        self._anchored_at = anchored_at
        self._progress = progress or (lambda _done, _of: None)
        self._hasher = by_name(store.identity.hash_name)
        self._verifiers = verifiers
        self._found = Findings()
        self._records = RecordCheck(authorities=authorities, found=self._found)
        self._is_opaque = store.identity.profile == OPAQUE
        for name, is_there in (
            ("archive", archive is not None),
            ("checkpoint_signatures", bool(verifiers)),
            ("registration_signatures", bool(authorities) or self._is_opaque),
            ("anchors_on_chain", anchored_at is not None),
        ):
            if not is_there:
                self._found.leave_out(name)

    def run(self) -> Report:
        """Check everything that is committed now.

        Raises:
            UnavailableError: The database does not answer.
        """
        damage = self._store.damage()
        if damage is None:
            self._found.leave_out("storage")
        for line in damage or ():
            self._found.add("storage", "the database reports: {detail}", detail=line)
        with self._store.view() as view:
            state = view.entries.state()
            newest = view.checkpoints.newest()
            published = 0 if newest is None else newest.size
            self._beside_the_tree(view, state, published=published)
        tree = TreeCheck(
            hasher=self._hasher,
            origin=self._store.identity.origin,
            verifiers=self._verifiers,
            published=published,
            found=self._found,
        )
        self._walk(tree, state, published=published)
        with self._rows_of(0, state.size) as view:
            self._records.end(view, size=state.size)
        if not self._found.is_full:
            tree.state(state)
            if self._archive is not None:
                check_archive(self._archive, self._store, signed=published, found=self._found)
        return Report(
            size=state.size,
            problems=tuple(self._found.problems),
            counts=dict(self._found.counts),
            not_done=tuple(self._found.not_done),
        )

    def _walk(self, tree: TreeCheck, state: TreeState, *, published: int) -> None:
        if published > state.size:
            self._found.add(
                "checkpoint_ahead",
                "a checkpoint of {sealed} leaves was signed, the log has {size}",
                sealed=published,
                size=state.size,
            )
        for checkpoint, anchors in self._checkpoints(min(state.size, published)):
            end = state.size if checkpoint is None else checkpoint.size
            for first in range(tree.size, end, PIECE):
                if self._found.is_full:
                    return
                self._piece(tree, first, min(first + PIECE, end), published=published)
                self._progress(tree.size, state.size)
            if checkpoint is not None:
                tree.checkpoint(checkpoint)
                for anchor in anchors:
                    tree.anchor(anchor, self._anchored_at)
                if checkpoint.size == published:
                    with self._rows_of(0, published) as view:
                        tree.end_of_tiles(view)

    def _checkpoints(self, end: int) -> Iterator[tuple[StoredCheckpoint | None, Sequence[Anchor]]]:
        """The checkpoints up to size ``end`` with the anchors of each; None at last.

        They are where the walk stops to compare. Anchors without a checkpoint are recorded here.
        """
        above = 0
        while above < end:
            page: Sequence[StoredCheckpoint] = ()
            anchors: dict[int, list[Anchor]] = {}
            last = end
            with self._rows_of(above, end) as view:
                page = view.checkpoints.read(above=above, limit=PIECE)
                last = min(end, page[-1].size if len(page) == PIECE else end)
                anchors = by_size(view.checkpoints.anchors(above + 1, last + 1))
            for checkpoint in page:
                if checkpoint.size <= end:
                    yield checkpoint, anchors.pop(checkpoint.size, ())
            self._stray_anchors(anchors)
            above = last
        yield None, ()

    def _beside_the_tree(self, view: UnitOfWork, state: TreeState, *, published: int) -> None:
        """What is settled by looking at the rows once, before the walk."""
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

    def _piece(self, tree: TreeCheck, first: int, end: int, *, published: int) -> None:
        entries = self._readable(first, end)
        leaves = self._leaves(entries, first, end, published=published)
        self._found.count("entries", len(entries))
        with self._rows_of(first, end) as view:
            tree.extend(leaves.hashes, view)
        if self._is_opaque:
            self._require_opaque(leaves.entries)
            return
        with self._rows_of(first, end) as view:
            self._records.take(leaves.entries, leaves.altered, view)
        with self._rows_of(first, end) as view:
            check_readings(
                self._records.chained,
                view,
                others=self._records.others,
                first=first,
                end=end,
                found=self._found,
            )

    @contextmanager
    def _rows_of(self, first: int, end: int) -> Iterator[UnitOfWork]:
        """A view; if its pages are damaged, that is recorded and the check goes on after it."""
        try:
            with self._store.view() as view:
                yield view
        except IntegrityError as error:
            self._found.add(
                "unreadable_rows",
                "rows about the entries from {first} to {end}: {detail}",
                first=first,
                end=end,
                detail=error.message,
            )

    def _require_opaque(self, entries: Sequence[StoredEntry]) -> None:
        for entry in entries:
            if entry.kind != OPAQUE or entry.stream_id is not None:
                self._found.add("row", "entry {index}: its kind is not opaque", index=entry.index)

    def _readable(self, first: int, end: int) -> dict[int, StoredEntry]:
        """The entries of a range that can be read and are there, by index."""
        try:
            with self._store.view() as view:
                found = {entry.index: entry for entry in view.entries.read(first, end)}
        except IntegrityError as error:
            if end - first == 1:
                self._found.add_error("unreadable", error, index=first)
                return {}
            middle = (first + end) // 2
            return self._readable(first, middle) | self._readable(middle, end)
        for index in range(first, end):
            if index not in found:
                self._found.add("missing", "entry {index} is missing", index=index)
        return found

    def _leaves(
        self,
        entries: dict[int, StoredEntry],
        first: int,
        end: int,
        *,
        published: int,
    ) -> Leaves:
        """Hash the bodies of a range, and settle what to go on with.

        Where body and stored hash differ, the published tile decides which of them is right, so
        that one flipped byte does not make everything after it look wrong.
        """
        in_order = [entries[index] for index in sorted(entries)]
        computed = self._hasher.leaves(entry.body for entry in in_order)
        stored = [entry.leaf_hash for entry in in_order]
        if computed == stored and len(stored) == end - first:
            return Leaves(hashes=stored, entries=in_order, altered=frozenset())
        tiles: list[bytes | None] = [None] * (end - first)
        with self._rows_of(first, end) as view:
            tiles = expected_hashes(view, first, end, published=published)
        hashes = [in_tile or self._hasher.empty() for in_tile in tiles]
        altered: set[int] = set()
        settled: list[StoredEntry] = []
        for entry, by_body in zip(in_order, computed, strict=True):
            in_tile = tiles[entry.index - first]
            right = by_body
            if by_body != entry.leaf_hash:
                right = in_tile if in_tile in {by_body, entry.leaf_hash} else entry.leaf_hash
                self._differs(entry.index, by_body=by_body, stored=entry.leaf_hash, tile=in_tile)
            if right != by_body:
                altered.add(entry.index)
            hashes[entry.index - first] = right
            settled.append(replace(entry, leaf_hash=right))
        return Leaves(hashes=hashes, entries=settled, altered=frozenset(altered))

    def _differs(self, index: int, *, by_body: bytes, stored: bytes, tile: bytes | None) -> None:
        """Say which of body and stored leaf hash is damaged, if the published tile can tell."""
        if tile == stored:
            self._found.add("body", "entry {index}: its body was altered", index=index)
        elif tile == by_body:
            self._found.add("leaf_hash", "entry {index}: its leaf hash was altered", index=index)
        else:
            self._found.add(
                "leaf",
                "entry {index}: its body does not have the leaf hash stored with it",
                index=index,
            )
