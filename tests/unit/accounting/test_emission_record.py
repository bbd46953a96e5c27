"""``emission@1``: a unit of 100 sources fits into a leaf, and has one spelling."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from support.statement_samples import key, salt

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.methods.words import Purpose, Role, Use
from trace_node.accounting.records.emission import EMISSION, Emission
from trace_node.accounting.records.emission_form import (
    activity_in_order,
    factors_in_order,
    items_in_order,
)
from trace_node.accounting.records.emission_parts import (
    ActivityItem,
    EmissionItem,
    FactorUse,
    FigureOf,
)
from trace_node.accounting.standing import Standing
from trace_node.canonical_json import MAX_RECORD_BYTES
from trace_node.crypto.sm3 import sm3
from trace_node.ids import OrganisationId
from trace_node.period import parse_period
from trace_node.record.errors import RecordError
from trace_node.record.statement import build_statement, read_statement

METHOD = "cn.ndrc.oil_gas.2014.enterprise@1"
GASES = ("CO2", "CH4", "N2O")
LONG = Decimal("31.590914666666666666666666666666666666666666666667")
AT = datetime(2026, 11, 29, 12, tzinfo=UTC)


def _activity(source: int, symbol: str) -> ActivityItem:
    name = f"workshop.{symbol}.s{source:03}"
    return ActivityItem(
        place=f"{METHOD}/combustion/s{source:03}",
        name=name,
        provenance="meter",
        reference=f"own-1:0610.boiler.{symbol}.flow.{source:03}",
        raw=Decimal("123456.789"),
        raw_unit="Nm3",
        value=Decimal("12.3456789"),
        unit="10^4Nm3",
        conversion="",
        findings=("activity.estimated",) if source == 7 else (),
        standing=Standing.PROVISIONAL if source == 9 else Standing.FINAL,
        leaves=tuple(range(1_000_000 + source, 1_000_006 + source)),
    )


def _item(source: int, gas: str) -> EmissionItem:
    name = f"s{source:03}"
    return EmissionItem(
        code=f"{METHOD}/combustion/{name}/E_fuel.{gas}",
        source=name,
        category="combustion",
        scope=1,
        iso14064=1,
        gas=gas,
        role=Role.EMISSION,
        mass=LONG + source,
    )


def emission(sources: int) -> Emission:
    rows = {symbol: sm3(symbol.encode()) for symbol in ("NCV", "CC", "OF")}
    return Emission(
        organisation=OrganisationId("plant-a"),
        boundary="plant",
        boundary_leaf=EvidenceLink(3, bytes(32)),
        unit="works",
        method=METHOD,
        method_digest=bytes(32),
        period=parse_period("2026-10"),
        use=Use.INTERNAL,
        standing=Standing.FINAL,
        activity=activity_in_order(
            _activity(n, symbol) for n in range(sources) for symbol in ("FC", "NCV")
        ),
        factors=factors_in_order(
            FactorUse(node=f"fuels[s{n:03}].{symbol}", row=f"cn.row.{symbol}", digest=digest)
            for symbol, digest in rows.items()
            for n in range(sources)
        ),
        release_root=bytes(32),
        approvals=(),
        items=items_in_order(_item(n, gas) for n in range(sources) for gas in GASES),
        figures=(
            FigureOf(
                id="gross",
                purpose=Purpose.ENTERPRISE,
                value=Decimal(18797),
                unit="tCO2e",
                gwp_set="AR5",
                masses=dict.fromkeys(GASES, LONG),
            ),
        ),
        result=bytes(32),
        replaces=None,
        demonstration=None,
        reason=None,
    )


def test_a_unit_of_100_sources_fits_into_a_leaf_with_room() -> None:
    """Each with two meters, three rows and three gases of 50 digits."""
    record = emission(100)
    raw = build_statement(record, salt=salt("x"), stated_at=AT, signer=key("plant"))
    assert len(raw) < MAX_RECORD_BYTES
    assert read_statement(raw, contents={EMISSION: Emission}).content == record


def _written(sources: int = 2) -> dict[str, Any]:
    return {"type": EMISSION, **emission(sources).to_fields()}


def test_what_many_share_is_written_once() -> None:
    fields = _written(10)
    assert [len(group["masses"]) for group in fields["items"]] == [10, 10, 10]
    assert [len(row["nodes"]) for row in fields["factors"]] == [10, 10, 10]
    (group,) = fields["activity"]
    first, last = group["items"][0], group["items"][9]
    assert (first["name"], first["place"]) == ("workshop.FC.s000", "/combustion/s000")
    assert "standing" not in first
    assert last["standing"] == "provisional"
    again = Emission.from_fields(fields)
    assert again.activity[0].code == f"{METHOD}/combustion/s000/workshop.FC.s000"
    assert again.items[0].code == f"{METHOD}/combustion/s000/E_fuel.CH4"


def test_activity_of_a_source_of_another_method_says_so() -> None:
    other = replace(_activity(1, "FC"), place="cn.purchased_energy@1/electricity/s001")
    record = replace(emission(1), activity=(other,))
    assert Emission.from_fields({"type": EMISSION, **record.to_fields()}) == record


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"conversion": ""}, "record.conversion"),
        ({"findings": []}, "record.activity"),
        ({"standing": "final"}, "record.activity"),
        ({"place": f"{METHOD}/combustion/s000"}, "record.activity"),
        ({"name": "workshop.FC.s001"}, "record.items"),
    ],
)
def test_activity_has_one_spelling(changed: dict[str, Any], reason: str) -> None:
    (group,) = _written()["activity"]
    first, *others = group["items"]
    spoilt = {**group, "items": [{**first, **changed}, *others]}
    with pytest.raises(RecordError) as refused:
        Emission.from_fields({**_written(), "activity": [spoilt]})
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("key", "changed", "reason"),
    [
        ("activity", {"items": []}, "record.items"),
        ("factors", {"nodes": []}, "record.nodes"),
        ("factors", {"nodes": ["b", "a"]}, "record.nodes"),
        ("items", {"masses": {}}, "record.masses"),
        ("items", {"masses": {"s 1": "1"}}, "record.source"),
        ("items", {"masses": {"s1": "1e3"}}, "record.figure"),
    ],
)
def test_a_group_that_breaks_a_rule_is_refused(
    key: str, changed: dict[str, Any], reason: str
) -> None:
    first, *others = _written()[key]
    with pytest.raises(RecordError) as refused:
        Emission.from_fields({**_written(), key: [{**first, **changed}, *others]})
    assert refused.value.reason == reason


@pytest.mark.parametrize("key", ["activity", "factors", "items"])
def test_a_group_is_there_once(key: str) -> None:
    parts = _written()[key]
    with pytest.raises(RecordError) as refused:
        Emission.from_fields({**_written(), key: [*parts, parts[0]]})
    assert refused.value.reason == f"record.{key}"
