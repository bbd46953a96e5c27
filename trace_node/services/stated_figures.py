"""Figures of an emission record with what they were before the method rounded its totals."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Protocol

from trace_node.accounting.inventory.figures import Figure, unrounded_total
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.words import Purpose
from trace_node.canonical_json import decode_object

_CO2 = frozenset({"CO2"})


class StatedTotal(Protocol):
    """A figure as a record states it."""

    @property
    def id(self) -> str:
        """Total of the method."""

    @property
    def purpose(self) -> str:
        """What it is for."""

    @property
    def value(self) -> Decimal:
        """The figure."""

    @property
    def unit(self) -> str:
        """Its unit."""

    @property
    def gwp_set(self) -> str:
        """GWP set; empty for CO2."""

    @property
    def masses(self) -> Mapping[str, Decimal]:
        """Net tonnes of each gas."""


def stated_figures(
    unit: str, method: Method, totals: Iterable[StatedTotal], *, canonical: Callable[[], bytes]
) -> Iterator[Figure]:
    """The figures of a record.

    Args:
        unit: The accounting unit.
        method: The method of the record.
        totals: What the record states.
        canonical: Gives the canonical result, which is asked for where gases other than CO2 enter a
            total that the method rounds.
    """
    for one in totals:
        rounding = method.totals[one.id].rounding
        unrounded = None
        if rounding is not None:
            weights = {} if one.masses.keys() <= _CO2 else _weights(canonical(), one.gwp_set)
            unrounded = unrounded_total(one.masses, weights)
        yield Figure(
            unit=unit,
            method=method.ref,
            total=one.id,
            purpose=Purpose(one.purpose),
            value=one.value,
            unit_of=one.unit,
            gwp_set=one.gwp_set,
            rounding=rounding,
            unrounded=unrounded,
        )


def _weights(canonical: bytes, gwp_set: str) -> dict[str, Decimal]:
    """GWP by gas, from the nodes of a result."""
    nodes = decode_object(canonical)["nodes"]
    assert isinstance(nodes, list)  # noqa: S101 (a result this node wrote)
    begin = f"gwp.{gwp_set}."
    found: dict[str, Decimal] = {}
    for node in nodes:
        assert isinstance(node, dict)  # noqa: S101 (see above)
        name = str(node["id"])
        if name.startswith(begin):
            found[name.removeprefix(begin)] = Decimal(str(node["value"]))
    return found
