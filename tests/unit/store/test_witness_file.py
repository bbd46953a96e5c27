"""The record of a witness: never begun anew in silence, shared by processes, bounded."""

import multiprocessing
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.witnesses import race_for_growth

from trace_node.errors import ConfigError, IntegrityError
from trace_node.ids import Origin
from trace_node.store import witness_file
from trace_node.store.witness_file import WitnessFile
from trace_node.tlog.witness_state import WitnessedHead

ORIGIN = Origin("trace-node.test/plant/sm3")
OTHER = Origin("trace-node.test/other/sm3")


def head(size: int, text: str = "a") -> WitnessedHead:
    return WitnessedHead(size=size, root=text.encode() * 32, checkpoint=text.encode())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    WitnessFile.create(tmp_path / "witness.db").close()
    return tmp_path / "witness.db"


@pytest.fixture
def file(path: Path) -> Iterator[WitnessFile]:
    opened = WitnessFile(path)
    yield opened
    opened.close()


def test_a_lost_file_is_not_begun_anew(path: Path) -> None:
    path.unlink()
    with pytest.raises(ConfigError) as caught:
        WitnessFile(path)
    assert caught.value.reason == "config.witness_file"
    assert "new keys" in caught.value.remedy
    assert not path.exists()


def test_an_emptied_file_is_not_begun_anew(path: Path) -> None:
    path.write_bytes(b"")
    with pytest.raises(IntegrityError) as caught:
        WitnessFile(path)
    assert caught.value.reason == "integrity.witness_file"


def test_another_database_is_refused(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "other.db")
    connection.execute("CREATE TABLE entries (x)")
    connection.close()
    with pytest.raises(IntegrityError):
        WitnessFile(tmp_path / "other.db")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "witness.db"
    path.write_bytes(b"not a database, but long enough to be read as one" * 40)
    with pytest.raises(IntegrityError) as caught:
        WitnessFile(path)
    assert caught.value.reason == "integrity.witness_file"
    assert str(path) in caught.value.message


def test_an_existing_record_is_not_replaced(path: Path, file: WitnessFile) -> None:
    assert file.compare_and_set(ORIGIN, expected=None, new=head(5))
    with pytest.raises(ConfigError):
        WitnessFile.create(path)
    assert file.head(ORIGIN) == head(5)


def test_only_what_was_expected_is_replaced(file: WitnessFile) -> None:
    assert file.compare_and_set(ORIGIN, expected=None, new=head(5))
    assert not file.compare_and_set(ORIGIN, expected=None, new=head(9))
    assert not file.compare_and_set(ORIGIN, expected=head(4), new=head(9))
    assert not file.compare_and_set(ORIGIN, expected=head(5, "b"), new=head(9))
    assert not file.compare_and_set(OTHER, expected=head(5), new=head(9))
    assert file.head(ORIGIN) == head(5)
    assert file.head(OTHER) is None
    assert file.compare_and_set(ORIGIN, expected=head(5), new=head(9))
    assert file.head(ORIGIN) == head(9)


def test_every_write_reaches_the_disk_before_it_returns(file: WitnessFile) -> None:
    asked = ("journal_mode", "synchronous")
    found = [file._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in asked]
    assert found == ["wal", 2]  # 2 is FULL
    assert not file._connection.in_transaction


def test_the_largest_size_is_kept(file: WitnessFile) -> None:
    largest = head(2**63 - 1)
    assert file.compare_and_set(ORIGIN, expected=None, new=largest)
    assert file.head(ORIGIN) == largest
    assert file.compare_and_set(ORIGIN, expected=largest, new=largest)


def test_a_log_that_forks_for_ever_does_not_fill_the_disk(
    file: WitnessFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witness_file, "MAX_CONFLICTS", 3)
    for number in range(9):
        file.keep_conflict(ORIGIN, cosigned=b"x", offered=b"%d" % (number // 2), time=number)
    file.keep_conflict(OTHER, cosigned=b"y", offered=b"z", time=9)
    kept = [(origin, time, offered) for origin, time, _, offered in file.conflicts()]
    assert kept == [(ORIGIN, 0, b"0"), (ORIGIN, 2, b"1"), (ORIGIN, 4, b"2"), (OTHER, 9, b"z")]


def test_processes_that_share_the_file_never_both_win(path: Path) -> None:
    """Each win makes the size grow by one, so a lost update would show in the sum."""
    spawn = multiprocessing.get_context("spawn")
    gate, wins = spawn.Barrier(2), spawn.Queue()
    racers = [
        spawn.Process(target=race_for_growth, args=(path, text, 60, gate, wins))
        for text in ("a", "b")
    ]
    for racer in racers:
        racer.start()
    total = sum(wins.get(timeout=60) for _ in racers)
    for racer in racers:
        racer.join(timeout=60)
        assert racer.exitcode == 0
    file = WitnessFile(path)
    assert file.head(ORIGIN).size == total
    file.close()
