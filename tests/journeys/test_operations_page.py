"""The commands of ``docs/operations.md``, run as they are printed, in order, by a shell.

Only the ports are others, so that the test disturbs nothing on this machine.
"""

import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.collector_setup import PLANT, ROOT
from support.forked_command import COMMAND
from support.leftovers import VARIABLE, kill_marked, marked, require_none
from support.node_process import answers, environment, free_port, get, get_json

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(900),
    pytest.mark.skipif(shutil.which("curl") is None, reason="the page asks HTTP with curl"),
]

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
WAIT_S = 300
PORTS = ("8000", "8545", "8011", "8012")


class Shell:
    """A user's shell in an empty folder that holds what a checkout would."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.mark = folder, secrets.token_hex(8)
        self._ports = {port: str(free_port()) for port in PORTS}
        (folder / "infra" / "plant").mkdir(parents=True)
        for file in PLANT.glob("coal-mine.*"):
            text = re.sub(r"(?<=127\.0\.0\.1:)\d+", self._other, file.read_text(encoding="utf-8"))
            (folder / "infra" / "plant" / file.name).write_text(text, encoding="utf-8")

    def _other(self, port: re.Match[str]) -> str:
        return self._ports.setdefault(port[0], str(free_port()))

    @property
    def url(self) -> str:
        """Where the node answers."""
        return f"http://127.0.0.1:{self._ports['8000']}"

    def run(self, text: str) -> subprocess.CompletedProcess[str]:
        """Run a text of commands as printed; what it leaves in the background goes on."""
        for port in PORTS:
            text = re.sub(rf"(?<=[: ]){port}\b", self._ports[port], text)
        output = self.folder / f"{secrets.token_hex(4)}.said"
        with output.open("w") as file:
            done = subprocess.run(
                ["bash", "-eu", "-c", text],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                check=False,
                timeout=WAIT_S,
                env=self._environment(),
            )
        return subprocess.CompletedProcess(text, done.returncode, output.read_text())

    def _environment(self) -> dict[str, str]:
        """The environment of a login, and shorter intervals."""
        path = f"{Path(COMMAND).parent}:/usr/bin:/bin"
        ports = {"TN_PORT": self._ports["8000"], "TN_CHAIN_PORT": self._ports["8545"]}
        short = {"TN_SEAL_INTERVAL": "1", "TN_ANCHOR_INTERVAL": "2"}
        return environment(PATH=path, **{VARIABLE: self.mark}, **ports, **short)

    def wait_for(self, condition: Callable[[], object], what: str) -> None:
        """Wait until something holds that the commands set going."""
        deadline = time.monotonic() + WAIT_S
        while not condition():
            logs = {path.name: path.read_text()[-1_500:] for path in self.folder.glob("*.log")}
            assert time.monotonic() < deadline, (what, logs)
            time.sleep(0.2)

    def end(self) -> None:
        """End what it left in the background, in order."""
        for pid in marked(self.mark):
            os.kill(pid, signal.SIGTERM)
        try:
            require_none(self.mark, seconds=60)
        finally:
            kill_marked(self.mark)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(tmp_path)
    yield shell
    shell.end()


def blocks(heading: str) -> list[str]:
    """The blocks of commands below a heading of the page."""
    section = re.split(r"^#+ ", PAGE.split(f"# {heading}\n")[1], flags=re.MULTILINE)[0]
    return re.findall(r"^```(?:sh)?\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL)


def test_from_an_empty_folder_to_a_verified_reading(shell: Shell) -> None:
    set_up, prove, verify = blocks("From an empty folder to a verified reading")
    done = shell.run(set_up)
    assert done.returncode == 0, done.stdout
    shell.wait_for(lambda: answers(f"{shell.url}/readyz"), "node")
    state = f"{shell.url}/ingest/v1/plant-a/state"
    shell.wait_for(lambda: (get_json(state)["data"]["final"] or {}).get("size", 0) > 60, "anchor")
    proved = shell.run(prove)
    assert proved.returncode == 0, proved.stdout
    offline, live = (shell.run(command) for command in verify.splitlines())
    assert (offline.returncode, live.returncode) == (3, 0), (offline, live)
    assert "CM-EM-01 active_energy = " in live.stdout


def test_witnesses_on_one_machine(shell: Shell) -> None:
    (block,) = blocks("Try it on one machine")
    *set_up, ask = block.splitlines()
    done = shell.run("\n".join(set_up))
    assert done.returncode == 0, done.stdout
    shell.wait_for(lambda: answers(f"{shell.url}/readyz"), "node")
    checkpoint = f"{shell.url}/log/main/checkpoint"
    shell.wait_for(lambda: b"\xe2\x80\x94 witnesses" in get(checkpoint), "quorum")
    said = shell.run(ask)
    assert said.returncode == 0
    assert said.stdout.strip().splitlines()[-1].startswith("— witnesses ")
