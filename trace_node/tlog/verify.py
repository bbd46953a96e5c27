"""Checking proofs: RFC 9162 sections 2.1.3.2 and 2.1.4.2, strict.

Each function returns ``None`` or raises; there is no boolean that a caller could forget to look at.
Index, sizes and roots must come from a verified checkpoint, never from the proof.
"""

from collections.abc import Sequence

from trace_node.tlog.errors import ProofError
from trace_node.tlog.hasher import HASH_SIZE, TreeHasher
from trace_node.tlog.text import MAX_SIZE


def verify_inclusion(
    *,
    hasher: TreeHasher,
    leaf_hash: bytes,
    index: int,
    size: int,
    proof: Sequence[bytes],
    root: bytes,
) -> None:
    """Check that ``leaf_hash`` is leaf ``index`` of the tree with ``size`` leaves and ``root``.

    Args:
        hasher: The hash of the tree, as the origin names it.
        leaf_hash: 32 bytes, ``H(0x00 ‖ entry)``, hashed by the caller from the entry itself.
        index: 0 ≤ ``index`` < ``size``.
        size: Number of leaves, from a verified checkpoint.
        proof: Sibling hashes from the leaf to the root.
        root: 32 bytes, from a verified checkpoint.

    Raises:
        ProofError: The proof has another length than these numbers demand, or leads to another
            root.
    """
    _require_hashes(leaf_hash=leaf_hash, root=root)
    if (
        root_of_inclusion(hasher=hasher, leaf_hash=leaf_hash, index=index, size=size, proof=proof)
        != root
    ):
        raise ProofError("the inclusion proof leads to another root", code="tlog.proof.root")


def root_of_inclusion(
    *, hasher: TreeHasher, leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes]
) -> bytes:
    """The root to which an inclusion proof leads.

    Raises:
        ProofError: ``index`` is outside the tree, or the proof has not the one length possible.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise ProofError(
            "{field}: {index} is outside a tree of {size} leaves",
            field="index",
            index=index,
            size=size,
            code="tlog.proof.range",
        )
    # Below the height at which the leaf's path meets the right edge there is a sibling at every
    # level; above it only where the path turns left.
    inner = (index ^ (size - 1)).bit_length()
    _require_length(proof, expected=inner + (index >> inner).bit_count())
    return hasher.climb(leaf_hash, proof, turns=index | -1 << inner)


def verify_consistency(
    *,
    hasher: TreeHasher,
    size1: int,
    size2: int,
    root1: bytes,
    root2: bytes,
    proof: Sequence[bytes],
) -> None:
    """Check that the tree (``size1``, ``root1``) is a prefix of the tree (``size2``, ``root2``).

    Args:
        hasher: The hash of the tree.
        size1: Older size. 0 is refused: any tree extends the empty one, so that proves nothing.
        size2: Newer size, not less than ``size1``.
        root1: 32 bytes.
        root2: 32 bytes.
        proof: Hashes in the order of RFC 9162.

    Raises:
        ProofError: The sizes are out of range, the proof has another length than they demand, or it
            leads to another root.
    """
    _require_hashes(root1=root1, root2=root2)
    if not 0 < size1 <= size2 <= MAX_SIZE:
        raise ProofError(
            "{field}: {size1} must lie between 1 and the newer size {size2}",
            field="size1",
            size1=size1,
            size2=size2,
            code="tlog.proof.range",
        )
    if size1 == size2:
        _require_length(proof, expected=0)
        if root1 != root2:
            raise ProofError("two roots at one size: the log is forked", code="tlog.proof.root")
        return
    _verify_growth(hasher=hasher, size1=size1, size2=size2, root1=root1, root2=root2, proof=proof)


def _verify_growth(
    *,
    hasher: TreeHasher,
    size1: int,
    size2: int,
    root1: bytes,
    root2: bytes,
    proof: Sequence[bytes],
) -> None:
    level = (size1 & -size1).bit_length() - 1  # height of the last complete subtree of the older
    index, last = (size1 >> level) - 1, (size2 - 1) >> level
    inner = (index ^ last).bit_length()
    # Without a larger subtree to its left, that subtree is the whole older tree and not repeated.
    seed_given = index > 0
    _require_length(proof, expected=seed_given + inner + (index >> inner).bit_count())
    start, path = (proof[0], proof[1:]) if seed_given else (root1, proof)
    turns = index | -1 << inner
    on_the_left = [sibling for step, sibling in enumerate(path) if turns >> step & 1]
    if hasher.climb(start, on_the_left, turns=-1) != root1:
        raise ProofError("the proof leads to another older root", code="tlog.proof.root1")
    if hasher.climb(start, path, turns=turns) != root2:
        raise ProofError("the proof leads to another newer root", code="tlog.proof.root2")


def _require_hashes(**hashes: bytes) -> None:
    for name, value in hashes.items():
        if len(value) != HASH_SIZE:
            raise ProofError(
                "{field}: has {length} bytes, must have {expected}",
                field=name,
                length=len(value),
                expected=HASH_SIZE,
                code="tlog.proof.hash_length",
            )


def _require_length(proof: Sequence[bytes], *, expected: int) -> None:
    if len(proof) != expected:
        raise ProofError(
            "{field}: holds {length} hashes, must hold exactly {expected}",
            field="proof",
            length=len(proof),
            expected=expected,
            code="tlog.proof.length",
        )
    for position, value in enumerate(proof):
        if len(value) != HASH_SIZE:
            raise ProofError(
                "{field}: hash {position} has {length} bytes, must have {expected}",
                field="proof",
                position=position,
                length=len(value),
                expected=HASH_SIZE,
                code="tlog.proof.hash_length",
            )
