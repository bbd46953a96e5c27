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
from trace_node.services.prove_emission import Figures, figures_of_log


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
    for index, result in kept_results(found, store=store):
        for flag in flags_in(result):
            leaves[flag].append(index)
    order = sorted(
        leaves, key=lambda one: (bool(one.approval), one.kind, one.subject, one.approval)
    )
    return tuple(InventoryFlag(flag=one, leaves=tuple(sorted(leaves[one]))) for one in order)


def kept_results(found: Inventory, *, store: Store) -> Iterator[tuple[int, bytes]]:
    """The canonical result of each record of an inventory by its leaf, computed again if need be.

    Raises:
        RecomputeError: A result was not kept, and does not come out again.
    """
    figures: Figures | None = None
    for part in found.parts:
        kept = _kept(part.index, store)
        if kept is None:
            figures = figures or figures_of_log(store)
            kept = figures.recompute(part.index).result.canonical
        yield part.index, kept


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


def _kept(index: int, store: Store) -> bytes | None:
    with store.view() as view:
        logged = view.accounting.at(index)
        return None if logged is None else view.accounting.result(logged.result)
