"""The show of ``make run``: what it prints is true of the files, the log and the chain it leaves.

Shows S4-1-1: the reading is the same from the meter's socket to the verdict of a stranger.
"""

import base64
import json
import os
import re
import secrets
import shutil
import signal
import sqlite3
import subprocess
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.audit import audit, chain_head, contract_of, lineage, require_fsck_clean
from support.chains import outside_chain
from support.forked_command import COMMAND
from support.leftovers import VARIABLE, kill_marked, require_none
from support.node_process import (
    answers,
    environment,
    free_port,
    get,
    get_json,
    post_json,
    run,
    run_well,
)

pytestmark = pytest.mark.timeout(1_500)

LOG = "demo-works"
SHOW_S = 600
REFUSALS = {"altered-1.tnproof": "bundle.digest", "altered-2.tnproof": "tlog.proof.root"}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A show that has ended: its home and everything it said."""

    home: Path
    mark: str
    done: subprocess.CompletedProcess[str]

    def told(self, pattern: str) -> re.Match[str]:
        """The one line that has this form."""
        (found,) = re.finditer(pattern, self.done.stdout, flags=re.MULTILINE)
        return found

    def verdict(self, command: str) -> tuple[int, str]:
        """Exit code and text that it gave of ``trace-node verify``."""
        pattern = rf"^trace-node verify {re.escape(command)}.* → exit (\d)\n((?:    .*\n)+)"
        found = self.told(pattern)
        return int(found[1]), "".join(line[4:] for line in found[2].splitlines(keepends=True))


def give(home: Path) -> Shown:
    """Give the show as ``make run ARGS=--once`` does, but in a home of its own."""
    mark = secrets.token_hex(8)
    try:
        done = subprocess.run(
            [COMMAND, "demo", "--once", "--home", str(home)],
            capture_output=True,
            text=True,
            check=False,
            timeout=SHOW_S,
            env=environment(**{VARIABLE: mark}),
        )
    except subprocess.TimeoutExpired:
        kill_marked(mark)
        raise
    return Shown(home=home, mark=mark, done=done)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """A show that was given once; nobody may change its home."""
    return give(tmp_path_factory.mktemp("show") / "home")


@pytest.fixture
def chain_url(shown: Shown, tmp_path: Path) -> Iterator[str]:
    """The chain of the show, served anew from a copy of its file."""
    file = Path(shutil.copy(shown.home / "chain.db", tmp_path))
    with outside_chain(file) as url:
        yield url


def test_it_ends_well_and_leaves_nothing_running(shown: Shown) -> None:
    assert shown.done.returncode == 0, (shown.done.stdout, shown.done.stderr)
    assert shown.done.stderr == ""
    require_none(shown.mark)
    node = shown.told(r"^node: (http://127\.0\.0\.1:\d+), its chain: (http://127\.0\.0\.1:\d+) ")
    assert not answers(f"{node[1]}/healthz")
    assert not answers(node[2])
    assert shown.told(r"^home: (.*), new$")[1] == str(shown.home)
    points = [path.read_text() for path in (shown.home / "points").glob("*.points.toml")]
    devices = sum(text.count("[[line.device]]") for text in points)
    assert devices == int(shown.told(r": (\d+) Modbus TCP devices on loopback$")[1])
    assert "Traceback" not in "".join(p.read_text() for p in (shown.home / "logs").iterdir())


def test_the_reading_it_names_is_in_the_log_and_the_log_on_the_chain(
    shown: Shown, chain_url: str
) -> None:
    said = shown.told(r"^(\S+) (\S+) = (\S+) kWh at (\S+) \((\S+)\) is leaf (\d+), final$")
    with closing(sqlite3.connect(shown.home / "node.db")) as connection:
        query = "SELECT body FROM entries WHERE leaf_index = ?"
        (body,) = connection.execute(query, (int(said[6]),)).fetchone()
    record = json.loads(body)
    names = ("device", "meter_register", "value", "observed_at", "origin")
    assert tuple(record[name] for name in names) == said.groups()[:5]
    assert (record["type"], record["unit"]) == ("reading@1", "kWh")
    contract = contract_of(shown.home)
    heads = lineage(chain_url, contract)
    audit(shown.home, heads=heads)
    assert any(size > int(said[6]) for size, _ in heads)
    anchor = json.loads((shown.home / "reading.tnproof").read_bytes())["anchor"]
    assert chain_head(chain_url, contract, anchor["log_id"]) == heads[-1]
    assert anchor["head"]["size"] in {size for size, _ in heads}
    require_fsck_clean(shown.home)


def test_the_verdicts_it_prints_are_those_a_stranger_gets(
    shown: Shown, chain_url: str, tmp_path: Path
) -> None:
    proof = shown.told(r"^proof bundle: (.*) \((\d+) bytes\)$")
    bundle = Path(proof[1])
    assert bundle.stat().st_size == int(proof[2]) <= 8_192
    root = Path(shutil.copy(shown.home / "trust-root.json", tmp_path))
    offline = run("verify", bundle, "--trust-root", root, "--offline")
    assert (offline.returncode, offline.stdout) == shown.verdict("reading.tnproof --offline")
    assert offline.returncode == 3
    live = run("verify", bundle, "--trust-root", root, "--rpc", chain_url)
    code, text = shown.verdict("reading.tnproof --rpc")
    assert (live.returncode, code) == (0, 0)
    assert text == "signed:   passed\nanchored: passed: live chain\n"
    assert live.stdout.endswith(text)


@pytest.mark.parametrize("name", REFUSALS)
def test_the_copies_it_altered_are_refused(shown: Shown, chain_url: str, name: str) -> None:
    good, altered = (shown.home / each for each in ("reading.tnproof", name))
    root = shown.home / "trust-root.json"
    done = run("verify", altered, "--trust-root", root, "--rpc", chain_url)
    code, text = shown.verdict(f"{name} --rpc")
    assert (done.returncode, code) == (1, 1)
    assert REFUSALS[name] in text
    for line in text.splitlines():
        assert line in done.stdout.splitlines()
    one, other = good.read_bytes(), altered.read_bytes()
    if name == "altered-1.tnproof":
        assert len(one) == len(other)
        assert sum(a != b for a, b in zip(one, other, strict=True)) == 1
        assert shown.told("^altered copy: one byte changed$")
    else:
        said = shown.told(r"^altered copy: value (\S+) → (\S+), file digest made anew$")
        before, after = (leaf_of(raw) for raw in (one, other))
        assert (before.pop("value"), after.pop("value")) == said.groups()
        assert before == after


def leaf_of(bundle: bytes) -> dict:
    """The record in a bundle."""
    return json.loads(base64.urlsafe_b64decode(json.loads(bundle)["leaf"] + "=="))


@pytest.fixture
def another(shown: Shown, tmp_path: Path) -> Path:
    """A home of its own in which a show was given before."""
    home = Path(shutil.copytree(shown.home, tmp_path / "home"))
    settings = home / "trace-node.toml"
    settings.write_text(settings.read_text().replace(str(shown.home), str(home)))
    return home


@pytest.mark.parametrize(
    ("number", "language", "words"),
    [
        (signal.SIGINT, "C.UTF-8", ("goes on", "serving on {url} ", "stopping")),
        pytest.param(
            *(signal.SIGTERM, "zh_CN.UTF-8", ("继续使用", "正在 {url} 提供服务", "正在停止")),
            marks=pytest.mark.soak,
        ),
    ],
    ids=["Ctrl-C", "kill, in Chinese"],
)
def test_without_once_it_goes_on_in_its_home_and_serves_until_it_is_stopped(
    another: Path, number: signal.Signals, language: str, words: tuple[str, str, str]
) -> None:
    mark, port, said = secrets.token_hex(8), free_port(), another / "said"
    url = f"http://127.0.0.1:{port}"
    with said.open("wb") as output:
        process = subprocess.Popen(
            # A suite that runs in the background of a shell would hand on an ignored Ctrl-C.
            [
                "env",
                "--default-signal=INT",
                COMMAND,
                "demo",
                "--home",
                another,
                "--port",
                str(port),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment(**{VARIABLE: mark, "LC_ALL": language}),
            start_new_session=True,
        )
    try:
        wait_for(lambda: words[1].format(url=url) in said.read_text(), process, said)
        assert words[0] in said.read_text()
        require_serves(url, another)
        # Ctrl-C in a terminal reaches every process of the show at once, kill this one alone.
        send = os.killpg if number is signal.SIGINT else os.kill
        send(process.pid, number)
        assert process.wait(60) == 0, said.read_text()
        assert said.read_text().endswith(f"\n{words[2]}\n")
        require_none(mark)
    finally:
        kill_marked(mark)
        process.wait()
    require_fsck_clean(another)
    audit(another)


def wait_for(condition: Callable[[], object], process: subprocess.Popen, said: Path) -> None:
    """Wait until ``condition`` holds while the show lives."""
    deadline = time.monotonic() + SHOW_S
    while not condition():
        assert process.poll() is None, said.read_text()
        assert time.monotonic() < deadline, said.read_text()
        time.sleep(0.1)


def require_serves(url: str, home: Path) -> None:
    """It answers plain HTTP, takes in further readings and moves the head on its chain."""
    chain = json.loads((home / "running.json").read_text())["chain_url"]
    log_id = json.loads((home / "reading.tnproof").read_bytes())["anchor"]["log_id"]
    assert answers(f"{url}/docs")
    assert get_json(f"{url}/readyz")["status"] == "ready"
    first, deadline = checkpoint(url), time.monotonic() + SHOW_S
    while not (first[0] < (head := chain_head(chain, contract_of(home), log_id))[0]):
        assert time.monotonic() < deadline, "the log does not grow on its chain"
        time.sleep(0.2)
    assert checkpoint(url)[0] >= head[0]
    audit(home, heads=[first, head])
    require_links(url, home)
    query = {"device": "CM-EM-01", "meter_register": "active_energy"}
    query |= {"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T01:00:00Z"}
    with pytest.raises(AssertionError, match="401"):
        post_json(f"{url}/api/v1/Readings", query)
    token = run_well("tokens", "issue", "stranger", "--role", "verifier", "--home", home).strip()
    assert post_json(f"{url}/api/v1/Readings", query, token=token)["data"]["readings"] == []


def require_links(url: str, home: Path) -> None:
    """The lines of its collectors are measured: S0-9.4.3-a, in its status and its metrics."""
    deadline = time.monotonic() + SHOW_S
    while any(link["round_trip_us"] is None for link in links_of(home)):
        assert time.monotonic() < deadline, links_of(home)
    links = links_of(home)
    assert all(link["sent"] > 0 for link in links)
    names = {(link["collector"], link["link"]) for link in links}
    assert len(names) == len(links)
    lists = [tomllib.loads(path.read_text()) for path in (home / "points").glob("*.points.toml")]
    lines = [line for points in lists for line in points["line"]]
    read = {f"line:{line['name']}" for line in lines}
    read |= {f"device:{device['name']}" for line in lines for device in line["device"]}
    assert {link for _, link in names} == read | {"uplink:node"}
    metrics = get(f"{url}/metrics").decode()
    for metric in ("sent", "lost", "outages", "down", "round_trip_seconds"):
        labels = rf'^tracenode_link_{metric}{{collector="(.*)",link="(.*)"}} '
        samples = re.findall(labels, metrics, re.MULTILINE)
        assert (len(samples), set(samples)) == (len(names), names), metric


def links_of(home: Path) -> list[dict[str, Any]]:
    return json.loads(run_well("status", "--home", home, "-o", "json"))["links"]


def checkpoint(url: str) -> tuple[int, bytes]:
    """Size and root of the newest checkpoint, which needs no token."""
    lines = get(f"{url}/log/{LOG}/checkpoint").split(b"\n")
    return int(lines[1]), base64.b64decode(lines[2])
