"""A footprint on record as the document that PACT exchanges.

What the leaves say is taken from them, digit by digit; what no leaf says, such as names and ids of
the product, comes with a sheet. The declared unit is 1 kg, as PACT wants it of bulk goods: figures
per tonne keep their digits and move by three places.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from trace_node.accounting.arithmetic import half_up, precise, total
from trace_node.accounting.footprint.footprint import PLACES, Footprint
from trace_node.accounting.footprint.parts import Flag, Part
from trace_node.accounting.footprint.words import Origin, Side, Stage
from trace_node.accounting.pact.draft import GWP, Draft, parse_draft
from trace_node.accounting.pact.errors import FootprintGapError, FootprintSheetError
from trace_node.accounting.pact.footprint import rfc3339

_ONE: Final = "1"
_KG_OF_T: Final = -3  # places from kgCO2e per tonne to kgCO2e per kg
_COMPUTED: Final = frozenset(
    {
        *("declaredUnitOfMeasurement", "declaredUnitAmount", "productMassPerDeclaredUnit"),
        *("pcfExcludingBiogenicUptake", "pcfIncludingBiogenicUptake", "fossilGhgEmissions"),
        *("biogenicNonCO2Emissions", "outboundLogisticsGhgEmissions"),
        *("ipccCharacterizationFactors", "primaryDataShare", "dqi"),
    }
)
_PERIOD: Final = ("referencePeriodStart", "referencePeriodEnd")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRecord:
    """Where a footprint is on record.

    Attributes:
        origin: Origin of the log.
        digest: Its record digest, 32 bytes.
        bundle: https address of its bundle; empty where partners ask for the file.
        start: First instant of the periods whose emission it bears; None where it bears none.
        end: End of the last of them; None where it bears none.
        allocations: By what burdens were parted on the way.
        secondary: Name and version of each source of secondary factors.
    """

    origin: str
    digest: bytes
    bundle: str
    start: datetime | None
    end: datetime | None
    allocations: tuple[str, ...] = ()
    secondary: tuple[tuple[str, str], ...] = ()


def draft_of(
    found: Footprint, sheet: Mapping[str, Any], *, record: OnRecord, lifted: frozenset[str]
) -> Draft:
    """The document of a footprint.

    Args:
        found: The footprint, computed again from its leaves.
        sheet: Members of ProductFootprint, with those of ``pcf``, that no leaf says.
        record: Where it is on record.
        lifted: Rows that are drafts and were approved, by id.

    Raises:
        FootprintGapError: Something is missing before the gate, or it rests on a draft that nobody
            approved, a provisional figure or one for demonstration.
        FootprintSheetError: The sheet states what the leaves say.
        FootprintDocumentError: The document breaks the data model.
    """
    _require_firm(found, lifted)
    stated = sheet.get("pcf")
    if not isinstance(stated, dict):
        raise _refusal("pcf", "is missing: an object with what no leaf says")
    twice = sorted(_COMPUTED & stated.keys())
    if twice:
        raise _refusal(f"pcf.{twice[0]}", "is computed from the leaves: leave it out")
    pcf = {**_usual(found, record), **_period(record, stated), **stated, **_figures(found)}
    document: dict[str, Any] = {
        "footprint": {**sheet, "pcf": pcf},
        "proof": _proof(record),
        "stages": list(_stages(found)),
    }
    return parse_draft(document)


def _require_firm(found: Footprint, lifted: frozenset[str]) -> None:
    gaps = [gap for gap in found.gaps if gap.side is Side.GATE]
    if gaps or found.gate.value is None:
        names = [f"{gap.stage.value} {gap.code.value} {gap.detail}" for gap in gaps]
        raise FootprintGapError(
            "{batch}: {count} figures before the gate are missing, such as {gap}",
            field="footprint",
            batch=found.batch.name,
            count=max(len(gaps), 1),
            gap=names[0] if names else "all of them",
            remedy="fill the gaps, log the footprint again, and publish that",
        )
    weak: Sequence[Flag] = [each for each in found.flags if each.subject not in lifted]
    if weak:
        raise FootprintGapError(
            "{batch}: rests on {flag}: {subject}",
            field="footprint",
            batch=found.batch.name,
            flag=weak[0].code.value,
            subject=weak[0].subject,
            remedy="approve the draft with evidence, or settle the figure, and log it again",
            code="pact.flagged",
        )


def _usual(found: Footprint, record: OnRecord) -> dict[str, Any]:
    """What a sheet may say otherwise."""
    usual: dict[str, Any] = {}
    if record.allocations:
        usual["allocationRulesDescription"] = "parted by " + ", ".join(record.allocations)
    if record.secondary:
        usual["secondaryEmissionFactorSources"] = [
            {"name": name, "version": version} for name, version in record.secondary
        ]
    inside = sorted({each.stage.value for each in found.stages if each.side is Side.GATE})
    return usual | {
        "boundaryProcessesDescription": "cradle to gate: " + ", ".join(inside),
        "crossSectoralStandards": ["PACT-3.0"],
        "exemptedEmissionsPercent": "0",
    }


def _period(record: OnRecord, stated: Mapping[str, Any]) -> dict[str, str]:
    if record.start is None or record.end is None:
        return {}
    twice = [name for name in _PERIOD if name in stated]
    if twice:
        raise _refusal(f"pcf.{twice[0]}", "is the period of the leaves: leave it out")
    return dict(zip(_PERIOD, (rfc3339(record.start), rfc3339(record.end)), strict=True))


def _figures(found: Footprint) -> dict[str, Any]:
    gate = Decimal(0) if found.gate.value is None else found.gate.value
    inside = [part for part in found.parts if part.side is Side.GATE]
    biogenic = _sum(part for part in inside if part.carbon is Origin.BIOGENIC)
    figures: dict[str, Any] = {
        "declaredUnitOfMeasurement": "kilogram",
        "declaredUnitAmount": _ONE,
        "productMassPerDeclaredUnit": _ONE,
        "pcfExcludingBiogenicUptake": _per_kg(gate),
        "pcfIncludingBiogenicUptake": _per_kg(gate),
        "fossilGhgEmissions": _per_kg(_sum(p for p in inside if p.carbon is Origin.FOSSIL)),
        "ipccCharacterizationFactors": list(GWP),
    }
    if biogenic:
        figures["biogenicNonCO2Emissions"] = _per_kg(biogenic)
    for each in found.stages:
        is_outbound = (each.stage, each.side) == (Stage.TRANSPORT, Side.DOWNSTREAM)
        if is_outbound and each.is_complete and each.value is not None:
            figures["outboundLogisticsGhgEmissions"] = _per_kg(each.value)
    if found.primary_share is not None:
        figures["primaryDataShare"] = f"{found.primary_share * 100:f}"
    if found.ratings is not None:
        figures["dqi"] = {
            "technologicalDQR": f"{found.ratings.technology:f}",
            "geographicalDQR": f"{found.ratings.geography:f}",
            "temporalDQR": f"{found.ratings.time:f}",
        }
    return figures


def _sum(parts: Iterator[Part]) -> Decimal:
    with precise():
        return half_up(total(part.slope * part.x for part in parts), PLACES)


def _per_kg(per_tonne: Decimal) -> str:
    return f"{per_tonne.scaleb(_KG_OF_T):f}"


def _stages(found: Footprint) -> Iterator[dict[str, Any]]:
    for each in found.stages:
        stage: dict[str, Any] = {
            "stage": each.stage.value,
            "side": each.side.value,
            "complete": each.is_complete,
        }
        if each.value is not None and each.u is not None:
            stage |= {"kgCO2e": _per_kg(each.value), "u": _per_kg(each.u)}
        yield stage


def _proof(record: OnRecord) -> dict[str, str]:
    proof = {"origin": record.origin, "leafDigest": f"sm3:{record.digest.hex()}"}
    return {**proof, "bundle": record.bundle} if record.bundle else proof


def _refusal(field: str, why: str) -> FootprintSheetError:
    return FootprintSheetError(
        "{field}: " + why, field=field, remedy="docs/spec/pact.md shows a sheet"
    )
