"""An I/O error, and ``kill -9``, at each write-type system call of a commit, a seal and an anchor."""

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.audit import audit, require_fsck_clean
from support.campaign import chance
from support.node_process import make_home
from support.soak_size import soak
from support.spool_jobs import kept
from support.strace_faults import Fault, Outcome, Worker, require_strace, worker
from support.usual_engine import SQLITE
from support.write_order import unsynced_at_answers

from trace_node.ids import to_base64url

pytestmark = [pytest.mark.soak, pytest.mark.strace]

ACTIONS = ("error=EIO", "signal=KILL")
SAMPLE = soak(full=None, short=10)  # faults of each job and action
CALLS_OF_A_COMMIT = {"pwrite64", "fdatasync"}


class Bench:
    """A prepared home, copied for each run, and the worker that runs on the copies."""

    def __init__(self, folder: Path, running: Worker) -> None:
        self._folder, self.worker = folder, running
        self._copies = 0
        self.base = folder / "base"

    def copy(self) -> Path:
        self._copies += 1
        return shutil.copytree(self.base, self._folder / f"run-{self._copies}")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    require_strace()
    folder = tmp_path_factory.mktemp("faults")
    base = make_home(folder / "base", engine=SQLITE)
    with worker(base) as running:
        prepared = running.run("prepare", base)
        assert prepared.exit_code == 0, prepared
        yield Bench(folder, running)


def faults_of(places: dict[str, set[int]], action: str, dice: random.Random) -> list[Fault]:
    """A fault at every place, or a sample of them that has each kind of call."""
    every = [
        Fault(call=call, number=number, action=action)
        for call, numbers in sorted(places.items())
        for number in sorted(numbers)
    ]
    if SAMPLE is None or len(every) <= SAMPLE:
        return every
    kinds = [dice.choice([each for each in every if each.call == call]) for call in places]
    rest = [each for each in dice.sample(every, len(every)) if each not in kinds]
    return sorted((kinds + rest)[: max(SAMPLE, len(kinds))])


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("job", ["commit", "seal", "anchor"])
def test_nothing_acknowledged_is_lost(bench: Bench, tmp_path: Path, job: str, action: str) -> None:
    inject(bench, tmp_path, job, action, require_recovers)


def inject(
    bench: Bench,
    tmp_path: Path,
    job: str,
    action: str,
    require: Callable[[Bench, Path, Outcome, Fault], None],
) -> None:
    """Do a job once for each fault of the campaign, and require what must hold after it."""
    places = bench.worker.places(job, bench.copy(), tmp_path / "clean")
    assert set(places) >= CALLS_OF_A_COMMIT, places
    faults = faults_of(places, action, chance())
    met = 0
    for fault in faults:
        home = bench.copy()
        trace = tmp_path / "trace"
        outcome = bench.worker.traced(job, home, trace, fault)
        met += "INJECTED" in trace.read_text() or outcome.exit_code < 0
        require(bench, home, outcome, fault)
        shutil.rmtree(home)
    counts = {call: len(numbers) for call, numbers in places.items()}
    print(f"{job} {action}: {counts}: {met} of {len(faults)} faults met")  # noqa: T201
    assert met >= len(faults) * 0.9, "the faults are not where the calls are"


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("action", ACTIONS)
def test_nothing_recorded_is_lost(bench: Bench, tmp_path: Path, action: str) -> None:
    """The same at each write-type system call of a collector's spool."""
    inject(bench, tmp_path, "spool", action, require_spool_recovers)


def require_spool_recovers(bench: Bench, home: Path, outcome: Outcome, fault: Fault) -> None:
    """The collector goes on where the disk stands, and its node gets everything."""
    assert not outcome.all("defect"), (str(fault), outcome.all("defect"))
    after = bench.worker.run("spool_again", home)
    assert after.exit_code == 0, (str(fault), after.said)
    records = kept(home / "collector")
    promised = max([said["durable"] for said in outcome.all("durable")], default=0)
    assert len(records) == len(set(records)) > promised, str(fault)
    accepted = outcome.all("accepted") + after.all("accepted")
    assert {to_base64url(each) for each in records} == {
        each for said in accepted for each in said["accepted"]
    }, str(fault)


@pytest.mark.parametrize("job", ["commit", "seal", "anchor", "spool"])
def test_what_is_promised_was_synced_before(bench: Bench, tmp_path: Path, job: str) -> None:
    """A power cut after an answer loses nothing of it."""
    home, trace = bench.copy(), tmp_path / "trace"
    outcome = bench.worker.traced(job, home, trace)
    assert outcome.exit_code == 0, outcome
    answers = list(unsynced_at_answers(trace, home))
    assert answers, outcome
    assert answers == [[]] * len(answers)


def require_recovers(bench: Bench, home: Path, outcome: Outcome, fault: Fault) -> None:
    """Start again without a hand: nothing acknowledged is gone, everything agrees."""
    assert not outcome.all("defect"), (str(fault), outcome.all("defect"))
    after = bench.worker.run("recover", home)
    assert after.exit_code == 0, (str(fault), after.said)
    (checked,) = after.all("fsck")
    assert checked["fsck"] == [], (str(fault), checked)
    assert checked["not_done"] == [], checked
    (chain,) = after.all("heads")
    heads = [(size, bytes.fromhex(root)) for size, root in chain["heads"]]
    assert heads[-1][0] == chain["local"], str(fault)
    found = audit(home, heads=heads)
    for said in outcome.all("first") + after.all("first"):
        hashes = [bytes.fromhex(each) for each in said["hashes"]]
        found.require_holds(dict(enumerate(hashes, said["first"])))
    for said in outcome.all("sealed"):
        again = audit(home, heads=[(said["sealed"], bytes.fromhex(said["root"]))])
        assert again.leaves == found.leaves, str(fault)


def test_the_command_finds_it_clean_too(bench: Bench, tmp_path: Path) -> None:
    home = bench.copy()
    fault = Fault(call="fdatasync", number=2, action="signal=KILL")
    outcome = bench.worker.traced("anchor", home, tmp_path / "trace", fault)
    assert outcome.exit_code == -9, outcome
    require_recovers(bench, home, outcome, fault)
    require_fsck_clean(home)
