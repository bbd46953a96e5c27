"""Computed emission of a unit (``emission@1``) as the emission of a stage: masses per gas alone.

No CO2e of another purpose enters a footprint, and a sink never does.
"""

from collections.abc import Collection, Mapping
from decimal import Decimal

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.arithmetic import half_up, precise, total
from trace_node.accounting.footprint.errors import GenealogyError
from trace_node.accounting.footprint.line_check import MASS_PLACES
from trace_node.accounting.footprint.stage_emission import CO2, EmissionLine, StageEmission
from trace_node.accounting.footprint.words import Origin, Stage
from trace_node.accounting.methods.words import Role
from trace_node.accounting.records.emission import EMISSION, Emission
from trace_node.gases import BY_ORIGIN, NON_FOSSIL
from trace_node.ports.footprints import LeafBody
from trace_node.services.statement_types import parse_statement


def stage_of_emission(
    emission: Emission,
    link: EvidenceLink,
    *,
    stage: Stage,
    item: str,
    relative_u: Decimal,
    biogenic: Collection[str] = (),
) -> StageEmission:
    """The emission of a stage that is all that a unit emitted.

    Args:
        emission: What was computed.
        link: Its leaf.
        stage: Stage of the life cycle.
        item: Data-item code.
        relative_u: Relative standard uncertainty of each mass, a fraction.
        biogenic: Sources whose CH4 is biogenic, such as waste water; that of others is fossil.

    Raises:
        GenealogyError: The emission has no such source.
    """
    unknown = sorted(set(biogenic) - {source for source, _gas in masses_of(emission)})
    if unknown:
        raise GenealogyError(
            "{field}: the emission has no source {source}",
            field="biogenic",
            source=unknown[0][:64],
            remedy="name sources of the emission: trace-node inventory show lists them",
            code="footprint.origin",
        )
    with precise():
        lines = tuple(
            EmissionLine(
                source=source,
                gas=gas,
                origin=_origin(gas, is_biogenic=source in biogenic),
                mass=mass,
                u=half_up(mass * relative_u, MASS_PLACES),
                activity=None,
                unit=None,
                factor=None,
                links=(link,),
            )
            for (source, gas), mass in masses_of(emission).items()
        )
    return StageEmission(
        organisation=emission.organisation,
        unit=emission.unit,
        stage=stage,
        period=emission.period,
        item=item,
        lines=lines,
        ratings=None,
    )


def _origin(gas: str, *, is_biogenic: bool) -> Origin:
    """That of the name, where a record tells gases apart by it; else what is said of the source."""
    if gas in BY_ORIGIN:
        return Origin.BIOGENIC if gas in NON_FOSSIL else Origin.FOSSIL
    return Origin.BIOGENIC if is_biogenic and gas != CO2 else Origin.FOSSIL


def masses_of(emission: Emission) -> Mapping[tuple[str, str], Decimal]:
    """Tonnes by source and gas, nine decimals; sinks are left out."""
    found: dict[tuple[str, str], Decimal] = {}
    for each in emission.items:
        if each.role is Role.EMISSION:
            key = each.source, each.gas
            found[key] = total((found.get(key, Decimal(0)), each.mass))
    return {key: half_up(mass, MASS_PLACES) for key, mass in found.items()}


def require_emission(stated: StageEmission, bodies: Mapping[int, LeafBody]) -> None:
    """Require each line that rests on one computed emission to say what that says.

    Raises:
        GenealogyError: Another mass, period or organisation.
    """
    for line in stated.lines:
        emission = emission_behind(line, bodies)
        if emission is None:
            continue
        due = masses_of(emission).get((line.source, line.gas))
        same = (emission.organisation, emission.period) == (stated.organisation, stated.period)
        if not same or due != line.mass:
            raise GenealogyError(
                "{field}: {source} states {found} t of {gas}; the emission at leaf {index} says"
                " {due}",
                field="lines.mass",
                source=line.source,
                found=f"{line.mass:f}",
                gas=line.gas,
                index=line.links[0].index,
                due="-" if due is None or not same else f"{due:f}",
                remedy="make it with trace-node batch stage-of",
                code="footprint.emission",
            )


def emission_behind(line: EmissionLine, bodies: Mapping[int, LeafBody]) -> Emission | None:
    """The computed emission that a line rests on alone; None of other lines."""
    if len(line.links) != 1 or line.activity is not None:
        return None
    body = bodies.get(line.links[0].index)
    if body is None or body.kind != EMISSION:
        return None
    content = parse_statement(body.body).content
    return content if isinstance(content, Emission) else None
