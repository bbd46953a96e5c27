"""Statements in the log, on both engines: logged once, found again, checked and restored."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from support import statement_samples as samples
from support.builders import NOW, key
from support.plant import Plant, plant, statement_log
from support.stating import emission, other
from support.stores import ENGINES, new_store

from trace_node.crypto.errors import SignatureError
from trace_node.errors import InputError
from trace_node.quota.records.parse import parse_statement
from trace_node.record.statement import build_statement
from trace_node.services.fsck import Fsck
from trace_node.services.log_statement import signed_statement
from trace_node.services.restore import Restore
from trace_node.services.seal import Seal
from trace_node.services.statement_job import StatementJob, StatementKeyError
from trace_node.store.archive_file import FileArchive
from trace_node.store.sql_store import SqlStore
from trace_node.store.tables import STATEMENTS
from trace_node.tlog.note_keys import Sm2NoteSigner


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    with new_store(request.param, tmp_path) as store:
        yield store


@pytest.fixture
def here(store: SqlStore) -> Iterator[Plant]:
    with plant(store) as here:
        yield here


def signed(name: str, here: Plant, signer: str = "node") -> bytes:
    own = samples.key("organisation") if name == "organisation binding" else key(signer)
    return signed_statement(samples.CONTENTS[name], signer=own, clock=here.clock)


def log_all(here: Plant) -> dict[str, int]:
    log = statement_log(here)
    return {name: log.take(signed(name, here)).index for name in sorted(samples.CONTENTS)}


def test_every_type_is_a_leaf_and_is_found_by_its_topic(here: Plant) -> None:
    """[S0-7.2.2-b2] [S0-8-b3]: sheet and project are leaves of the log."""
    for name, index in log_all(here).items():
        content = samples.CONTENTS[name]
        with here.store.view() as view:
            (entry,) = view.entries.read(index, index + 1)
            (found,) = view.statements.find(content.TYPE, topic=content.topic, limit=10)
            assert view.statements.find(content.TYPE, topic="other", limit=10) == []
            assert view.statements.at(index) == found
        assert (entry.kind, entry.leaf_hash) == (content.TYPE, found.digest)
        assert parse_statement(entry.body).content == content


def test_what_says_the_same_is_logged_once(here: Plant) -> None:
    first = log_all(here)
    here.clock.move(seconds=3600)
    size = here.writer.snapshot.size
    assert log_all(here) == first
    assert here.writer.snapshot.size == size


def test_what_is_said_again_after_something_else_takes_that_back(here: Plant) -> None:
    """118,000 t, then 120,000 t, then 118,000 t again: the last is what holds."""
    log = statement_log(here)
    first, second, third, fourth = (
        log.take(emission("2024", tonnes, kind="verified")).index
        for tonnes in (118_000, 120_000, 118_000, 118_000)
    )
    assert first < second < third == fourth
    with here.store.view() as view:
        assert [each.index for each in view.statements.emissions()] == [first, second, third]
    assert Fsck(store=here.store, authorities=[key("authority").public]).run().is_sound


def test_bytes_that_are_logged_are_not_logged_again(here: Plant) -> None:
    log = statement_log(here)
    old = emission("2024", 118_000, kind="verified")
    logged = log.take(old)
    log.take(emission("2024", 120_000, kind="verified"))
    assert log.take(old) == logged


def test_an_authority_may_state_anything_but_a_binding(here: Plant) -> None:
    log = statement_log(here)
    for name, content in samples.CONTENTS.items():
        raw = signed_statement(content, signer=key("authority"), clock=here.clock)
        if name == "organisation binding":
            with pytest.raises(SignatureError):
                log.take(raw)
        else:
            assert log.take(raw).kind == content.TYPE
    assert Fsck(store=here.store, authorities=[key("authority").public]).run().is_sound


def test_the_check_of_the_log_tells_of_a_signer_who_may_not_state_this(here: Plant) -> None:
    """Rows as a writer makes them that skips the rule: the check does not take its word."""
    raw = emission("2024", 118_000, kind="verified", organisation=other("plant-b"))
    job = StatementJob(raw=raw, statement=parse_statement(raw))
    logged = here.writer.submit(job).result()
    report = Fsck(store=here.store, authorities=[key("authority").public]).run()
    assert [(each.code, each.index) for each in report.problems] == [("fsck.key", logged.index)]


def test_only_the_keys_of_the_node_and_of_a_binding_may_state(here: Plant) -> None:
    log, size = statement_log(here), here.writer.snapshot.size
    for signer in ("collector", "stranger"):
        with pytest.raises(StatementKeyError) as refused:
            log.take(signed("rule change", here, signer))
        assert refused.value.reason == "statement.key"
    binding = samples.CONTENTS["organisation binding"]
    with pytest.raises(SignatureError):
        log.take(signed_statement(binding, signer=key("node"), clock=here.clock))
    raw = signed("rule change", here)
    with pytest.raises(SignatureError):
        log.take(raw.replace(b"plan of 2023", b"plan of 2022"))
    assert here.writer.snapshot.size == size


def test_a_statement_of_the_future_is_refused(here: Plant) -> None:
    late = build_statement(
        samples.CONTENTS["rule change"],
        salt=bytes(16),
        stated_at=NOW + timedelta(minutes=2),
        signer=key("node"),
    )
    with pytest.raises(InputError) as refused:
        statement_log(here).take(late)
    assert refused.value.reason == "record.future"


def test_the_check_of_the_log_reads_statements(here: Plant) -> None:
    places = log_all(here)
    authorities = [key("authority").public]
    assert Fsck(store=here.store, authorities=authorities).run().is_sound
    with here.store.unit_of_work() as work:
        index = places["ccer project"]
        work.connection.execute(
            update(STATEMENTS).where(STATEMENTS.c.leaf_index == index).values(topic="another")
        )
    report = Fsck(store=here.store, authorities=authorities).run()
    assert [(each.code, each.index) for each in report.problems] == [("fsck.index_row", index)]


def test_a_restored_log_finds_its_statements(here: Plant, tmp_path: Path) -> None:
    log_all(here)
    archive = FileArchive(tmp_path / "archive")
    signer = Sm2NoteSigner(name=here.store.identity.origin, signer=key("log"))
    Seal(store=here.store, archive=archive, signers=[signer], clock=here.clock).seal_once()
    with new_store("sqlite", tmp_path / "copy") as copy:
        Restore(store=copy, archive=archive).run()
        with here.store.view() as old, copy.view() as new:
            assert new.statements.emissions() == old.statements.emissions() != []
            assert new.statements.bases() == old.statements.bases() != []
        for content in samples.CONTENTS.values():
            with here.store.view() as old, copy.view() as new:
                assert new.statements.find(content.TYPE, limit=9) == old.statements.find(
                    content.TYPE, limit=9
                )
