"""A whole tree in memory: every complete subtree's hash, 64 bytes a leaf."""

from collections.abc import Sequence

from trace_node.tlog import proof
from trace_node.tlog.errors import RangeError
from trace_node.tlog.hasher import HASH_SIZE, TreeHasher


class MemoryTree:
    """An append-only Merkle tree of RFC 9162 that can prove anything about any of its sizes.

    One byte array per level holds the roots of the complete subtrees: 64 MB for a million leaves.

    Args:
        hasher: The hash of the tree.
        leaf_hashes: Leaf hashes to begin with.
    """

    def __init__(self, *, hasher: TreeHasher, leaf_hashes: Sequence[bytes] = ()) -> None:
        self.hasher = hasher
        self._levels: list[bytearray] = [bytearray()]
        self.extend(leaf_hashes)

    @property
    def size(self) -> int:
        """Number of leaves."""
        return len(self._levels[0]) // HASH_SIZE

    def append(self, leaf_hash: bytes) -> int:
        """Add one leaf hash and return its index."""
        index = self.size
        carry, position, level = leaf_hash, index, 0
        while True:
            if level == len(self._levels):
                self._levels.append(bytearray())
            row = self._levels[level]
            row += carry
            if not position & 1:
                return index
            carry = self.hasher.node(bytes(row[-2 * HASH_SIZE : -HASH_SIZE]), carry)
            position >>= 1
            level += 1

    def extend(self, leaf_hashes: Sequence[bytes]) -> None:
        """Add leaf hashes in order, level by level."""
        below, size, level = list(leaf_hashes), self.size, 0
        while below:
            if level == len(self._levels):
                self._levels.append(bytearray())
            row = self._levels[level]
            pairs = [bytes(row[-HASH_SIZE:]), *below] if size & 1 else below
            row += b"".join(below)
            below = self.hasher.parents(pairs)
            size >>= 1
            level += 1

    def node(self, level: int, index: int) -> bytes:
        """The root of complete subtree ``index`` (from 0, left to right) of height ``level``.

        Raises:
            RangeError: That subtree is not complete.
        """
        if not (0 <= level < len(self._levels) and 0 <= index < self.size >> level):
            raise RangeError(
                "{field}: subtree {index} of level {level} is not complete in {size} leaves",
                field="index",
                index=index,
                level=level,
                size=self.size,
            )
        start = index * HASH_SIZE
        return bytes(self._levels[level][start : start + HASH_SIZE])

    def root(self, *, size: int | None = None) -> bytes:
        """The root of the first ``size`` leaves; of all of them when ``size`` is ``None``.

        Raises:
            RangeError: The tree is smaller than that.
        """
        return proof.root(size=self._within(size), reader=self)

    def inclusion(self, *, index: int, size: int | None = None) -> list[bytes]:
        """Prove that leaf ``index`` is among the first ``size`` leaves; see ``proof.inclusion``."""
        return proof.inclusion(index=index, size=self._within(size), reader=self)

    def consistency(self, *, size1: int, size2: int | None = None) -> list[bytes]:
        """Prove that ``size1`` leaves begin ``size2`` leaves; see ``proof.consistency``."""
        return proof.consistency(size1=size1, size2=self._within(size2), reader=self)

    def _within(self, size: int | None) -> int:
        if size is None:
            return self.size
        if not 0 <= size <= self.size:
            raise RangeError(
                "{field}: {size} lies outside this tree of {held} leaves",
                field="size",
                size=size,
                held=self.size,
            )
        return size
