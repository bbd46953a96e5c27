"""The check of the whole log finds every flipped byte and names the entry, on both engines."""

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, String, Table, cast, delete, func, select, text, update
from support.builders import NOW, Run, key
from support.plant import Plant, plant
from support.stores import (
    ENGINES,
    IDENTITY,
    OPAQUE_IDENTITY,
    copy_of,
    migrated_url,
    new_store,
)

from trace_node.clock import FixedClock
from trace_node.errors import UnavailableError
from trace_node.ports.anchoring import AnchorState
from trace_node.services.fsck import Fsck
from trace_node.services.fsck_archive import check_archive
from trace_node.services.fsck_report import Findings, Report
from trace_node.services.group_commit import GroupCommit
from trace_node.services.ingest import OpaqueIngest
from trace_node.services.ingest_errors import RecordConflictError
from trace_node.services.project import Projector
from trace_node.services.seal import Seal
from trace_node.store import tables
from trace_node.store.archive_file import FileArchive
from trace_node.store.sql_store import SqlStore, create_store, open_store
from trace_node.tlog.anchor import Anchor, AnchoredHead
from trace_node.tlog.note_keys import Sm2NoteSigner, log_verifier

SIGNER = Sm2NoteSigner(name=IDENTITY.origin, signer=key("log"))


@pytest.fixture(scope="module", params=ENGINES)
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """The URL of a log with everything in it, and the folder of its archive.

    Each test has a copy of both: they are harmed in many ways.
    """
    folder = tmp_path_factory.mktemp("filled")
    with migrated_url(request.param, folder) as url:
        store = create_store(url, identity=IDENTITY)
        with plant(store) as made:
            fill(made, folder / "archive")
        store.close()
        yield url, folder / "archive"


@pytest.fixture
def store(filled: tuple[str, Path], tmp_path: Path) -> Iterator[SqlStore]:
    url, archive = filled
    shutil.copytree(archive, tmp_path / "archive")
    with copy_of(url, tmp_path) as copied:
        store = open_store(copied)
        try:
            yield store
        finally:
            store.close()


@pytest.fixture
def here(store: SqlStore) -> Iterator[Plant]:
    """A log with everything in it, sealed, anchored and projected."""
    with plant(store, enrol=False) as here:
        yield here


def fill(here: Plant, folder: Path) -> None:
    """Take everything in, seal, anchor and project it."""
    store = here.store
    archive = FileArchive(folder)
    seal = Seal(store=store, archive=archive, signers=[SIGNER], clock=here.clock)
    projector = Projector(store=store, writer=here.writer, signer=key("node"), clock=here.clock)
    run = Run()
    here.deliver_records(run, 300)
    seal.seal_once()
    records = [run.reading() for _ in range(12)]
    here.deliver(run.deliver(records[3:6]))
    here.deliver(run.deliver([*records, run.event()]))
    with pytest.raises(RecordConflictError):
        here.deliver(run.deliver([run.reading("5.00", seq=3)]))
    here.deliver(run.deliver([run.reading("3.00"), run.reading(None)]))
    projector.project_once()
    made = seal.seal_once()
    assert made is not None
    store.anchor_requests().mark(
        size=made.size, state=AnchorState.MINED, anchor=anchor_of(made.size, made.root)
    )
    here.deliver_records(run, 20)  # not sealed
    archive.close()


def anchor_of(size: int, root: bytes) -> Anchor:
    return Anchor(
        engine="embedded",
        chain_id=1337,
        genesis_hash=bytes(32),
        contract=bytes(20),
        log_id=bytes(32),
        transaction_hash=bytes(31) + b"\1",
        block_number=7,
        block_hash=bytes(31) + b"\2",
        block_time=1_795_000_000,
        previous=AnchoredHead(size=0, root=bytes(32)),
        head=AnchoredHead(size=size, root=root),
    )


def check(here: Plant, tmp_path: Path, **options: object) -> Report:
    return Fsck(
        store=here.store,
        archive=FileArchive(tmp_path / "archive"),
        verifiers=[log_verifier(SIGNER.vkey)],
        authorities=[key("authority").public],
        **options,
    ).run()


def only_anchor(here: Plant) -> Anchor:
    with here.store.view() as view:
        return view.checkpoints.anchors(0, 10**9)[0]


def test_a_sound_log_has_no_problems(here: Plant, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    anchor = only_anchor(here)
    report = check(
        here,
        tmp_path,
        progress=lambda done, of: seen.append((done, of)),
        anchored_at={anchor.head.size: anchor}.get,
    )
    assert [problem.message for problem in report.problems] == []
    assert report.is_sound
    on_postgresql = here.store.damage() is None
    assert report.not_done == ("derived", *(("storage",) if on_postgresql else ()))
    size = here.writer.snapshot.size
    assert report.size == report.counts["entries"] == size
    assert report.counts["checkpoints"] == 2
    assert report.counts["anchors"] == 1
    assert report.counts["deliveries"] == 5
    assert report.counts["archived"] == anchor.head.size
    assert report.counts["readings"] > 300
    assert report.counts["signatures"] == 2 + 3 + 2 * 5 + len(here.store.reader().findings())
    assert seen[-1] == (size, size)


def test_what_cannot_be_checked_is_said(here: Plant) -> None:
    report = Fsck(store=here.store).run()
    assert report.is_sound
    assert {*report.not_done} - {"storage"} == {
        *("archive", "checkpoint_signatures", "registration_signatures", "anchors_on_chain"),
        "derived",
    }


def flip(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


def alter(
    here: Plant, table: Table, column: str, change: Callable[[object], object], *where: object
) -> None:
    """Change one value behind the store's back."""
    store = here.store
    assert isinstance(store, SqlStore)
    with store.unit_of_work() as work:
        keys = list(table.primary_key.columns)
        query = select(*keys, table.c[column]).where(*where).limit(1)
        row = work.connection.execute(query).one()
        same = [key == value for key, value in zip(keys, row, strict=False)]
        work.connection.execute(update(table).where(*same).values({column: change(row[-1])}))


@pytest.mark.parametrize("column", ["body", "leaf_hash"])
def test_a_flipped_byte_of_any_entry_is_named(here: Plant, tmp_path: Path, column: str) -> None:
    chosen = random.Random(column)
    size = here.writer.snapshot.size
    by_kind: dict[str, int] = {}
    for entry in here.store.reader().entries(0, size):
        by_kind.setdefault(entry.kind, entry.index)
    indexes = {*by_kind.values(), size - 3, *chosen.sample(range(size), 4)}
    for index in sorted(indexes):
        entry = here.store.reader().entry(index)
        raw = getattr(entry, column)
        place = chosen.randrange(len(raw))
        this = tables.ENTRIES.c.leaf_index == index
        alter(here, tables.ENTRIES, column, lambda raw, at=place: flip(raw, at), this)
        report = check(here, tmp_path)
        alter(here, tables.ENTRIES, column, lambda raw, at=place: flip(raw, at), this)
        named = {problem.index for problem in report.problems if problem.index is not None}
        assert index in named, (entry.kind, index)
        code = {"body": "fsck.body", "leaf_hash": "fsck.leaf_hash"}[column]
        sealed = index < only_anchor(here).head.size
        # It does not make what relies on it look wrong, where a published tile can tell.
        assert named == {index} if sealed else index in named
        assert report.problems[0].code == (code if sealed else "fsck.leaf")
    assert check(here, tmp_path).is_sound


def test_a_missing_entry_is_named(here: Plant, tmp_path: Path) -> None:
    index = here.writer.snapshot.size - 5
    this = tables.ENTRIES.c.leaf_index == index
    alter(here, tables.ENTRIES, "leaf_index", lambda _: 10**6, this)
    report = check(here, tmp_path)
    assert ("fsck.missing", index) in {(item.code, item.index) for item in report.problems}


TILES, CHECKPOINTS = tables.HASH_TILES, tables.CHECKPOINTS


# What is compared does not depend on the engine, so one of them is enough here.
@pytest.mark.parametrize("filled", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("table", "column", "change", "codes"),
    [
        (TILES, "hashes", lambda raw: flip(raw, 70), {"fsck.tile"}),
        (
            CHECKPOINTS,
            "root",
            lambda raw: flip(raw, 3),
            {"fsck.checkpoint_root", "fsck.checkpoint_row", "fsck.archive_checkpoint"},
        ),
        (CHECKPOINTS, "note", lambda raw: flip(raw, len(raw) - 9), {"fsck.checkpoint_note"}),
        (CHECKPOINTS, "note", lambda raw: flip(raw, 40), {"fsck.checkpoint_note"}),
        (
            tables.ANCHORS,
            "root",
            lambda raw: flip(raw, 0),
            {"fsck.anchor_root", "fsck.anchor_chain"},
        ),
        (tables.ANCHORS, "block_number", lambda number: number + 1, {"fsck.anchor_chain"}),
        (tables.TREE_STATE, "root", lambda raw: flip(raw, 0), {"fsck.state"}),
        (tables.TREE_STATE, "hashes", lambda raw: flip(raw, 0), {"fsck.state"}),
        (tables.STREAMS, "head_seq", lambda seq: seq + 1, {"fsck.stream_head"}),
        (tables.STREAMS, "collector", lambda _: "0" * 32, {"fsck.context"}),
        (tables.STREAMS, "device", lambda _: "meter-9", {"fsck.row"}),
        (tables.CONTEXTS, "digest", lambda raw: flip(raw, 0), {"fsck.index_row"}),
        (tables.DELIVERIES, "digest", lambda raw: flip(raw, 0), {"fsck.delivery_row"}),
        (tables.DELIVERIES, "received_at", lambda ms: ms + 1, {"fsck.delivery_row"}),
        (tables.DELIVERIES, "root", lambda raw: flip(raw, 5), {"fsck.delivery_row"}),
        (tables.DELIVERY_SPANS, "record_count", lambda count: count - 1, {"fsck.delivery_row"}),
        (tables.ENROLLED_KEYS, "valid_to", lambda ms: ms + 1, {"fsck.index_row"}),
        (tables.DEVICES, "digest", lambda raw: flip(raw, 0), {"fsck.index_row"}),
        (tables.READINGS, "value", lambda value: value + 1, {"fsck.reading_row"}),
        (tables.READINGS, "observed_at", lambda ms: ms + 1, {"fsck.reading_row"}),
        (tables.METERING_POINTS, "unit", lambda _: "MWh", {"fsck.reading_row"}),
        (
            tables.PROJECTION_CURSORS,
            "next_index",
            lambda _: 10**6,
            {"fsck.cursor", "fsck.reading_row"},
        ),
        (tables.ANCHOR_REQUESTS, "block_hash", lambda raw: flip(raw, 0), {"fsck.anchor_request"}),
        (tables.ANCHOR_REQUESTS, "state", lambda _: "submitted", {"fsck.anchor_request"}),
        (tables.METER_EVENTS, "event", lambda _: "reset", {"fsck.reading_row"}),
        (tables.METER_EVENTS, "observed_at", lambda ms: ms + 1, {"fsck.reading_row"}),
        (tables.METER_REGISTERS, "maximum", lambda _: "999999.99", {"fsck.index_row"}),
        (tables.FINDINGS, "code", lambda _: "seq_gap", {"fsck.index_row"}),
        (tables.FINDINGS, "body", lambda raw: flip(raw, 9), {"fsck.index_row"}),
        (tables.FINDINGS, "finding_key", lambda text: text[:-1] + "x", {"fsck.index_row"}),
        (tables.CONFLICTS, "delivery", lambda raw: flip(raw, 0), {"fsck.archive_evidence"}),
    ],
    ids=lambda value: value.name if isinstance(value, Table) else None,
)
def test_altered_rows_are_found(
    here: Plant,
    tmp_path: Path,
    *,
    table: Table,
    column: str,
    change: Callable[[object], object],
    codes: set[str],
) -> None:
    anchor = only_anchor(here)
    alter(here, table, column, change)
    report = check(here, tmp_path, anchored_at={anchor.head.size: anchor}.get)
    assert {problem.code for problem in report.problems} == codes


def test_a_checkpoint_that_nobody_asked_to_anchor_is_found(here: Plant, tmp_path: Path) -> None:
    store = here.store
    assert isinstance(store, SqlStore)
    with store.view() as view:
        first = view.checkpoints.read(above=0, limit=1)[0]
    with store.unit_of_work() as work:
        gone = delete(tables.ANCHOR_REQUESTS).where(tables.ANCHOR_REQUESTS.c.size == first.size)
        work.connection.execute(gone)
    (problem,) = check(here, tmp_path).problems
    assert (problem.code, problem.params["size"]) == ("fsck.anchor_request", first.size)


@pytest.mark.parametrize("filled", ["sqlite"], indirect=True)
def test_a_reading_that_no_record_tells_of_is_found(here: Plant, tmp_path: Path) -> None:
    with here.store.view() as view:
        delivery = view.deliveries.read(0, 1000)[0].index
    alter(here, tables.READINGS, "leaf_index", lambda _: delivery)
    named = {item.index for item in check(here, tmp_path).problems if item.code.endswith("_row")}
    assert delivery in named


@pytest.mark.parametrize("column", ["kind", "seq"])
def test_a_misfiled_entry_is_named(here: Plant, tmp_path: Path, column: str) -> None:
    this = tables.ENTRIES.c.leaf_index == 100
    alter(
        here,
        tables.ENTRIES,
        column,
        {"kind": lambda _: "event@1", "seq": lambda _: 10**6}[column],
        this,
    )
    report = check(here, tmp_path)
    assert (report.problems[0].code, report.problems[0].index) == ("fsck.row", 100)


def test_a_flipped_byte_of_the_archive_is_found(here: Plant, tmp_path: Path) -> None:
    segment = next((tmp_path / "archive" / "segments").iterdir())
    sound = segment.read_bytes()
    for place in (3, 30, 60, 5000, len(sound) - 1):
        segment.write_bytes(flip(sound, place))
        report = check(here, tmp_path)
        assert [problem.code for problem in report.problems] == ["fsck.archive"]
        assert segment.name in report.problems[0].message
    segment.write_bytes(sound)
    assert check(here, tmp_path).is_sound


def test_a_flipped_byte_of_what_the_archive_counts_is_found(here: Plant, tmp_path: Path) -> None:
    for name in ("head.json", "archive.json"):
        file = tmp_path / "archive" / name
        sound = file.read_bytes()
        for place in range(len(sound)):
            file.write_bytes(flip(sound, place))
            found: list[str] = []
            archive, problems = FileArchive(file.parent), Findings()
            check_archive(archive, here.store, signed=0, found=problems)
            found += (problem.code for problem in problems.problems)
            assert found, (name, place)
        file.write_bytes(sound)


@pytest.mark.parametrize("filled", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("table", "column", "code"),
    [
        (tables.ENTRIES, "body", "fsck.unreadable"),
        (tables.ENTRIES, "leaf_hash", "fsck.unreadable"),
        (tables.DEVICES, "kind", "fsck.record"),
        (tables.METER_REGISTERS, "maximum", "fsck.record"),
        (tables.ENROLLED_KEYS, "subject", "fsck.index_row"),
        (tables.METER_EVENTS, "device", "fsck.reading_row"),
    ],
    ids=lambda value: value.name if isinstance(value, Table) else None,
)
def test_a_value_of_another_type_is_reported(
    here: Plant, tmp_path: Path, table: Table, column: str, code: str
) -> None:
    """One flipped bit in a row's head makes a text of bytes, or bytes of a text."""
    with here.store.unit_of_work() as work:
        work.connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        last = work.connection.execute(select(func.max(text("rowid"))).select_from(table)).scalar()
        other = LargeBinary if isinstance(table.c[column].type, String) else String
        value = cast(cast(table.c[column], LargeBinary), other)
        this = update(table).where(text("rowid = :last").bindparams(last=last))
        work.connection.execute(this.values({column: value}))
    assert code in {problem.code for problem in check(here, tmp_path).problems}


def test_an_archive_that_lags_behind_a_checkpoint_is_found(here: Plant, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    head = folder / "head.json"
    whole = head.read_bytes()
    with here.store.view() as view:
        first = view.checkpoints.read(above=0, limit=1)[0]
    short = FileArchive(tmp_path / "short")
    short.open(IDENTITY)
    for item in FileArchive(folder).read():
        if hasattr(item, "bodies") and item.end <= first.size:
            short.append(item)
    short.close()
    report = Fsck(store=here.store, archive=FileArchive(tmp_path / "short")).run()
    assert [(p.code, p.index) for p in report.problems] == [("fsck.archive_short", first.size)]
    assert head.read_bytes() == whole


def test_a_chain_that_says_otherwise_is_found(here: Plant, tmp_path: Path) -> None:
    report = check(here, tmp_path, anchored_at=lambda _size: None)
    assert [problem.code for problem in report.problems] == ["fsck.anchor_chain"]


def test_a_chain_that_does_not_answer_is_said(here: Plant, tmp_path: Path) -> None:
    def silent(_size: int) -> None:
        raise UnavailableError("the endpoint does not answer")

    report = check(here, tmp_path, anchored_at=silent)
    assert "anchors_on_chain" in report.not_done
    assert report.is_sound


def test_registrations_by_a_stranger_are_found(here: Plant) -> None:
    report = Fsck(store=here.store, authorities=[key("stranger").public]).run()
    assert {problem.code for problem in report.problems} == {"fsck.authority"}
    assert [problem.index for problem in report.problems] == [0, 1, 2]


def test_a_signature_by_another_log_key_is_found(here: Plant) -> None:
    other = Sm2NoteSigner(name=IDENTITY.origin, signer=key("stranger"))
    report = Fsck(store=here.store, verifiers=[log_verifier(other.vkey)]).run()
    assert {problem.code for problem in report.problems} == {"fsck.checkpoint_note"}


def test_it_runs_beside_the_node(here: Plant, tmp_path: Path) -> None:
    run = Run()

    def meanwhile(_done: int, _of: int) -> None:
        here.deliver_records(run, 3)

    assert check(here, tmp_path, progress=meanwhile).is_sound


def test_an_opaque_log_is_checked(tmp_path: Path) -> None:
    with new_store("sqlite", tmp_path, identity=OPAQUE_IDENTITY) as store:
        writer = GroupCommit(store)
        opaque = OpaqueIngest(identity=store.identity, writer=writer)
        for done in opaque.add_all([b"%d" % place for place in range(300)]):
            done.result(timeout=30)
        writer.close()
        assert Fsck(store=store).run().is_sound
        with store.unit_of_work() as work:
            these = tables.ENTRIES.c.leaf_index == 299
            work.connection.execute(update(tables.ENTRIES).where(these).values(body=b"300"))
        report = Fsck(store=store).run()
        assert (report.problems[0].code, report.problems[0].index) == ("fsck.leaf", 299)


def test_a_damaged_page_is_reported_and_the_rest_is_checked(tmp_path: Path) -> None:
    with new_store("sqlite", tmp_path, clock=FixedClock(NOW)) as store, plant(store) as here:
        here.deliver_records(Run(), 2000)
    file = tmp_path / "node.db"
    raw = bytearray(file.read_bytes())
    place = raw.index(b'"seq":1000,') // 8192 * 8192
    raw[place : place + 100] = bytes(100)  # the head of a page of entries
    file.write_bytes(raw)
    store = open_store(f"sqlite:///{file}")
    report = Fsck(store=store).run()
    store.close()
    codes = {problem.code for problem in report.problems}
    assert "fsck.storage" in codes
    unreadable = {p.index for p in report.problems if p.code == "fsck.unreadable"}
    assert 1004 in unreadable  # three registrations, the context, then the readings
    assert len(unreadable) < 40
