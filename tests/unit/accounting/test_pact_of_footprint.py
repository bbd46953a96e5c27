"""A footprint on record as a PACT document: its own digits, and nothing behind the gate inside."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support.footprints import COAL, Figures, emission, event, footprint, genealogy, leg, out

from trace_node.accounting.footprint.footprint import Footprint
from trace_node.accounting.footprint.parts import Flag, FlagCode
from trace_node.accounting.footprint.quality import Ratings
from trace_node.accounting.footprint.words import EventKind, Origin, Side, Stage
from trace_node.accounting.pact.draft import Draft
from trace_node.accounting.pact.errors import FootprintDocumentError, FootprintGapError
from trace_node.accounting.pact.of_footprint import OnRecord, draft_of

D = Decimal
SPEC = Path(__file__).parents[3] / "docs" / "spec" / "pact.md"
BLOCKS = re.findall(
    r"^```json sheet\n(.*?)^```$", SPEC.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)
SHEET: dict[str, Any] = json.loads(BLOCKS[0])
RECORD = OnRecord(
    origin="trace-node.local/plant-a/sm3",
    digest=bytes(range(32)),
    bundle="",
    start=datetime(2026, 9, 30, 16, tzinfo=UTC),
    end=datetime(2026, 10, 31, 16, tzinfo=UTC),
)


def on_rail(*, washing: str = "300", biogenic: bool = False) -> Footprint:
    """Mined, washed, carried to the customer and burnt there."""
    known = Figures()
    mining = emission("unit-mining", Stage.MINING, {"CO2": "2000", "CH4": "100"}, u="10")
    if biogenic:
        water = replace(mining.lines[1], source="water", mass=D(10), origin=Origin.BIOGENIC)
        mining = replace(mining, lines=(*mining.lines, water))
    known.add(mining, 50)
    if washing:
        known.add(emission("unit-washing", Stage.WASHING, {"CO2": washing}, u="3"), 51)
    events = [
        event(
            "cut", EventKind.EXTRACT, outputs=[out("raw", 100)], stage=Stage.MINING, throughput=1000
        ),
        event(
            "wash",
            EventKind.FEED,
            {"raw": 100},
            [out("clean", 60)],
            stage=Stage.WASHING,
            throughput=200,
        ),
        event("train", EventKind.LOAD, {"clean": 60}, [out("on-rail", 60)], legs=(leg(500),)),
        event("boiler", EventKind.BURN, {"on-rail": 30}, fuel=COAL),
    ]
    return footprint("on-rail", genealogy(events), known)


def made(found: Footprint, *, lifted: frozenset[str] = frozenset(), **pcf: Any) -> Draft:
    sheet = {**SHEET, "pcf": {**SHEET["pcf"], **pcf}}
    return draft_of(found, sheet, record=RECORD, lifted=lifted)


def test_the_exported_figure_is_that_of_the_gate_digit_by_digit() -> None:
    """Cradle to gate: 498 t of the shaft and 150 t of the washer over 60 t, in kg per kg."""
    found = on_rail()
    draft = made(found)
    pcf = draft.product["pcf"]
    assert found.gate.value == D(498_000 + 150_000) / 60
    assert pcf["pcfExcludingBiogenicUptake"] == "10.800000000000"
    assert pcf["pcfIncludingBiogenicUptake"] == pcf["fossilGhgEmissions"] == "10.800000000000"
    assert (pcf["declaredUnitAmount"], pcf["productMassPerDeclaredUnit"]) == ("1", "1")
    assert pcf["referencePeriodStart"] == "2026-09-30T16:00:00Z"
    assert pcf["primaryDataShare"] == "100.000000"
    assert draft.proof == {
        "origin": RECORD.origin,
        "leafDigest": f"sm3:{bytes(range(32)).hex()}",
    }


def test_use_and_transport_behind_the_gate_stand_beside_it() -> None:
    found = on_rail()
    draft = made(found)
    stages = {(each["stage"], each["side"]): each for each in draft.stages}
    assert stages["transport", "downstream"]["kgCO2e"] == "0.004000000000"
    assert stages["use", "downstream"]["complete"] is False  # half of it is not burnt yet
    assert D(stages["use", "downstream"]["kgCO2e"]) > 0
    assert draft.product["pcf"]["outboundLogisticsGhgEmissions"] == "0.004000000000"
    inside = sum(D(each["kgCO2e"]) for key, each in stages.items() if key[1] == "gate")
    assert inside == D(draft.product["pcf"]["pcfExcludingBiogenicUptake"])


def test_a_stage_behind_the_gate_without_a_figure_is_shown_as_a_gap() -> None:
    found = on_rail()
    parts = tuple(part for part in found.parts if part.stage is not Stage.USE)
    stages = tuple(
        replace(each, value=None, u=None, is_complete=False) if each.stage is Stage.USE else each
        for each in found.stages
    )
    draft = made(replace(found, parts=parts, stages=stages))
    assert {"stage": "use", "side": "downstream", "complete": False} in draft.stages


def test_biogenic_methane_is_told_apart() -> None:
    """10 t of the washer's waste water count 27.0, a tenth of the month, over 60 t."""
    pcf = made(on_rail(biogenic=True)).product["pcf"]
    assert pcf["biogenicNonCO2Emissions"] == "0.450000000000"
    assert D(pcf["fossilGhgEmissions"]) == D("10.8")
    assert D(pcf["pcfExcludingBiogenicUptake"]) == D("11.25")


def test_ratings_become_the_data_quality_of_the_document() -> None:
    rated = replace(on_rail(), ratings=Ratings(technology=D(1), time=D("1.5"), geography=D(2)))
    assert made(rated).product["pcf"]["dqi"] == {
        "technologicalDQR": "1",
        "geographicalDQR": "2",
        "temporalDQR": "1.5",
    }


def test_a_gap_before_the_gate_is_never_published() -> None:
    with pytest.raises(FootprintGapError) as caught:
        made(on_rail(washing=""))
    assert caught.value.reason == "pact.gaps"
    assert "washing emission" in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize("code", FlagCode)
def test_a_weak_figure_is_not_published_before_it_is_firm(code: FlagCode) -> None:
    weak = replace(on_rail(), flags=(Flag(code=code, subject="row.one"),))
    with pytest.raises(FootprintGapError) as caught:
        made(weak)
    assert caught.value.reason == "pact.flagged"
    assert "row.one" in caught.value.message
    assert made(weak, lifted=frozenset({"row.one"}))


@pytest.mark.parametrize(
    ("pcf", "field", "reason"),
    [
        ({"fossilGhgEmissions": "1"}, "pcf.fossilGhgEmissions", "pact.sheet"),
        ({"pcfExcludingBiogenicUptake": "1"}, "pcf.pcfExcludingBiogenicUptake", "pact.sheet"),
        ({"referencePeriodStart": "2026-01-01T00:00:00Z"}, "pcf.referencePeriodS", "pact.sheet"),
        ({"ccuCalculationApproach": "Credit"}, "ccuCalculationApproach", "pact.footprint"),
        ({"biogenicCO2Uptake": "-5"}, "pcfIncludingBiogenicUptake", "pact.footprint"),
        ({"fossilCarbonContent": None}, "fossilCarbonContent", "pact.footprint"),
    ],
)
def test_a_sheet_says_what_no_leaf_says(pcf: dict[str, Any], field: str, reason: str) -> None:
    with pytest.raises(FootprintDocumentError) as caught:
        made(on_rail(), **pcf)
    assert field in caught.value.message
    assert caught.value.reason == reason


def test_without_periods_of_its_own_the_sheet_states_one() -> None:
    record = replace(RECORD, start=None, end=None)
    with pytest.raises(FootprintDocumentError, match="referencePeriodStart"):
        draft_of(on_rail(), SHEET, record=record, lifted=frozenset())
    with pytest.raises(FootprintDocumentError, match="pcf"):
        draft_of(on_rail(), {**SHEET, "pcf": 1}, record=record, lifted=frozenset())
    assert {each.side for each in on_rail().stages} == set(Side)


def test_allocation_and_secondary_sources_are_told_unless_the_sheet_does() -> None:
    record = replace(RECORD, allocations=("energy", "mass"), secondary=(("cn.grid", "2023"),))
    pcf = draft_of(on_rail(), SHEET, record=record, lifted=frozenset()).product["pcf"]
    assert pcf["allocationRulesDescription"] == "parted by energy, mass"
    assert pcf["secondaryEmissionFactorSources"] == [{"name": "cn.grid", "version": "2023"}]
    assert "secondaryEmissionFactorSources" not in made(on_rail()).product["pcf"]
    own = {**SHEET, "pcf": {**SHEET["pcf"], "allocationRulesDescription": "by heat"}}
    told = draft_of(on_rail(), own, record=record, lifted=frozenset()).product["pcf"]
    assert told["allocationRulesDescription"] == "by heat"
