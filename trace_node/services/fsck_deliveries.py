"""Deliveries and received records: do they cover the records in the log, as signed?"""

from collections.abc import Sequence

from trace_node.ids import KeyId
from trace_node.metering.records.context import CONTEXT
from trace_node.metering.records.delivery import DELIVERY, Delivery, parse_delivery
from trace_node.metering.records.received import Received, parse_received
from trace_node.ports.entries import LoggedDelivery, Span, StoredEntry
from trace_node.ports.store import UnitOfWork
from trace_node.services.fsck_keys import KeyCheck
from trace_node.services.fsck_report import Findings
from trace_node.tlog.compact_range import CompactRange
from trace_node.tlog.hasher import SM3

RECENT = 8192  # leaf hashes kept at hand: the records of a delivery lie just before it


class DeliveryCheck:
    """Checks each delivery when its received record comes.

    Args:
        keys: The keys enrolled so far.
        found: Where problems go.
    """

    def __init__(self, *, keys: KeyCheck, found: Findings) -> None:
        self._keys = keys
        self._found = found
        self._contexts: dict[bytes, tuple[int, KeyId | None]] = {}
        self._rows: dict[int, LoggedDelivery] = {}
        self._recent: list[bytes] = []
        self._recent_end = 0
        self._delivery: tuple[StoredEntry, Delivery | None] | None = None

    def begin(self, entries: Sequence[StoredEntry], view: UnitOfWork) -> None:
        """Look at the next entries as a whole, before each is checked."""
        if not entries:
            return
        first, end = entries[0].index, entries[-1].index + 1
        waiting = self._delivery
        self._rows = {row.index: row for row in view.deliveries.read(first, end)}
        if waiting is not None:
            for row in view.deliveries.read(waiting[0].index, waiting[0].index + 1):
                self._rows[row.index] = row
        if first != self._recent_end or end - first != len(entries):
            self._recent = []  # entries are missing: look hashes up instead
        if end - first == len(entries):
            kept = self._recent[-RECENT:]
            self._recent = [*kept, *(entry.leaf_hash for entry in entries)]
        self._recent_end = end

    def context(self, entry: StoredEntry, collector: KeyId) -> None:
        """Take in a context."""
        self._contexts[entry.leaf_hash] = (entry.index, collector)

    def has_context(self, context: bytes, *, collector: KeyId) -> bool:
        """Whether a context of that collector came before."""
        known = self._contexts.get(context)
        return known is not None and known[1] in {None, collector}

    def altered(self, entry: StoredEntry) -> None:
        """Take in an entry whose body cannot be believed, but whose leaf hash can."""
        if entry.kind == CONTEXT:
            self._contexts[entry.leaf_hash] = (entry.index, None)
        elif entry.kind == DELIVERY:
            self._delivery = (entry, None)

    def delivery(self, entry: StoredEntry, _view: UnitOfWork) -> None:
        """Take in a delivery; it is checked with its received record."""
        self._delivery = (entry, parse_delivery(entry.body))

    def received(self, entry: StoredEntry, view: UnitOfWork) -> None:
        """Check a received record and the delivery before it."""
        self._found.count("deliveries")
        received = parse_received(entry.body)
        self._keys.require_signed(
            entry, key_id=received.signed_by, usage="node", at=received.received_at
        )
        before, self._delivery = self._delivery, None
        if (
            before is None
            or before[0].index != entry.index - 1
            or before[0].leaf_hash != received.delivery
        ):
            self._found.add(
                "received", "entry {index}: acknowledges no delivery before it", index=entry.index
            )
            return
        logged, delivery = before
        if delivery is None:
            return
        self._keys.require_signed(
            logged, key_id=delivery.collector, usage="collector", at=received.received_at
        )
        self._keys.require_not_revoked(logged, key_id=delivery.collector)
        row = self._rows.get(logged.index)
        if row is None or not self._fits(row, logged, delivery, entry, received):
            self._found.add(
                "delivery_row",
                "entry {index}: the rows of this delivery are not what its records say",
                index=logged.index,
            )
            return
        self._require_root(logged, delivery, row, view)

    def _fits(
        self,
        row: LoggedDelivery,
        logged: StoredEntry,
        delivery: Delivery,
        entry: StoredEntry,
        received: Received,
    ) -> bool:
        context = self._contexts.get(delivery.context)
        fresh = sum(span.count for span in row.spans if span.fresh)
        begins = [span.first_index for span in row.spans if span.fresh]
        return (
            context is not None
            and context[0] == row.context_index
            and (context[1] is None or self._keys.speaks_for(delivery.collector, context[1]))
            and (row.digest, row.root) == (logged.leaf_hash, delivery.root)
            and (row.collector, row.count) == (delivery.collector, delivery.count)
            and (row.received_index, row.received_at) == (entry.index, received.received_at)
            and (begins[:1], fresh) == ([received.first_index], received.count)
        )

    def _require_root(
        self, logged: StoredEntry, delivery: Delivery, row: LoggedDelivery, view: UnitOfWork
    ) -> None:
        tree = CompactRange(hasher=SM3)
        for span in row.spans:
            tree.extend(self._hashes(span, view))
        if (tree.size, tree.root()) != (delivery.count, delivery.root):
            self._found.add(
                "delivery_root",
                "entry {index}: the delivered records have another root than the one signed",
                index=logged.index,
            )

    def _hashes(self, span: Span, view: UnitOfWork) -> Sequence[bytes]:
        begin = span.first_index - (self._recent_end - len(self._recent))
        if begin >= 0:
            return self._recent[begin : begin + span.count]
        return view.entries.leaf_hashes(span.first_index, span.first_index + span.count)
