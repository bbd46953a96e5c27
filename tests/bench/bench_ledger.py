"""Orders over HTTP to a whole node on its embedded chain: one client, then a hundred for a minute."""

import json
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
from measuring import Bench, Figure
from support.evm import sender
from support.live_ledger import LiveNode, start_live_node
from support.node_process import run as run_program

from trace_node.quota.ledger.order_file import encode_order

CLIENTS = 100
FLOOR_MS = 50
LOT = 1_000_000
SIGNED_AHEAD = 20  # orders a client signs before the clock starts; later ones cost its own time


@dataclass
class Client:
    """Moves tonnes of its own lot from seller to buyer, one order after the other."""

    node: LiveNode
    lot: int
    files: list[str] = field(default_factory=list)
    taken: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)

    def prepare(self, count: int) -> None:
        """Sign orders ahead."""
        self.files += [self._file() for _ in range(count)]

    def run(self, until: float) -> None:
        """Send orders until the time has come; an order without an answer is sent again."""
        headers = {"Authorization": f"Bearer {self.node.tokens['seller']}"}
        with httpx.Client(timeout=300, headers=headers) as wire:
            while time.monotonic() < until:
                body = {"file": self.files.pop() if self.files else self._file()}
                began = time.monotonic()
                while True:
                    answer = wire.post(f"{self.node.process.url}/api/v1/LedgerOrder", json=body)
                    if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                        break
                    time.sleep(0.2)
                self.waits.append((time.monotonic() - began) * 1_000)
                found = answer.json()
                if answer.status_code == httpx.codes.OK and found["data"]["order"]["final"]:
                    self.taken += 1
                else:
                    self.refused[found["data"].get("reason", "not final")] += 1

    def _file(self) -> str:
        return encode_order(self.node.signed(self.node.parties.sale((self.lot, 1)))).decode()


def run(bench: Bench) -> list[Figure]:
    """A node of its own; every run on it."""
    node = start_live_node(bench.folder / "ledger")
    try:
        return list(_figures(node, bench))
    finally:
        node.process.stop()


def _figures(node: LiveNode, bench: Bench) -> Iterator[Figure]:
    clients = [
        Client(node=node, lot=node.parties.lot(LOT, trading=True))
        for _ in range(bench.amount(CLIENTS, 8))
    ]
    node.level()
    seconds = bench.amount(60, 5)
    alone = [_alone(node, bench.amount(100, 5)) for _ in range(bench.times)]
    plain = [_plain_write(node, bench.amount(50, 5)) for _ in range(bench.times)]
    yield Figure(
        name="order to final, one client, p50",
        unit="ms",
        runs=alone,
        at_most=FLOOR_MS,
        note="both signatures in one file; committed, mined, final, answered",
    )
    yield Figure(name="an empty transaction on the same chain, p50", unit="ms", runs=plain)
    before = node.held()
    for client in clients:
        client.prepare(bench.amount(SIGNED_AHEAD, 2))
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=client.run, args=(until,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = sum(client.taken for client in clients)
    refused = sum((client.refused for client in clients), Counter())
    after = node.held()
    lost = taken - (after[1] - before[1])
    waits = [wait for client in clients for wait in client.waits]
    note = f"{len(clients)} clients, {seconds} s; refused: {dict(refused) or 'none'}"
    yield Figure(name="orders to final, many clients", unit="orders/s", runs=[taken / seconds])
    yield Figure(name="the same, p50", unit="ms", runs=[statistics.median(waits)], note=note)
    yield Figure(name="orders lost or doubled", unit="orders", runs=[abs(lost)], at_most=0)
    yield Figure(name="tonnes lost", unit="t", runs=[abs(sum(after) - sum(before))], at_most=0)
    node.level()
    compared = run_program("ledger", "reconcile", "--home", node.home, "-o", "json", timeout=600)
    differences = len(json.loads(compared.stdout)["differences"])
    yield Figure(
        name="differences between mirror and contracts", unit="", runs=[differences], at_most=0
    )


def _alone(node: LiveNode, count: int) -> float:
    client = Client(node=node, lot=node.parties.lot(LOT, trading=True))
    node.level()
    client.prepare(count)
    headers = {"Authorization": f"Bearer {node.tokens['seller']}"}
    waits = []
    with httpx.Client(timeout=60, headers=headers) as wire:
        for file in client.files:
            began = time.monotonic()
            answer = wire.post(f"{node.process.url}/api/v1/LedgerOrder", json={"file": file})
            waits.append((time.monotonic() - began) * 1_000)
            assert answer.json()["data"]["order"]["final"], answer.text
    return statistics.median(waits)


def _plain_write(node: LiveNode, count: int) -> float:
    """What any transaction costs on this machine now, to compare with."""
    idle = sender("relay")
    waits = []
    for _ in range(count):
        raw = node.ledger.engine.sign(idle, to=idle.address)
        began = time.monotonic()
        node.ledger.engine.receipt(node.ledger.engine.web3.eth.send_raw_transaction(raw))
        waits.append((time.monotonic() - began) * 1_000)
    return statistics.median(waits)
