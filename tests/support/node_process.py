"""A whole node as its operator runs it: the installed command, a home on disk, real sockets."""

import atexit
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Self

from support.cheap_keys import cheapen
from support.collector_setup import ROOT
from support.forked_command import COMMAND, start
from support.usual_engine import USUAL, choose_database

LOG = "plant-a"
ORIGIN = f"trace-node.local/{LOG}/sm3"
STEEL_MAP = ROOT / "infra" / "plant" / "steel.map.toml"
START_S = 90
STOP_S = 30


def environment(**extra: str) -> dict[str, str]:
    """The environment of a child: ours without any setting of the product, and ``extra``.

    Byte code is kept: without it each command takes three times as long.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TN_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | {"LC_ALL": "C.UTF-8", "NO_COLOR": "1", "COLUMNS": "200"} | extra


def run(*arguments: object, timeout: float = 90, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    with tempfile.TemporaryDirectory(prefix="trace-node-said-") as folder:
        output, errors = Path(folder, "output"), Path(folder, "errors")
        words = [str(argument) for argument in arguments]
        child = start(words, env=environment(**env), output=output, errors=errors)
        try:
            status = child.wait(timeout)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            raise
        return subprocess.CompletedProcess([COMMAND, *words], status, _text(output), _text(errors))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def run_well(*arguments: object, timeout: float = 90, **env: str) -> str:
    """Run a command that must succeed, and give what it printed."""
    done = run(*arguments, timeout=timeout, **env)
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    return done.stdout


@cache
def _template(organisation: str) -> Path:
    """A home as ``trace-node init`` makes it, once a test process; only its keys are cheaper."""
    parent = Path(tempfile.mkdtemp(prefix="trace-node-home-"))
    atexit.register(shutil.rmtree, parent, ignore_errors=True)
    home = parent / "home"
    names = ("--organisation", organisation, "--log", LOG, "--port", "0", "--chain-port", "0")
    run_well("init", "--home", home, *names)
    passphrase = (home / "passphrase").read_text().strip()
    cheapen(home / "keys", passphrase)
    return home


def make_home(
    folder: Path,
    *,
    organisation: str = LOG,
    port: int = 0,
    seal: int = 1,
    anchor: int = 1,
    more: str = "",
    engine: str = USUAL,
) -> Path:
    """A new home in ``folder``.

    Args:
        folder: Must not exist.
        organisation: Whose node it is.
        port: HTTP port; 0 lets the system choose at every start.
        seal: Seconds between checkpoints.
        anchor: Seconds between anchorings.
        more: Further lines of ``trace-node.toml``.
        engine: Database engine.
    """
    shutil.copytree(_template(organisation), folder)
    path = folder / "trace-node.toml"
    text = path.read_text(encoding="utf-8").replace("\nport = 0\n", f"\nport = {port}\n")
    text += f"seal_interval = {seal}\nanchor_interval = {anchor}\n{more}"
    path.write_text(text, encoding="utf-8")
    choose_database(folder, engine)
    return folder


def free_port() -> int:
    """A loopback port for a server that must come back on the same one.

    Not one of those the system hands out: it could lend it to a connection in between.
    """
    for port in random.sample(range(20_000, 32_000), 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port from 20000 to 31999")


class Process:
    """A command that runs until it is told to stop; its output goes to a file.

    Args:
        log: File of its output; later runs of the same name are appended.
        arguments: After ``trace-node``.
        env: Variables besides ours.
    """

    def __init__(self, log: Path, *arguments: object, **env: str) -> None:
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        words = [str(argument) for argument in arguments]
        self.popen = start(words, env=environment(**env), output=log, errors=log)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.popen.poll() is None:
            self.popen.terminate()
            try:
                self.popen.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()

    @property
    def output(self) -> str:
        """Everything it has said."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def told(self) -> str:
        """The end of what it has said, but for the requests it answered."""
        lines = [line for line in self.output.splitlines() if '"event": "request"' not in line]
        return "\n".join(lines[-10:])[-4_000:]

    def wait_for(self, condition: Callable[[], Any], what: str, *, seconds: float = START_S) -> Any:
        """Wait until ``condition`` gives something true while the process lives."""
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            assert self.popen.poll() is None, f"ended before {what}: {self.told}"
            assert time.monotonic() < deadline, f"no {what}: {self.told}"
            time.sleep(0.05)
        return found

    def stop(self) -> None:
        """End it in order, which must succeed."""
        self.popen.send_signal(signal.SIGTERM)
        assert self.popen.wait(STOP_S) == 0, self.told

    def kill(self) -> None:
        """``kill -9``."""
        self.popen.kill()
        self.popen.wait()


class NodeProcess(Process):
    """``trace-node up`` over a home.

    Attributes:
        url: Where it answers HTTP.
        chain_url: Where its chain answers.
    """

    url = ""
    chain_url = ""

    def __init__(self, home: Path, **env: str) -> None:
        self.home = home
        super().__init__(home / "logs" / "node.log", "up", "--home", home, **env)

    def ready(self, *, seconds: float = START_S) -> Self:
        """Wait until it takes readings."""
        said = self.wait_for(self._announced, "announcement", seconds=seconds)
        self.url, self.chain_url = said["url"], said["chain_url"]
        self.wait_for(lambda: answers(f"{self.url}/readyz"), "answer", seconds=seconds)
        return self

    def kill_chain(self) -> None:
        """``kill -9`` of the embedded chain alone."""
        for child in self.children():
            os.kill(child, signal.SIGKILL)

    def children(self) -> list[int]:
        """The processes it started."""
        try:
            tasks = list(Path(f"/proc/{self.popen.pid}/task").iterdir())
            return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]
        except OSError:
            return []

    def token(self, role: str = "operator") -> str:
        """A token that the operator issues."""
        return run_well("tokens", "issue", role, "--role", role, "--home", self.home).strip()

    def wait_final(self, size: int, *, seconds: float = 60) -> int:
        """Wait until ``size`` leaves are anchored for good, and give how many are."""
        return self.wait_for(
            lambda: (final := self.final()) >= size and final, f"anchor of {size}", seconds=seconds
        )

    def final(self) -> int:
        """Number of leaves that are anchored for good."""
        found = get_json(f"{self.url}/ingest/v1/{LOG}/state")["data"]["final"]
        return found["size"] if found else 0

    def size(self) -> int:
        """Number of leaves committed."""
        return get_json(f"{self.url}/ingest/v1/{LOG}/state")["data"]["size"]

    def _announced(self) -> dict[str, Any] | None:
        try:
            said = json.loads((self.home / "running.json").read_text())
        except (OSError, ValueError):
            return None
        return said if said["pid"] == self.popen.pid else None


def answers(url: str) -> bool:
    """Whether a URL answers with success."""
    try:
        get(url)
    except (OSError, urllib.error.HTTPError):
        return False
    return True


def get(url: str, *, token: str = "") -> bytes:
    """GET with nothing but the standard library."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - our own loopback URL
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return answer.read()


def get_json(url: str, *, token: str = "") -> Any:
    """GET of a JSON document."""
    return json.loads(get(url, token=token))


def post_json(url: str, body: object, *, token: str = "") -> Any:
    """POST of a JSON document."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(  # noqa: S310
        url, data=json.dumps(body).encode(), headers=headers
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{url}: {error.code} {error.read()[:2000]!r}") from error


def complaint(done: subprocess.CompletedProcess[str]) -> tuple[str, str, str]:
    """Message, dotted code and remedy of a command that failed, which must not be a traceback."""
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    found = re.search(r"error: (.*) \[([a-z0-9_.]+)\]$", done.stderr, flags=re.MULTILINE)
    assert found, (done.stdout, done.stderr)
    remedy = re.search(r"remedy: (.*)", done.stderr)
    return found[1], found[2], remedy[1] if remedy else ""
