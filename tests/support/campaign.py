"""What the long campaigns share: the chance they take, and the load they run under.

``TN_SOAK_SEED`` repeats a run; how long they are is in ``support.soak_size``.
"""

import http.client
import json
import os
import random
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from support.builders import Run, key, meter
from support.node_process import LOG

from api.home import Home
from api.wiring import registrations
from api.wiring.keys import Registrar
from trace_node.crypto import keys
from trace_node.crypto.sm2 import PublicKey
from trace_node.ids import OrganisationId, Origin
from trace_node.metering.records.digests import record_digest
from trace_node.metering.records.wire import MEDIA_TYPE

JOIN_S = 300  # only until a failure is told


def chance() -> random.Random:
    """The chance of this run; its seed is printed, so that a failure can be repeated."""
    seed = os.environ.get("TN_SOAK_SEED") or secrets.token_hex(4)
    print(f"TN_SOAK_SEED={seed}")  # noqa: T201 - pytest shows it with a failure
    return random.Random(seed)


def registrar(home: Path, *, organisation: str = LOG) -> Registrar:
    """The authority of a home."""
    now = datetime.now(UTC)
    return Registrar(
        origin=Origin(f"trace-node.local/{LOG}/sm3"),
        organisation=OrganisationId(organisation),
        authority=keys.load(Home(home).authority_key, passphrase(home)),
        now=now.replace(microsecond=0),
    )


def passphrase(home: Path) -> str:
    """What opens the keys of a home."""
    return Home(home).passphrase.read_text().strip()


def enrol(
    home: Path,
    *,
    collector: PublicKey | None = None,
    devices: Sequence[str] = (),
    organisation: str = LOG,
) -> None:
    """Keep registrations that the node takes in when it starts."""
    authority = registrar(home, organisation=organisation)
    if collector is not None:
        raw = authority.key(collector, usage="collector", subject=f"c-{collector.key_id[:8]}")
        registrations.save(Home(home), raw)
    for device in devices:
        registrations.save(Home(home), authority.meter(meter(device)))


@dataclass
class Acknowledged:
    """What a node has acknowledged: leaf hashes by index."""

    leaves: dict[int, bytes] = field(default_factory=dict)
    deliveries: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, first: int, hashes: Sequence[bytes]) -> None:
        with self._lock:
            for index, leaf_hash in enumerate(hashes, first):
                known = self.leaves.setdefault(index, leaf_hash)
                assert known == leaf_hash, f"leaf {index} was acknowledged twice, for two records"
            self.deliveries += 1

    def snapshot(self) -> dict[int, bytes]:
        with self._lock:
            return dict(self.leaves)


class Uplink:
    """A collector's uplink at its barest: resends the same bytes until they are acknowledged.

    Args:
        device: Device whose readings it delivers.
        known: Where acknowledgements are kept.
    """

    def __init__(self, device: str, known: Acknowledged) -> None:
        self._device, self._known = device, known
        self._run = Run(collector="collector", now=_now())
        self.url = ""

    def deliver(self, count: int) -> None:
        """Deliver ``count`` fresh readings, however long it takes."""
        self._run.now = _now()
        records = [self._run.reading(device=self._device) for _ in range(count)]
        body = self._run.deliver(records)
        while True:
            try:
                status, said = self.post(body)
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)
                continue
            if status == HTTPStatus.CREATED:
                assert said["count"] == count
                hashes = [record_digest(raw) for raw in records]
                self._known.add(said["first_index"], hashes)
                return
            assert status in {429, 500, 503}, (status, said)
            time.sleep(0.1)

    def post(self, body: bytes) -> tuple[int, dict]:
        """Send a delivery once; give status and data of the answer."""
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
        try:
            path = f"/ingest/v1/{LOG}/deliveries"
            connection.request("POST", path, body=body, headers={"Content-Type": MEDIA_TYPE})
            answer = connection.getresponse()
            said = json.loads(answer.read())
            return answer.status, said.get("data") or said
        finally:
            connection.close()

    def body(self, count: int) -> bytes:
        """A delivery that is not sent; what comes after it does not follow what came before."""
        return self._run.deliver([self._run.reading(device=self._device) for _ in range(count)])


class Client(threading.Thread):
    """Delivers without end over an uplink, until it is told to end; rests while not ``working``.

    Args:
        device: Device whose readings it delivers.
        known: Where acknowledgements are kept.
        batch: Greatest number of readings in a delivery.
        pause: Seconds between deliveries.
    """

    def __init__(
        self, device: str, known: Acknowledged, *, batch: int = 20, pause: float = 0.02
    ) -> None:
        super().__init__(name=f"load-{device}", daemon=True)
        self.uplink = Uplink(device, known)
        self._batch, self._pause = batch, pause
        self._random = random.Random(device)
        self.failure: BaseException | None = None
        self.ending = threading.Event()
        self.working = threading.Event()
        self.working.set()

    def run(self) -> None:
        try:
            while not self.ending.is_set():
                self.working.wait()
                self.uplink.deliver(self._random.randint(1, self._batch))
                time.sleep(self._pause)
        except BaseException as error:
            self.failure = error
            raise

    def end(self) -> None:
        """Begin no further delivery."""
        self.ending.set()
        self.working.set()

    def finish(self) -> None:
        """Deliver what is begun, and end."""
        self.end()
        self.join(JOIN_S)
        assert not self.is_alive(), "the load did not end"
        assert self.failure is None, self.failure


def _now() -> datetime:
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def collector_key() -> PublicKey:
    """The key with which clients sign."""
    return key("collector").public
