"""Making proofs (RFC 9162 sections 2.1.3.1 and 2.1.4.1) from stored complete subtrees.

A proof needs the roots of O(log n) complete subtrees, which never change once written; only the
ragged right edge of the tree is folded anew. So one code serves a tree in memory and one in tiles.
"""

from typing import Protocol

from trace_node.tlog.errors import RangeError
from trace_node.tlog.hasher import TreeHasher


class NodeReader(Protocol):
    """Reads roots of complete subtrees."""

    @property
    def hasher(self) -> TreeHasher:
        """The hash of the tree."""

    def node(self, level: int, index: int) -> bytes:
        """The root of complete subtree ``index`` (from 0, left to right) of height ``level``."""


def inclusion(*, index: int, size: int, reader: NodeReader) -> list[bytes]:
    """The proof that leaf ``index`` is in the tree of the first ``size`` leaves.

    Args:
        index: Position of the leaf, 0 ≤ ``index`` < ``size``.
        size: Number of leaves of the tree the proof is for; the reader must hold them all.
        reader: Where the hashes are.

    Returns:
        The sibling hashes from the leaf to the root.

    Raises:
        RangeError: ``index`` is outside the tree.
    """
    if not 0 <= index < size:
        raise RangeError(
            "{field}: {index} is outside a tree of {size} leaves",
            field="index",
            index=index,
            size=size,
        )
    return _path(level=0, index=index, size=size, reader=reader)


def consistency(*, size1: int, size2: int, reader: NodeReader) -> list[bytes]:
    """The proof that the tree of ``size1`` leaves is a prefix of the tree of ``size2`` leaves.

    Args:
        size1: The older size, at least 1 (every tree begins with the empty one).
        size2: The newer size, not less than ``size1``; the reader must hold that many leaves.
        reader: Where the hashes are.

    Raises:
        RangeError: The sizes are out of order or ``size1`` is 0.
    """
    if not 0 < size1 <= size2:
        raise RangeError(
            "{field}: {size1} must lie between 1 and the newer size {size2}",
            field="size1",
            size1=size1,
            size2=size2,
        )
    if size1 == size2:
        return []
    level = (size1 & -size1).bit_length() - 1  # height of the last complete subtree of the older
    index = (size1 >> level) - 1
    start = [reader.node(level, index)] if index else []  # else it is the older root, known anyway
    return start + _path(level=level, index=index, size=size2, reader=reader)


def root(*, size: int, reader: NodeReader) -> bytes:
    """The root of the tree of the first ``size`` leaves.

    Raises:
        RangeError: ``size`` is negative.
    """
    if size < 0:
        raise RangeError("{field}: must not be negative", field="size")
    if size == 0:
        return reader.hasher.empty()
    return _edge(level=(size - 1).bit_length(), size=size, reader=reader)


def _path(*, level: int, index: int, size: int, reader: NodeReader) -> list[bytes]:
    """Sibling hashes from one complete subtree up to the root of ``size`` leaves."""
    path = []
    last = (size - 1) >> level
    while last:
        sibling = index ^ 1
        if sibling < last:
            path.append(reader.node(level, sibling))
        elif sibling == last:
            path.append(_edge(level=level, size=size, reader=reader))
        index >>= 1
        last >>= 1
        level += 1
    return path


def _edge(*, level: int, size: int, reader: NodeReader) -> bytes:
    """The root of the last subtree of height ``level``, complete or not."""
    covered = size - ((size - 1) >> level << level)
    end = size
    folded: bytes | None = None
    for height in range(level + 1):
        if covered >> height & 1:
            left = reader.node(height, (end >> height) - 1)
            folded = left if folded is None else reader.hasher.node(left, folded)
            end -= 1 << height
    assert folded is not None, "covered is at least 1"  # noqa: S101 (narrowing, cannot fail)
    return folded
