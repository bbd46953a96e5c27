"""Why to look twice at an inventory: the flags of the results behind its records (数据提示).

A figure that uses a draft factor, an unconfirmed term or an estimated value says so wherever it is
shown. The flags stand in the results that were kept; where a restore left none, the result is
computed again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from trace_node.accounting.inventory.inventory import Inventory
from trace_node.accounting.methods.recompute import MAX_RESULT_BYTES
from trace_node.accounting.methods.result import Flag, FlagKind
from trace_node.canonical_json import decode_object
from trace_node.ports.store import Store
from trace_node.services.kept_results import KeptResults


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryFlag:
    """A flag and the records whose results carry it.

    Attributes:
        flag: What to look at.
        leaves: Leaves of the records, ascending.
    """

    flag: Flag
    leaves: tuple[int, ...]


def flags_of(found: Inventory, *, store: Store) -> tuple[InventoryFlag, ...]:
    """The flags of all records of an inventory, each once, those that nothing lifts first.

    Raises:
        RecomputeError: A result was not kept, and does not come out again.
    """
    leaves: dict[Flag, list[int]] = defaultdict(list)
    results = KeptResults(store)
    for part in found.parts:
        for flag in flags_in(results.canonical(part.index)):
            leaves[flag].append(part.index)
    order = sorted(
        leaves, key=lambda one: (bool(one.approval), one.kind, one.subject, one.approval)
    )
    return tuple(InventoryFlag(flag=one, leaves=tuple(sorted(leaves[one]))) for one in order)


def flags_in(canonical: bytes) -> Iterator[Flag]:
    """The flags of a canonical result, each once."""
    listed = decode_object(canonical, max_bytes=MAX_RESULT_BYTES)["flags"]
    seen: set[Flag] = set()
    for each in listed if isinstance(listed, Iterable) else ():
        assert isinstance(each, dict)  # noqa: S101 (a result this node wrote)
        flag = Flag(
            kind=FlagKind(str(each["kind"])),
            subject=str(each["subject"]),
            approval=str(each["approval"]),
        )
        if flag not in seen:
            seen.add(flag)
            yield flag
