"""A collector's key that leaked is revoked by a leaf: nothing it signs afterwards is taken or believed.

What was acknowledged before stays, and what waits in the spool is delivered by the key that takes
its place. On both engines.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete
from support.builders import NOW, Run, key, key_registration, revocation
from support.plant import Plant, plant
from support.stores import ENGINES, IDENTITY, new_store

from trace_node.errors import InputError, TraceNodeError
from trace_node.services import delivery_write
from trace_node.services.enrol import AuthorityError
from trace_node.services.fsck import Fsck
from trace_node.services.fsck_report import Report
from trace_node.services.ingest_errors import CollectorKeyError
from trace_node.services.prove import prove_entry
from trace_node.services.restore import Restore
from trace_node.services.seal import Seal
from trace_node.store import tables
from trace_node.store.archive_file import FileArchive
from trace_node.store.sql_store import SqlStore
from trace_node.tlog.note_keys import Sm2NoteSigner

OLD = key("collector").public.key_id
SIGNER = Sm2NoteSigner(name=IDENTITY.origin, signer=key("log"))


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    with new_store(request.param, tmp_path) as store:
        yield store


@pytest.fixture
def here(store: SqlStore) -> Iterator[Plant]:
    with plant(store) as here:
        yield here


def replacement(**changes: object) -> bytes:
    return key_registration("collector 2", subject="collector-2", replaces=(OLD,), **changes)


def check(here: Plant) -> Report:
    return Fsck(store=here.store, authorities=[key("authority").public]).run()


def refusal(here: Plant, body: bytes) -> TraceNodeError:
    size = here.writer.snapshot.size
    with pytest.raises(TraceNodeError) as caught:
        here.deliver(body)
    assert here.writer.snapshot.size == size
    return caught.value


def test_what_is_signed_after_the_revocation_is_refused_and_what_was_before_stays(
    here: Plant,
) -> None:
    run = Run()
    before = here.deliver_records(run, 5)
    late = run.deliver([run.reading() for _ in range(3)])
    leaf = here.enrolment.enrol(revocation())
    refused = refusal(here, late)
    assert isinstance(refused, CollectorKeyError)
    assert refused.reason == "ingest.key_revoked"
    assert "--replaces" in refused.remedy
    assert OLD in refused.remedy
    assert here.enrolment.enrol(revocation(reason="said again")) == leaf
    with here.store.view() as view:
        assert [each.index for each in view.enrolments.revocations()] == [leaf]
        assert view.deliveries.read(0, leaf)[0].index == before.delivery_index
    assert check(here).is_sound


def test_the_key_that_takes_its_place_delivers_what_waits(here: Plant) -> None:
    """Records of the old context, in the middle of its run: the chain of the device goes on."""
    run = Run()
    here.deliver_records(run, 4)
    waiting = [run.reading() for _ in range(6)]
    here.enrolment.enrol(revocation())
    unknown = refusal(here, run.deliver(waiting, signer="collector 2"))
    assert unknown.reason == "ingest.key"
    here.enrolment.enrol(replacement(valid_from=NOW))
    found = here.deliver(run.deliver(waiting, signer="collector 2"))
    assert found.count == 6
    again = here.deliver(run.deliver(waiting[2:], signer="collector 2"))  # nothing is doubled
    assert again.delivery_index is None
    own = Run(collector="collector 2")
    here.deliver_records(own, 2)
    assert check(here).is_sound
    assert here.store.reader().record(device="meter-1", boot=run.boot, seq=9).index > 0


def test_a_new_key_that_replaces_none_does_not_speak_for_the_old_one(here: Plant) -> None:
    run = Run()
    here.enrolment.enrol(key_registration("collector 2", subject="collector-2"))
    refused = refusal(here, run.deliver([run.reading()], signer="collector 2"))
    assert refused.reason == "ingest.context"
    assert "--replaces" in refused.remedy


def test_a_delivery_that_was_checked_before_the_revocation_is_refused_by_the_writer(
    here: Plant,
) -> None:
    run = Run()
    with here.held_back():
        revoked = here.writer.submit(here.enrolment.job(revocation()))
        taken = here.ingest.submit(run.deliver([run.reading()]))
    revoked.result(timeout=30)
    with pytest.raises(CollectorKeyError) as caught:
        taken.result(timeout=30)
    assert caught.value.reason == "ingest.key_revoked"
    assert check(here).is_sound


def test_who_may_revoke_what(here: Plant) -> None:
    with pytest.raises(AuthorityError):
        here.enrolment.enrol(revocation(signer="stranger"))
    with pytest.raises(InputError) as caught:
        here.enrolment.enrol(revocation("node"))
    assert caught.value.reason == "enrol.unknown_key"
    here.enrolment.enrol(revocation())
    with pytest.raises(InputError) as caught:
        here.enrolment.enrol(key_registration())
    assert caught.value.reason == "enrol.revoked"


def test_fsck_names_a_delivery_behind_the_revocation(
    here: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a node would leave it that let the thief in."""
    run = Run()
    here.deliver_records(run, 2)
    body = run.deliver([run.reading()])
    checked = here.ingest._check.check(body)
    leaf = here.enrolment.enrol(revocation())
    monkeypatch.setattr(delivery_write, "require_not_revoked", lambda *_, **__: None)
    job = delivery_write.DeliveryJob(checked=checked, signer=key("node"))
    found = here.writer.submit(job).result(timeout=30)
    (problem,) = check(here).problems
    assert (problem.code, problem.index) == ("fsck.key_revoked", found.delivery_index)
    assert problem.params["revoked"] == leaf


def test_fsck_names_a_revocation_whose_row_is_gone(here: Plant, store: SqlStore) -> None:
    leaf = here.enrolment.enrol(revocation())
    with store.unit_of_work() as work:
        work.connection.execute(delete(tables.REVOKED_KEYS))
    (problem,) = check(here).problems
    assert (problem.code, problem.index) == ("fsck.index_row", leaf)


def test_a_restored_log_knows_what_was_revoked(
    here: Plant, store: SqlStore, tmp_path: Path
) -> None:
    run = Run()
    here.deliver_records(run, 3)
    here.enrolment.enrol(revocation())
    here.enrolment.enrol(replacement(valid_from=NOW))
    here.deliver(run.deliver([run.reading()], signer="collector 2"))
    archive = FileArchive(tmp_path / "archive")
    Seal(store=store, archive=archive, signers=[SIGNER], clock=here.clock).seal_once()
    (tmp_path / "new").mkdir()
    with new_store("sqlite", tmp_path / "new") as restored:
        Restore(store=restored, archive=archive).run()
        with plant(restored, enrol=False) as there:
            assert check(there).is_sound
            refused = refusal(there, run.deliver([run.reading()]))
            assert refused.reason == "ingest.key_revoked"
            there.deliver(run.deliver([run.reading()], signer="collector 2"))
    archive.close()


def test_old_readings_of_a_revoked_key_and_those_taken_over_are_proved(
    here: Plant, store: SqlStore, tmp_path: Path
) -> None:
    run = Run(now=NOW - timedelta(hours=1))
    first = here.deliver_records(run, 2)
    here.enrolment.enrol(revocation())
    here.enrolment.enrol(replacement(valid_from=NOW))
    second = here.deliver(run.deliver([run.reading()], signer="collector 2"))
    # Renewed later, from the same time on, by an authority that did not name the old key again.
    here.enrolment.enrol(key_registration("collector 2", subject="collector-2", valid_from=NOW))
    archive = FileArchive(tmp_path / "archive")
    Seal(store=store, archive=archive, signers=[SIGNER], clock=here.clock).seal_once()
    archive.close()
    bundles = [prove_entry(each.first_index, reader=store.reader()) for each in (first, second)]
    assert b'"type":"key-registration@1"' in bundles[0]
    assert b'"type":"key-registration@2"' in bundles[1]
