"""Following a device chain: missing numbers, broken links, and whether the log says so too."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from trace_node.metering.device_chain import PREV_MISMATCH, SEQ_GAP
from trace_node.metering.records.finding import Finding
from trace_node.services.period_report import ChainLink, Doubt, Gap
from trace_node.tlog.verdict import Status


class ChainWalk:
    """Follows the chain of a device from record to record.

    Args:
        device: Its name.
        findings: The node's findings about it, authentic.

    Attributes:
        gaps: The missing numbers found so far.
        doubts: What does not fit so far.
    """

    def __init__(self, device: str, findings: Sequence[Finding]) -> None:
        self.device = device
        self._found = _joined_spans(findings)
        self.gaps: list[Gap] = []
        self.doubts: list[Doubt] = []
        self._tail: ChainLink | None = None

    def follow(self, chain: Sequence[ChainLink]) -> None:
        """Take in the records of the next boot, in the order of their numbers."""
        first = chain[0]
        if self._tail is not None:
            self._cross(self._tail, first)
        for before, after in pairwise(chain):
            self._step(before, after)
        self._tail = chain[-1]

    def _cross(self, tail: ChainLink, first: ChainLink) -> None:
        """From the last record of one boot to the first of the next."""
        if first.record.prev == tail.digest:
            return
        if first.record.seq > 0:
            self._missing(first.record.boot, 0, first.record.seq - 1, skipped=False)
        elif first.record.prev is None:
            self.doubt(
                Status.NOT_DONE,
                "period.unlinked_boot",
                "{device}: a boot begins without a link to the one before;"
                " records between them cannot be excluded",
            )
        else:
            self._broken(first)

    def _step(self, before: ChainLink, after: ChainLink) -> None:
        distance = after.record.seq - before.record.seq
        linked = after.record.prev == before.digest
        if distance == 0:
            self.doubt(
                Status.FAILED,
                "period.repeat",
                "{device}: two records have the number {seq}",
                seq=after.record.seq,
            )
        elif distance > 1:
            self._missing(
                after.record.boot, before.record.seq + 1, after.record.seq - 1, skipped=linked
            )
        elif not linked:
            self._broken(after)

    def _missing(self, boot: bytes, first: int, last: int, *, skipped: bool) -> None:
        recorded = self._is_found(SEQ_GAP, boot, first, last)
        self.gaps.append(Gap(boot=boot, first=first, last=last, recorded=recorded, skipped=skipped))
        if skipped:
            return  # the next record names the one before the gap: nothing was in between
        self.doubt(
            Status.NOT_DONE if recorded else Status.FAILED,
            "period.gap_recorded" if recorded else "period.gap",
            "{device}: records {first} to {last} of a boot are missing; the log says so too"
            if recorded
            else "{device}: records {first} to {last} of a boot are not in the file",
            first=first,
            last=last,
        )

    def _broken(self, link: ChainLink) -> None:
        recorded = self._is_found(PREV_MISMATCH, link.record.boot, link.record.seq, link.record.seq)
        self.doubt(
            Status.NOT_DONE if recorded else Status.FAILED,
            "period.link_recorded" if recorded else "period.link",
            "{device}: record {seq} names another record before it; the log says so too"
            if recorded
            else "{device}: record {seq} names a record before it that is not in the file",
            seq=link.record.seq,
        )

    def _is_found(self, code: str, boot: bytes, first: int, last: int) -> bool:
        """Whether findings of that code cover every number from ``first`` to ``last``."""
        spans = self._found.get((code, boot), [])
        place = bisect_right(spans, first, key=lambda span: span[0]) - 1
        return place >= 0 and spans[place][1] >= last

    def doubt(self, status: Status, reason: str, message: str, **params: object) -> None:
        """Note what does not fit."""
        self.doubts.append(
            Doubt(
                status=status,
                reason=reason,
                message=message,
                params={"device": self.device, **params},
            )
        )


def _joined_spans(findings: Sequence[Finding]) -> dict[tuple[str, bytes], list[tuple[int, int]]]:
    """The numbers that findings cover, by code and boot, as ascending spans with gaps between."""
    found: dict[tuple[str, bytes], list[tuple[int, int]]] = {}
    for finding in sorted(findings, key=lambda each: each.seq_from):
        spans = found.setdefault((finding.finding, finding.boot), [])
        if spans and finding.seq_from <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(spans[-1][1], finding.seq_to))
        else:
            spans.append((finding.seq_from, finding.seq_to))
    return found
