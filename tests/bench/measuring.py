"""What every benchmark uses: figures with their floors, the conditions they hold under, helpers."""

import hashlib
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from big_log import BigLog

ROOT = Path(__file__).resolve().parents[2]
KIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured quantity.

    Attributes:
        name: What was measured.
        unit: Its unit.
        runs: One value of each run.
        at_least: The floor it should reach; None without one.
        at_most: The ceiling it should stay under; None without one.
        note: Under which conditions, in few words.
    """

    name: str
    unit: str
    runs: Sequence[float]
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def median(self) -> float:
        """The middle one of its runs."""
        return statistics.median(self.runs)

    @property
    def is_met(self) -> bool | None:
        """Whether the median keeps to the floor; None without one."""
        if self.at_least is not None:
            return self.median >= self.at_least
        return None if self.at_most is None else self.median <= self.at_most

    @property
    def floor(self) -> str:
        """The floor in words."""
        if self.at_least is not None:
            return f"≥ {_number(self.at_least)}"
        return "" if self.at_most is None else f"≤ {_number(self.at_most)}"

    def row(self) -> str:
        """A row of a Markdown table."""
        runs = (
            " · ".join(_number(value) for value in self.runs)
            if len(self.runs) <= 5
            else (f"{len(self.runs)} runs, {_number(min(self.runs))}–{_number(max(self.runs))}")
        )
        met = {None: "", True: "met", False: "**not met**"}[self.is_met]
        cells = (
            self.name,
            f"**{_number(self.median)}** {self.unit}",
            runs,
            self.floor,
            met,
            self.note,
        )
        return "| " + " | ".join(cells) + " |"


def _number(value: float) -> str:
    if value and abs(value) < 10:
        return f"{value:.3g}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"


@dataclass
class Bench:
    """How the benchmarks are run.

    Attributes:
        folder: For their files; on the disk that is to be measured.
        quick: Whether they only show that they work: sizes are tiny and figures mean nothing.
        times: Number of runs of each measurement.
    """

    folder: Path
    quick: bool = False
    times: int = 3
    _folders: int = field(default=0, init=False)

    def amount(self, full: int, quick: int) -> int:
        """How much of something is done."""
        return quick if self.quick else full

    def repeat(self, run: Callable[[], float]) -> list[float]:
        """The values of as many runs as are wanted."""
        return [run() for _ in range(self.times)]

    def new_folder(self, name: str) -> Path:
        """An empty folder."""
        self._folders += 1
        folder = self.folder / f"{self._folders:03d}-{name}"
        folder.mkdir(parents=True)
        return folder

    @cached_property
    def big_log(self) -> "BigLog":
        """The large log that several benchmarks share; made when it is first needed."""
        from big_log import make_big_log  # noqa: PLC0415 (only where it is needed)

        return make_big_log(self)


def timed(work: Callable[[], object]) -> float:
    """Seconds that ``work`` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def percentile(values: Sequence[float], percent: int) -> float:
    """The value below which so many percent of ``values`` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]


def child(module: str, *arguments: object, **extra: str) -> "subprocess.Popen[str]":
    """Start a module of the benchmarks or of the tests' support in a process of its own."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "bench")])
    return subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": path} | extra,
    )


def output_of(process: "subprocess.Popen[str]") -> str:
    """What a child prints until it ends, which must be well."""
    said, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{process.args} ended with {process.returncode}")
    return said


def memory_mib(pid: int, what: str = "VmRSS") -> float:
    """Resident memory of a process now, or at its highest (``VmHWM``)."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / KIB for line in lines if line.startswith(f"{what}:"))


def cpu_seconds(pid: int) -> float:
    """Processor time a process has used, in user and system mode."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def conditions(folder: Path) -> dict[str, str]:
    """The machine, the software and the state of both."""
    import sqlite3  # noqa: PLC0415
    import ssl  # noqa: PLC0415 (only told here)

    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "commit": _git("rev-parse", "--short=12", "HEAD")
        + (" with uncommitted changes" if _git("status", "--porcelain", "-uno") else ""),
        "processor": f"{os.cpu_count()} × {_processor()}",
        "load average": load(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "Python": platform.python_version(),
        "OpenSSL": ssl.OPENSSL_VERSION,
        "SQLite": sqlite3.sqlite_version,
        "4 KiB append + fdatasync": f"p50 {_disk_ms(folder):.2f} ms",
        "SM3, 65 bytes": f"{_sm3_us():.2f} µs",
    }


def load() -> str:
    """The load average of the machine."""
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


def _disk_ms(folder: Path, *, times: int = 50) -> float:
    """Median time to append 4 KiB and bring them to the disk."""
    path = folder / "fdatasync"
    took = []
    with path.open("wb") as file:
        for _ in range(times):
            began = time.perf_counter()
            file.write(bytes(4 * KIB))
            file.flush()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
    path.unlink()
    return statistics.median(took)


def _sm3_us(*, times: int = 50_000) -> float:
    """Time of one hash of 65 bytes by the fastest idiom of hashlib: the yardstick of a machine."""
    template, message = hashlib.new("sm3"), bytes(65)
    began = time.perf_counter()
    for _ in range(times):
        state = template.copy()
        state.update(message)
        state.digest()
    return (time.perf_counter() - began) / times * 1e6
