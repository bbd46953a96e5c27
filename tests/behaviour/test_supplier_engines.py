"""Figures of suppliers and for partners, on both engines; no emission in two stages."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from support.footprint_log import GRID, Colliery, metered, stage_emission
from support.footprints import ITEM, event, out
from support.pact import document
from support.plant import plant
from support.provable import SIGNER
from support.stores import ENGINES, IDENTITY, new_store

from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.footprint.errors import FootprintAlteredError, GenealogyError
from trace_node.accounting.footprint.record import FootprintRecord
from trace_node.accounting.footprint.stage_emission import StageEmission
from trace_node.accounting.footprint.words import EventKind, Stage
from trace_node.accounting.pact.event import Event, EventType
from trace_node.crypto.sm3 import sm3
from trace_node.errors import NotFoundError
from trace_node.ports.pact import ReceivedEvent
from trace_node.services.footprints import FootprintDesk
from trace_node.services.fsck import Fsck
from trace_node.services.fsck_archive import check_archive
from trace_node.services.fsck_report import Findings, Problem
from trace_node.services.pact_of_footprint import FootprintDrafts
from trace_node.services.restore import Restore
from trace_node.services.seal import Seal
from trace_node.services.supplier_input import (
    SupplierDocumentError,
    document_of,
    keep,
    received_footprint,
    supply_of_pact,
    supply_without_document,
)
from trace_node.store.archive_file import ArchiveUnavailableError, FileArchive
from trace_node.store.archive_frames import ArchiveDamagedError
from trace_node.store.sql_store import create_store
from trace_node.store.tables import ENTRIES, SUPPLIER_DOCUMENTS

AT = datetime(2026, 11, 1, tzinfo=UTC)
FORM = {"batch": "bought", "item": ITEM, "mass": "100", "product": "coal", "u": "4"}
SHEET = (
    *("companyName", "companyIds", "productDescription", "productIds"),
    "productNameCompany",
)
IDS = ("3a6c14a7-4deb-498a-b5ea-16ce2535b576", "3a6c14a7-4deb-498a-b5ea-16ce2535b577")


@pytest.fixture(params=ENGINES)
def mine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Colliery]:
    with new_store(request.param, tmp_path) as store, plant(store) as here:
        yield Colliery(here)


def answered(mine: Colliery, *, event: str = "e1") -> int:
    """An answer of a partner with two footprints, as the exchange keeps it."""
    given = document()["footprint"]
    told = {"specVersion": "3.0.0", "created": "2026-02-01T00:00:00Z", "status": "Active", **given}
    data: dict[str, Any] = {
        "requestEventId": "r1",
        "pfs": [{**told, "id": each} for each in IDS],
    }
    came = Event(
        type=EventType.REQUEST_FULFILLED,
        id=event,
        source="https://mill.example",
        time=AT,
        data=data,
    )
    with mine.here.store.unit_of_work() as work:
        kept = work.pact_events.receive(
            ReceivedEvent(number=0, partner="mill", event=came, received=AT, answer=None)
        )
    assert kept is not None
    return kept.number


def bought(mine: Colliery) -> int:
    sent = received_footprint(mine.here.store, answered(mine), IDS[1])
    found = supply_of_pact(FORM, sent, on=AT, organisation="plant-a")
    keep(mine.here.store, found)
    keep(mine.here.store, found)  # the same document again changes nothing
    return mine.log(found.told).index


def desk(mine: Colliery) -> FootprintDesk:
    return FootprintDesk(store=mine.here.store, library=packaged_factors())


def test_a_partners_footprint_becomes_the_figure_of_what_was_bought(mine: Colliery) -> None:
    index = bought(mine)
    mine.log(event("mix", EventKind.BLEND, {"bought": 100}, [out("m", 100)]))
    found = desk(mine).compute("m")
    assert found.gate.value == Decimal("120.3")
    assert found.gate.u == 4
    assert found.primary_share == Decimal("0.875")
    raw = document_of(mine.here.store, index)
    assert IDS[1].encode() in raw
    with mine.here.store.view() as view:
        assert view.footprints.document(sm3(raw)) == raw
    number = answered(mine, event="e2")
    with pytest.raises(NotFoundError) as caught:
        received_footprint(mine.here.store, number, None)  # two of them
    assert IDS[0] in caught.value.remedy
    with pytest.raises(NotFoundError):
        received_footprint(mine.here.store, number + 1, None)


def test_a_document_that_was_altered_is_named(mine: Colliery) -> None:
    index = bought(mine)
    with mine.here.store.unit_of_work() as work:
        work.connection.execute(update(SUPPLIER_DOCUMENTS).values(body=b"{}"))
    for verb in (lambda: desk(mine).compute("bought"), lambda: document_of(mine.here.store, index)):
        with pytest.raises(FootprintAlteredError) as caught:
            verb()
        assert caught.value.reason == "footprint.altered.document"
        assert f"leaf {index} " in caught.value.message


def sealed(mine: Colliery, archive: FileArchive) -> int:
    """Seal everything, and give the size of the checkpoint."""
    try:
        here = mine.here
        made = Seal(
            store=here.store, archive=archive, signers=[SIGNER], clock=here.clock
        ).seal_once()
        assert made is not None
        return made.size
    finally:
        archive.close()


def test_a_restore_brings_the_documents_back(mine: Colliery, tmp_path: Path) -> None:
    """The archive holds them before the leaves that name them are sealed."""
    index = bought(mine)
    raw = document_of(mine.here.store, index)
    archive = FileArchive(tmp_path / "archive")
    assert sealed(mine, archive) > index
    copy = create_store(f"sqlite:///{tmp_path / 'copy.db'}", identity=IDENTITY)
    try:
        Restore(store=copy, archive=archive).run()
        assert document_of(copy, index) == raw
        found = FootprintDesk(store=copy, library=packaged_factors()).compute("bought")
        assert found.gate.value == desk(mine).compute("bought").gate.value
        assert Fsck(store=copy, archive=archive).run().is_sound
    finally:
        copy.close()


def test_nothing_is_sealed_before_its_document_is_archived(
    mine: Colliery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_archive: FileArchive, _digest: bytes, _body: bytes) -> None:
        raise ArchiveUnavailableError("no space")

    bought(mine)
    archive = FileArchive(tmp_path / "archive")
    with monkeypatch.context() as patched:
        patched.setattr(FileArchive, "append_document", full)
        with pytest.raises(ArchiveUnavailableError):
            sealed(mine, archive)
    assert mine.here.store.reader().checkpoint() is None
    assert archive.size() == 0
    sealed(mine, archive)
    assert len(list(archive.documents())) == 1


def test_documents_of_an_older_log_are_archived_when_it_starts(
    mine: Colliery, tmp_path: Path
) -> None:
    """And fsck tells of one that is lost, and of one that was altered."""
    index = bought(mine)
    archive = FileArchive(tmp_path / "archive")
    sealed(mine, archive)
    (path,) = (tmp_path / "archive" / "documents").iterdir()
    body = path.read_bytes()
    path.unlink()
    (lost,) = problems(mine, archive)
    assert (lost.code, lost.index) == ("fsck.archive_document", index)
    sealed(mine, archive)
    assert path.read_bytes() == body
    assert problems(mine, archive) == ()
    path.write_bytes(b"{}")
    (damaged,) = problems(mine, archive)
    assert path.name in damaged.message
    with pytest.raises(ArchiveDamagedError):
        list(archive.documents())
    path.write_bytes(body)
    with mine.here.store.unit_of_work() as work:
        work.connection.execute(update(SUPPLIER_DOCUMENTS).values(body=b"{}"))
    assert {each.code for each in problems(mine, archive)} == {"fsck.archive_document"}


def problems(mine: Colliery, archive: FileArchive) -> tuple[Problem, ...]:
    found = Findings()
    newest = mine.here.store.reader().checkpoint()
    check_archive(archive, mine.here.store, signed=newest.size if newest else 0, found=found)
    return tuple(found.problems)


def test_figures_are_never_typed(mine: Colliery) -> None:
    form = {"supplier": "Mill", **{key: FORM[key] for key in FORM if key != "u"}}
    silent = supply_without_document(form, organisation="plant-a")
    index = mine.log(silent.told).index
    assert desk(mine).compute("bought").gate.value is None
    with pytest.raises(NotFoundError):
        document_of(mine.here.store, index)
    with pytest.raises(SupplierDocumentError):
        supply_without_document({**form, "value": "80"}, organisation="plant-a")


def test_a_footprint_on_record_is_published_with_what_its_leaves_say(mine: Colliery) -> None:
    """[S0-7.2.1-b4]: period, allocation and sources come from the leaves; an altered one stops it."""
    mine.fill()
    record = FootprintRecord.of(desk(mine).compute("on-rail"), item=ITEM)
    index = mine.log(record).index
    sheet = {name: document()["footprint"][name] for name in SHEET} | {
        "pcf": {"geographyCountry": "CN", "fossilCarbonContent": "0.58"}
    }
    drafts = FootprintDrafts(mine.here.store, library=packaged_factors())
    draft = drafts.draft(index, sheet, bundle="https://mine.example/7")
    pcf = draft.product["pcf"]
    assert record.gate is not None
    assert Decimal(pcf["pcfExcludingBiogenicUptake"]) == record.gate / 1000
    assert (pcf["referencePeriodStart"], pcf["referencePeriodEnd"]) == (
        "2026-09-30T16:00:00Z",
        "2026-10-31T16:00:00Z",
    )
    assert pcf["allocationRulesDescription"] == "parted by energy"
    assert pcf["secondaryEmissionFactorSources"] == [{"name": GRID.scheme, "version": "2023"}]
    with mine.here.store.view() as view:
        (digest,) = view.entries.leaf_hashes(index, index + 1)
    assert draft.proof == {
        "origin": mine.here.store.identity.origin,
        "leafDigest": f"sm3:{digest.hex()}",
        "bundle": "https://mine.example/7",
    }
    with mine.here.store.unit_of_work() as work:
        chosen = ENTRIES.c.leaf_index == mine.leaves["reading"]
        work.connection.execute(update(ENTRIES).where(chosen).values(body=b"{}"))
    with pytest.raises(FootprintAlteredError):
        drafts.draft(index, sheet)


def refused(mine: Colliery, stated: StageEmission) -> str:
    with pytest.raises(GenealogyError) as caught:
        mine.log(stated)
    assert caught.value.reason == "footprint.counted_twice"
    assert caught.value.remedy
    return caught.value.message


def test_what_a_register_counted_is_borne_by_one_stage(mine: Colliery) -> None:
    first, second, third = mine.readings("1000.00", "1100.00", "1250.00")
    shaft = stage_emission("shaft", Stage.MINING, metered("fan", "100.00", (first, second)))
    index = mine.log(shaft).index
    whole = metered("washer", "250.00", (first, third))
    message = refused(mine, stage_emission("washer", Stage.WASHING, whole))
    assert f"leaf {index} " in message
    rest = metered("washer", "150.00", (second, third))
    assert mine.log(stage_emission("washer", Stage.WASHING, rest)).index
    again = metered("fan", "250.00", (first, third))  # the washer has the rest by now
    assert refused(mine, stage_emission("shaft", Stage.MINING, again))
    twice = (replace(rest, source="a"), replace(rest, source="b"))
    assert "twice" in refused(mine, stage_emission("yard", Stage.MINING, *twice))
    assert mine.log(replace(shaft, ratings=None)).index == index  # said again


def test_a_corrected_stage_frees_what_it_took(mine: Colliery) -> None:
    first, second, third = mine.readings("1000.00", "1100.00", "1250.00")
    mine.log(stage_emission("shaft", Stage.MINING, metered("fan", "250.00", (first, third))))
    mine.log(stage_emission("shaft", Stage.MINING, metered("fan", "100.00", (first, second))))
    rest = metered("washer", "150.00", (second, third))
    assert mine.log(stage_emission("washer", Stage.WASHING, rest)).index
