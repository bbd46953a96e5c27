"""The coal batch of a synthetic mine in a log, on both engines: back to leaves, forward, altered."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import update
from support.builders import ORGANISATION, key, key_registration
from support.footprint_log import (
    GRID,
    Colliery,
    chain,
    metered,
    stage_emission,
)
from support.footprints import event, link, out, supplied
from support.plant import plant
from support.stores import ENGINES, new_store

from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.footprint.errors import FootprintAlteredError, GenealogyError
from trace_node.accounting.footprint.record import FootprintRecord
from trace_node.accounting.footprint.words import EventKind, Stage
from trace_node.errors import TraceNodeError
from trace_node.ids import OrganisationId
from trace_node.services.footprint_forward import ForwardWalk
from trace_node.services.footprints import FootprintDesk
from trace_node.services.fsck import Fsck
from trace_node.services.log_statement import signed_statement
from trace_node.services.statement_job import StatementJob
from trace_node.services.statement_types import parse_statement
from trace_node.store.sql_store import SqlStore
from trace_node.store.tables import ENTRIES, FOOTPRINT_USES
from trace_node.tlog.hasher import SM3

D = Decimal


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    with new_store(request.param, tmp_path) as store:
        yield store


@pytest.fixture
def mine(store: SqlStore) -> Iterator[Colliery]:
    with plant(store) as here:
        yield Colliery(here)


def desk(mine: Colliery, library: FactorLibrary | None = None) -> FootprintDesk:
    return FootprintDesk(store=mine.here.store, library=library or packaged_factors())


def logged(mine: Colliery) -> int:
    mine.fill()
    found = desk(mine).compute("on-rail")
    return mine.log(FootprintRecord.of(found, item="own-1:pcf")).index


def test_a_batch_leads_back_to_its_leaves(mine: Colliery) -> None:
    """[S0-7.2.1-b2] [S0-7.2.1-b4]: every number names leaves of the log by index and digest.

    Mining: (500 MWh * 0.5306 + 100 t * 29.8) t * 0.1 of the month's coal, 6/7 of it to clean coal.
    """
    mine.fill()
    found = desk(mine).compute("on-rail")
    share = D("0.857142857")
    stages = {each.stage: each.value for each in found.stages}
    nine = D("1e-9")
    assert stages[Stage.MINING] == (3_245_300 * D("0.1") * share / 5_940).quantize(nine)
    assert stages[Stage.WASHING] == (53_060 * D("0.5") * share / 5_940).quantize(nine)
    assert stages[Stage.TRANSPORT] == (D(36_000) / 5_940).quantize(nine)
    with mine.here.store.view() as view:
        for part in found.parts:
            assert part.links
            for each in (part.origin, *part.links):
                assert list(view.entries.leaf_hashes(each.index, each.index + 1)) == [each.digest]
    rests_on = {each.index for each in found.links}
    assert {mine.leaves[name] for name in ("reading", "shaft", "washer", "cut", "wash")} <= rests_on


def test_a_reading_leads_forward_to_the_batches_that_bear_it(mine: Colliery) -> None:
    index = logged(mine)
    walk = ForwardWalk(mine.here.store)
    found = walk.of_leaf(mine.leaves["reading"])
    assert [each.batch for each in found.batches] == [
        "raw",
        "clean",
        "middlings",
        "stone",
        "on-rail",
    ]
    assert found.ends == ("middlings", "stone")
    assert {each.index for each in found.statements} == {mine.leaves["shaft"], index}
    assert [each.batch for each in walk.of_batch("clean").batches] == ["clean", "on-rail"]
    assert walk.of_leaf(mine.leaves["washer"]).batches == found.batches[1:]


def test_the_same_digits_come_out_again_whatever_is_logged_later(mine: Colliery) -> None:
    """[S0-7.2.1-b3]"""
    index = logged(mine)
    first = desk(mine).recompute(index)
    readings = mine.readings("0.00", "100.00")
    mine.log(stage_emission("shaft", Stage.MINING, metered("fan", "100.00", readings)))
    again = desk(mine).recompute(index)
    assert (again.record, again.footprint) == (first.record, first.footprint)
    assert desk(mine).compute("on-rail").gate.value != first.record.gate


def alter(mine: Colliery, index: int, old: bytes, new: bytes, *, hide: bool = False) -> None:
    """Change an entry in the database, and its stored hash too if ``hide``."""
    with mine.here.store.view() as view:
        (entry,) = view.entries.read(index, index + 1)
    body = entry.body.replace(old, new)
    assert body != entry.body
    values = {"body": body} | ({"leaf_hash": SM3.leaf(body)} if hide else {})
    with mine.here.store.unit_of_work() as work:
        changed = update(ENTRIES).where(ENTRIES.c.leaf_index == index).values(**values)
        work.connection.execute(changed)


@pytest.mark.parametrize("hide", [False, True])
def test_an_altered_reading_is_named(mine: Colliery, *, hide: bool) -> None:
    index = logged(mine)
    alter(mine, mine.leaves["reading"], b'"1000.00"', b'"2000.00"', hide=hide)
    with pytest.raises(FootprintAlteredError) as caught:
        desk(mine).recompute(index)
    assert caught.value.reason == "footprint.altered.leaf"
    assert f"leaf {mine.leaves['reading']} " in caught.value.message


def test_an_altered_figure_is_named_though_its_hash_was_altered_too(mine: Colliery) -> None:
    index = logged(mine)
    alter(mine, mine.leaves["shaft"], b'"mass":"100"', b'"mass":"10"', hide=True)
    with pytest.raises(FootprintAlteredError) as caught:
        desk(mine).recompute(index)
    assert f"leaf {mine.leaves['shaft']}" in caught.value.message


@pytest.mark.parametrize("row", [GRID.id, "gwp100.ar6.ch4_fossil"])
def test_an_altered_factor_is_named(mine: Colliery, row: str) -> None:
    index = logged(mine)
    rows = [
        replace(each, value=each.value + 1) if each.id == row else each
        for each in packaged_factors()
    ]
    with pytest.raises(FootprintAlteredError) as caught:
        desk(mine, FactorLibrary(rows)).recompute(index)
    assert row in caught.value.message


def refusal(mine: Colliery, content: object, signer: str = "node") -> str:
    size = mine.here.writer.snapshot.size
    with pytest.raises(TraceNodeError) as caught:
        mine.log(content, signer=signer)  # type: ignore[arg-type]
    assert mine.here.writer.snapshot.size == size
    assert caught.value.remedy
    return caught.value.reason


def test_what_contradicts_the_log_is_refused(mine: Colliery) -> None:
    mine.fill()
    cut, *_ = chain()
    assert mine.log(cut).index == mine.leaves["cut"]  # said again, not logged again
    assert refusal(mine, replace(cut, unit="other")) == "footprint.event.twice"
    assert refusal(mine, replace(cut, event="cut-2")) == "footprint.batch.twice"
    more = replace(cut, event="cut-2", outputs=(replace(cut.outputs[0], batch="raw-2"),))
    assert refusal(mine, replace(more, throughput=D(99_000))) == "footprint.throughput.differs"
    big = replace(more.outputs[0], mass=D(90_001))
    assert refusal(mine, replace(more, outputs=(big,))) == "footprint.throughput"
    split = event("part", EventKind.SPLIT, {"on-rail": 2_971}, [out("p", 2_971)])
    assert refusal(mine, split) == "footprint.overdrawn"
    lost = event("part", EventKind.SPLIT, {"lost": 1}, [out("p", 1)])
    assert refusal(mine, lost) == "footprint.batch.unknown"
    assert refusal(mine, replace(more, links=(link(0),))) == "footprint.link"
    assert refusal(mine, supplied("raw", 10_000)) == "footprint.batch.twice"
    readings = mine.readings("1.00", "3.00")
    wrong = metered("fan", "3.00", readings)
    assert refusal(mine, stage_emission("fan", Stage.MINING, wrong)) == "footprint.activity"
    line = replace(metered("fan", "2.00", readings), mass=D(1))
    assert refusal(mine, stage_emission("fan", Stage.MINING, line)) == "footprint.line"


def test_a_batch_is_not_overdrawn_by_a_second_event(mine: Colliery) -> None:
    mine.log(chain()[0])
    first = event("a", EventKind.SPLIT, {"raw": 6_000}, [out("a", 6_000)])
    second = event("b", EventKind.SPLIT, {"raw": 4_001}, [out("b", 4_001)])
    mine.log(first)
    assert refusal(mine, second) == "footprint.overdrawn"


def test_a_supplier_may_tell_later(mine: Colliery) -> None:
    mine.log(supplied("bought", 100))
    mine.log(event("mix", EventKind.BLEND, {"bought": 100}, [out("m", 100)]))
    assert desk(mine).compute("m").gate.value is None
    mine.log(supplied("bought", 100, "80"))
    assert desk(mine).compute("m").gate.value == 80
    assert Fsck(store=mine.here.store, authorities=[key("authority").public]).run().is_sound


def test_a_hand_over_carries_both_signatures_and_moves_the_batch(mine: Colliery) -> None:
    """[S0-7.2.1-b4]"""
    mine.fill()
    other = OrganisationId("port-b")
    mine.here.enrolment.enrol(key_registration("port", usage="node", organisation=other))
    mine.here.clock.move(seconds=2)
    given = event("arrival", EventKind.DELIVER, {"on-rail": 2_000}, [out("at-port", 2_000)])
    signed = given.signed_by_receiver(other, key("port"))
    assert refusal(mine, given.signed_by_receiver(other, key("node"))) == "access.receiver"
    moved = replace(signed, outputs=(replace(signed.outputs[0], mass=D(1_999)),))
    assert refusal(mine, moved) == "integrity.signature.receiver"
    mine.log(signed)
    part = event("use", EventKind.SPLIT, {"at-port": 1_000}, [out("heap", 1_000)])
    assert refusal(mine, part) == "access.batch"
    assert mine.log(replace(part, organisation=other), signer="port").index
    assert other != ORGANISATION
    assert Fsck(store=mine.here.store, authorities=[key("authority").public]).run().is_sound


def test_the_check_of_the_log_finds_a_hand_over_that_nobody_signed(mine: Colliery) -> None:
    """An entry as a writer makes it that skips the rule of intake."""
    mine.fill()
    mine.here.enrolment.enrol(
        key_registration("port", usage="node", organisation=OrganisationId("port-b"))
    )
    given = event("arrival", EventKind.DELIVER, {"on-rail": 2_000}, [out("at-port", 2_000)])
    signed = given.signed_by_receiver(OrganisationId("port-b"), key("port"))
    moved = replace(signed, outputs=(replace(signed.outputs[0], mass=D(1_999)),))
    foreign = given.signed_by_receiver(OrganisationId("port-b"), key("node"))
    found = []
    for name, each in (("a", moved), ("b", foreign)):
        other = replace(each, event=name, outputs=(replace(each.outputs[0], batch=name),))
        inputs = tuple(replace(part, mass=D(1)) for part in other.inputs)
        other = replace(
            other, inputs=inputs, tolerance=D(1), outputs=(replace(other.outputs[0], mass=D(1)),)
        )
        raw = signed_statement(other, signer=key("node"), clock=mine.here.clock)
        job = StatementJob(raw=raw, statement=parse_statement(raw))
        found.append(mine.here.writer.submit(job).result().index)
    report = Fsck(store=mine.here.store, authorities=[key("authority").public]).run()
    assert [(each.code, each.index) for each in report.problems] == [
        ("fsck.key", found[1]),
        ("fsck.signature", found[0]),
    ]


def test_the_check_of_the_log_finds_a_lost_row(mine: Colliery) -> None:
    logged(mine)
    check = Fsck(store=mine.here.store, authorities=[key("authority").public])
    assert check.run().is_sound
    with mine.here.store.unit_of_work() as work:
        work.connection.execute(update(FOOTPRINT_USES).values(mass="1"))
    problems = {each.code for each in check.run().problems}
    assert problems == {"fsck.index_row"}


def test_an_event_of_another_enterprise_is_refused(mine: Colliery) -> None:
    foreign = replace(chain()[0], organisation=OrganisationId("port-b"))
    assert refusal(mine, foreign) == "statement.key"
    with pytest.raises(GenealogyError):
        mine.log(replace(chain()[0], tolerance=D(0), throughput=D(1)))
