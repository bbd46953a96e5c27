"""A batch whose stage is a computed emission: from a month of readings to the batch and back."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import update
from support.accounts import accounts, deliver_hours, hourly_meter, log_boundary, request
from support.builders import Run, key
from support.footprint_log import Colliery
from support.footprints import ITEM, event, out
from support.plant import plant
from support.stores import ENGINES, new_store

from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.footprint.errors import FootprintAlteredError, GenealogyError
from trace_node.accounting.footprint.record import FootprintRecord
from trace_node.accounting.footprint.stage_emission import StageEmission
from trace_node.accounting.footprint.words import EventKind, Origin, Stage
from trace_node.services.footprint_emission import stage_of_emission
from trace_node.services.footprint_forward import ForwardWalk
from trace_node.services.footprints import FootprintDesk
from trace_node.services.fsck import Fsck
from trace_node.store.tables import ENTRIES

MONTH_KG = Decimal("930.00") * Decimal("0.5306")  # 744 h of 1.25 kWh


@pytest.fixture(params=ENGINES)
def mine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Colliery]:
    with new_store(request.param, tmp_path) as store, plant(store) as here:
        hourly_meter(here)
        log_boundary(here)
        deliver_hours(here, Run())
        yield Colliery(here)


def stated(mine: Colliery) -> StageEmission:
    """The month's emission of the works, as that of mining."""
    (done,) = accounts(mine.here).account(request())
    return stage_of_emission(
        done.emission,
        mine.leaf(done.index),
        stage=Stage.MINING,
        item=ITEM,
        relative_u=Decimal("0.01"),
    )


def logged(mine: Colliery) -> int:
    mine.log(stated(mine))
    cut = event(
        "cut",
        EventKind.EXTRACT,
        outputs=[out("raw", 10)],
        stage=Stage.MINING,
        throughput=100,
        unit="works",
    )
    mine.log(cut)
    return mine.log(FootprintRecord.of(desk(mine).compute("raw"), item=ITEM)).index


def desk(mine: Colliery) -> FootprintDesk:
    return FootprintDesk(store=mine.here.store, library=packaged_factors())


def test_a_month_of_readings_becomes_the_footprint_of_a_batch(mine: Colliery) -> None:
    """[S0-7.2.1-c1] [S2-9.4-2]: the stage's own factor of the month, per tonne of its coal."""
    index = logged(mine)
    found = desk(mine).recompute(index).footprint
    assert found.gate.value == (MONTH_KG / 100).quantize(Decimal("1e-9"))
    assert found.gate.u == (MONTH_KG / 100 / 100).quantize(Decimal("1e-9"))
    assert Fsck(store=mine.here.store, authorities=[key("authority").public]).run().is_sound


def test_a_reading_of_the_month_leads_to_the_batch(mine: Colliery) -> None:
    index = logged(mine)
    reading = _a_reading(mine)
    found = ForwardWalk(mine.here.store).of_leaf(reading)
    assert [each.batch for each in found.batches] == ["raw"]
    assert [each.kind for each in found.statements] == [
        "emission@1",
        "stage-emission@1",
        "footprint@1",
    ]
    assert found.statements[-1].index == index


def test_an_altered_reading_below_the_emission_is_named(mine: Colliery) -> None:
    index, reading = logged(mine), _a_reading(mine)
    with mine.here.store.unit_of_work() as work:
        (body,) = work.entries.bodies(reading, reading + 1)
        altered = body.replace(b'"value":"', b'"value":"9')
        assert altered != body
        changed = update(ENTRIES).where(ENTRIES.c.leaf_index == reading).values(body=altered)
        work.connection.execute(changed)
    with pytest.raises(FootprintAlteredError) as caught:
        desk(mine).recompute(index)
    assert caught.value.reason == "footprint.altered.leaf"
    assert f"leaf {reading} " in caught.value.message


def test_a_stage_that_says_something_else_than_its_emission_is_refused(mine: Colliery) -> None:
    whole = stated(mine)
    line = next(each for each in whole.lines if each.mass)
    less = replace(line, mass=line.mass / 2)
    with pytest.raises(GenealogyError) as caught:
        mine.log(replace(whole, lines=(less,)))
    assert caught.value.reason == "footprint.emission"
    assert caught.value.remedy


def test_a_computed_emission_is_borne_by_one_stage(mine: Colliery) -> None:
    """The same sources as washing, whatever leaf of the emission is named; methane by origin."""
    whole = stated(mine)
    index = mine.log(whole).index
    with pytest.raises(GenealogyError) as caught:
        mine.log(replace(whole, stage=Stage.WASHING))
    assert caught.value.reason == "footprint.counted_twice"
    assert f"leaf {index} " in caught.value.message
    assert {line.origin for line in whole.lines} == {Origin.FOSSIL}
    (done,) = accounts(mine.here).account(request())
    with pytest.raises(GenealogyError) as caught:
        stage_of_emission(
            done.emission,
            mine.leaf(done.index),
            stage=Stage.MINING,
            item=ITEM,
            relative_u=Decimal(0),
            biogenic=["lost"],
        )
    assert caught.value.reason == "footprint.origin"


def _a_reading(mine: Colliery) -> int:
    (done,) = accounts(mine.here).account(request())
    with mine.here.store.view() as view:
        return next(
            index
            for index in done.emission.leaves
            if view.entries.read(index, index + 1)[0].kind == "reading@1"
        )
