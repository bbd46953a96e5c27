"""The coal chain of methods.md 10 by hand, and every way to get it wrong."""

from dataclasses import replace
from decimal import Decimal

import pytest
from support.footprints import (
    COAL,
    Figures,
    emission,
    event,
    footprint,
    genealogy,
    leg,
    out,
    supplied,
)

from trace_node.accounting.footprint.allocation import allocate
from trace_node.accounting.footprint.batch_event import BatchEvent
from trace_node.accounting.footprint.errors import BatchNotFoundError, GenealogyError
from trace_node.accounting.footprint.footprint import Footprint
from trace_node.accounting.footprint.parts import GapCode
from trace_node.accounting.footprint.record import FootprintRecord
from trace_node.accounting.footprint.words import Allocation, EventKind, Side, Stage

D = Decimal
MINING = {"CO2": "2000", "CH4": "100"}  # t in the month; 2,000 + 29.8 * 100 = 4,980 tCO2e
WASHING = {"CO2": "300"}


def chain() -> list[BatchEvent]:
    """10,000 t of 100,000 t mined; all of it of 20,000 t washed; 6,000 t clean coal go to Tianjin."""
    return [
        event(
            "cut",
            EventKind.EXTRACT,
            outputs=[out("raw", 10_000)],
            stage=Stage.MINING,
            throughput=100_000,
        ),
        event(
            "wash",
            EventKind.FEED,
            {"raw": 10_000},
            [
                out("clean", 6_000, ncv=D(25)),
                out("middlings", 2_000, ncv=D("12.5")),
                out("stone", 2_000, reject=True),
            ],
            stage=Stage.WASHING,
            throughput=20_000,
            allocation=Allocation.ENERGY,
        ),
        event(
            "train",
            EventKind.LOAD,
            {"clean": 6_000},
            [out("on-rail", 5_940, ncv=D(25))],
            legs=(leg(500, "0.008", empty="0.5"),),
        ),
        event(
            "arrival",
            EventKind.DELIVER,
            {"on-rail": 5_940},
            [out("at-port", 5_940)],
            stage=None,
            legs=(leg(10, "0.1"),),
        ),
        event("boiler", EventKind.BURN, {"at-port": 5_940}, fuel=COAL),
    ]


def figures() -> Figures:
    known = Figures()
    known.add(emission("unit-mining", Stage.MINING, MINING, u="10"), 50)
    known.add(emission("unit-washing", Stage.WASHING, WASHING, u="3"), 51)
    return known


def by_stage(found: Footprint) -> dict[tuple[Stage, Side], D | None]:
    return {(each.stage, each.side): each.value for each in found.stages}


def test_the_coal_chain_gives_what_the_equations_give() -> None:
    """[S0-7.2.1-a] e_M = 0.0498 t/t; B = 498 + 150 t; a = 150,000/175,000; use = 2,075.4 kg/t.

    Clean coal: a = 6/7, b_p m_p = 648 * 6/7 t = 555.428571 t; per tonne at the port, of 5,940 t:
    mining 498 * 6/7 / 5,940, washing 150 * 6/7 / 5,940; transport 6,000 * 500 * 0.008 * 1.5 kg
    and 5,940 * 10 * 0.1 kg, over 5,940 t; use 22.5 * 0.02541 * 0.99 * 44/12 * 1000 kg.
    """
    lineage = genealogy(chain())
    found = footprint("at-port", lineage, figures())
    share = D("0.857142857")  # nine decimals, as the event states it
    stages = by_stage(found)
    nine = D("1e-9")
    assert stages == {
        (Stage.MINING, Side.GATE): (498_000 * share / 5940).quantize(nine),
        (Stage.WASHING, Side.GATE): (150_000 * share / 5940).quantize(nine),
        (Stage.TRANSPORT, Side.DOWNSTREAM): (D(36_000 + 5_940) / 5940).quantize(nine),
        (Stage.USE, Side.DOWNSTREAM): D("2075.361750000"),
    }
    assert found.gate.value == (648_000 * share / 5940).quantize(nine)
    assert found.gate.is_complete
    assert found.downstream.is_complete
    assert found.downstream.value == stages[Stage.TRANSPORT, Side.DOWNSTREAM] + D("2075.361750000")
    assert (found.primary_share, found.coverage) == (1, 1)
    assert found.gaps == ()


def test_the_products_bear_exactly_what_was_parted() -> None:
    """Sum over products of b_p m_p = B, rejects bearing nothing."""
    lineage, known = genealogy(chain()), figures()
    borne = {
        name: sum((p.slope * p.x for p in footprint(name, lineage, known).parts), D(0)) * mass
        for name, mass in (("clean", 6_000), ("middlings", 2_000), ("stone", 2_000))
    }
    assert abs(sum(borne.values()) - 648_000) < D("1e-35")
    assert borne["stone"] == 0


def test_uncertainty_of_one_source_adds_and_of_two_is_in_quadrature() -> None:
    found = footprint("raw", genealogy(chain()[:1]), figures())
    slope = D("0.1") * 1000 / 10_000
    co2, ch4 = slope * 10, slope * 10 * D("29.8")
    assert found.gate.u == (co2**2 + ch4**2).sqrt().quantize(D("1e-9"))
    twice = [
        event(
            "cut-1", EventKind.EXTRACT, outputs=[out("a", 50)], stage=Stage.MINING, throughput=100
        ),
        event(
            "cut-2", EventKind.EXTRACT, outputs=[out("b", 50)], stage=Stage.MINING, throughput=100
        ),
        event("heap", EventKind.BLEND, {"a": 50, "b": 50}, [out("c", 100)]),
    ]
    one = Figures()
    one.add(emission("unit-mining", Stage.MINING, {"CO2": "10"}, u="1"), 50)
    whole = footprint("c", genealogy(twice), one)
    assert (whole.gate.value, whole.gate.u) == (D(100), D(10))  # 1 t of 10 t: fully correlated


def test_transport_before_a_process_lies_before_its_gate() -> None:
    events = [
        *chain()[:3],
        event(
            "coking",
            EventKind.FEED,
            {"on-rail": 5_940},
            [out("coke", 4_000)],
            stage=Stage.PROCESS,
            throughput=5_940,
        ),
    ]
    stages = by_stage(footprint("coke", genealogy(events), figures()))
    assert stages[Stage.TRANSPORT, Side.GATE] == D(9)  # 36,000 kg over 4,000 t
    assert (Stage.TRANSPORT, Side.DOWNSTREAM) not in stages


def test_a_stage_without_a_figure_is_a_gap_and_never_zero() -> None:
    """[S0-7.2.1-b3]"""
    only_mining = figures()
    del only_mining.known["unit-washing", Stage.WASHING]
    found = footprint("at-port", genealogy(chain()), only_mining)
    washing = next(each for each in found.stages if each.stage is Stage.WASHING)
    assert (washing.value, washing.is_complete) == (None, False)
    assert not found.gate.is_complete
    assert [gap.code for gap in found.gaps] == [GapCode.EMISSION]
    assert found.coverage == D("0.5")


def test_what_is_not_burnt_is_a_gap_of_use() -> None:
    events = [*chain()[:4], event("boiler", EventKind.BURN, {"at-port": 594}, fuel=COAL)]
    found = footprint("at-port", genealogy(events), figures())
    (gap,) = found.gaps
    assert (gap.code, gap.share) == (GapCode.USE, D("0.9"))
    assert found.gate.is_complete
    assert by_stage(found)[Stage.USE, Side.DOWNSTREAM] == D("207.536175000")


def test_a_supplier_counts_with_its_primary_share_and_set() -> None:
    events = [
        event("mix", EventKind.BLEND, {"bought": 100, "dumb": 100, "old": 200}, [out("m", 400)])
    ]
    supplies = [
        supplied("bought", 100, "80"),
        supplied("dumb", 100),
        supplied("old", 200, "90", gwp_set="AR5"),
    ]
    found = footprint("m", genealogy(events, supplies), Figures())
    assert found.gate.value == D(20)
    assert found.primary_share == D("0.5")
    assert found.coverage == D("0.25")
    assert {gap.code for gap in found.gaps if gap.side is Side.GATE} == {
        GapCode.SUPPLIER,
        GapCode.GWP_SET,
    }


def test_rework_moves_its_burden_and_counts_nothing_twice() -> None:
    """Half of the clean coal is washed again: all batches together bear what was emitted."""
    events = [
        *chain()[:2],
        event(
            "again",
            EventKind.REWORK,
            {"clean": 3_000},
            [out("cleaner", 2_500), out("tail", 500)],
            stage=Stage.WASHING,
            throughput=20_000,
        ),
    ]
    lineage, known = genealogy(events), figures()
    borne = sum(
        (
            sum((p.slope * p.x for p in footprint(name, lineage, known).parts), D(0)) * mass
            for name, mass in (
                ("clean", 3_000),
                ("middlings", 2_000),
                ("cleaner", 2_500),
                ("tail", 500),
            )
        ),
        D(0),
    )
    assert abs(borne - (648_000 + 45_000)) < D("1e-35")


def test_the_record_says_the_same_after_it_was_read() -> None:
    record = FootprintRecord.of(footprint("at-port", genealogy(chain()), figures()), item="own-1:x")
    assert FootprintRecord.from_fields(record.to_fields()) == record
    assert record.count == len(record.links)


def test_a_batch_that_nobody_made_is_not_found() -> None:
    with pytest.raises(BatchNotFoundError):
        footprint("nowhere", genealogy(chain()), figures())


def refused(events: list[BatchEvent]) -> str:
    with pytest.raises(GenealogyError) as caught:
        genealogy(events)
    assert caught.value.remedy
    return caught.value.reason


def test_a_circle_of_events_is_named() -> None:
    events = [
        event("one", EventKind.BLEND, {"b": 10}, [out("a", 10)]),
        event("two", EventKind.BLEND, {"a": 10}, [out("b", 10)]),
    ]
    with pytest.raises(GenealogyError) as caught:
        genealogy(events)
    assert caught.value.reason == "footprint.cycle"
    assert "one <- two <- one" in caught.value.message


def test_what_contradicts_the_genealogy_is_refused() -> None:
    cut = chain()[0]
    split = event("part", EventKind.SPLIT, {"raw": 6_000}, [out("p", 6_000)])
    assert refused([cut, replace(cut, event="again")]) == "footprint.batch.twice"
    assert refused([split]) == "footprint.batch.unknown"
    more = event("more", EventKind.SPLIT, {"raw": 4_001}, [out("q", 4_001)])
    assert refused([cut, split, more]) == "footprint.overdrawn"


def read_again(changed: BatchEvent) -> str:
    with pytest.raises(GenealogyError) as caught:
        BatchEvent.from_fields(changed.to_fields())
    assert caught.value.remedy
    return caught.value.reason


def test_what_contradicts_itself_is_refused() -> None:
    cut, wash, train, _, burn = chain()
    for each in chain():
        assert BatchEvent.from_fields(each.to_fields()) == each
    heavy = replace(wash.outputs[2], mass=D(2_001))
    assert read_again(replace(wash, outputs=(*wash.outputs[:2], heavy))) == "footprint.mass"
    within = replace(wash, outputs=(*wash.outputs[:2], heavy), tolerance=D("0.0001"))
    assert BatchEvent.from_fields(within.to_fields()) == within
    same = replace(train.outputs[0], batch="clean")
    assert read_again(replace(train, outputs=(same,))) == "footprint.cycle"
    unequal = replace(wash.outputs[0], share=D("0.8"))
    assert (
        read_again(replace(wash, outputs=(unequal, *wash.outputs[1:])))
        == "footprint.allocation.sum"
    )
    swapped = (
        replace(wash.outputs[0], share=wash.outputs[1].share),
        replace(wash.outputs[1], share=wash.outputs[0].share),
        wash.outputs[2],
    )
    assert read_again(replace(wash, outputs=swapped)) == "footprint.allocation.share"
    assert read_again(replace(cut, throughput=D(9_999))) == "footprint.throughput"
    assert read_again(replace(cut, stage=None, period=None, throughput=None)) == "footprint.members"
    assert read_again(replace(cut, throughput=None)) == "footprint.members"
    assert read_again(replace(burn, fuel=None)) == "footprint.members"
    assert read_again(replace(wash, legs=train.legs)) == "footprint.members"
    assert read_again(replace(wash, inputs=wash.inputs * 2)) == "footprint.members"


def test_an_allocation_needs_what_it_parts_by() -> None:
    products = [out("a", 3).as_product, out("b", 1).as_product]
    assert allocate(products, Allocation.MASS) == (D("0.75"), D("0.25"))
    thirds = [out(name, 1).as_product for name in "abc"]
    assert sum(allocate(thirds, Allocation.MASS)) == 1
    for basis, reason in (
        (Allocation.WHOLE, "footprint.allocation"),
        (Allocation.VALUE, "footprint.allocation.basis"),
        (Allocation.ENERGY, "footprint.allocation.basis"),
    ):
        with pytest.raises(GenealogyError) as caught:
            allocate(products, basis)
        assert caught.value.reason == reason
    priced = [out("a", 3, price=D(100)).as_product, out("b", 1, price=D(900)).as_product]
    assert allocate(priced, Allocation.VALUE) == (D("0.25"), D("0.75"))


def test_a_cement_leads_back_over_clinker_to_raw_meal() -> None:
    """1,600 t of meal (32 t CO2) become 1,000 t of clinker (530 t), 700 t of it 1,000 t of cement."""
    events = [
        event(
            "mill",
            EventKind.EXTRACT,
            outputs=[out("meal", 1_600, product="raw_meal")],
            stage=Stage.RAW_MEAL,
            throughput=1_600,
        ),
        event(
            "kiln",
            EventKind.FEED,
            {"meal": 1_600},
            [out("clinker", 1_000, product="clinker")],
            stage=Stage.CLINKER,
            throughput=1_600,
            allocation=Allocation.WHOLE,
        ),
        event(
            "grinding",
            EventKind.FEED,
            {"clinker": 700, "gypsum": 300},
            [out("cement", 1_000, product="cement")],
            stage=Stage.CEMENT,
            throughput=1_000,
        ),
    ]
    known = Figures()
    for stage, tonnes in ((Stage.RAW_MEAL, 32), (Stage.CLINKER, 530), (Stage.CEMENT, 35)):
        known.add(emission(f"unit-{stage.value}", stage, {"CO2": tonnes}), 60 + len(known.known))
    lineage = genealogy(events, [supplied("gypsum", 300, "5")])
    found = footprint("cement", lineage, known)
    assert by_stage(found) == {
        (Stage.RAW_MEAL, Side.GATE): D("22.4"),  # 32 t * 0.7 over 1,000 t
        (Stage.CLINKER, Side.GATE): D(371),
        (Stage.CEMENT, Side.GATE): D(35),
        (Stage.SUPPLY, Side.GATE): D("1.5"),
        (Stage.USE, Side.DOWNSTREAM): None,
    }
    assert found.gate.value == D("429.9")
    assert found.coverage == 1
