"""The members of ProductFootprint and its parts (Technical Specifications 3.0, data model)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from trace_node.accounting.pact import values as v

SPEC_VERSION: Final = "3.0.0"
REGIONS: Final = (
    "Africa",
    "Americas",
    "Asia",
    "Europe",
    "Oceania",
    "Australia and New Zealand",
    "Central Asia",
    "Eastern Asia",
    "Eastern Europe",
    "Latin America and the Caribbean",
    "Melanesia",
    "Micronesia",
    "Northern Africa",
    "Northern America",
    "Northern Europe",
    "Polynesia",
    "South-eastern Asia",
    "Southern Asia",
    "Southern Europe",
    "Sub-Saharan Africa",
    "Western Asia",
    "Western Europe",
)
UNITS: Final = (
    "liter",
    "kilogram",
    "cubic meter",
    "kilowatt hour",
    "megajoule",
    "ton kilometer",
    "square meter",
    "piece",
    "hour",
    "megabit second",
)
STANDARDS: Final = (
    "ISO14067",
    "ISO14083",
    "ISO14040-44",
    "GHGP-Product",
    "PEF",
    "PACT-1.0",
    "PACT-2.0",
    "PACT-3.0",
    "PAS2050",
)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object.

    Attributes:
        check: Checks its value.
        required: Whether it must be there.
    """

    check: v.Check
    required: bool = False


Table = Mapping[str, Member]


def check_members(value: object, table: Table, *, field: str, more: bool = False) -> None:
    """Check an object against the table of its members.

    Args:
        value: The object.
        table: Its members.
        field: Its name; empty at the top.
        more: Whether members that the table lacks are passed over (documents of others).

    Raises:
        FootprintDocumentError: It breaks the table.
    """
    if not isinstance(value, dict):
        v.refuse_document(field or "footprint", "must be an object")
    prefix = f"{field}." if field else ""
    for name, member in table.items():
        if name in value:
            member.check(value[name], prefix + name)
        elif member.required:
            v.refuse_document(prefix + name, "is missing")
    unknown = sorted(set(value) - set(table))
    if unknown and not more:
        v.refuse_document(prefix + unknown[0], "is no member of the data model")


def _object(table: Table) -> v.Check:
    def check(value: object, field: str) -> None:
        check_members(value, table, field=field)

    return check


_ANY: Final = v.decimal()
_NOT_NEGATIVE: Final = v.decimal(least=0)
_NOT_POSITIVE: Final = v.decimal(most=0)
_SHARE: Final = v.decimal(least=0, most=100)
_RATING: Final = v.decimal(least=1, most=5)
_MUST, _MAY = True, False

QUALITY: Final = MappingProxyType(
    {
        name: Member(_RATING, _MUST)
        for name in ("technologicalDQR", "geographicalDQR", "temporalDQR")
    }
)
VERIFICATION: Final = MappingProxyType(
    {
        "coverage": Member(v.choice("PCF calculation model", "PCF program", "product level")),
        "providerName": Member(v.some_text),
        "completedAt": Member(v.time),
        "standardName": Member(v.text),
        "comments": Member(v.text),
    }
)
SECTOR_RULE: Final = MappingProxyType(
    {
        "operator": Member(v.choice("PEF", "EPD International", "Other"), _MUST),
        "ruleNames": Member(v.set_of(v.some_text), _MUST),
        "otherOperatorName": Member(v.some_text),
    }
)
FACTOR_SOURCE: Final = MappingProxyType(
    {"name": Member(v.some_text, _MUST), "version": Member(v.some_text, _MUST)}
)
CARBON_FOOTPRINT: Final = MappingProxyType(
    {
        "declaredUnitOfMeasurement": Member(v.choice(*UNITS), _MUST),
        "declaredUnitAmount": Member(v.decimal(above_zero=True), _MUST),
        "productMassPerDeclaredUnit": Member(_NOT_NEGATIVE, _MUST),
        "referencePeriodStart": Member(v.time, _MUST),
        "referencePeriodEnd": Member(v.time, _MUST),
        "geographyRegionOrSubregion": Member(v.choice(*REGIONS)),
        "geographyCountry": Member(v.pattern(r"[A-Z]{2}", "CN")),
        "geographyCountrySubdivision": Member(v.pattern(r"[A-Z]{2}-[A-Z0-9]{1,3}", "CN-SX")),
        "boundaryProcessesDescription": Member(v.text),
        "pcfExcludingBiogenicUptake": Member(_ANY, _MUST),
        "pcfIncludingBiogenicUptake": Member(_ANY, _MUST),
        "fossilCarbonContent": Member(_NOT_NEGATIVE, _MUST),
        "biogenicCarbonContent": Member(_NOT_NEGATIVE),
        "recycledCarbonContent": Member(_NOT_NEGATIVE),
        "fossilGhgEmissions": Member(_NOT_NEGATIVE, _MUST),
        "landUseChangeGhgEmissions": Member(_NOT_NEGATIVE),
        "landCarbonLeakage": Member(_NOT_NEGATIVE),
        "landManagementFossilGhgEmissions": Member(_NOT_NEGATIVE),
        "landManagementBiogenicCO2Emissions": Member(_NOT_NEGATIVE),
        "landManagementBiogenicCO2Removals": Member(_NOT_POSITIVE),
        "biogenicCO2Uptake": Member(_NOT_POSITIVE),
        "biogenicNonCO2Emissions": Member(_NOT_NEGATIVE),
        "landAreaOccupation": Member(_NOT_NEGATIVE),
        "aircraftGhgEmissions": Member(_NOT_NEGATIVE),
        "packagingEmissionsIncluded": Member(v.truth),
        "packagingGhgEmissions": Member(_NOT_NEGATIVE),
        "packagingBiogenicCarbonContent": Member(_NOT_NEGATIVE),
        "outboundLogisticsGhgEmissions": Member(_NOT_NEGATIVE),
        "technologicalCO2CaptureOrigin": Member(v.text),
        "technologicalCO2Removals": Member(_NOT_POSITIVE),
        "ccsTechnologicalCO2CaptureIncluded": Member(v.truth),
        "ccsTechnologicalCO2Capture": Member(_NOT_POSITIVE),
        "ccuCarbonContent": Member(_NOT_NEGATIVE),
        "ccuCalculationApproach": Member(v.choice("Cut-off", "Credit")),
        "ccuCreditCertification": Member(v.some_text),
        "ipccCharacterizationFactors": Member(v.set_of(v.pattern(r"AR[0-9]+", "AR6")), _MUST),
        "crossSectoralStandards": Member(v.set_of(v.choice(*STANDARDS)), _MUST),
        "productOrSectorSpecificRules": Member(v.set_of(_object(SECTOR_RULE))),
        "exemptedEmissionsPercent": Member(_SHARE, _MUST),
        "exemptedEmissionsDescription": Member(v.text),
        "allocationRulesDescription": Member(v.text),
        "secondaryEmissionFactorSources": Member(v.set_of(_object(FACTOR_SOURCE))),
        "primaryDataShare": Member(_SHARE),
        "dqi": Member(_object(QUALITY)),
        "verification": Member(_object(VERIFICATION)),
    }
)
PRODUCT: Final = MappingProxyType(
    {
        "validityPeriodStart": Member(v.time),
        "validityPeriodEnd": Member(v.time),
        "companyName": Member(v.some_text, _MUST),
        "companyIds": Member(v.set_of(v.urn), _MUST),
        "productDescription": Member(v.text, _MUST),
        "productIds": Member(v.set_of(v.urn), _MUST),
        "productClassifications": Member(v.set_of(v.urn)),
        "productNameCompany": Member(v.some_text, _MUST),
        "comment": Member(v.text),
        "pcf": Member(_object(CARBON_FOOTPRINT), _MUST),
    }
)
# What a document of another host must have; it may come from a later revision and hold more.
RECEIVED: Final = MappingProxyType(
    {
        "id": Member(v.uuid, _MUST),
        "specVersion": Member(v.pattern(r"[0-9]+\.[0-9]+\.[0-9]+(-[0-9]{8})?", "3.0.0"), _MUST),
        "created": Member(v.time, _MUST),
        "status": Member(v.choice("Active", "Deprecated"), _MUST),
        "companyName": Member(v.some_text, _MUST),
        "companyIds": Member(v.set_of(v.urn), _MUST),
        "productIds": Member(v.set_of(v.urn), _MUST),
    }
)
RECEIVED_PCF: Final = MappingProxyType(
    {
        name: member
        for name, member in CARBON_FOOTPRINT.items()
        if member.required and name != "crossSectoralStandards"
    }
)
