"""``trace-node witness`` as an operator uses it, and the settings by which a node asks it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from support.crypto_keys import PASSPHRASE
from support.sealed_log import SIGNER, SealedLog, sealed_log
from typer.testing import CliRunner

from api.cli.witness import group
from api.home import Home
from api.settings import Settings
from api.wiring.cosigning import make_cosigning
from trace_node.clock import SystemClock
from trace_node.crypto import sm2
from trace_node.errors import ConfigError, TraceNodeError
from trace_node.services.cosign import Cosigning
from trace_node.tlog.note_keys import Sm2NoteSigner
from trace_node.tlog.policy_text import parse

OTHER_LOG = Sm2NoteSigner(name="trace-node.test/other/sm3", signer=sm2.generate()).vkey


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TN_PASSPHRASE", PASSPHRASE)
    monkeypatch.chdir(tmp_path)
    # It would replace the log handlers of the whole test run.
    monkeypatch.setattr("api.access_log.configure", lambda: None)


def call(*arguments: str) -> str:
    """Run a command in this process; its error is raised."""
    done = CliRunner().invoke(group, list(arguments))
    if done.exception is not None:
        raise done.exception
    return done.stdout


def made(folder: Path, name: str) -> list[str]:
    return call("init", name, "--home", str(folder)).split()


@contextmanager
def running(folder: Path, *, log: str = SIGNER.vkey) -> Iterator[str]:
    """The command in a process of its own; gives the URL that it prints."""
    command = "from api.cli import main; main()"
    arguments = ["witness", "run", "--home", str(folder), "--log", log, "--port", "0"]
    process = subprocess.Popen(
        [sys.executable, "-c", command, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        words = process.stdout.readline().split()
        assert len(words) == 2, process.communicate(timeout=10)[1]
        yield words[1]
        process.send_signal(signal.SIGTERM)
        _, complaints = process.communicate(timeout=20)
        assert process.returncode == 0
        assert complaints.endswith("stopped\n")
        assert PASSPHRASE not in complaints
    finally:
        process.kill()
        process.communicate()


def test_two_witnesses_cosign_for_a_node(tmp_path: Path) -> None:
    """By hand: two witnesses on loopback, a policy of their keys, a node's log."""
    folders = [tmp_path / name for name in ("regulator", "verifier")]
    for folder in folders:
        made(folder, f"{folder.name}.test")
    home = Home(tmp_path / "node")
    with ExitStack() as stack:
        log: SealedLog = stack.enter_context(sealed_log(home.folder))
        urls = [stack.enter_context(running(folder)) for folder in folders]
        keys = [call("keys", "--home", str(folder), "--kind", "bls").strip() for folder in folders]
        home.witness_policy.write_text(
            f"witness regulator {keys[0]} {urls[0]}\nwitness verifier {keys[1]} {urls[1]}\n"
            "group both 2 regulator verifier\nquorum both\n"
        )
        cosigning = _cosigning(Settings(home=home.folder), home, log)
        for _ in range(2):
            made_size = log.grow().size
            done = cosigning.cosign_newest()
            assert done is not None
            assert (done.size, done.lines, done.refused) == (made_size, 1, ())
        policy = parse(home.witness_policy.read_bytes())
        assert [label for label, _ in policy.verify_quorum(log.note()).cosigned] == [
            "regulator",
            "verifier",
        ]
    # A witness remembers: the same log once more, with another history.
    with sealed_log(tmp_path / "other") as other, running(folders[0]) as url:
        other.grow(9)
        settings = Settings(home=home.folder, witnesses=(url,))
        refused = _cosigning(settings, home, other).cosign_newest().refused
        assert refused == ((url, "integrity.witness_refused"),)


def _cosigning(settings: Settings, home: Home, log: SealedLog) -> Cosigning:
    cosigning = make_cosigning(settings, home, store=log.store, clock=SystemClock())
    assert cosigning is not None
    return cosigning


def test_a_witness_is_made_once_and_keeps_its_name(tmp_path: Path) -> None:
    keys = made(tmp_path / "w", "witness.test/a")
    assert len(keys) == 3
    with pytest.raises(ConfigError):
        made(tmp_path / "w", "witness.test/b")
    assert call("keys", "--home", str(tmp_path / "w")).split() == keys
    kinds = [call("keys", "--home", str(tmp_path / "w"), "--kind", k) for k in ("sm2", "bls")]
    assert [text.strip() for text in kinds] == [keys[0], keys[2]]
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "w").glob("*.pem")} == {0}


def test_a_name_that_cannot_be_one_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(TraceNodeError) as caught:
        made(tmp_path / "w", "two words")
    assert caught.value.reason == "tlog.note.format"
    assert not (tmp_path / "w").exists()


def test_without_a_passphrase_one_is_made_that_only_its_owner_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TN_PASSPHRASE")
    keys = made(tmp_path / "w", "witness.test/a")
    file = tmp_path / "w" / "passphrase"
    assert file.stat().st_mode & 0o777 == 0o600
    assert call("keys", "--home", str(tmp_path / "w")).split() == keys
    file.chmod(0o644)
    with pytest.raises(ConfigError):
        call("keys", "--home", str(tmp_path / "w"))


def test_a_witness_without_its_record_does_not_run(tmp_path: Path) -> None:
    made(tmp_path / "w", "witness.test/a")
    (tmp_path / "w" / "witness.db").unlink()
    with pytest.raises(ConfigError) as caught:
        call("run", "--home", str(tmp_path / "w"), "--log", OTHER_LOG, "--port", "0")
    assert caught.value.reason == "config.witness_file"


@pytest.mark.parametrize(
    ("logs", "reason"),
    [
        (["no key"], "tlog.note.format"),
        ([OTHER_LOG, OTHER_LOG], "tlog.policy.format.repeated_key"),
        ([SIGNER.vkey.replace("/sm3", "/md5")], "tlog.note.key_id"),
        (
            [Sm2NoteSigner(name="trace-node.test/md5", signer=sm2.generate()).vkey],
            "tlog.hash_name",
        ),
    ],
)
def test_a_log_that_cannot_be_watched_is_refused(
    tmp_path: Path, logs: list[str], reason: str
) -> None:
    made(tmp_path / "w", "witness.test/a")
    options = [word for vkey in logs for word in ("--log", vkey)]
    with pytest.raises(TraceNodeError) as caught:
        call("run", "--home", str(tmp_path / "w"), *options, "--port", "0")
    assert caught.value.reason == reason


def test_a_witness_does_not_watch_a_log_of_its_own_key(tmp_path: Path) -> None:
    made(tmp_path / "w", "witness.test/a")
    from trace_node.crypto import keys  # noqa: PLC0415 -- beside its use

    own = keys.load(tmp_path / "w" / "sm2.pem", PASSPHRASE)
    log = Sm2NoteSigner(name="trace-node.test/own/sm3", signer=own).vkey
    with pytest.raises(TraceNodeError) as caught:
        call("run", "--home", str(tmp_path / "w"), "--log", log, "--port", "0")
    assert caught.value.reason == "tlog.policy.format.repeated_key"


def test_a_node_that_asks_without_a_policy_or_demands_without_asking_is_refused(
    tmp_path: Path,
) -> None:
    key = made(tmp_path / "w", "witness.test/a")[0]
    home = Home(tmp_path / "node")
    with sealed_log(home.folder) as log:
        quiet = Settings(home=home.folder)
        asking = Settings(home=home.folder, witnesses=("http://127.0.0.1:9",))
        assert make_cosigning(quiet, home, store=log.store, clock=log.clock) is None
        with pytest.raises(ConfigError) as caught:
            make_cosigning(asking, home, store=log.store, clock=log.clock)
        assert str(home.witness_policy) in caught.value.remedy
        home.witness_policy.write_text(f"witness w {key}\nquorum w\n")
        with pytest.raises(ConfigError) as caught:
            make_cosigning(quiet, home, store=log.store, clock=log.clock)
        assert str(home.witness_policy) in caught.value.remedy
        assert make_cosigning(asking, home, store=log.store, clock=log.clock) is not None
        home.witness_policy.write_text(f"witness w {key}\nquorum none\n")
        assert make_cosigning(quiet, home, store=log.store, clock=log.clock) is None
