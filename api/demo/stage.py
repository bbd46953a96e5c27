"""The stage of the show: a home, a simulated plant on real sockets, collectors and a node."""

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from api.demo.processes import Processes, run
from api.demo.waiting import wait_for, wait_for_node
from api.home import Home
from api.running import Running
from trace_node.errors import ConfigError, UnavailableError

T = TypeVar("T")
PLANTS = ("coal-mine", "washing-plant", "cement-line")
ORGANISATION = "demo-works"
LOG = "demo-works"
COLLECTOR = """\
format = "collector@1"
points = "points.toml"
key = "collector.pem"
passphrase_file = "{passphrase}"

[[destination]]
name = "node"
url = "{url}"
log = "{log}"
origin = "{origin}"
"""


class Stage:
    """Everything the show needs, in one folder.

    Args:
        folder: Home of the node; made when it is not there.
        plants: Folder of the plant files.
        processes: Where commands are started.
        port: HTTP port of the node; 0 for any.
    """

    def __init__(self, folder: Path, *, plants: Path, processes: Processes, port: int) -> None:
        self.home = Home(folder.absolute())
        self._plants = plants
        self._processes = processes
        self._port = port
        needed = [f"{name}.{kind}.toml" for name in PLANTS for kind in ("plant", "points")]
        if not all((plants / file).is_file() for file in needed):
            raise ConfigError(
                "{path} does not hold the demo plant",
                field="plants",
                path=str(plants),
                remedy="run this in a checkout of the repository, or name its infra/plant",
            )

    def make_home(self) -> bool:
        """Make the node's home with everything enrolled; False when one is there and goes on.

        It is made beside its place and moved there whole, so that one that was interrupted in the
        making is made anew.

        Raises:
            ConfigError: Something else is in its place.
        """
        folder = self.home.folder
        if all(_collector_key(folder, name).exists() for name in PLANTS):
            return False
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ConfigError(
                "{path} holds something else than the show",
                field="home",
                path=str(folder),
                remedy="remove it, or choose another folder with --home",
            )
        made = folder.with_name(f"{folder.name}.unfinished")
        shutil.rmtree(made, ignore_errors=True)
        self._fill(made)
        made.rename(folder)
        return True

    def _fill(self, folder: Path) -> None:
        """Make keys and settings, and enrol the meters and the collectors' keys."""
        home = ("--home", str(folder))
        require_success(
            run(
                *("init", *home, "--organisation", ORGANISATION),
                *("--log", LOG, "--port", str(self._port), "--chain-port", "0"),
            )
        )
        with (folder / "trace-node.toml").open("a", encoding="utf-8") as file:
            file.write("seal_interval = 2\nanchor_interval = 4\n")
            status = [
                str(_collector_key(self.home.folder, name).with_name("status.json"))
                for name in PLANTS
            ]
            file.write(f"collectors = {json.dumps(status)}\n")
        for name in PLANTS:
            points, key = self._plants / f"{name}.points.toml", _collector_key(folder, name)
            key.parent.mkdir(parents=True)
            require_success(run("meters", "enrol", str(points), *home))
            require_success(run("keys", "generate", str(key), *home))
            require_success(run("keys", "enrol", str(key), "--subject", f"collector-{name}", *home))

    def start_meters(self) -> int:
        """Serve the plant as Modbus TCP meters, and return how many devices there are."""
        files = [str(self._plants / f"{name}.plant.toml") for name in PLANTS]
        points = self.home.folder / "points"
        output = self._processes.start(
            "simulate", "simulate", *files, "--free-ports", "--points-out", str(points)
        )
        self.wait_for(
            "the simulated meters",
            lambda: "ready" in output.read_text(encoding="utf-8").splitlines() or None,
        )
        return sum(path.read_text().count("[[line.device]]") for path in self._point_lists())

    def start_node(self) -> Running:
        """Start the node and wait until it takes readings."""
        self._processes.start(
            "node", "up", "--home", str(self.home.folder), "--port", str(self._port)
        )
        return wait_for_node(self.home, self._processes)

    def start_collectors(self, running: Running, *, origin: str) -> None:
        """Start a collector a plant, with the point list that names the ports in use."""
        for name, points in zip(PLANTS, self._point_lists(), strict=True):
            folder = _collector_key(self.home.folder, name).parent
            (folder / "points.toml").write_bytes(points.read_bytes())
            text = COLLECTOR.format(
                passphrase=self.home.passphrase, url=running.url, log=LOG, origin=origin
            )
            (folder / "collector.toml").write_text(text, encoding="utf-8")
            self._processes.start(f"collect-{name}", "collect", str(folder))

    def wait_for(self, what: str, ask: Callable[[], T | None]) -> T:
        """Ask until there is an answer.

        Raises:
            UnavailableError: There was none in two minutes, or a process ended.
        """
        return wait_for(what, ask, home=self.home, processes=self._processes)

    def _point_lists(self) -> Sequence[Path]:
        return [self.home.folder / "points" / f"{name}.points.toml" for name in PLANTS]


def _collector_key(home: Path, name: str) -> Path:
    return home / "collectors" / name / "collector.pem"


def require_success(done: subprocess.CompletedProcess[str]) -> None:
    """Check that a command ended with 0.

    Raises:
        UnavailableError: It did not; the message carries what it printed.
    """
    if done.returncode:
        raise UnavailableError(
            "{command} ended with {status}: {output}",
            code="unavailable.command",
            command=" ".join(done.args[1:]),
            status=done.returncode,
            output=(done.stderr or done.stdout).strip()[-500:],
        )
