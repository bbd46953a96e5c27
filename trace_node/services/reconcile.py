"""Mirror against contracts, everything at one final block (对账).

Compared are how many events each contract emitted, whether it is paused, every account, class with
its totals, lot, balance, order, obligation, arrear and carry-over limit, every office, key and
version of a rule, and each balance with its postings. That no office, key or rule of another name
is there alone, the number of events says. A difference stops orders at once; they go on after a
reconciliation without one, or after the mirror was built anew.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace

from trace_node.clock import Clock
from trace_node.errors import UnavailableError
from trace_node.period import to_ms
from trace_node.ports.anchoring import EvidenceSink
from trace_node.ports.ledger import BlockMark, LedgerReader
from trace_node.ports.ledger_mirror import LedgerMirror
from trace_node.ports.ledger_mirror_head import Reconciled, Stop, StopCause
from trace_node.ports.ledger_mirror_step import MirrorAudit, MirrorAudits
from trace_node.services.mirror_evidence import Difference, difference_evidence
from trace_node.services.reconcile_tables import COMPARISONS, balances_differ, counts_differ

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileReport:
    """What a reconciliation found.

    Attributes:
        at: The block at which both were compared.
        compared: How many rows were compared.
        differences: What differs.
        evidence: Path of the evidence file; empty when nothing differs.
    """

    at: BlockMark
    compared: int
    differences: tuple[Difference, ...]
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile:
    """Compares.

    Attributes:
        mirror: The mirror, and where orders are stopped.
        audits: The mirror, row by row.
        reader: The contracts.
        evidence: Where differences are kept.
        clock: Time.
    """

    mirror: LedgerMirror
    audits: MirrorAudits
    reader: LedgerReader
    evidence: EvidenceSink
    clock: Clock

    def run(self) -> ReconcileReport:
        """Compare everything, and stop orders or let them go on.

        Raises:
            UnavailableError: The endpoint does not answer or has that state no more, or no block
                is final yet; nothing is known then, and nothing changes.
        """
        with self.mirror.view() as view:
            at = view.head().settled
        if at is None:
            raise UnavailableError(
                "no block of the ledger is final yet: there is nothing to compare",
                remedy="wait until the mirror has applied a final block",
                code="ledger.nothing_final",
            )
        compared, differences = 0, []
        with self.audits.audit(at.number) as audit:
            for found in self._compare(audit, at):
                compared += 1
                differences += found
        report = self._conclude(at, compared, tuple(differences))
        logger.info("ledger reconciled", extra={"block": at.number, "compared": compared})
        return report

    def _compare(self, audit: MirrorAudit, at: BlockMark) -> Iterator[list[Difference]]:
        """What differs, thing by thing."""
        yield from counts_differ(audit, self.reader, at)
        for comparison in COMPARISONS:
            yield from comparison(audit, self.reader, at)
        yield from balances_differ(audit, self.reader, at)

    def _conclude(
        self, at: BlockMark, compared: int, differences: tuple[Difference, ...]
    ) -> ReconcileReport:
        now_ms = to_ms(self.clock.now())
        if not differences:
            with self.mirror.work() as work:
                work.lift(StopCause.DIFFERENCE)
                head = work.head()
                known = Reconciled(block=at.number, at_ms=now_ms)
                work.set_head(before=head, after=replace(head, reconciled=known))
            return ReconcileReport(at=at, compared=compared, differences=(), evidence="")
        identity = self.audits.identity()
        assert identity is not None  # noqa: S101 (a head is written with its identity)
        content = difference_evidence(identity, at, differences)
        saved = self.evidence.save(f"ledger-difference-{at.number}.json", content)
        first = differences[0]
        detail = (
            f"{len(differences)} differences at block {at.number}, the first: {first.table}"
            f" {first.key} {first.field}: mirror {first.mirror}, contracts {first.chain}"
        )
        stop = Stop(
            cause=StopCause.DIFFERENCE,
            detail=detail,
            evidence=saved,
            block=at.number,
            since_ms=now_ms,
        )
        with self.mirror.work() as work:
            work.stop(stop)
        logger.critical(
            "ledger mirror differs from its contracts: orders stopped",
            extra={"block": at.number, "found": len(differences), "evidence": saved},
        )
        return ReconcileReport(at=at, compared=compared, differences=differences, evidence=saved)
