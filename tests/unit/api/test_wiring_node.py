"""A whole node put together in this process: what it survives, and when it must not go on."""

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import active_children
from pathlib import Path

import pytest
from support.node_process import free_port
from support.wired import load, new_home, open_files, started_home, up, wait_for

from api.home import Home
from api.wiring import record_reader
from api.wiring.chain_child import KeptChain, kept_chain
from api.wiring.record_reader import FEWEST
from chain.embedded.child import EmbeddedChild
from chain.signer_key import stated_address
from trace_node.errors import StateError, TraceNodeError
from trace_node.services.ingest_errors import LogStoppedError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return started_home(tmp_path / "home")


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(TraceNodeError) as caught:
        yield
    assert caught.value.reason == code, caught.value
    assert caught.value.remedy


@contextmanager
def chain_of(home: Path, port: int) -> Iterator[str]:
    """The home's own chain, served by somebody else."""
    files = Home(home)
    senders = [stated_address(files.owner_key), stated_address(files.anchor_key)]
    with EmbeddedChild(files.chain_file, senders=senders, port=port) as child:
        yield child.url


def test_what_is_delivered_is_sealed_and_anchored_and_nothing_is_left_open(home: Path) -> None:
    files, threads = open_files(), threading.active_count()
    for _ in range(2):  # and again in the same process
        with up(home) as it:
            it.deliver()
            it.wait_final(it.node.services.reader.state().size)
            assert it.node.services.chain_note() == ""
        assert threading.active_count() == threads
        assert [path for path in open_files() if str(home) in path] == []
    assert len(open_files()) == len(files)


def test_what_reads_large_deliveries_may_be_killed_and_ends_with_the_node(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_reader.os, "cpu_count", lambda: 2)
    with up(home) as it:
        assert it.deliver(FEWEST).count == FEWEST
        (helper,) = active_children()
        assert it.deliver(FEWEST).count == FEWEST
        os.kill(helper.pid, signal.SIGKILL)
        assert it.deliver(FEWEST).count == FEWEST
        it.wait_final(it.node.services.reader.state().size)
    assert active_children() == []


def test_a_chain_that_was_killed_is_started_again_at_its_address(home: Path) -> None:
    with up(home) as it:
        url = it.node.chain.url
        os.kill(_chain_child(home), signal.SIGKILL)
        it.deliver()
        it.wait_final(it.node.services.reader.state().size)
        assert it.node.chain.url == url


def test_the_keys_that_belong_elsewhere_are_not_needed_after_the_first_start(home: Path) -> None:
    Home(home).owner_key.unlink()
    Home(home).authority_key.unlink()
    with up(home) as it:
        it.deliver()
        it.wait_final(it.node.services.reader.state().size)
        it.node.services.deliver.__wrapped__.__self__._writer.stop(
            LogStoppedError("why", remedy="cure")
        )
        it.node.services.wake()
        wait_for(lambda: "seal: why" in it.node.services.chain_note())


def test_a_chain_that_is_down_stops_no_readings(home: Path) -> None:
    """It was used before, so the node starts; nothing is signed until it has been asked."""
    port = free_port()
    with up(home, chain_url=f"http://127.0.0.1:{port}") as it:
        before = it.checkpointed()
        it.deliver()
        it.node.services.wake()
        wait_for(lambda: "seal:" in it.node.services.chain_note())
        assert it.checkpointed() == before
        with chain_of(home, port):
            it.wait_final(it.node.services.reader.state().size)
            assert it.node.services.chain_note() == ""


def test_a_chain_that_never_answered_is_needed_for_the_first_start(home: Path) -> None:
    Home(home).trust_root.unlink()
    with refused("chain.unavailable"), up(home, chain_url=f"http://127.0.0.1:{free_port()}"):
        pass


def test_an_older_copy_takes_nothing_once_it_has_met_its_chain(home: Path) -> None:
    """Started while the chain is down it cannot know; when the chain answers, it must stop."""
    with up(home) as it:
        it.deliver()
        it.wait_final(it.node.services.reader.state().size)
    older = started_home(home.with_name("older"))  # its log has only the registrations
    for name in ("chain.db", "outbox.db"):
        (older / name).write_bytes((home / name).read_bytes())
    port = free_port()
    with up(older, chain_url=f"http://127.0.0.1:{port}") as it:
        it.deliver(1)
        before = it.checkpointed()
        with chain_of(older, port):
            it.node.services.wake()
            wait_for(it.node.services.intake_note)
            with pytest.raises(LogStoppedError) as caught:
                it.deliver(1)
            assert caught.value.reason == "state.behind_chain"
            assert "restore" in caught.value.remedy
            assert it.checkpointed() == before
    with refused("state.behind_chain"), up(older):
        pass


def test_a_chain_file_that_is_gone_is_not_replaced_by_a_new_chain(home: Path) -> None:
    Home(home).chain_file.unlink()
    with refused("config.chain_file"), up(home):
        pass
    assert not Home(home).chain_file.exists()


def test_the_chain_of_another_node_is_refused(home: Path, tmp_path: Path) -> None:
    other = Home(tmp_path / "other.db")
    with EmbeddedChild(other.folder):
        pass
    Home(home).chain_file.write_bytes(other.folder.read_bytes())
    with refused("chain.wrong_genesis"), up(home):
        pass


def test_another_chain_id_is_refused(home: Path, tmp_path: Path) -> None:
    with (
        EmbeddedChild(tmp_path / "chain.db", chain_id=7) as child,
        refused("chain.wrong_chain_id"),
        up(home, chain_url=child.url),
    ):
        pass


def test_another_engine_than_the_recorded_one_is_refused(home: Path) -> None:
    with refused("config.chain_engine"), up(home, chain_engine="evm"):
        pass


def test_a_registration_that_cannot_be_enrolled_is_named(home: Path) -> None:
    damaged = Home(home).registrations / "000099.json"
    damaged.write_bytes(b'{"type":')
    with pytest.raises(TraceNodeError, match=r"000099\.json") as caught, up(home):
        pass
    assert caught.value.reason == "config.registration"


def test_a_node_for_opaque_entries_takes_several_at_once(tmp_path: Path) -> None:
    with up(new_home(tmp_path / "home"), interop=True) as it:
        add = it.node.services.add_opaque
        assert add is not None
        assert add([b"one", b"two"]).result(timeout=10) == 0
        assert add([b"three"]).result(timeout=10) == 2
        with pytest.raises(TraceNodeError):
            it.node.services.deliver(b"")


class FakeChild:
    """A child whose start may be refused."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port or 40_000}"
        self.status: int | None = None
        self.stopped = False
        self.process = self

    def poll(self) -> int | None:
        return self.status

    def stop(self) -> None:
        self.stopped = True


def test_a_chain_that_does_not_start_again_is_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ports: list[int] = []
    children: list[FakeChild] = []
    refusing = False

    def start(port: int) -> FakeChild:
        ports.append(port)
        if refusing:
            raise StateError("the port is taken")
        children.append(FakeChild(port))
        return children[-1]

    kept = KeptChain(start, port=0)
    kept.keep()
    assert ports == [0]
    children[0].status, refusing = -9, True
    with caplog.at_level(logging.WARNING), pytest.raises(StateError):
        kept.keep()
    assert caplog.records[0].status == -9
    refusing = False
    kept.keep()
    assert ports == [0, 40_000, 40_000]
    assert children[0].stopped
    kept.stop()
    assert children[1].stopped


def test_only_the_keys_that_are_here_may_send(home: Path) -> None:
    settings, files = load(home)
    files.owner_key.unlink()
    with kept_chain(settings, files) as chain:
        child = chain._child.process
        assert child.args.count("--sender") == 2
        for key in (files.anchor_key, files.relay_key):
            assert "0x" + stated_address(key).hex() in child.args


def _chain_child(home: Path) -> int:
    """The process that serves the chain of a home, as its lock file names it."""
    return int(Path(f"{Home(home).chain_file}.lock").read_text())
