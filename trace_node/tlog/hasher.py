"""Leaf and node hashes of RFC 9162 section 2.1.1 over a pluggable hash.

A leaf is ``H(0x00 ‖ entry)``, an inner node ``H(0x01 ‖ left ‖ right)``, the empty tree ``H("")``.
The prefixes keep an inner node from being passed off as a leaf. Both hashes in use give 32 bytes.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Protocol, Self

from trace_node.crypto.sm3 import new_sm3
from trace_node.errors import InputError

HASH_SIZE = 32
LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"


class HashState(Protocol):
    """A running hash as hashlib gives it."""

    def copy(self) -> Self:
        """An independent state that has absorbed the same bytes."""

    def update(self, data: bytes, /) -> None:
        """Absorb more bytes."""

    def digest(self) -> bytes:
        """The digest of the bytes absorbed so far."""


class TreeHasher:
    """The hash function of a tree, with the prefixes of RFC 9162.

    Copying a state that already holds the prefix is about twice as fast as building a new one,
    and this is the hot path of ingest.

    Args:
        name: Name of the hash as it ends an origin: ``sm3`` or ``sha256``.
        new: Gives a fresh hash state that has absorbed its argument; its digest has 32 bytes.
    """

    def __init__(self, *, name: str, new: Callable[[bytes], HashState]) -> None:
        self.name = name
        self._new = new

    @cached_property
    def _leaf_state(self) -> HashState:
        return self._new(LEAF_PREFIX)

    @cached_property
    def _node_state(self) -> HashState:
        return self._new(NODE_PREFIX)

    @cached_property
    def _empty(self) -> bytes:
        return self._new(b"").digest()

    def leaf(self, entry: bytes) -> bytes:
        """The leaf hash (叶子哈希) of an entry: ``H(0x00 ‖ entry)``."""
        state = self._leaf_state.copy()
        state.update(entry)
        return state.digest()

    def leaves(self, entries: Iterable[bytes]) -> list[bytes]:
        """The leaf hashes of many entries, in their order."""
        copy = self._leaf_state.copy
        hashes = []
        for entry in entries:
            state = copy()
            state.update(entry)
            hashes.append(state.digest())
        return hashes

    def node(self, left: bytes, right: bytes) -> bytes:
        """The node hash (节点哈希) of two subtrees: ``H(0x01 ‖ left ‖ right)``."""
        state = self._node_state.copy()
        state.update(left + right)
        return state.digest()

    def parents(self, hashes: Sequence[bytes]) -> list[bytes]:
        """The node hashes of the pairs (0, 1), (2, 3), …; an odd last hash is left out."""
        copy = self._node_state.copy
        every = iter(hashes)
        above = []
        for left, right in zip(every, every, strict=False):  # an odd last one has no partner yet
            state = copy()
            state.update(left + right)
            above.append(state.digest())
        return above

    def climb(self, start: bytes, siblings: Sequence[bytes], *, turns: int) -> bytes:
        """Hash upwards from ``start`` along its siblings.

        Args:
            start: The hash to begin with.
            siblings: One per step, lowest first.
            turns: Bit ``i`` set: at step ``i`` the sibling is on the left. May be negative, which
                sets all higher bits.
        """
        copy = self._node_state.copy
        top = start
        for sibling in siblings:
            state = copy()
            state.update(sibling + top if turns & 1 else top + sibling)
            top = state.digest()
            turns >>= 1
        return top

    def empty(self) -> bytes:
        """The root of the tree without leaves: ``H("")``."""
        return self._empty


def _new_sha256(prefix: bytes) -> HashState:
    return hashlib.sha256(prefix)


SM3 = TreeHasher(name="sm3", new=new_sm3)
SHA256 = TreeHasher(name="sha256", new=_new_sha256)
_BY_NAME = {hasher.name: hasher for hasher in (SM3, SHA256)}


def by_name(name: str) -> TreeHasher:
    """The hasher of that name.

    Raises:
        InputError: The name is neither ``sm3`` nor ``sha256``.
    """
    try:
        return _BY_NAME[name]
    except KeyError:
        raise InputError(
            "{field}: {name} is not a hash of this log; known are sm3 and sha256",
            field="hash",
            name=repr(name[:32]),
            code="tlog.hash_name",
        ) from None
