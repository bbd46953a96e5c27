"""Figures of an allocation from leaves of the log: the leaf gives the value, nobody types it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final

from trace_node.errors import InputError
from trace_node.ids import LeafIndex, OrganisationId
from trace_node.ports.store import Store
from trace_node.quota.records.allocation_input import ALLOCATION_INPUT, AllocationInput
from trace_node.quota.records.allocation_sheet import LeafRef
from trace_node.quota.records.parse import parse_statement
from trace_node.quota.unit_file import UnitFigures


class InputLeafError(InputError):
    """A leaf is no figure of an allocation, or one of something else."""

    code: ClassVar[str] = "allocation.leaf"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenUnit:
    """A unit with all its figures.

    Attributes:
        name: Its name.
        values: Every input as text.
        leaves: The leaf of those that were taken from one.
    """

    name: str
    values: Mapping[str, str]
    leaves: Mapping[str, LeafRef]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What a record states for an allocation.

    Attributes:
        organisation: Whose unit it is.
        year: Obligation year.
        unit_name: The unit.
        input_name: Name that the method has for it.
        value: The figure.
    """

    organisation: OrganisationId
    year: int
    unit_name: str
    input_name: str
    value: Decimal


def take_units(
    units: Sequence[UnitFigures], *, organisation: OrganisationId, year: int, store: Store
) -> tuple[TakenUnit, ...]:
    """Read the figures that name a leaf from the log.

    Raises:
        InputLeafError: A leaf is not there, is no ``allocation-input@1``, speaks of another
            organisation, year, unit or input, or contradicts a value that was typed in beside it.
    """
    return tuple(_take(unit, organisation, year, store) for unit in units)


def _take(unit: UnitFigures, organisation: OrganisationId, year: int, store: Store) -> TakenUnit:
    values, leaves = dict(unit.values), {}
    for name, index in unit.leaves.items():
        leaf, figure = _figure(index, store, place=f"{unit.name}: {name}")
        found = (figure.organisation, figure.year, figure.unit_name, figure.input_name)
        if found != (organisation, year, unit.name, name):
            raise _refusal(
                "{field}: leaf {index} speaks of {found}",
                place=f"{unit.name}: {name}",
                index=index,
                found=" ".join(map(str, found)),
            )
        typed = unit.values.get(name)
        text = format(figure.value, "f")
        if typed is not None and not _same(typed, figure.value):
            raise _refusal(
                "{field}: leaf {index} says {found}, the file {typed}",
                place=f"{unit.name}: {name}",
                index=index,
                found=text,
                typed=typed[:40],
            )
        values[name], leaves[name] = text, leaf
    return TakenUnit(name=unit.name, values=values, leaves=leaves)


def _same(typed: str, value: Decimal) -> bool:
    try:
        return Decimal(typed) == value
    except ArithmeticError:  # no number at all
        return False


def _figure(index: int, store: Store, *, place: str) -> tuple[LeafRef, Figure]:
    with store.view() as view:
        found = view.entries.read(index, index + 1)
    entry = next(iter(found), None)
    read = None if entry is None else READERS.get(entry.kind)
    if entry is None or read is None:
        raise _refusal(
            "{field}: leaf {index} is no {found}",
            place=place,
            index=index,
            found=" / ".join(READERS),
        )
    return LeafRef(index=LeafIndex(index), digest=entry.leaf_hash), read(entry.body)


def _stated_input(body: bytes) -> Figure:
    content = parse_statement(body).content
    if not isinstance(content, AllocationInput):
        raise TypeError(type(content).__name__)  # the kind of an entry is that of its record
    return Figure(
        organisation=content.organisation,
        year=content.year,
        unit_name=content.unit_name,
        input_name=content.input_name,
        value=content.value,
    )


READERS: Final[Mapping[str, Callable[[bytes], Figure]]] = {ALLOCATION_INPUT: _stated_input}
"""How a record of each kind that states a figure is read."""


def _refusal(
    template: str, *, place: str, index: int, found: str, typed: str = ""
) -> InputLeafError:
    return InputLeafError(
        template,
        field=place,
        remedy="name the leaf that states this figure: trace-node allowance log-input",
        index=index,
        found=found,
        typed=typed,
    )
