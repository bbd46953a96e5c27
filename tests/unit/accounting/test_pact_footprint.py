"""What may be published as a footprint of PACT 3: each refusal by the defect that it names."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.pact import document

from trace_node.accounting.pact.draft import parse_draft, validity, years_after
from trace_node.accounting.pact.errors import FootprintDocumentError
from trace_node.accounting.pact.values import instant

PCF = "footprint__pcf__"


def test_a_whole_document_is_taken_as_it_is() -> None:
    given = document()
    draft = parse_draft(given)
    assert draft.product == given["footprint"]
    assert list(draft.stages) == given["stages"]
    assert draft.proof == given["proof"]


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({PCF + "ipccCharacterizationFactors": ["AR5"]}, "ipccCharacterizationFactors", "AR6"),
        (
            {PCF + "ipccCharacterizationFactors": ["AR5", "AR6"]},
            "ipccCharacterizationFactors",
            "AR6",
        ),
        ({PCF + "pcfExcludingBiogenicUptake": 0.1203}, "pcfExcludingBiogenicUptake", "text"),
        ({PCF + "fossilGhgEmissions": "1e-1"}, "fossilGhgEmissions", "decimal"),
        ({PCF + "fossilGhgEmissions": "-0.1"}, "fossilGhgEmissions", "at least 0"),
        ({PCF + "pcfExcludingBiogenicUptake": "0.1103"}, "pcfExcludingBiogenicUptake", "add up"),
        ({PCF + "pcfIncludingBiogenicUptake": "0.11"}, "pcfIncludingBiogenicUptake", "add up"),
        (
            {PCF + "landManagementBiogenicCO2Removals": "-0.01"},
            "landManagementBiogenicCO2Removals",
            "never netted",
        ),
        ({PCF + "ccsTechnologicalCO2Capture": "-0.01"}, "ccsTechnologicalCO2Capture", "netted"),
        ({PCF + "technologicalCO2Removals": "-0.01"}, "technologicalCO2Removals", "never netted"),
        ({PCF + "ccuCalculationApproach": "Credit"}, "ccuCalculationApproach", "never netted"),
        ({PCF + "ccuCreditCertification": "https://x"}, "ccuCalculationApproach", "netted"),
        ({PCF + "declaredUnitAmount": "0"}, "declaredUnitAmount", "more than zero"),
        ({PCF + "declaredUnitOfMeasurement": "tonne"}, "declaredUnitOfMeasurement", "one of"),
        ({PCF + "geographyCountrySubdivision": "CN-SX"}, "geographyCountrySubdivision", "absent"),
        ({PCF + "geographyCountry": "CHN"}, "geographyCountry", "form of CN"),
        ({PCF + "referencePeriodEnd": "2024-01-01T00:00:00Z"}, "referencePeriodEnd", "later"),
        ({PCF + "referencePeriodEnd": "2026-01-01"}, "referencePeriodEnd", "zone"),
        ({PCF + "referencePeriodEnd": "2026-13-01T00:00:00Z"}, "referencePeriodEnd", "zone"),
        (
            {"footprint__validityPeriodStart": "2025-06-01T00:00:00Z"},
            "validityPeriodStart",
            "before",
        ),
        ({"footprint__validityPeriodEnd": "2029-01-01T00:00:01Z"}, "validityPeriodEnd", "3 years"),
        ({PCF + "packagingGhgEmissions": "0.01"}, "packagingGhgEmissions", "absent"),
        ({PCF + "primaryDataShare": "100.1"}, "primaryDataShare", "at most 100"),
        ({PCF + "exemptedEmissionsPercent": "-1"}, "exemptedEmissionsPercent", "at least 0"),
        ({PCF + "dqi__temporalDQR": "5.5"}, "temporalDQR", "at most 5"),
        ({PCF + "dqi__temporalDQR": None}, "temporalDQR", "missing"),
        ({PCF + "crossSectoralStandards": []}, "crossSectoralStandards", "at least one"),
        ({PCF + "crossSectoralStandards": ["ISO9001"]}, "crossSectoralStandards[0]", "one of"),
        ({PCF + "offsets": "-1"}, "offsets", "no member"),
        ({PCF + "verification": {"coverage": "all"}}, "coverage", "one of"),
        ({"footprint__companyIds": ["demo"]}, "companyIds[0]", "URN"),
        ({"footprint__productIds": ["urn:a", "urn:a"]}, "productIds", "twice"),
        ({"footprint__companyName": ""}, "companyName", "empty"),
        ({"footprint__id": "x"}, "id", "no member"),
        ({"footprint__pcf": None}, "pcf", "missing"),
        ({"footprint": []}, "footprint", "object"),
        (
            {"stages": [{"stage": "use", "side": "gate", "kgCO2e": "0.1203"}]},
            "stages[0].side",
            "downstream",
        ),
        (
            {"stages": [{"stage": "mining", "side": "gate", "kgCO2e": "2.2203"}]},
            "pcfExcludingBiogenicUptake",
            "add up to 2.2203",
        ),
        ({"proof__bundle": "http://node.example/7"}, "bundle", "https"),
        ({"proof__leafDigest": "sm3:12"}, "leafDigest", "sm3"),
    ],
)
def test_a_defect_is_named(changes: dict[str, Any], field: str, rule: str) -> None:
    with pytest.raises(FootprintDocumentError) as refusal:
        parse_draft(document(**changes))
    assert refusal.value.field.endswith(field)
    assert rule in refusal.value.message
    assert refusal.value.remedy


def test_downstream_stages_stand_beside_the_figure() -> None:
    draft = parse_draft(document())
    inside = sum(Decimal(each["kgCO2e"]) for each in draft.stages if each["side"] == "gate")
    assert inside == Decimal("0.1203")
    assert any(each["side"] == "downstream" for each in draft.stages)


@given(
    st.lists(
        st.decimals(min_value=0, max_value=1000, places=6, allow_nan=False), min_size=1, max_size=5
    ),
    st.integers(min_value=0, max_value=6),
)
def test_parts_rounded_each_by_itself_still_add_up(parts: list[Decimal], places: int) -> None:
    unit = Decimal(1).scaleb(-places) if places else Decimal("0.1")
    stated = str(sum(parts).quantize(unit))
    stages = [
        {"stage": "process", "side": "gate", "kgCO2e": str(each.quantize(unit)), "n": str(place)}
        for place, each in enumerate(parts)
    ]
    for each in stages:
        each["stage"] += each.pop("n")
    changes = {
        PCF + "fossilGhgEmissions": stated,
        PCF + "pcfExcludingBiogenicUptake": stated,
        PCF + "pcfIncludingBiogenicUptake": stated,
        "stages": stages,
    }
    parse_draft(document(**changes))
    wrong = str(Decimal(stated) + unit * (len(parts) + 2))
    with pytest.raises(FootprintDocumentError):
        parse_draft(document(**{**changes, PCF + "pcfExcludingBiogenicUptake": wrong}))


def test_uptake_alone_lies_between_the_two_figures() -> None:
    parse_draft(
        document(
            **{
                PCF + "biogenicCO2Uptake": "-0.02",
                PCF + "pcfIncludingBiogenicUptake": "0.1003",
                PCF + "biogenicNonCO2Emissions": "0",
            }
        )
    )


def test_without_a_stated_validity_it_is_three_years() -> None:
    start, end = validity(document()["footprint"])
    assert (start, end) == (instant("2026-01-01T00:00:00Z"), instant("2029-01-01T00:00:00Z"))
    leap = instant("2024-02-29T00:00:00Z")
    assert years_after(leap) == instant("2027-03-01T00:00:00Z")
