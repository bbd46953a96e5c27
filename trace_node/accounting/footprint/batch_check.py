"""What a batch event has to be by itself, before the log is asked."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from trace_node.accounting.arithmetic import precise
from trace_node.accounting.footprint.allocation import require_shares
from trace_node.accounting.footprint.batch_parts import (
    BatchInput,
    BatchOutput,
    Fuel,
    HandOver,
    Leg,
)
from trace_node.accounting.footprint.errors import GenealogyError
from trace_node.accounting.footprint.words import CARRYING, NEEDS_STAGE, Allocation, EventKind


class EventShape(Protocol):
    """What of an event is looked at."""

    @property
    def organisation(self) -> str:
        """Whose event it is."""

    @property
    def event(self) -> str:
        """Its name."""

    @property
    def kind(self) -> EventKind:
        """What happened."""

    @property
    def stage(self) -> object:
        """Its stage, or None."""

    @property
    def period(self) -> object:
        """Its period, or None."""

    @property
    def throughput(self) -> Decimal | None:
        """Tonnes through the unit, or None."""

    @property
    def inputs(self) -> Sequence[BatchInput]:
        """What goes in."""

    @property
    def outputs(self) -> Sequence[BatchOutput]:
        """What comes out."""

    @property
    def allocation(self) -> Allocation:
        """By what the burden is parted."""

    @property
    def tolerance(self) -> Decimal:
        """How much more may come out."""

    @property
    def legs(self) -> Sequence[Leg]:
        """Transport."""

    @property
    def fuel(self) -> Fuel | None:
        """What was burnt."""

    @property
    def hand_over(self) -> HandOver | None:
        """Who took it over."""

    @property
    def mass_in(self) -> Decimal:
        """Tonnes that went in."""

    @property
    def mass_out(self) -> Decimal:
        """Tonnes that came out."""

    @property
    def mass_through(self) -> Decimal:
        """Tonnes by which it shares in its unit."""


def require_sound(event: EventShape) -> None:
    """Require an event to agree with itself.

    Raises:
        GenealogyError: More comes out than went in, a batch makes itself, shares do not sum to one,
            or the members do not fit the kind; the code tells which.
    """
    _require_sides(event)
    _require_names(event)
    _require_stage(event)
    _require_mass(event)
    if event.outputs:
        require_shares(
            [each.as_product for each in event.outputs],
            event.allocation,
            [each.share for each in event.outputs],
        )


def _require_sides(event: EventShape) -> None:
    wants_in, wants_out = event.kind is not EventKind.EXTRACT, event.kind is not EventKind.BURN
    for field, wanted, given in (
        ("inputs", wants_in, event.inputs),
        ("outputs", wants_out, event.outputs),
        ("fuel", not wants_out, event.fuel),
    ):
        if wanted != bool(given):
            _refuse(event, field, "is wanted here" if wanted else "has no place here")
    if event.legs and event.kind not in CARRYING:
        _refuse(event, "legs", "are for what is loaded or delivered")
    if event.hand_over is not None:
        if event.kind is not EventKind.DELIVER:
            _refuse(event, "hand_over", "is for what is delivered")
        if event.hand_over.receiver == event.organisation:
            _refuse(event, "hand_over", "names the enterprise itself")


def _require_names(event: EventShape) -> None:
    going, coming = [e.batch for e in event.inputs], [e.batch for e in event.outputs]
    both = sorted(set(going) & set(coming))
    if both:
        raise GenealogyError(
            "{field}: {batch} goes into {event} and comes out of it",
            field="outputs.batch",
            batch=both[0],
            event=event.event,
            remedy="give what comes out a new name; leave out what circulates inside",
            code="footprint.cycle",
        )
    for field, names in (("inputs", going), ("outputs", coming)):
        if len(set(names)) < len(names):
            _refuse(event, field, "names a batch twice")


def _require_stage(event: EventShape) -> None:
    given = (event.stage is not None, event.period is not None, event.throughput is not None)
    if len(set(given)) > 1:
        _refuse(event, "stage", "comes with its period and the throughput of its unit")
    if event.stage is None and event.kind in NEEDS_STAGE:
        _refuse(event, "stage", "is wanted of what takes energy")
    if event.throughput is not None and event.mass_through > event.throughput:
        raise GenealogyError(
            "{field}: {event} handles {mass} t, more than the {bound} t of the unit",
            field="throughput",
            event=event.event,
            mass=f"{event.mass_through:f}",
            bound=f"{event.throughput:f}",
            remedy="state all that went through the unit in the period",
            code="footprint.throughput",
        )


def _require_mass(event: EventShape) -> None:
    if event.kind in {EventKind.EXTRACT, EventKind.BURN}:
        return
    with precise():
        bound = event.mass_in * (Decimal(1) + event.tolerance)
    if event.mass_out > bound:
        raise GenealogyError(
            "{field}: {event} makes {out} t of {into} t; {tolerance} more is the most",
            field="outputs.mass",
            event=event.event,
            out=f"{event.mass_out:f}",
            into=f"{event.mass_in:f}",
            tolerance=f"{event.tolerance:f}",
            remedy="weigh again, add the input that is missing, or state what the scales differ by",
            code="footprint.mass",
        )


def _refuse(event: EventShape, field: str, why: str) -> None:
    raise GenealogyError(
        "{field} of {event}: " + why,
        field=field,
        event=event.event,
        remedy="see docs/spec/footprint-statements.md for what each kind has",
        code="footprint.members",
    )
