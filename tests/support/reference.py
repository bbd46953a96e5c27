"""The tree of RFC 9162 as its definitions say it: recursive, slow, and sharing no code with the product.

Tests and the script that makes the SM3 vectors compare the product with it.
"""

import hashlib
from collections.abc import Callable, Sequence

Hash = Callable[[bytes], bytes]


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def leaf(h: Hash, entry: bytes) -> bytes:
    return h(b"\x00" + entry)


def _split(count: int) -> int:
    """The largest power of two below ``count``."""
    k = 1
    while 2 * k < count:
        k *= 2
    return k


def root(h: Hash, entries: Sequence[bytes]) -> bytes:
    """MTH of section 2.1.1."""
    if not entries:
        return h(b"")
    if len(entries) == 1:
        return leaf(h, entries[0])
    k = _split(len(entries))
    return h(b"\x01" + root(h, entries[:k]) + root(h, entries[k:]))


def inclusion(h: Hash, index: int, entries: Sequence[bytes]) -> list[bytes]:
    """PATH of section 2.1.3.1."""
    if len(entries) == 1:
        return []
    k = _split(len(entries))
    if index < k:
        return [*inclusion(h, index, entries[:k]), root(h, entries[k:])]
    return [*inclusion(h, index - k, entries[k:]), root(h, entries[:k])]


def consistency(h: Hash, size1: int, entries: Sequence[bytes]) -> list[bytes]:
    """PROOF of section 2.1.4.1."""
    return _subproof(h, size1, entries, whole=True)


def _subproof(h: Hash, size1: int, entries: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if size1 == len(entries):
        return [] if whole else [root(h, entries)]
    k = _split(len(entries))
    if size1 <= k:
        return [*_subproof(h, size1, entries[:k], whole=whole), root(h, entries[k:])]
    return [*_subproof(h, size1 - k, entries[k:], whole=False), root(h, entries[:k])]


def inclusion_holds(
    h: Hash, *, leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root_: bytes
) -> bool:
    """Whether a proof is right: follow the recursion of PATH down and hash on the way up."""
    if not 0 <= index < size or any(len(x) != 32 for x in (leaf_hash, root_, *proof)):
        return False

    def up(i: int, n: int, rest: Sequence[bytes]) -> bytes | None:
        if n == 1:
            return leaf_hash if not rest else None
        if not rest:
            return None
        k = _split(n)
        below = up(i, k, rest[:-1]) if i < k else up(i - k, n - k, rest[:-1])
        if below is None:
            return None
        return h(b"\x01" + below + rest[-1]) if i < k else h(b"\x01" + rest[-1] + below)

    return up(index, size, list(proof)) == root_


def consistency_roots(
    h: Hash, *, size1: int, size2: int, root1: bytes, proof: Sequence[bytes]
) -> tuple[bytes, bytes] | None:
    """The two roots a proof leads to: SUBPROOF's recursion down, hashing on the way up.

    ``None`` when the proof is too long or too short for the sizes. ``root1`` is where the recursion
    starts if the older tree is one complete subtree, which the proof then leaves out.
    """

    def up(m: int, n: int, rest: Sequence[bytes], *, whole: bool) -> tuple[bytes, bytes] | None:
        if m == n:
            if whole:
                return (root1, root1) if not rest else None
            return (rest[0], rest[0]) if len(rest) == 1 else None
        if not rest:
            return None
        k = _split(n)
        if m <= k:
            below = up(m, k, rest[:-1], whole=whole)
            return below and (below[0], h(b"\x01" + below[1] + rest[-1]))
        below = up(m - k, n - k, rest[:-1], whole=False)
        return below and (h(b"\x01" + rest[-1] + below[0]), h(b"\x01" + rest[-1] + below[1]))

    return up(size1, size2, list(proof), whole=True)


def consistency_holds(
    h: Hash, *, size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether a proof is right."""
    if not 0 < size1 <= size2 or any(len(x) != 32 for x in (root1, root2, *proof)):
        return False
    roots = consistency_roots(h, size1=size1, size2=size2, root1=root1, proof=proof)
    return roots == (root1, root2)
