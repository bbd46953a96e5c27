"""Rotation: which key signs when, and what a key set refuses."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from support.crypto_keys import PASSPHRASE, quick

from trace_node.crypto import key_set, keys, secret_file, sm2
from trace_node.crypto.errors import KeyFileError, KeySetError, ParameterError
from trace_node.errors import NotFoundError
from trace_node.ids import KeyId

__all__ = ["quick"]
pytestmark = pytest.mark.usefixtures("quick")

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TURN = datetime(2027, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))
FIRST, SECOND = (sm2.PrivateKey.from_secret(bytes((number,)) * 32) for number in (1, 2))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "log.keys.json"
    key_set.create(path, key=FIRST, passphrase=PASSPHRASE, valid_from=BEGIN)
    return path


@pytest.fixture
def rotated(path: Path) -> Path:
    key_set.rotate(path, key=SECOND, passphrase=PASSPHRASE, at=TURN)
    return path


def test_a_new_set_has_one_key_without_an_end(path: Path) -> None:
    loaded = key_set.load(path)
    assert loaded.current.public == FIRST.public
    assert loaded.current.valid_from == BEGIN
    assert loaded.current.valid_to is None
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(item.name for item in path.parent.iterdir()) == sorted(
        [path.name, f"{FIRST.public.key_id}.pem"]
    )


def test_rotation_ends_one_key_where_the_next_begins(rotated: Path) -> None:
    loaded = key_set.load(rotated)
    assert [entry.public for entry in loaded.entries] == [FIRST.public, SECOND.public]
    assert loaded.entries[0].valid_to == loaded.entries[1].valid_from == TURN
    moment = timedelta(milliseconds=1)
    assert loaded.at(TURN - moment).public == FIRST.public
    assert loaded.at(TURN).public == SECOND.public
    assert loaded.at(TURN + timedelta(days=9999)).public == SECOND.public
    assert loaded.by_id(FIRST.public.key_id) == loaded.entries[0]


def test_the_key_that_signs_is_the_one_of_the_instant(rotated: Path) -> None:
    for instant, key in ((BEGIN, FIRST), (TURN - timedelta(hours=1), FIRST), (TURN, SECOND)):
        read = key_set.load_signing_key(rotated, PASSPHRASE, at=instant)
        assert read.secret == key.secret


def test_previous_key_files_may_be_destroyed(rotated: Path) -> None:
    (rotated.parent / key_set.load(rotated).entries[0].file).unlink()
    assert key_set.load(rotated).entries[0].public == FIRST.public
    assert key_set.load_signing_key(rotated, PASSPHRASE, at=TURN).secret == SECOND.secret
    with pytest.raises(KeyFileError):
        key_set.load_signing_key(rotated, PASSPHRASE, at=BEGIN)


def test_what_a_set_does_not_know(rotated: Path) -> None:
    loaded = key_set.load(rotated)
    with pytest.raises(NotFoundError):
        loaded.at(BEGIN - timedelta(milliseconds=1))
    with pytest.raises(NotFoundError):
        loaded.by_id(KeyId("0" * 32))


def test_a_crash_between_the_two_writes_keeps_the_old_set(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()

    def crash(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(secret_file, "replace", crash)
    with pytest.raises(OSError, match="No space"):
        key_set.rotate(path, key=SECOND, passphrase=PASSPHRASE, at=TURN)
    assert path.read_bytes() == before
    monkeypatch.undo()
    third = sm2.generate()
    monkeypatch.setattr("trace_node.crypto.pbes2.SCRYPT_N", 2)
    assert key_set.rotate(path, key=third, passphrase=PASSPHRASE, at=TURN).current.public == (
        third.public
    )


@pytest.mark.parametrize("at", [BEGIN, BEGIN - timedelta(days=1)])
def test_a_turn_before_the_current_key_began_is_refused(path: Path, at: datetime) -> None:
    with pytest.raises(KeySetError):
        key_set.rotate(path, key=SECOND, passphrase=PASSPHRASE, at=at)
    assert not (path.parent / f"{SECOND.public.key_id}.pem").exists()


def test_a_key_is_in_a_set_once(rotated: Path) -> None:
    with pytest.raises(KeySetError):
        key_set.rotate(rotated, key=FIRST, passphrase=PASSPHRASE, at=TURN + timedelta(days=1))


def test_times_carry_a_zone(path: Path) -> None:
    naive = datetime(2027, 1, 1)  # noqa: DTZ001 -- that is the point
    with pytest.raises(KeySetError, match="time zone"):
        key_set.rotate(path, key=SECOND, passphrase=PASSPHRASE, at=naive)
    with pytest.raises(KeySetError, match="time zone"):
        key_set.create(path.with_name("other"), key=SECOND, passphrase=PASSPHRASE, valid_from=naive)
    assert not (path.parent / f"{SECOND.public.key_id}.pem").exists()


def test_an_existing_set_is_not_overwritten(path: Path) -> None:
    with pytest.raises(KeyFileError) as caught:
        key_set.create(path, key=SECOND, passphrase=PASSPHRASE, valid_from=BEGIN)
    assert caught.value.reason == "config.key_file.exists"
    assert not (path.parent / f"{SECOND.public.key_id}.pem").exists()


def test_a_short_passphrase_leaves_the_set_alone(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(ParameterError):
        key_set.rotate(path, key=SECOND, passphrase="short", at=TURN)  # noqa: S106 -- refused
    assert path.read_bytes() == before


def test_a_key_file_exchanged_for_another_is_noticed(path: Path) -> None:
    file = path.parent / key_set.load(path).current.file
    file.unlink()
    keys.save(file, SECOND, PASSPHRASE)
    with pytest.raises(KeyFileError) as caught:
        key_set.load_signing_key(path, PASSPHRASE, at=TURN)
    assert caught.value.reason == "config.key_file.other_key"


def test_a_set_that_others_can_write_is_refused(path: Path) -> None:
    path.chmod(0o666)
    with pytest.raises(KeyFileError) as caught:
        key_set.load(path)
    assert caught.value.reason == "config.key_file.mode"


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.update(type="key-set@2"),
        lambda s: s.update(more=1),
        lambda s: s.update(keys={}),
        lambda s: s.update(keys=[]),
        lambda s: s.update(keys=s["keys"] * 33),
        lambda s: s.update(keys=s["keys"][::-1]),
        lambda s: s["keys"].append("x"),
        lambda s: s["keys"][0].pop("file"),
        lambda s: s["keys"][0].update(file="../other.pem"),
        lambda s: s["keys"][0].update(point=7),
        lambda s: s["keys"][0].update(point="AA"),
        lambda s: s["keys"][0].update(point=s["keys"][1]["point"]),
        lambda s: s["keys"][0].update(valid_to=None),
        lambda s: s["keys"][0].update(valid_to="2027-01-01T00:00:00.001Z"),
        lambda s: s["keys"][0].update(valid_from="2028-01-01T00:00:00.000Z"),
        lambda s: s["keys"][0].update(valid_from="2026-01-01T00:00:00Z"),
        lambda s: s["keys"][0].update(valid_from="2026-01-01T00:00:00.000+00:00"),
        lambda s: s["keys"][0].update(valid_from="2026-01-01"),
        lambda s: s["keys"][0].update(valid_from="yesterday"),
        lambda s: s["keys"][0].update(valid_from=7),
        lambda s: s["keys"][1].update(valid_to="2028-01-01T00:00:00.000Z"),
    ],
)
def test_a_damaged_set_is_refused(rotated: Path, change: Any) -> None:
    content = json.loads(rotated.read_bytes())
    change(content)
    rotated.write_text(json.dumps(content, separators=(",", ":"), sort_keys=True), "utf-8")
    with pytest.raises(KeySetError):
        key_set.load(rotated)


def test_a_set_in_another_form_is_refused(rotated: Path) -> None:
    rotated.write_bytes(rotated.read_bytes() + b"\n")
    with pytest.raises(KeySetError, match="not a key set"):
        key_set.load(rotated)
