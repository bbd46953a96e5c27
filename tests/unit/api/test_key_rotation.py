"""The keys of a running log are replaced: old and new evidence verifies, and each key has its part."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.audit import require_fsck_clean
from support.cheap_keys import make_cheap_keys
from support.wired import Up, load, now, started_home, up

from api.cli.enrolling import registrar_of
from api.home import Home
from api.wiring import registrations
from trace_node.crypto import keys
from trace_node.crypto.sm2 import PrivateKey
from trace_node.errors import ConfigError
from trace_node.services.prove import prove_entry
from trace_node.services.verify import verify_file
from trace_node.services.verify_against import Against
from trace_node.tlog.note_keys import Sm2NoteSigner
from trace_node.tlog.trust_root import SignedTrustRoot, parse_trust_root, sign_trust_root
from trace_node.tlog.trust_root_form import LogKey, TrustedKey
from trace_node.tlog.verdict import Status, Verdict


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_cheap_keys(monkeypatch)
    return started_home(tmp_path / "home")


def _deliver(it: Up) -> tuple[int, bytes, int]:
    """Deliver readings; the first one's index, its bundle, and the size that is anchored."""
    first = it.deliver().first_index
    size = it.node.services.reader.state().size
    it.wait_final(size)
    return first, prove_entry(first, reader=it.node.services.reader), size


def _rotate(home: Path, *, last: int) -> SignedTrustRoot:
    """What docs/operations.md says: new key files, and a trust root that names old and new keys."""
    settings, files = load(home)
    old = parse_trust_root(files.trust_root.read_bytes())
    fresh: dict[str, PrivateKey] = {}
    for name, path in (("log", files.log_key), ("node", files.node_key)):
        path.rename(path.with_suffix(".old"))
        fresh[name] = keys.generate()
        keys.save(path, fresh[name], settings.secret())
        raw = registrar_of(settings, files).key(fresh[name].public, usage=name, subject=f"{name}-2")
        registrations.save(files, raw)
    vkey = Sm2NoteSigner(name=settings.log_origin, signer=fresh["log"]).vkey
    root = replace(
        old.root,
        version=old.root.version + 1,
        predecessor=old.digest,
        log_keys=(
            replace(old.root.log_keys[0], to_size=last),
            LogKey(vkey=vkey, from_size=last + 1, to_size=None),
        ),
        node_keys=(*old.root.node_keys, TrustedKey(name="2", point=fresh["node"].public.point)),
    )
    signed = sign_trust_root(root, owner=keys.load(files.authority_key, settings.secret()))
    files.trust_root.write_bytes(signed.raw)
    return signed


def _verdict(raw: bytes, root: bytes) -> Verdict:
    return verify_file(raw, against=Against(trust_root=root, now=now())).verdict


def test_the_keys_of_the_log_and_of_the_node_are_replaced(home: Path) -> None:
    before = Home(home).trust_root.read_bytes()
    with up(home) as it:
        _, first, size = _deliver(it)
    after = _rotate(home, last=size).raw
    with up(home) as it:
        _, second, _ = _deliver(it)
    assert _verdict(first, before).signed is Status.PASSED
    assert _verdict(first, after).signed is Status.PASSED
    assert _verdict(second, after).signed is Status.PASSED
    failure = _verdict(second, before).first_failure
    assert failure is not None
    assert failure.reason == "tlog.note.unknown_keys"
    require_fsck_clean(home)


def test_a_node_key_that_is_not_enrolled_signs_nothing(home: Path) -> None:
    """Its records could never be laid to anyone: fsck would find them for ever."""
    with up(home) as it:
        size = it.node.services.reader.state().size
    _rotate(home, last=size)
    for path in sorted((home / "registrations").glob("*.json"))[-2:]:
        path.unlink()
    with pytest.raises(ConfigError) as caught, up(home):
        pass
    assert caught.value.reason == "config.node_key"
    assert "keys enrol" in caught.value.remedy


def test_a_new_key_that_the_trust_root_does_not_name_is_refused(home: Path) -> None:
    settings, files = load(home)
    files.log_key.unlink()
    keys.save(files.log_key, keys.generate(), settings.secret())
    with pytest.raises(ConfigError) as caught, up(home):
        pass
    assert caught.value.reason == "config.trust_root"
    assert caught.value.params["field"] == "log key"
