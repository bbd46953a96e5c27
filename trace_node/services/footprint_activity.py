"""Whether the activity of a line is what the readings it names show.

A line that names exactly two readings of one meter register, and nothing else, states what the
register counted between them. Other lines rest on what their leaves state themselves.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from trace_node.accounting.footprint.errors import GenealogyError
from trace_node.accounting.footprint.stage_emission import EmissionLine, StageEmission
from trace_node.metering.records.reading import READING, Reading, parse_reading
from trace_node.ports.footprints import LeafBody
from trace_node.units import convert, unit

_PAIR: Final = 2


def require_activities(emission: StageEmission, bodies: Mapping[int, LeafBody]) -> None:
    """Require every line that names two readings to state their difference.

    Raises:
        GenealogyError: One states something else.
        UnitError: Its unit measures something else than the register.
    """
    for line in emission.lines:
        readings = _readings(line, bodies)
        if line.activity is not None and len(readings) == _PAIR:
            _require_difference(line, *readings)


def _readings(line: EmissionLine, bodies: Mapping[int, LeafBody]) -> Sequence[Reading]:
    found = [bodies[link.index] for link in line.links if link.index in bodies]
    if len(found) != _PAIR or any(each.kind != READING for each in found):
        return ()
    return [parse_reading(each.body) for each in found]


def _require_difference(line: EmissionLine, first: Reading, last: Reading) -> None:
    same = (first.device, first.meter_register, first.unit)
    if same != (last.device, last.meter_register, last.unit) or line.unit is None:
        raise _refusal(line, "names readings of two meter registers")
    if first.value is None or last.value is None:
        raise _refusal(line, "names a reading that failed")
    counted = convert(last.value - first.value, source=unit(last.unit), target=unit(line.unit))
    if counted != line.activity:
        raise _refusal(line, "states {found}; its meter counted {counted}", counted=f"{counted:f}")


def _refusal(line: EmissionLine, why: str, **params: str) -> GenealogyError:
    return GenealogyError(
        "{field}: {source} " + why,
        field="lines.activity",
        source=line.source,
        found="-" if line.activity is None else f"{line.activity:f}",
        remedy="name the first and the last reading of one register, and what it counted",
        code="footprint.activity",
        **params,
    )
