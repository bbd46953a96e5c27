"""Forms that people write: what is left out is filled in, what is stated is checked."""

import tomllib
from decimal import Decimal
from typing import Any

import pytest
from support.footprint_log import GRID
from support.footprints import AT, link

from trace_node.accounting.errors import FactorNotFoundError
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.footprint.errors import GenealogyError
from trace_node.accounting.footprint.words import EventKind, Stage
from trace_node.errors import InputError, TraceNodeError
from trace_node.record.errors import RecordError
from trace_node.services.footprint_forms import event_of, stage_of, supply_of

WASH = """
event = "wash"
kind = "feed"
unit = "washer"
stage = "washing"
period = "2026-10"
throughput = 100
item = "own-1:x"
allocation = "mass"
links = [7]
[[inputs]]
batch = "raw"
mass = "12.50"
[[outputs]]
batch = "clean"
product = "coal"
mass = 6
[[outputs]]
batch = "more"
product = "coal"
mass = 3
[[outputs]]
batch = "stone"
product = "stone"
mass = 3
reject = true
"""
BURN = """
event = "burn"
kind = "burn"
unit = "boiler"
item = "own-1:x"
fuel = { ncv = "22.5", carbon = "0.02541", oxidation = "0.99", evidence = 9 }
[[inputs]]
batch = "clean"
mass = 6
"""
STAGE = """
unit = "washer"
stage = "washing"
period = "2026-10"
item = "own-1:x"
[[lines]]
source = "power"
gas = "CO2"
activity = "100000.00"
unit = "kWh"
factor = "cn.grid.avg.national.2023"
links = [4, 5]
"""


def event(text: str) -> Any:
    form = tomllib.loads(text)
    return event_of(form, organisation="plant-a", now=AT, leaf=link)


def stage(text: str) -> Any:
    return stage_of(
        tomllib.loads(text), organisation="plant-a", leaf=link, library=packaged_factors()
    )


def test_shares_digests_and_usual_values_are_filled_in() -> None:
    made = event(WASH)
    assert (made.kind, made.stage, made.organisation) == (
        EventKind.FEED,
        Stage.WASHING,
        "plant-a",
    )
    assert [each.share for each in made.outputs] == [
        Decimal("0.666666667"),
        Decimal("0.333333333"),
        0,
    ]
    assert made.inputs[0].mass == Decimal("12.50")
    assert (made.links, made.happened_at, made.tolerance) == ((link(7),), AT, 0)


def test_a_fuel_names_its_laboratory_record_by_index() -> None:
    fuel = event(BURN).fuel
    assert (fuel.evidence, fuel.u) == (link(9), 0)


def test_a_mass_is_activity_times_factor() -> None:
    (line,) = stage(STAGE).lines
    assert line.mass == 100_000 * GRID.value / 1000
    assert (line.factor.row, line.factor.digest) == (GRID.id, GRID.digest)
    assert line.links == (link(4), link(5))


def test_a_bought_batch_without_figures_is_a_gap() -> None:
    form = {"batch": "b", "product": "coal", "mass": 5, "item": "x", "supplier": "某厂"}
    told = supply_of(form, organisation="plant-a")
    assert (told.source, told.value, told.mass) == ("none", None, 5)
    with pytest.raises(GenealogyError) as caught:
        supply_of({**form, "value": "80"}, organisation="plant-a")
    assert caught.value.reason == "footprint.supplier"


@pytest.mark.parametrize(
    ("text", "old", "new", "kind", "reason"),
    [
        (WASH, "mass = 6", "mass = 6.0", InputError, "input.float"),
        (WASH, 'event = "wash"\n', "", RecordError, "record.event"),
        (WASH, 'unit = "washer"', 'unit = "washer"\nmore = 1', RecordError, None),
        (WASH, 'product = "stone"\nmass = 3', 'product = "stone"\nmass = 4', GenealogyError, None),
        (WASH, "reject = true", "share = 0", RecordError, "record.share"),
        (WASH, 'allocation = "mass"', 'allocation = "whole"', GenealogyError, None),
        (WASH, "throughput = 100", "throughput = 12", GenealogyError, "footprint.throughput"),
        (BURN, "mass = 6", "mass = -6", RecordError, "record.mass"),
        (BURN, '"0.99"', '"99"', RecordError, "record.oxidation"),
        (STAGE, "national.2023", "national.1999", FactorNotFoundError, None),
        (STAGE, '"kWh"', '"t"', TraceNodeError, None),
        (STAGE, "links = [4, 5]", "links = []", GenealogyError, "footprint.links"),
    ],
)
def test_what_is_wrong_is_refused(
    text: str, old: str, new: str, kind: type[TraceNodeError], reason: str | None
) -> None:
    assert old in text
    with pytest.raises(kind) as caught:
        (stage if text is STAGE else event)(text.replace(old, new))
    assert reason in {None, caught.value.reason}
    assert caught.value.remedy
