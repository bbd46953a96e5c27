"""The time-of-knowledge table: who could know of a reading when, and what shows it.

Each step rests on another party: ``observed_at`` and ``collected_at`` are the collector's signed
claims, ``received_at`` the node's, the witness's time its own, and the block time the chain's. A
reading that was first anchored long after the instant it is for stands out: until then nothing but
the collector's word kept it from being made up later. So does one whose collector dates it outside
of what the chain shows: before an anchor that it had seen, or after the block that holds it.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from trace_node.canonical_json import JsonObject
from trace_node.metering.records.chained import ChainedRecord
from trace_node.metering.records.context import SeenHead
from trace_node.ports.chain import LiveOutcome
from trace_node.services.period_counts import milliseconds
from trace_node.services.verify import Report
from trace_node.services.verify_delivery import instant_of
from trace_node.services.verify_history import CheckedAnchor
from trace_node.services.verify_period import PeriodReport
from trace_node.services.verify_proof import ProofReport
from trace_node.tlog.anchor import AnchoredHead
from trace_node.tlog.anchor_evidence import MAX_BLOCK_TIME
from trace_node.tlog.bundle_errors import EvidenceError
from trace_node.tlog.checkpoint import Checkpoint
from trace_node.tlog.json_fields import instant_text
from trace_node.tlog.verdict import Status

LATE_AFTER = timedelta(days=1)
CLOCK_TOLERANCE = timedelta(minutes=5)  # by which clocks of honest parties may differ


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeRow:
    """When one record could be known (知悉时间).

    Attributes:
        index: Leaf index.
        device: Name of the device.
        meter_register: Name of the meter register; ``None`` for an event of the whole device.
        origin: How it was obtained, such as ``modbus-tcp`` or ``replay``.
        observed_at: Instant the content holds for; the collector's or the meter's clock.
        collected_at: The collector's clock.
        not_before: Block time of the newest anchor that the collector had seen; ``None`` when it
            had seen none, or that anchor is not in the file.
        received_at: The node's clock; ``None`` in a single proof.
        checkpoint_size: Size of the first anchored checkpoint in the file that covers it; without
            an anchor that of the file's checkpoint.
        witnessed_at: A witness's clock at that checkpoint; ``None`` without a witness.
        block_time: Time of the block that holds that anchor; ``None`` without an anchor.
        live: Whether the chain was asked and holds that anchor.
        is_late: Anchored long after ``observed_at``, or not anchored at all.
        is_contradicted: The collector dates it before ``not_before`` or after ``block_time``, by
            more than clocks of honest parties differ.
    """

    index: int
    device: str
    meter_register: str | None
    origin: str
    observed_at: datetime
    collected_at: datetime
    not_before: datetime | None
    received_at: datetime | None
    checkpoint_size: int
    witnessed_at: datetime | None
    block_time: datetime | None
    live: bool
    is_late: bool
    is_contradicted: bool

    def lag_s(self, until: datetime | None) -> int | None:
        """Whole seconds from ``observed_at`` to another time; ``None`` when that is not known."""
        return None if until is None else (until - self.observed_at) // timedelta(seconds=1)

    def to_json(self) -> JsonObject:
        """The row with its lags in seconds since ``observed_at``."""
        return {
            "index": self.index,
            "device": self.device,
            "meter_register": self.meter_register,
            "origin": self.origin,
            "observed_at": instant_text(self.observed_at),
            "collected_at": instant_text(self.collected_at),
            "not_before": _text(self.not_before),
            "received_at": _text(self.received_at),
            "checkpoint_size": self.checkpoint_size,
            "witnessed_at": _text(self.witnessed_at),
            "block_time": _text(self.block_time),
            "live": self.live,
            "lag_s": {
                "collected": self.lag_s(self.collected_at),
                "received": self.lag_s(self.received_at),
                "witnessed": self.lag_s(self.witnessed_at),
                "anchored": self.lag_s(self.block_time),
            },
            "late": self.is_late,
            "contradicted": self.is_contradicted,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeTable:
    """The rows of a bundle, in the order of the log.

    Attributes:
        rows: One for each record in the period, or the one of a single proof.
        late_after: From how much between ``observed_at`` and the block on a row is late.
    """

    rows: tuple[KnowledgeRow, ...]
    late_after: timedelta

    @property
    def late(self) -> tuple[KnowledgeRow, ...]:
        """The rows that only the collector's word dates."""
        return tuple(row for row in self.rows if row.is_late)

    @property
    def contradicted(self) -> tuple[KnowledgeRow, ...]:
        """The rows whose dates the chain contradicts."""
        return tuple(row for row in self.rows if row.is_contradicted)

    def to_json(self) -> JsonObject:
        """The table as ``docs/spec/period-bundle.md`` describes it."""
        return {
            "late_after_s": self.late_after // timedelta(seconds=1),
            "late": len(self.late),
            "contradicted": len(self.contradicted),
            "rows": [row.to_json() for row in self.rows],
        }


def knowledge_table(report: Report, *, late_after: timedelta = LATE_AFTER) -> KnowledgeTable:
    """Make the table of a verified bundle.

    Args:
        report: What verifying it gave.
        late_after: From how much between ``observed_at`` and the block on a row is late.

    Raises:
        EvidenceError: The bundle's records did not verify, so their times mean nothing.
    """
    if report.verdict.signed is Status.FAILED or report.log.checkpoint is None:
        raise EvidenceError(
            "the records of this file did not verify: their times mean nothing",
            remedy="see what failed: trace-node verify",
            code="knowledge.not_verified",
        )
    if not isinstance(report, PeriodReport | ProofReport):
        raise EvidenceError(
            "an emission bundle does not say when each reading was known",
            remedy="take the period bundle of its meters",
            code="knowledge.emission",
        )
    sources = _period_rows(report) if isinstance(report, PeriodReport) else _proof_rows(report)
    log = _AnchoredLog(report, report.log.checkpoint)
    return KnowledgeTable(
        rows=tuple(_row(source, log=log, late_after=late_after) for source in sources),
        late_after=late_after,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    index: int
    record: ChainedRecord
    received_at: datetime | None
    seen: SeenHead | None


def _proof_rows(report: ProofReport) -> Iterator[_Source]:
    if report.bundle is not None and report.record is not None:
        yield _Source(
            index=report.bundle.leaf_index,
            record=report.record,
            received_at=None,
            seen=None if report.context is None else report.context.head,
        )


def _period_rows(report: PeriodReport) -> Iterator[_Source]:
    bundle, records, node = report.bundle, report.records, report.node
    if bundle is None or records is None or node is None:
        return
    first, last = milliseconds(bundle.begin), milliseconds(bundle.end)
    links = (link for chain in records.links.values() for link in chain)
    for link in sorted(links, key=lambda each: each.index):
        if first <= link.record.observed_at_ms < last:
            place = records.delivery_of[link.index]
            yield _Source(
                index=link.index,
                record=link.record,
                received_at=node.received_at[place],
                seen=records.contexts[place].head,
            )


def _anchors_of(report: PeriodReport | ProofReport) -> Sequence[CheckedAnchor]:
    if isinstance(report, PeriodReport):
        return report.anchors
    bundle = report.bundle
    if bundle is None or bundle.anchor is None or not report.anchor_is_bound:
        return ()
    if report.live is not None and report.live.outcome is LiveOutcome.FAILED:
        return ()
    live = report.live is not None and report.live.outcome is LiveOutcome.PASSED
    return (CheckedAnchor(anchor=bundle.anchor, witnessed_at=report.log.witnessed_at, live=live),)


class _AnchoredLog:
    """The checkpoints of a report, by the anchors that may be relied upon."""

    def __init__(self, report: PeriodReport | ProofReport, newest: Checkpoint) -> None:
        self._newest = newest
        self._witnessed_at = report.log.witnessed_at
        self._anchors = _anchors_of(report)
        self._sizes = [checked.anchor.head.size for checked in self._anchors]
        self._blocks = {checked.anchor.head: checked.anchor.block_time for checked in self._anchors}

    def first_above(self, index: int) -> CheckedAnchor | None:
        """The first anchor that covers a leaf; ``None`` when none does."""
        place = bisect_right(self._sizes, index)
        return self._anchors[place] if place < len(self._anchors) else None

    def size_above(self, index: int) -> int:
        """Size of the first anchored checkpoint that covers a leaf, else of the newest."""
        first = self.first_above(index)
        return self._newest.size if first is None else first.anchor.head.size

    def witnessed_above(self, index: int) -> int | None:
        """When a witness saw that checkpoint."""
        first = self.first_above(index)
        return self._witnessed_at if first is None else first.witnessed_at

    def seen_at(self, head: SeenHead | None) -> int | None:
        """Time of the block that holds exactly the head that a collector saw."""
        if head is None or head.origin != self._newest.origin:
            return None
        return self._blocks.get(AnchoredHead(size=head.size, root=head.root))


def _row(source: _Source, *, log: _AnchoredLog, late_after: timedelta) -> KnowledgeRow:
    record = source.record
    first = log.first_above(source.index)
    observed_at = instant_of(record.observed_at_ms)
    collected_at = instant_of(record.collected_at_ms)
    not_before = _instant(log.seen_at(source.seen))
    block_time = None if first is None else _instant(first.anchor.block_time)
    too_early = not_before is not None and not_before - collected_at > CLOCK_TOLERANCE
    too_late = (
        block_time is not None and max(observed_at, collected_at) - block_time > CLOCK_TOLERANCE
    )
    return KnowledgeRow(
        index=source.index,
        device=record.device,
        meter_register=record.meter_register,
        origin=record.origin,
        observed_at=observed_at,
        collected_at=collected_at,
        not_before=not_before,
        received_at=source.received_at,
        checkpoint_size=log.size_above(source.index),
        witnessed_at=_instant(log.witnessed_above(source.index)),
        block_time=block_time,
        live=first is not None and first.live,
        is_late=block_time is None or block_time - observed_at > late_after,
        is_contradicted=too_early or too_late,
    )


def _instant(seconds: int | None) -> datetime | None:
    if seconds is None or seconds > MAX_BLOCK_TIME:  # a witness may state any 63-bit time
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant_text(instant)
