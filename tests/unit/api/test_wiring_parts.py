"""The parts a node is put together from, one by one: keys, registrations, trust root, chain."""

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.wired import load, started_home

from api.home import Home
from api.wiring import chain_side, registrations
from api.wiring.chain_side import ChainSide
from api.wiring.keys import read_link_secret
from api.wiring.late_registry import LateRegistry
from api.wiring.trust import ensure_trust_root
from chain.deploy import read_deployment
from trace_node.clock import SystemClock
from trace_node.crypto import keys, secret_file
from trace_node.errors import TraceNodeError, UnavailableError
from trace_node.ids import Origin
from trace_node.tlog.anchor import AnchoredHead

ORIGIN = Origin("trace-node.local/plant-a/sm3")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(started_home(tmp_path / "home"))


def reason(call: Callable[[], object]) -> str:
    """The code of the error a call raises."""
    with pytest.raises(TraceNodeError) as caught:
        call()
    assert caught.value.remedy
    return caught.value.reason


def side_of(home: Home, **changes: object) -> ChainSide:
    """The chain of a home as it was recorded, or another one."""
    deployment = replace(read_deployment(home.deployment), **changes)
    log_id = chain_side.log_id_at(home, ORIGIN)
    return ChainSide(url="", engine="embedded", deployment=deployment, log_id=log_id, registry=None)


class TestTrustRoot:
    def test_the_one_of_the_first_start_is_kept(self, home: Home) -> None:
        settings, _ = load(home.folder)
        before = home.trust_root.read_bytes()
        kept = ensure_trust_root(settings, home, side_of(home), clock=SystemClock())
        assert kept.raw == before == home.trust_root.read_bytes()

    @pytest.mark.parametrize(("name", "field"), [("log_key", "log key"), ("node_key", "node key")])
    def test_a_key_that_it_does_not_name_is_refused(
        self, home: Home, name: str, field: str
    ) -> None:
        settings, _ = load(home.folder)
        path = getattr(home, name)
        path.unlink()
        keys.save(path, keys.generate(), settings.secret())
        with pytest.raises(TraceNodeError, match=f"another {field} ") as caught:
            ensure_trust_root(settings, home, side_of(home), clock=SystemClock())
        assert caught.value.reason == "config.trust_root"

    @pytest.mark.parametrize(
        "change",
        [
            {"chain_id": 7},
            {"genesis_hash": bytes(32)},
            {"contract": bytes(20)},
            {"runtime_code_hash": bytes(32)},
        ],
        ids=str,
    )
    def test_another_chain_is_refused(self, home: Home, change: dict[str, object]) -> None:
        settings, _ = load(home.folder)
        with pytest.raises(TraceNodeError, match="another chain "):
            ensure_trust_root(settings, home, side_of(home, **change), clock=SystemClock())

    def test_another_origin_is_refused(self, home: Home) -> None:
        settings, _ = load(home.folder, origin="trace-node.local/plant-b/sm3")
        with pytest.raises(TraceNodeError, match="another origin "):
            ensure_trust_root(settings, home, side_of(home), clock=SystemClock())


class TestLogId:
    def test_it_is_that_of_the_owner_and_of_the_trust_root(self, home: Home) -> None:
        found = chain_side.log_id_at(home, ORIGIN)
        home.owner_key.unlink()
        assert chain_side.log_id_at(home, ORIGIN) == found

    def test_another_owner_does_not_open_a_second_log(self, home: Home) -> None:
        home.owner_key.write_bytes(home.anchor_key.read_bytes())
        assert reason(lambda: chain_side.log_id_at(home, ORIGIN)) == "config.log_id"

    def test_without_owner_and_trust_root_it_is_not_known(self, home: Home) -> None:
        home.owner_key.unlink()
        home.trust_root.unlink()
        assert reason(lambda: chain_side.log_id_at(home, ORIGIN)) == "config.owner_key"


class TestRecordedChain:
    def test_it_is_demanded_once_there_was_a_deployment(self, home: Home) -> None:
        settings, _ = load(home.folder)
        recorded = read_deployment(home.deployment)
        found = chain_side.expected_chain(settings, home, "http://127.0.0.1:1")
        assert (found.chain_id, found.genesis_hash) == (recorded.chain_id, recorded.genesis_hash)
        home.deployment.unlink()
        found = chain_side.expected_chain(settings, home, "http://127.0.0.1:1")
        assert (found.chain_id, found.genesis_hash) == (None, None)


class TestLinkSecret:
    def test_it_has_32_bytes_that_nobody_else_reads(self, home: Home) -> None:
        assert len(read_link_secret(home)) == 32
        home.link_secret.chmod(0o644)
        assert reason(lambda: read_link_secret(home)).startswith("config.key_file")

    @pytest.mark.parametrize("secret", [b"", b"short", bytes(33)], ids=len)
    def test_a_damaged_one_opens_no_links(self, home: Home, secret: bytes) -> None:
        home.link_secret.unlink()
        secret_file.create(home.link_secret, secret)
        assert reason(lambda: read_link_secret(home)) == "config.link_secret"


class TestRegistrations:
    def test_they_keep_their_order(self, tmp_path: Path) -> None:
        home = Home(tmp_path)
        for raw in (b"a", b"b", b"c"):
            registrations.save(home, raw)
        assert [path.read_bytes() for path in registrations.files(home)] == [b"a", b"b", b"c"]

    def test_a_new_one_takes_no_name_that_is_in_use(self, tmp_path: Path) -> None:
        home = Home(tmp_path)
        paths = [registrations.save(home, raw) for raw in (b"a", b"b", b"c")]
        paths[0].unlink()
        assert registrations.save(home, b"d").name == "000003.json"
        assert [path.read_bytes() for path in registrations.files(home)] == [b"b", b"c", b"d"]

    def test_two_processes_save_at_once(self, tmp_path: Path) -> None:
        home = Home(tmp_path)
        child = os.fork()
        for number in range(20):
            registrations.save(home, f"{os.getpid()} {number}".encode())
        if child == 0:
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert len({path.read_bytes() for path in registrations.files(home)}) == 40

    def test_half_a_file_is_not_enrolled(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home = Home(tmp_path)

        def full(_: int) -> None:
            raise OSError(28, "no space left")

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            with pytest.raises(OSError, match="no space"):
                registrations.save(home, b"half")
        assert list(registrations.files(home)) == []


class TestLateRegistry:
    def test_it_asks_again_until_it_is_connected_and_then_no_more(self) -> None:
        tries: list[int] = []

        class Found:
            def head(self, _log_id: bytes) -> AnchoredHead:
                return AnchoredHead(size=0, root=bytes(32))

        def connect() -> Found:
            tries.append(1)
            if len(tries) < 3:
                raise UnavailableError("down")
            return Found()

        late = LateRegistry(connect)
        for _ in range(2):
            with pytest.raises(UnavailableError):
                late.head(b"")
        threads = [threading.Thread(target=late.head, args=(b"",)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(tries) == 3
