"""Entries of a range against their leaf hashes: what is there, and which hashes to go on with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from trace_node.errors import IntegrityError
from trace_node.ports.entries import StoredEntry
from trace_node.ports.store import Store
from trace_node.services.fsck_report import Findings
from trace_node.services.fsck_rows import read_rows
from trace_node.services.fsck_tree import expected_hashes
from trace_node.tlog.hasher import by_name


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

    def between(self, first: int, end: int) -> Sequence[StoredEntry]:
        """The entries from ``first`` up to, not including, ``end``."""
        if len(self.entries) == end - first and self.entries[0].index == first:
            return self.entries
        return [entry for entry in self.entries if first <= entry.index < end]


class LeafCheck:
    """Reads entries and hashes them again.

    Args:
        store: The database.
        published: Size of the newest checkpoint: so far tiles can tell which hash is right.
        found: Where problems go.
    """

    def __init__(self, store: Store, *, published: int, found: Findings) -> None:
        self._store = store
        self._published = published
        self._found = found
        self._hasher = by_name(store.identity.hash_name)

    def read(self, first: int, end: int) -> Leaves:
        """Hash the bodies of a range, and settle what to go on with.

        Where body and stored hash differ, the published tile decides which of them is right, so
        that one flipped byte does not make everything after it look wrong.
        """
        in_order = self._readable(first, end)
        self._found.count("entries", len(in_order))
        computed = self._hasher.leaves([entry.body for entry in in_order])
        stored = [entry.leaf_hash for entry in in_order]
        if computed == stored and len(stored) == end - first:
            return Leaves(hashes=stored, entries=in_order, altered=frozenset())
        return self._settled(in_order, computed, first, end)

    def _readable(self, first: int, end: int) -> list[StoredEntry]:
        """The entries of a range that can be read and are there, in order."""
        try:
            with self._store.view() as view:
                entries = list(view.entries.read(first, end))
        except IntegrityError as error:
            if end - first == 1:
                self._found.add_error("unreadable", error, index=first)
                return []
            middle = (first + end) // 2
            return self._readable(first, middle) + self._readable(middle, end)
        if len(entries) != end - first:
            self._require_all(entries, first, end)
        return entries

    def _require_all(self, entries: Sequence[StoredEntry], first: int, end: int) -> None:
        there = {entry.index for entry in entries}
        for index in range(first, end):
            if index not in there:
                self._found.add("missing", "entry {index} is missing", index=index)

    def _settled(
        self, in_order: Sequence[StoredEntry], computed: Sequence[bytes], first: int, end: int
    ) -> Leaves:
        tiles: list[bytes | None] = [None] * (end - first)
        with read_rows(self._store, first, end, self._found) as view:
            tiles = expected_hashes(view, first, end, published=self._published)
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
