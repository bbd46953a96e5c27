"""One proof for many leaves of one tree: the hashes of the parts that hold none of them.

A proof per leaf repeats most of its hashes. Here the tree is split as RFC 9162 section 2.1.1 splits
it; a part without any of the leaves is given as one hash, from left to right. Leaves, size and root
fix the number and the places of these hashes, so there is exactly one proof, and a verifier uses up
every hash or refuses.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from trace_node.tlog.errors import ProofError, RangeError
from trace_node.tlog.hasher import HASH_SIZE, TreeHasher
from trace_node.tlog.proof import NodeReader
from trace_node.tlog.text import MAX_SIZE


def build_batch_proof(*, indexes: Sequence[int], size: int, reader: NodeReader) -> list[bytes]:
    """The proof that the leaves at ``indexes`` are among the first ``size`` leaves.

    Args:
        indexes: Positions, strictly ascending, at least one, each below ``size``.
        size: Number of leaves of the tree; the reader must hold them all.
        reader: Where the hashes of complete subtrees are.

    Raises:
        RangeError: The indexes are empty, out of order or outside the tree.
    """
    _require_indexes(indexes, size=size, error=RangeError)
    return list(_parts_without(indexes, _Span(0, size, 0, len(indexes)), reader=reader))


def verify_batch(
    *,
    hasher: TreeHasher,
    leaf_hashes: Sequence[bytes],
    indexes: Sequence[int],
    size: int,
    proof: Sequence[bytes],
    root: bytes,
) -> None:
    """Check that each leaf hash stands at its index in the tree with ``size`` leaves and ``root``.

    Args:
        hasher: The hash of the tree.
        leaf_hashes: 32 bytes each, hashed by the caller from the entries themselves.
        indexes: One position per leaf hash, strictly ascending.
        size: Number of leaves, from a verified checkpoint.
        proof: The hashes of ``build_batch_proof``.
        root: 32 bytes, from a verified checkpoint.

    Raises:
        ProofError: Counts, order or range are wrong, the proof has another length than these
            numbers demand, or it leads to another root.
    """
    _require_indexes(indexes, size=size, error=ProofError)
    if len(leaf_hashes) != len(indexes):
        raise ProofError("there must be one leaf hash for each index", code="tlog.proof.range")
    if any(len(value) != HASH_SIZE for value in (*leaf_hashes, *proof, root)):
        raise ProofError("every hash must have 32 bytes", code="tlog.proof.hash_length")
    folding = _Folding(hasher, leaf_hashes, indexes, iter(proof))
    computed = folding.fold(_Span(0, size, 0, len(indexes)))
    if next(folding.proof, None) is not None:
        raise ProofError(
            "{field}: holds more hashes than its leaves leave open",
            field="proof",
            code="tlog.proof.length",
        )
    if computed != root:
        raise ProofError("the batch proof leads to another root", code="tlog.proof.root")


@dataclass(frozen=True, slots=True)
class _Span:
    """Leaves ``start`` to ``end`` and the slice of the sorted indexes that falls there."""

    start: int
    end: int
    first: int
    last: int

    @property
    def is_empty(self) -> bool:
        return self.first == self.last

    @property
    def is_leaf(self) -> bool:
        return self.end - self.start == 1

    def halves(self, indexes: Sequence[int]) -> tuple["_Span", "_Span"]:
        """Split after the largest power of two leaves, as RFC 9162 does."""
        middle = self.start + (1 << (self.end - self.start - 1).bit_length() - 1)
        cut = bisect_left(indexes, middle, self.first, self.last)
        return (
            _Span(self.start, middle, self.first, cut),
            _Span(middle, self.end, cut, self.last),
        )


@dataclass(slots=True)
class _Folding:
    hasher: TreeHasher
    leaf_hashes: Sequence[bytes]
    indexes: Sequence[int]
    proof: Iterator[bytes]

    def fold(self, span: _Span) -> bytes:
        """The hash of a span; at most 64 calls deep, as sizes have 64 bits."""
        if span.is_empty:
            part = next(self.proof, None)
            if part is None:
                raise ProofError(
                    "{field}: holds fewer hashes than its leaves leave open",
                    field="proof",
                    code="tlog.proof.length",
                )
            return part
        if span.is_leaf:
            return self.leaf_hashes[span.first]
        left, right = span.halves(self.indexes)
        left_hash = self.fold(left)
        return self.hasher.node(left_hash, self.fold(right))


def _parts_without(indexes: Sequence[int], span: _Span, *, reader: NodeReader) -> Iterator[bytes]:
    if span.is_empty:
        yield _hash_of(span, reader=reader)
    elif not span.is_leaf:
        for half in span.halves(indexes):
            yield from _parts_without(indexes, half, reader=reader)


def _hash_of(span: _Span, *, reader: NodeReader) -> bytes:
    """The hash of all leaves of a span, which starts where a subtree of its height starts."""
    height = (span.end - span.start - 1).bit_length()
    if span.end - span.start == 1 << height:
        return reader.node(height, span.start >> height)
    left, right = span.halves(())
    return reader.hasher.node(_hash_of(left, reader=reader), _hash_of(right, reader=reader))


def _require_indexes(
    indexes: Sequence[int], *, size: int, error: type[RangeError | ProofError]
) -> None:
    if not indexes:
        raise error("{field}: must hold at least one", field="indexes", code="tlog.proof.range")
    if any(later <= earlier for earlier, later in pairwise(indexes)):
        raise error("{field}: must ascend strictly", field="indexes", code="tlog.proof.range")
    if indexes[0] < 0 or not indexes[-1] < size <= MAX_SIZE:
        raise error(
            "{field}: must lie within a tree of {size} leaves",
            field="indexes",
            size=size,
            code="tlog.proof.range",
        )
