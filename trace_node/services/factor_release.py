"""The Merkle root of a factor library: the tree of RFC 9162 with SM3, as the log itself has it."""

from collections.abc import Iterable

from trace_node.accounting.factors.row import FactorRow
from trace_node.accounting.records.releases import FactorRelease, rows_of_release
from trace_node.tlog.hasher import SM3
from trace_node.tlog.tree import MemoryTree


def release_tree(rows: Iterable[FactorRow]) -> MemoryTree:
    """The tree over the canonical rows, sorted by id; it proves any row of a release."""
    return MemoryTree(hasher=SM3, leaf_hashes=SM3.leaves(rows_of_release(rows)))


def factor_release(
    rows: Iterable[FactorRow], *, name: str, note: str, replaces: bytes | None = None
) -> FactorRelease:
    """What is stated of a library when it is released.

    Args:
        rows: All rows.
        name: Name of the release.
        note: What changed, in a sentence.
        replaces: Root of the release before; None for the first.
    """
    tree = release_tree(rows)
    return FactorRelease(name=name, count=tree.size, root=tree.root(), replaces=replaces, note=note)
