"""The device-chain check over a range of the log, and where it looks earlier records up."""

from collections.abc import Sequence
from typing import Final

from trace_node.ids import DeviceId, LeafIndex
from trace_node.metering.device_chain import (
    BootState,
    DeviceTail,
    FindingDraft,
    Link,
    LinkAt,
    check_link,
)
from trace_node.metering.records.chained import ChainedRecord, read_chained
from trace_node.ports.entries import StoredEntry
from trace_node.ports.store import UnitOfWork

MOST_STREAMS: Final = 65_536  # remembered between passes; about 30 MB


class ChainMemory:
    """What the check remembers between passes, as it was committed; not thread-safe."""

    def __init__(self) -> None:
        self.states: dict[int, BootState] = {}
        self.tails: dict[str, DeviceTail] = {}

    def committed(self, done: "ChainProjection") -> None:
        """Take in what a pass came to, after its transaction."""
        if len(self.states) > MOST_STREAMS:
            self.forget()
        self.states.update(done.states)
        self.tails.update(done.tails)

    def forget(self) -> None:
        """Drop everything; the database is asked again."""
        self.states.clear()
        self.tails.clear()


class ChainProjection:
    """One pass over consecutive entries.

    Args:
        view: The database; it holds all entries of the pass.
        memory: What earlier passes left.

    Attributes:
        states: What is remembered of each stream that came up, by stream id.
        tails: The newest record of each device that came up.
    """

    def __init__(self, view: UnitOfWork, memory: ChainMemory) -> None:
        self._view = view
        self._memory = memory
        self.states: dict[int, BootState] = {}
        self.tails: dict[str, DeviceTail] = {}

    def check(self, entry: StoredEntry, record: ChainedRecord) -> Sequence[FindingDraft]:
        """Check the next chained record of the log.

        Args:
            entry: The entry; it belongs to a stream.
            record: What it says.
        """
        stream_id = entry.stream_id
        if stream_id is None:
            return ()
        step = check_link(
            record,
            digest=entry.leaf_hash,
            index=LeafIndex(entry.index),
            state=self._state(stream_id),
            tail=self._tail(record.device),
            link_at=link_at(self._view, stream_id),
        )
        self.states[stream_id] = step.state
        self.tails[DeviceId(record.device)] = step.tail
        return step.drafts

    def _state(self, stream_id: int) -> BootState | None:
        known = self.states.get(stream_id) or self._memory.states.get(stream_id)
        return known or self._view.projections.chain_state(stream_id)

    def _tail(self, device: str) -> DeviceTail | None:
        known = self.tails.get(device) or self._memory.tails.get(device)
        return known or self._view.projections.device_tail(device)


def link_at(view: UnitOfWork, stream_id: int) -> LinkAt:
    """Looks up what was logged first at a number of a stream."""

    def look_up(seq: int) -> Link | None:
        for known in view.entries.known(stream_id, [seq]):
            body = view.entries.bodies(known.index, known.index + 1)[0]
            prev = read_chained(body).prev
            return Link(digest=known.leaf_hash, prev=prev, index=LeafIndex(known.index))
        return None

    return look_up
