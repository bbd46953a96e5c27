"""Which part of the emission of each event a batch answers for.

The genealogy is walked from the batch back, so that every event is met once, whatever the number of
ways that lead to it: nothing counts twice, rework included.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from trace_node.accounting.arithmetic import precise
from trace_node.accounting.footprint.batch_event import BatchEvent
from trace_node.accounting.footprint.genealogy import Genealogy, LoggedEvent, LoggedSupply
from trace_node.accounting.footprint.words import CARRYING, Side

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventShare:
    """The part of an event, or of a bought batch, that a batch answers for.

    Attributes:
        origin: The event or the bought batch.
        side: On which side of the gate it lies.
        share: Part of its own emission, from 0 to 1.
    """

    origin: LoggedEvent | LoggedSupply
    side: Side
    share: Decimal


class _Weights:
    """Parts of batches that are answered for, by side of the gate."""

    def __init__(self) -> None:
        self._parts: dict[str, dict[Side, Decimal]] = {}

    def add(self, batch: str, side: Side, part: Decimal) -> None:
        """Add a part."""
        parts = self._parts.setdefault(batch, {Side.GATE: _ZERO, Side.DOWNSTREAM: _ZERO})
        parts[side] += part

    def of(self, batch: str, side: Side) -> Decimal:
        """What is answered for."""
        return self._parts.get(batch, {}).get(side, _ZERO)


def shares_of(name: str, genealogy: Genealogy) -> list[EventShare]:
    """What a batch answers for, from its own event back to the first.

    Transport behind the last process is downstream of the gate; before it, it is part of what the
    process was brought.

    Raises:
        BatchNotFoundError: There is no such batch.
    """
    batch = genealogy.batch(name)
    if isinstance(batch.made_by, LoggedSupply):
        return [EventShare(origin=batch.made_by, side=Side.GATE, share=Decimal(1))]
    weights, found = _Weights(), []
    weights.add(name, Side.DOWNSTREAM, Decimal(1))
    supplies: dict[str, LoggedSupply] = {}
    with precise():
        for logged in genealogy.behind(name):
            parts = _parts(logged.event, weights)
            found += [
                EventShare(origin=logged, side=side, share=part) for side, part in parts if part
            ]
            for each in logged.event.inputs:
                source = genealogy.batch(each.batch)
                for side, part in parts:
                    weights.add(each.batch, side, part * each.mass / source.mass)
                if isinstance(source.made_by, LoggedSupply):
                    supplies[each.batch] = source.made_by
    return [*found, *_supplied(supplies.items(), weights)]


def _parts(event: BatchEvent, weights: _Weights) -> Sequence[tuple[Side, Decimal]]:
    parts = {
        side: sum((weights.of(out.batch, side) * out.share for out in event.outputs), _ZERO)
        for side in Side
    }
    passes_on = event.kind in CARRYING or event.stage is None
    if not passes_on:
        return ((Side.GATE, parts[Side.GATE] + parts[Side.DOWNSTREAM]),)
    return tuple(parts.items())


def _supplied(supplies: Iterable[tuple[str, LoggedSupply]], weights: _Weights) -> list[EventShare]:
    """The burden of a bought batch lies before the gate, whoever carried it since."""
    return [
        EventShare(
            origin=supply,
            side=Side.GATE,
            share=weights.of(batch, Side.GATE) + weights.of(batch, Side.DOWNSTREAM),
        )
        for batch, supply in supplies
    ]
