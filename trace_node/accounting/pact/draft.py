"""What an enterprise hands in to be published: a footprint, its stages and the way to its proof.

The figure is cradle to gate (从摇篮到大门): use and transport behind the gate stand beside it as
stages, never inside. Sinks, captured CO2, certificates and credits are never netted: the figure is
the sum of the emissions, and biogenic uptake alone makes the difference between the two figures of
PACT.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from trace_node.accounting.pact import values as v
from trace_node.accounting.pact.members import PRODUCT, Member, check_members

GWP: Final = ["AR6"]
GEOGRAPHY: Final = ("geographyCountry", "geographyCountrySubdivision", "geographyRegionOrSubregion")
VALID_YEARS: Final = 3
_EMISSIONS: Final = (
    "fossilGhgEmissions",
    "landUseChangeGhgEmissions",
    "landManagementBiogenicCO2Emissions",
    "biogenicNonCO2Emissions",
)
_REMOVALS: Final = (
    "landManagementBiogenicCO2Removals",
    "technologicalCO2Removals",
    "ccsTechnologicalCO2Capture",
)
GATE, DOWNSTREAM = "gate", "downstream"
STAGE: Final = MappingProxyType(
    {
        "stage": Member(v.some_text, required=True),
        "side": Member(v.choice(GATE, DOWNSTREAM), required=True),
        "kgCO2e": Member(v.decimal(least=0)),
        "u": Member(v.decimal(least=0)),
        "complete": Member(v.truth),
    }
)
PROOF: Final = MappingProxyType(
    {
        "origin": Member(v.some_text, required=True),
        "leafDigest": Member(v.pattern(r"sm3:[0-9a-f]{64}", "sm3:9f2c…"), required=True),
        "bundle": Member(v.pattern(r"https://[\x21-\x7e]{1,2000}", "https://…")),
    }
)
_BEHIND_THE_GATE: Final = frozenset({"use"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A checked footprint that has no id yet.

    Attributes:
        product: Members of ProductFootprint but those that the node gives: id, specVersion,
            created, status, precedingPfIds, extensions.
        stages: Stages of the life cycle, kg CO2e per declared unit; empty where none were stated.
            One behind the gate may be a gap: without a figure, and ``complete`` false.
        proof: Origin of the log, digest of the leaf and perhaps the link to the bundle; None
            without.
    """

    product: Mapping[str, Any]
    stages: tuple[Mapping[str, Any], ...]
    proof: Mapping[str, Any] | None


def parse_draft(value: object) -> Draft:
    """Check what was handed in.

    Raises:
        FootprintDocumentError: It breaks the data model or a rule of what may be inside.
    """
    draft = {
        "footprint": Member(_product, required=True),
        "stages": Member(v.set_of(_stage)),
        "proof": Member(_proof),
    }
    check_members(value, draft, field="")
    given: dict[str, Any] = value  # type: ignore[assignment]  # just checked
    pcf = given["footprint"]["pcf"]
    stages = tuple(given.get("stages", ()))
    _require_gate(pcf, stages)
    return Draft(product=given["footprint"], stages=stages, proof=given.get("proof"))


def _product(value: object, field: str) -> None:
    check_members(value, PRODUCT, field=field)
    product: dict[str, Any] = value  # type: ignore[assignment]  # just checked
    pcf = product["pcf"]
    _require_periods(product, pcf)
    _require_one_geography(pcf)
    _require_nothing_netted(pcf)
    _require_sums(pcf)
    if pcf["ipccCharacterizationFactors"] != GWP:
        v.refuse_document(
            "footprint.pcf.ipccCharacterizationFactors",
            "must be AR6 alone; no figure of another set enters",
        )
    packed = pcf.get("packagingEmissionsIncluded", False)
    if not packed and "packagingGhgEmissions" in pcf:
        v.refuse_document(
            "footprint.pcf.packagingGhgEmissions",
            "must be absent where packagingEmissionsIncluded is not true",
        )


def _stage(value: object, field: str) -> None:
    check_members(value, STAGE, field=field)


def _proof(value: object, field: str) -> None:
    check_members(value, PROOF, field=field)


def _require_periods(product: Mapping[str, Any], pcf: Mapping[str, Any]) -> None:
    start, end = v.instant(pcf["referencePeriodStart"]), v.instant(pcf["referencePeriodEnd"])
    if start >= end:
        v.refuse_document("footprint.pcf.referencePeriodEnd", "must be later than its start")
    valid_from, valid_to = validity(product)
    if valid_from < end:
        v.refuse_document(
            "footprint.validityPeriodStart", "must not be before the reference period's end"
        )
    if valid_to > years_after(end) or valid_to <= valid_from:
        v.refuse_document(
            "footprint.validityPeriodEnd",
            "must be later than its start, and within {years} years after the reference period",
            years=str(VALID_YEARS),
        )


def validity(product: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """From when to when a footprint is valid: as stated, else three years from its period on."""
    end = v.instant(product["pcf"]["referencePeriodEnd"])
    start, until = product.get("validityPeriodStart"), product.get("validityPeriodEnd")
    return (
        end if start is None else v.instant(start),
        years_after(end) if until is None else v.instant(until),
    )


def years_after(instant: datetime) -> datetime:
    """Three years later; 29 February becomes 1 March."""
    try:
        return instant.replace(year=instant.year + VALID_YEARS)
    except ValueError:
        return instant.replace(year=instant.year + VALID_YEARS, month=3, day=1)


def _require_one_geography(pcf: Mapping[str, Any]) -> None:
    given = [name for name in GEOGRAPHY if name in pcf]
    if len(given) > 1:
        v.refuse_document(
            f"footprint.pcf.{given[1]}", "must be absent beside {other}", other=given[0]
        )


def _require_nothing_netted(pcf: Mapping[str, Any]) -> None:
    for name in _REMOVALS:
        if v.amount(pcf.get(name)):
            v.refuse_document(
                f"footprint.pcf.{name}", "must be absent or zero; sinks are never netted"
            )
    if pcf.get("ccuCalculationApproach") == "Credit" or "ccuCreditCertification" in pcf:
        v.refuse_document(
            "footprint.pcf.ccuCalculationApproach",
            "must be Cut-off; credits and certificates are never netted",
        )


def _require_sums(pcf: Mapping[str, Any]) -> None:
    emissions = [pcf.get(name) for name in _EMISSIONS]
    _require_sum("pcfExcludingBiogenicUptake", pcf, emissions)
    uptake = [pcf["pcfExcludingBiogenicUptake"], pcf.get("biogenicCO2Uptake")]
    _require_sum("pcfIncludingBiogenicUptake", pcf, uptake)


def _require_gate(pcf: Mapping[str, Any], stages: tuple[Mapping[str, Any], ...]) -> None:
    for place, each in enumerate(stages):
        if each["stage"] in _BEHIND_THE_GATE and each["side"] == GATE:
            v.refuse_document(
                f"stages[{place}].side", "must be downstream: use lies behind the gate"
            )
        if "kgCO2e" not in each and (each.get("complete", True) or each["side"] == GATE):
            v.refuse_document(
                f"stages[{place}].kgCO2e",
                "is missing; a gap is shown behind the gate alone, with complete false",
            )
    inside = [each["kgCO2e"] for each in stages if each["side"] == GATE]
    if stages:
        _require_sum("pcfExcludingBiogenicUptake", pcf, inside)


def _require_sum(name: str, pcf: Mapping[str, Any], parts: list[Any]) -> None:
    """Each number was rounded by itself: half a unit of its last place is let pass for each."""
    terms = [v.amount(part) for part in parts if part is not None]
    stated = v.amount(pcf[name])
    slack = sum((_half_unit(each) for each in (stated, *terms)), Decimal(0))
    total = sum(terms, Decimal(0))
    if abs(total - stated) > slack:
        v.refuse_document(
            f"footprint.pcf.{name}",
            "is {stated}, but its parts add up to {total}",
            stated=str(stated),
            total=str(total),
        )


def _half_unit(number: Decimal) -> Decimal:
    exponent = number.as_tuple().exponent
    return Decimal(5).scaleb(int(exponent) - 1) if int(exponent) < 0 else Decimal(0)
