"""What the show does with a running node: prove a reading, verify it, alter it, see it refused."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import typer

from api.demo.processes import run
from api.demo.stage import LOG, PLANTS, Stage
from api.exit_codes import INVALID, PENDING, VERIFIED
from api.running import Running
from api.tokens import Role, TokenFile
from trace_node.canonical_json import decode_object
from trace_node.clock import SystemClock
from trace_node.errors import IntegrityError
from trace_node.ids import from_base64url, to_base64url
from trace_node.tlog.bundle_file import write_bundle_file

DEVICE, METER_REGISTER = "CM-EM-01", "active_energy"
FAILED_MARK = "✗"
OUTCOME_LINES = 2
Say: TypeAlias = Callable[..., None]


class Show:
    """The steps after the stage is set.

    Args:
        stage: The stage.
        running: The node.
        say: Tells the audience a text, its parameters filled in.
    """

    def __init__(self, stage: Stage, running: Running, *, say: Say) -> None:
        self.say = say
        self._stage = stage
        self._running = running
        self._folder = stage.home.folder
        tokens = TokenFile(stage.home.tokens, SystemClock())
        token = tokens.issue(name="show", role=Role.OPERATOR, organisation=None, days=1)
        self._client = httpx.Client(
            base_url=running.url,
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
            timeout=30,
        )

    def first_reading(self) -> dict[str, Any]:
        """Wait for a reading of the coal mine that is anchored for good."""
        reading = self._stage.wait_for("an anchored reading", self._anchored_reading)
        self.say(
            "{name} = {value} kWh at {at} ({origin}) is leaf {index}, {state}",
            name=f"{DEVICE} {METER_REGISTER}",
            value=reading["value"],
            at=reading["observed_at"],
            origin=reading["origin"],
            index=reading["index"],
            state=reading["state"],
        )
        return reading

    def prove(self, index: int) -> Path:
        """Fetch the proof bundle of a leaf."""
        answer = self._client.get(f"/evidence/v1/bundles/{index}")
        answer.raise_for_status()
        path = self._folder / "reading.tnproof"
        path.write_bytes(answer.content)
        self.say("proof bundle: {path} ({size} bytes)", path=path, size=len(answer.content))
        return path

    def verify(self, bundle: Path) -> None:
        """Verify the bundle offline and against the chain, as a stranger would."""
        self._verify(bundle, ["--offline"], expected=PENDING)
        self._verify(bundle, ["--rpc", self._running.chain_url], expected=VERIFIED)

    def alter(self, bundle: Path) -> None:
        """Alter copies of the bundle and show that each is refused."""
        raw = bundle.read_bytes()
        fields = decode_object(raw)
        leaf = from_base64url(str(fields["leaf"]), size=None, field="leaf")
        value = json.loads(leaf)["value"]
        forged = ("1" if value[0] != "1" else "2") + value[1:]
        said, claimed = (f'"value":"{each}"'.encode() for each in (value, forged))
        fields["leaf"] = to_base64url(leaf.replace(said, claimed))
        rest = {name: member for name, member in fields.items() if name != "digest"}
        self.say("altered copy: one byte changed")
        self._refused("altered-1.tnproof", raw.replace(b"A", b"B", 1))
        self.say(
            "altered copy: value {value} → {forged}, file digest made anew",
            value=value,
            forged=forged,
        )
        self._refused("altered-2.tnproof", write_bundle_file(rest))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _anchored_reading(self) -> dict[str, Any] | None:
        now = datetime.now(UTC)
        query = {
            "device": DEVICE,
            "meter_register": METER_REGISTER,
            "from": (now - timedelta(minutes=10)).isoformat(timespec="seconds"),
            "to": (now + timedelta(minutes=1)).isoformat(timespec="seconds"),
        }
        answer = self._client.post("/api/v1/Readings", json=query)
        answer.raise_for_status()
        readings: list[dict[str, Any]] = answer.json()["data"]["readings"]
        return next((r for r in readings if r["value"] and r["state"] == "final"), None)

    def _refused(self, name: str, content: bytes) -> None:
        path = self._folder / name
        path.write_bytes(content)
        self._verify(path, ["--rpc", self._running.chain_url], expected=INVALID)

    def _verify(self, bundle: Path, options: list[str], *, expected: int) -> None:
        done = run(
            *("verify", str(bundle), "--trust-root", str(self._stage.home.trust_root)), *options
        )
        typer.echo(f"trace-node verify {bundle.name} {' '.join(options)} → exit {done.returncode}")
        whole = expected == PENDING or done.returncode != expected
        for line in _shown(done.stdout + done.stderr, whole=whole):
            typer.echo(f"    {line}")
        if done.returncode != expected:
            raise IntegrityError(
                "verification ended with {found}, not {expected}",
                code="integrity.show",
                found=done.returncode,
                expected=expected,
            )


def _shown(text: str, *, whole: bool) -> list[str]:
    """What the show repeats of a verdict: all of it once, then what failed and the outcome."""
    lines = text.strip().splitlines()
    if whole:
        return lines
    failed = [pair for pair in pairwise(lines) if pair[0].startswith(FAILED_MARK)]
    return [*chain.from_iterable(failed), *lines[-OUTCOME_LINES:]]


def perform(stage: Stage, *, say: Say) -> Running:
    """Set the stage and give the show; the processes go on.

    Raises:
        TraceNodeError: Something did not come out as it must.
    """
    if stage.make_home():
        say("home: {path}, new", path=stage.home.folder)
        say("the authority signed registrations of every meter and collector")
    else:
        say("home: {path}, goes on", path=stage.home.folder)
    devices = stage.start_meters()
    say(
        "simulated plant: {plants}: {count} Modbus TCP devices on loopback",
        plants=", ".join(PLANTS),
        count=devices,
    )
    running = stage.start_node()
    say(
        "node: {url}, its chain: {chain_url} (embedded, single operator)",
        url=running.url,
        chain_url=running.chain_url,
    )
    stage.start_collectors(running, origin=f"trace-node.local/{LOG}/sm3")
    say("collectors deliver signed batches; the node logs, seals and anchors them")
    show = Show(stage, running, say=say)
    try:
        reading = show.first_reading()
        bundle = show.prove(int(reading["index"]))
        show.verify(bundle)
        show.alter(bundle)
    finally:
        show.close()
    return running
