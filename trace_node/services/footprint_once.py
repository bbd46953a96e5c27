"""No emission is counted in two stages: each computed emission and each stretch of a meter once.

A stage emission takes a source and gas of an accounting unit, or what a register counted between
two readings. Where another stage or process unit of the period has taken the same, whoever states
it again would have both bear it, and so the batches behind both.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from trace_node.accounting.footprint.errors import GenealogyError
from trace_node.accounting.footprint.stage_emission import EmissionLine, StageEmission
from trace_node.metering.records.reading import READING, Reading, parse_reading
from trace_node.period import to_ms
from trace_node.ports.footprints import LeafBody
from trace_node.ports.statements import LoggedStatement
from trace_node.ports.store import UnitOfWork
from trace_node.services.footprint_emission import emission_behind
from trace_node.services.statement_types import parse_statement

_AT_ONCE: Final = 500
_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class _Taken:
    """What a line takes: ``of`` tells what, ``first`` to ``last`` which stretch of it."""

    of: tuple[str, ...]
    first: tuple[int, int]
    last: tuple[int, int]

    def overlaps(self, other: "_Taken") -> bool:
        """Whether both take some of the same."""
        return self.of == other.of and self.first < other.last and other.first < self.last


def require_counted_once(
    stated: StageEmission, bodies: Mapping[int, LeafBody], work: UnitOfWork
) -> None:
    """Require that no other stage or unit of the period takes what this one takes.

    Raises:
        GenealogyError: One does; it is named.
    """
    own = list(_taken(stated, bodies))
    for place, (taken, line) in enumerate(own):
        if any(taken.overlaps(each) for each, _line in own[:place]):
            raise _refusal(line, "is counted twice in this stage")
    for other in _others(stated, work) if own else ():
        (body,) = work.footprints.bodies([other.index]).values()
        content = parse_statement(body.body).content
        if not isinstance(content, StageEmission):
            continue
        links = [link.index for line in content.lines for link in line.links]
        theirs = list(_taken(content, work.footprints.bodies(links)))
        for taken, line in own:
            if any(taken.overlaps(each) for each, _line in theirs):
                raise _refusal(
                    line,
                    "is counted in leaf {index} already, as {topic}",
                    index=other.index,
                    topic=other.topic,
                )


def _others(stated: StageEmission, work: UnitOfWork) -> Iterator[LoggedStatement]:
    """The newest stage emissions of the organisation and period on other topics."""
    newest: dict[str, LoggedStatement] = {}
    after = -1
    while found := work.statements.find(StageEmission.TYPE, after=after, limit=_AT_ONCE):
        after = found[-1].index
        newest |= {each.topic: each for each in found}
    begin, end = f"{stated.organisation} ", f" {stated.period.name}"
    for topic, each in newest.items():
        if topic != stated.topic and topic.startswith(begin) and topic.endswith(end):
            yield each


def _taken(
    stated: StageEmission, bodies: Mapping[int, LeafBody]
) -> Iterator[tuple[_Taken, EmissionLine]]:
    for line in stated.lines:
        emission = emission_behind(line, bodies)
        if emission is not None:
            # Whatever the method and version: what a unit emitted in a period is there once.
            unit = emission.boundary, emission.unit
            yield _Taken(("emission", *unit, line.source, line.gas), (0, 0), (1, 0)), line
            continue
        readings = [
            parse_reading(bodies[link.index].body)
            for link in line.links
            if link.index in bodies and bodies[link.index].kind == READING
        ]
        if line.activity is None or len(readings) != _PAIR or len(line.links) != _PAIR:
            continue
        first, last = readings
        register = str(first.device), str(first.meter_register)
        yield _Taken(("meter", *register, line.gas), _when(first), _when(last)), line


def _when(reading: Reading) -> tuple[int, int]:
    """When it was read; of one instant, in the order of the device."""
    return to_ms(reading.observed_at), reading.seq


def _refusal(line: EmissionLine, why: str, **params: object) -> GenealogyError:
    return GenealogyError(
        "{field}: {source} " + why,
        field="lines.links",
        source=line.source,
        remedy="state each emission in one stage; correct the other one first",
        code="footprint.counted_twice",
        **params,
    )
