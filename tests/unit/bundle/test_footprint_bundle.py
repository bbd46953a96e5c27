"""A footprint in the hands of a stranger: the same digits, and what was altered is named."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.accounts import accounts, deliver_hours, hourly_meter, log_boundary, request
from support.builders import NOW, Run
from support.footprint_log import Colliery, metered, stage_emission
from support.footprints import ITEM, event, leg, out
from support.plant import plant
from support.provable import provable, provable_trust_root
from support.stores import new_store

from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.footprint.errors import GenealogyError
from trace_node.accounting.footprint.record import FootprintRecord
from trace_node.accounting.footprint.words import EventKind, Stage
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.crypto.sm3 import sm3
from trace_node.services import footprint_supplies
from trace_node.services.footprint_emission import stage_of_emission
from trace_node.services.footprints import FootprintDesk, LoggedFootprint
from trace_node.services.supplier_input import (
    SupplierDocumentError,
    Supply,
    keep,
    supply_of_bundle,
)
from trace_node.services.verify import verify_file
from trace_node.services.verify_against import Against
from trace_node.services.verify_emission import EmissionReport
from trace_node.tlog.bundle_file import BundleFile, read_bundle_file, write_bundle_file
from trace_node.tlog.verdict import Status


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Mining is a computed emission, washing two readings times a factor; then it is split."""
    with provable(tmp_path_factory.mktemp("log")) as world:
        mine = Colliery(world.plant)
        hourly_meter(world.plant)
        log_boundary(world.plant)
        deliver_hours(world.plant, Run())
        (done,) = accounts(world.plant).account(request())
        stated = stage_of_emission(
            done.emission,
            mine.leaf(done.index),
            stage=Stage.MINING,
            item=ITEM,
            relative_u=done.emission.items[0].mass * 0,
        )
        mine.log(stated)
        power = metered("washer", "100.00", mine.readings("5000.00", "5100.00"))
        mine.log(stage_emission("washer", Stage.WASHING, power))
        common: dict[str, Any] = {"throughput": 100}
        mine.log(
            event(
                "cut",
                EventKind.EXTRACT,
                outputs=[out("raw", 10)],
                stage=Stage.MINING,
                unit="works",
                **common,
            )
        )
        mine.log(
            event(
                "wash",
                EventKind.FEED,
                {"raw": 10},
                [out("clean", 8)],
                stage=Stage.WASHING,
                unit="washer",
                **common,
            )
        )
        mine.log(event("part", EventKind.SPLIT, {"clean": 8}, [out("a", 5), out("b", 3)]))
        mine.log(event("train", EventKind.LOAD, {"a": 5}, [out("far", 5)], legs=(leg(),)))
        desk = FootprintDesk(store=world.plant.store, library=packaged_factors())
        index = mine.log(FootprintRecord.of(desk.compute("far"), item=ITEM)).index
        world.settle()
        return desk.prove(index, methods=packaged_methods())


def verified(raw: bytes) -> EmissionReport:
    report = verify_file(raw, against=Against(trust_root=provable_trust_root().raw, now=NOW))
    assert isinstance(report, EmissionReport)
    return report


def outcome(report: EmissionReport, name: str) -> tuple[Status, str]:
    (check,) = (each for each in report.verdict.checks if each.kind.name == name)
    return check.status, f"{check.kind} {dict(check.params)}"


def test_a_stranger_computes_the_same_digits(bundle: bytes) -> None:
    """[S0-7.2.1-c3]"""
    report = verified(bundle)
    assert report.verdict.signed is Status.PASSED
    assert isinstance(report.recomputed, LoggedFootprint)
    assert report.recomputed.footprint.gate.value == report.recomputed.record.gate
    shown = report.own_json()
    assert isinstance(shown, dict)
    assert shown["batch"] == "far"


def of(members: Any, kind: str, **wanted: str) -> Any:
    return next(
        each["record"]
        for each in members["leaves"]
        if each["record"]["type"] == kind
        and all(each["record"][key] == value for key, value in wanted.items())
    )


def _change_reading(members: Any) -> None:
    of(members, "reading@1", value="5000.00")["value"] = "4000.00"


def _change_reading_below(members: Any) -> None:
    of(members, "reading@1", value="930.00")["value"] = "931.00"


def _change_split(members: Any) -> None:
    record = of(members, "batch-event@1", event="part")
    record["outputs"][0]["ncv"] = "25"


def _change_factor(members: Any) -> None:
    (row,) = (each for each in members["factors"] if each["id"] == "cn.grid.avg.national.2023")
    row["value"] = "0.6"


def _change_figure(members: Any) -> None:
    of(members, "footprint@1")["gate"] = "1.000000000"


@pytest.mark.parametrize(
    ("change", "named", "in_tree"),
    [
        (_change_reading, "leaf", Status.FAILED),
        (_change_reading_below, "activity.grid.in.raw", Status.FAILED),
        (_change_split, "leaf", Status.FAILED),
        (_change_factor, "factor", Status.PASSED),
        (_change_figure, "gate", Status.FAILED),
    ],
)
def test_what_was_altered_is_named(
    bundle: bytes, change: Callable[[Any], None], named: str, in_tree: Status
) -> None:
    members = json.loads(bundle)
    del members["digest"]
    change(members)
    report = verified(write_bundle_file(members))
    status, told = outcome(report, "emission.recomputed")
    assert status is Status.FAILED
    assert named in told
    assert outcome(report, "inclusion")[0] is in_tree
    assert report.verdict.signed is Status.FAILED


BOUGHT = {"batch": "bought", "item": ITEM, "mass": "4", "product": "coal"}


def supply(raw: bytes, form: dict[str, Any] = BOUGHT) -> Supply:
    against = Against(trust_root=provable_trust_root().raw, now=NOW)
    return supply_of_bundle(form, raw, against=against, organisation="port-b")


def test_a_buyer_takes_the_figure_out_of_the_verified_bundle(bundle: bytes) -> None:
    found = supply(bundle)
    record = verified(bundle).recomputed
    assert isinstance(record, LoggedFootprint)
    told = found.told
    assert (told.value, told.u) == (record.record.gate, record.record.u)
    assert (told.organisation, told.supplier, told.source) == ("port-b", "plant-a", "bundle")
    assert (told.document, found.document) == (sm3(bundle), bundle)
    assert told.primary_share == 1


def test_a_bundle_that_does_not_verify_is_no_input(bundle: bytes) -> None:
    members = json.loads(bundle)
    del members["digest"]
    _change_figure(members)
    stranger = Against(trust_root=b"{}", now=NOW)
    with pytest.raises(SupplierDocumentError) as caught:
        supply(write_bundle_file(members))
    assert caught.value.reason == "supplier.document.verify"
    with pytest.raises(SupplierDocumentError) as caught:
        supply_of_bundle(BOUGHT, bundle, against=stranger, organisation="port-b")
    assert caught.value.reason == "supplier.document.verify"
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"mass": "5.1"}, "supplier.document.batch"),
        ({"product": "stone"}, "supplier.document.batch"),
        ({"value": "1"}, "supplier.document.typed"),
        ({"u": "1"}, "supplier.document.typed"),
        ({"source": "bundle"}, "supplier.document.typed"),
    ],
)
def test_a_form_says_what_was_bought_and_no_figure(
    bundle: bytes, form: dict[str, str], reason: str
) -> None:
    with pytest.raises(SupplierDocumentError) as caught:
        supply(bundle, {**BOUGHT, **form})
    assert caught.value.reason == reason


@pytest.fixture
def buyer(tmp_path: Path) -> Iterator[Colliery]:
    with new_store("sqlite", tmp_path) as store, plant(store) as here:
        yield Colliery(here)


def purchase(buyer: Colliery, raw: bytes, batch: str, mass: str) -> int:
    """Buy a part of what the bundle is of; the leaf."""
    against = Against(trust_root=provable_trust_root().raw, now=NOW)
    form = {**BOUGHT, "batch": batch, "mass": mass}
    found = supply_of_bundle(form, raw, against=against, organisation="plant-a")
    keep(buyer.here.store, found)
    return buyer.log(found.told).index


def again_as(raw: bytes) -> bytes:
    """The same footprint in another file, such as one that the supplier made before an anchor."""
    members = json.loads(raw)
    del members["digest"]
    members["anchor"] = None
    changed = write_bundle_file(members)
    assert changed != raw
    return changed


def test_two_purchases_out_of_one_bundle_are_summed_and_err_together(
    buyer: Colliery, bundle: bytes
) -> None:
    """[S0-7.2.1-b4]: the footprint of a tonne is that of the bundle, and so is its uncertainty."""
    record = verified(bundle).recomputed
    assert isinstance(record, LoggedFootprint)
    assert record.record.u
    purchase(buyer, bundle, "one", "3")
    purchase(buyer, bundle, "two", "2")
    buyer.log(event("mix", EventKind.BLEND, {"one": 3, "two": 2}, [out("mixed", 5)]))
    desk = FootprintDesk(store=buyer.here.store, library=packaged_factors())
    mixed = desk.compute("mixed")
    assert (mixed.gate.value, mixed.gate.u) == (record.record.gate, record.record.u)
    assert [part.where for part in mixed.parts if part.stage is Stage.SUPPLY] == ["one", "two"]


def test_a_document_is_read_once_however_much_is_bought(
    buyer: Colliery, bundle: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer of the log waits for this: it does not read all documents for each purchase."""
    read: list[int] = []

    def counted(raw: bytes) -> BundleFile:
        read.append(len(raw))
        return read_bundle_file(raw)

    monkeypatch.setattr(footprint_supplies, "read_bundle_file", counted)
    files = (bundle, again_as(bundle))
    for number in range(4):
        purchase(buyer, files[number % 2], f"part-{number}", "1")
    assert len(read) <= len(files)


def test_no_more_is_bought_out_of_a_bundle_than_it_is_of(buyer: Colliery, bundle: bytes) -> None:
    """Five tonnes in all, whatever the batches are called and however often the file was made."""
    first = purchase(buyer, bundle, "one", "3")
    assert purchase(buyer, bundle, "one", "3") == first  # says nothing new
    for raw in (bundle, again_as(bundle)):
        with pytest.raises(GenealogyError) as caught:
            purchase(buyer, raw, "two", "2.1")
        assert caught.value.reason == "footprint.supply.mass"
        told = caught.value.message
        assert all(word in told for word in ("far", "plant-a", "5 t", "one", "5.1 t"))
        assert caught.value.remedy
    purchase(buyer, again_as(bundle), "two", "2")
