"""What the device-chain check remembers, against the records: the chains are followed again."""

from collections.abc import Mapping
from typing import TypeVar

from trace_node.errors import InputError
from trace_node.ids import LeafIndex
from trace_node.metering.device_chain import BootState, DeviceTail, check_link
from trace_node.metering.records.chained import ChainedRecord
from trace_node.ports.entries import StoredEntry
from trace_node.ports.store import UnitOfWork
from trace_node.services.fsck_report import Findings
from trace_node.services.project import NAME
from trace_node.services.project_chain import link_at

K = TypeVar("K")
V = TypeVar("V")


class ChainCheck:
    """Compares the states of streams and the newest records of devices.

    Args:
        view: The database as the check of the log begins: a node at work moves both on.
        found: Where problems go.
    """

    def __init__(self, view: UnitOfWork, *, found: Findings) -> None:
        self._found = found
        self._reached = view.projections.cursor(NAME)
        self._stored_states = view.projections.chain_states()
        self._stored_tails = view.projections.device_tails()
        self._states: dict[int, BootState] = {}
        self._tails: dict[str, DeviceTail] = {}
        self._is_led_astray = False

    def take(
        self, records: Mapping[int, tuple[StoredEntry, ChainedRecord]], view: UnitOfWork
    ) -> None:
        """Follow the chains over the next records of the log, as far as the projection has come."""
        for index, (entry, record) in records.items():
            if index >= self._reached or entry.stream_id is None:
                continue
            try:
                self._follow(entry, record, view)
            except InputError:  # a record it is compared with is damaged; that is recorded already
                self._is_led_astray = True

    def _follow(self, entry: StoredEntry, record: ChainedRecord, view: UnitOfWork) -> None:
        stream_id = entry.stream_id or 0
        step = check_link(
            record,
            digest=entry.leaf_hash,
            index=LeafIndex(entry.index),
            state=self._states.get(stream_id),
            tail=self._tails.get(record.device),
            link_at=link_at(view, stream_id),
        )
        self._states[stream_id] = step.state
        self._tails[record.device] = step.tail

    def end(self) -> None:
        """Compare; where records are damaged or missing, the chains over them lead nowhere."""
        if self._found.problems or self._is_led_astray:
            self._found.leave_out("chain_states")
            return
        self._found.count("streams", len(self._states))
        for stream_id in sorted(_different(self._states, self._stored_states)):
            self._found.add_derived("chain_states", f"stream {stream_id}")
        for device in sorted(_different(self._tails, self._stored_tails)):
            self._found.add_derived("device_tails", device)


def _different(computed: Mapping[K, V], stored: Mapping[K, V]) -> set[K]:
    both = computed.keys() | stored.keys()
    return {key for key in both if computed.get(key) != stored.get(key)}
