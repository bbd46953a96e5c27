"""A whole tree remembered by O(log n) hashes: enough to append and to know the root."""

from collections.abc import Sequence

from trace_node.tlog.errors import RangeError
from trace_node.tlog.hasher import HASH_SIZE, TreeHasher


class CompactRange:
    """The roots of the complete subtrees that make up a tree from leaf 0.

    A tree of ``size`` leaves has one complete subtree for each bit set in ``size``. Their roots,
    largest first, are the whole state a log needs in order to grow (transparency-dev calls it so).

    Args:
        hasher: The hash of the tree.
        size: Number of leaves, 0 or more.
        hashes: Roots of the complete subtrees, largest (leftmost) first, 32 bytes each.

    Raises:
        RangeError: ``size`` is negative, or ``hashes`` are not one per bit set in ``size``, of 32
            bytes each.
    """

    __slots__ = ("_hashes", "_size", "hasher")

    def __init__(self, *, hasher: TreeHasher, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if size < 0:
            raise RangeError("{field}: must not be negative", field="size")
        if len(hashes) != size.bit_count():
            raise RangeError(
                "{field}: a compact range of {size} leaves has {expected} hashes, not {given}",
                field="hashes",
                size=size,
                expected=size.bit_count(),
                given=len(hashes),
            )
        if any(len(subtree) != HASH_SIZE for subtree in hashes):
            raise RangeError(
                "{field}: every hash must have {length} bytes", field="hashes", length=HASH_SIZE
            )
        self.hasher = hasher
        self._size = size
        self._hashes = [bytes(subtree) for subtree in hashes]

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """Roots of the complete subtrees, largest first."""
        return tuple(self._hashes)

    def append(self, leaf_hash: bytes) -> None:
        """Add one leaf hash."""
        carry, size = leaf_hash, self._size
        while size & 1:
            carry = self.hasher.node(self._hashes.pop(), carry)
            size >>= 1
        self._hashes.append(carry)
        self._size += 1

    def extend(self, leaf_hashes: Sequence[bytes]) -> list[list[bytes]]:
        """Add leaf hashes in order.

        Returns:
            The subtree roots that became complete: at position ``level`` those of index
            ``old_size >> level`` up to, not including, ``new_size >> level``. A tile writer takes
            the levels 0, 8, 16, … from here.
        """
        complete: list[list[bytes]] = []
        loose: list[bytes] = []
        below, size = list(leaf_hashes), self._size
        self._size += len(below)
        while below:
            complete.append(below)
            pairs = [self._hashes.pop(), *below] if size & 1 else below
            if len(pairs) & 1:
                loose.append(pairs[-1])
            below = self.hasher.parents(pairs)
            size >>= 1
        self._hashes.extend(reversed(loose))
        return complete

    def root(self) -> bytes:
        """The root of the tree: RFC 9162 section 2.1.1."""
        if not self._hashes:
            return self.hasher.empty()
        root = self._hashes[-1]
        for subtree in reversed(self._hashes[:-1]):
            root = self.hasher.node(subtree, root)
        return root

    def copy(self) -> "CompactRange":
        """An independent range of the same tree, so that a failed transaction leaves no mark."""
        return CompactRange(hasher=self.hasher, size=self._size, hashes=self._hashes)
