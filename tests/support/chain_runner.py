"""A log of one device's records, checked link by link as the node does it."""

from trace_node.crypto.sm3 import sm3
from trace_node.metering.device_chain import (
    BootState,
    ChainStep,
    DeviceTail,
    FindingDraft,
    Link,
    check_link,
)
from trace_node.metering.records.chained import ChainedRecord

BOOTS = {"A": bytes([1]) * 16, "B": bytes([2]) * 16, "C": bytes([3]) * 16}


class Record:
    """A record of the device: its place in the chain and a digest that stands for its bytes."""

    def __init__(self, boot: str, seq: int, prev: "Record | None", content: str = "") -> None:
        self.boot = BOOTS[boot]
        self.seq = seq
        self.prev = None if prev is None else prev.digest
        self.digest = sm3(repr((boot, seq, self.prev, content)).encode())

    def chained(self) -> ChainedRecord:
        return ChainedRecord(
            *("reading@1", "meter-1", self.boot, self.seq, self.prev, bytes(32), 0, 0),
            *("energy", "kWh", 1, 0, None, "simulator", None, "synchronised", "collector"),
        )


def chain(boot: str, first: int, last: int, prev: Record | None, content: str = "") -> list[Record]:
    """Records ``first`` to ``last`` of a boot, linked."""
    records: list[Record] = []
    for seq in range(first, last + 1):
        records.append(Record(boot, seq, prev, content))
        prev = records[-1]
    return records


class ChainRunner:
    """Feeds records to the checker and keeps what it needs between them."""

    def __init__(self) -> None:
        self.states: dict[bytes, BootState] = {}
        self.tail: DeviceTail | None = None
        self.links: dict[tuple[bytes, int], Link] = {}
        self.index = 0

    def feed(self, record: Record) -> tuple[FindingDraft, ...]:
        step: ChainStep = check_link(
            record.chained(),
            digest=record.digest,
            index=self.index,
            state=self.states.get(record.boot),
            tail=self.tail,
            link_at=lambda seq: self.links.get((record.boot, seq)),
        )
        self.states[record.boot], self.tail = step.state, step.tail
        link = Link(digest=record.digest, prev=record.prev, index=self.index)
        self.links.setdefault((record.boot, record.seq), link)
        self.index += 1
        return step.drafts

    def feed_all(self, records: list[Record]) -> list[FindingDraft]:
        return [draft for record in records for draft in self.feed(record)]
