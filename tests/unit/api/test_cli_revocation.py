"""A collector's key is revoked from the command line, and everybody knows: node, spool key, verifier."""

import json
from pathlib import Path

import pytest
from support.builders import key
from support.cheap_keys import make_cheap_keys
from support.command import Done, command
from support.wired import DEVICE, Up, now, started_home, up

from api.home import Home
from trace_node.ids import to_base64url
from trace_node.metering.records.key_revocation import KEY_REVOCATION
from trace_node.services.ingest_errors import CollectorKeyError
from trace_node.services.prove import prove_entry
from trace_node.services.verify import verify_file
from trace_node.services.verify_against import Against
from trace_node.tlog.verdict import Status

OLD, NEW = key("collector").public, key("collector 2").public


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_cheap_keys(monkeypatch)
    return started_home(tmp_path / "home")


def well(*words: object) -> Done:
    done = command(*words)
    assert done.code == 0, done.err
    return done


def proved(it: Up, first: int) -> bytes:
    it.wait_final(it.node.services.reader.state().size)
    return prove_entry(first, reader=it.node.services.reader)


def status(raw: bytes, root: Path) -> Status:
    against = Against(trust_root=root.read_bytes(), now=now())
    return verify_file(raw, against=against).verdict.signed


def test_a_stolen_key_is_revoked_and_another_takes_its_place(home: Path, tmp_path: Path) -> None:
    with up(home) as it:
        run = it.run
        before = proved(it, it.deliver().first_index)
        waiting = [run.reading(device=DEVICE) for _ in range(4)]  # in the spool of the collector
    said = well("keys", "revoke", OLD.key_id, "--reason", "网关失窃", "--home", home).out
    assert OLD.key_id in said
    assert "trust-root renew" in said
    named = ("--subject", "gateway-2", "--replaces", OLD.key_id)
    well("keys", "enrol", "--point", to_base64url(NEW.point), *named, "--home", home)
    with up(home) as it:
        with pytest.raises(CollectorKeyError) as refused:
            it.node.services.deliver(run.deliver(waiting))
        assert refused.value.reason == "ingest.key_revoked"
        body = run.deliver(waiting, signer="collector 2")
        taken = it.node.services.deliver(body).result(timeout=30)
        after = proved(it, taken.first_index)
        reader = it.node.services.reader
        entries = reader.entries(0, reader.state().size)
        (leaf,) = (entry.index for entry in entries if entry.kind == KEY_REVOCATION)
    assert well("fsck", "--home", home).code == 0
    files, draft, root = Home(home), tmp_path / "draft.json", tmp_path / "root.json"
    revoked = f"{OLD.key_id}@{leaf}"
    well("trust-root", "renew", files.trust_root, "--out", draft, "--revoke", revoked)
    signing = ("--key", files.authority_key, "--out", root, "--home", home)
    well("trust-root", "sign", draft, *signing)
    shown = well("trust-root", "check", root, "--predecessor", files.trust_root, "-o", "json")
    assert json.loads(shown.out)["revoked_keys"] == [revoked]
    assert status(before, root) is status(after, root) is Status.PASSED
    again = tmp_path / "again.json"
    well("trust-root", "renew", root, "--out", again)
    assert json.loads(again.read_text())["revoked_keys"][0]["from_index"] == leaf
    later = command(
        *("trust-root", "renew", root, "--out", again, "--revoke", f"{OLD.key_id}@{leaf + 1}")
    )
    assert later.complaint[1] == "input.revoke"
    early = f"{OLD.key_id}@0"
    well("trust-root", "renew", files.trust_root, "--out", draft, "--revoke", early)
    well("trust-root", "sign", draft, *signing)
    assert status(before, root) is Status.FAILED  # as of a reading that came after the leaf


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("nobody", "--reason", "x"), "input.which_key"),
        (("A" * 87, "--reason", "x"), "input.key.form"),
        (("0" * 32, "--reason", "x"), "enrol.unknown_key"),
        ((OLD.key_id, "--reason", ""), "record.reason"),
        ((OLD.key_id, "--reason", "x", "--since", "yesterday"), "input.since"),
        ((OLD.key_id, "--reason", "x", "--since", "2099-01-01T00:00:00+08:00"), "input.since"),
        ((OLD.key_id, "--reason", "x", "--since", "2026-01-01T00:00:00"), "input.since"),
    ],
    ids=[
        "nobody",
        "no point",
        "no such key",
        "no reason",
        "no time",
        "in the future",
        "without a zone",
    ],
)
def test_what_cannot_be_revoked_is_named_and_not_kept(
    home: Path, words: tuple[str, ...], code: str
) -> None:
    before = sorted(Home(home).registrations.iterdir())
    done = command("keys", "revoke", *words, "--home", home)
    assert (done.code, done.complaint[1]) == (2, code)
    assert sorted(Home(home).registrations.iterdir()) == before


def test_a_key_is_found_by_who_holds_it_and_by_its_point(home: Path) -> None:
    registrations = Home(home).registrations
    for which in ("local-collector", to_base64url(OLD.point)):
        well("keys", "revoke", which, "--reason", "lost", "--home", home)
        newest = json.loads(max(registrations.iterdir()).read_bytes())
        assert newest["type"] == KEY_REVOCATION
        if which == "local-collector":
            kept = [json.loads(path.read_bytes()) for path in registrations.iterdir()]
            (own,) = (each for each in kept if each.get("subject") == which)
            assert newest["key_id"] == own["key_id"]
        else:
            assert newest["key_id"] == OLD.key_id


def test_a_revoked_key_is_not_kept_to_be_enrolled_again(home: Path) -> None:
    """The node that is down would not start with it."""
    well("keys", "revoke", OLD.key_id, "--reason", "lost", "--home", home)
    before = sorted(Home(home).registrations.iterdir())
    named = ("--point", to_base64url(OLD.point), "--subject", "gateway-1", "--home", home)
    assert command("keys", "enrol", *named).complaint[1] == "enrol.revoked"
    assert sorted(Home(home).registrations.iterdir()) == before
    with up(home):
        pass
    assert command("keys", "enrol", *named).complaint[1] == "enrol.revoked"


@pytest.mark.parametrize(
    "wrong",
    ["gateway-1", f"{OLD.key_id}", f"{OLD.key_id}@x", "short@1"],
    ids=["a name", "no leaf", "a leaf that is no number", "no id"],
)
def test_a_revocation_that_a_trust_root_cannot_name(home: Path, tmp_path: Path, wrong: str) -> None:
    words = ("trust-root", "renew", Home(home).trust_root, "--out", tmp_path / "draft.json")
    done = command(*words, "--revoke", wrong)
    assert done.code == 2
    assert "--revoke" in done.complaint[0]
    assert not (tmp_path / "draft.json").exists()
