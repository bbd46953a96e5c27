"""Keep the SQL mirror level with the ledger's contracts, one transaction a step (账本镜像).

A step takes blocks back, or applies the next events; rows, postings, images and the cursor are
written together or not at all. What is final is never taken back: a chain that demands it is
evidence of another history, and the mirror stands still until it is built anew.
"""

import logging
from dataclasses import dataclass, replace

from trace_node.clock import Clock
from trace_node.errors import IntegrityError, StateError, UnavailableError
from trace_node.period import to_ms
from trace_node.ports.anchoring import EvidenceSink
from trace_node.ports.ledger import BlockMark, LedgerFollower, LedgerReader, LedgerStep
from trace_node.ports.ledger_mirror import LedgerMirror
from trace_node.ports.ledger_mirror_head import MirrorHead, Stop, StopCause
from trace_node.ports.ledger_mirror_step import MirrorWork
from trace_node.quota.ledger.effect import MirrorEventError
from trace_node.services.mirror_apply import apply_events
from trace_node.services.mirror_check import StepError, require_order, require_step
from trace_node.services.mirror_evidence import (
    Difference,
    difference_evidence,
    reorg_evidence,
)
from trace_node.services.mirror_marks import head_after, kept_above

logger = logging.getLogger(__name__)

DEEP_REORG = "chain.deep_reorg"
MOVED = "ledger.moved"
REFRESH_MS = 5_000  # how old a stored "level" may grow while nothing happens


class MirrorStoppedError(IntegrityError):
    """The mirror stands still: the chain was put back deeper than can be taken back.

    The stop is in the database, so that asking again is harmless, and going on after the mirror was
    built anew needs no restart.
    """

    code = "integrity.ledger_stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """Follows the ledger.

    Attributes:
        mirror: Where the copy is kept.
        follower: Reads the events.
        reader: Tells the chain's head, for evidence.
        evidence: Where contradictions are kept.
        clock: Time.
    """

    mirror: LedgerMirror
    follower: LedgerFollower
    reader: LedgerReader
    evidence: EvidenceSink
    clock: Clock

    def join(self) -> None:
        """Make the mirror one of this ledger, if it is of none yet.

        Raises:
            ConfigError: It is of another ledger.
        """
        self.mirror.adopt(self.follower.identity, cursor=self.follower.begin())

    def follow(self) -> None:
        """Go on until the mirror is level with the endpoint; raises as ``step_once`` does."""
        while not self.step_once():
            pass

    def step_once(self) -> bool:
        """Do one step; True when there is nothing more to do for now.

        Raises:
            UnavailableError: The endpoint or the database does not answer, or answers what cannot
                be: nothing was written, try again.
            MirrorStoppedError: The chain was put back too deep; evidence was saved.
            IntegrityError: An event does not follow from the state: nothing was written.
        """
        with self.mirror.view() as view:
            head, stop = view.head(), view.stop()
        if stop is not None and stop.cause is StopCause.DEEP_REORG:
            raise _stopped(stop)
        try:
            step = self.follower.step(head.cursor)
        except StateError as error:
            if error.reason != DEEP_REORG:
                raise
            raise self._put_back_too_deep(head, error.message) from error
        if step.lagging:
            return True
        if step.undo_above is not None and step.undo_above < head.final:
            raise self._put_back_too_deep(head, f"blocks above {step.undo_above} were replaced")
        require_step(head, step)
        try:
            rebuilding = stop is not None and stop.cause is StopCause.REBUILD
            return self._take(head, step, rebuilding=rebuilding)
        except MirrorEventError as error:
            self._contradicted(step, error)
            raise

    def _take(self, head: MirrorHead, step: LedgerStep, *, rebuilding: bool) -> bool:
        """Write a step; a step that says nothing new is written now and then only."""
        level = step.undo_above is None and step.tip.number >= step.height
        now_ms = to_ms(self.clock.now())
        known = (head.cursor, head.height, head.final) == (step.cursor, step.height, step.final)
        if known and level and now_ms - head.level_ms < REFRESH_MS and not rebuilding:
            return True
        with self.mirror.work() as work:
            before = work.head()
            _require_unmoved(head, before)
            newest = work.newest_block(up_to=max(before.final, step.final))
            mark = None if newest is None else newest.mark
            after = head_after(before, step, newest=mark, now_ms=now_ms)
            after = self._applied(work, before, after, step)
            if kept_above(after) > kept_above(before):
                work.prune(kept_above(after))
            work.set_head(before=before, after=after)
            if level:
                self._end_rebuild(work)
        return level or (not step.events and step.cursor == head.cursor)

    @staticmethod
    def _applied(
        work: MirrorWork, head: MirrorHead, after: MirrorHead, step: LedgerStep
    ) -> MirrorHead:
        """Take back or apply, and give the head that follows, counts and history included."""
        counts, history = head.counts, head.history
        if step.undo_above is not None:
            counts = work.undo_above(step.undo_above)
            newest = work.newest_block()
            history = bytes(32) if newest is None else newest.history
            if newest and newest.number == step.tip.number:
                _require_block(newest.block_hash, step.tip)
        elif step.events:
            counts = require_order(step.events, above=head.tip.number, counts=head.counts)
            applied = apply_events(
                step.events, work=work, history=history, keep_above=kept_above(after)
            )
            work.apply(applied)
            history = applied.blocks[-1].history
        return replace(after, counts=counts, history=history)

    # What stops it, and what lets it go on.

    def begin_again(self) -> None:
        """Empty the mirror, to be filled from the first block on; orders stop meanwhile."""
        now_ms = to_ms(self.clock.now())
        with self.mirror.work() as work:
            tip = work.head().tip
            work.empty(cursor=self.follower.begin())
            work.lift(StopCause.DEEP_REORG)
            work.stop(
                Stop(
                    cause=StopCause.REBUILD,
                    detail="the mirror is built anew and is not level yet",
                    evidence="",
                    block=tip.number,
                    since_ms=now_ms,
                )
            )
        logger.warning("ledger mirror emptied", extra={"block": tip.number})

    def rebuild(self) -> None:
        """Empty the mirror and fill it again until it is level; raises as ``step_once`` does.

        A node that follows the same ledger meanwhile helps: whoever is first with a step wins.
        """
        self.begin_again()
        level = False
        while not level:
            try:
                level = self.step_once()
            except StepError as error:
                if error.reason != MOVED:
                    raise

    @staticmethod
    def _end_rebuild(work: MirrorWork) -> None:
        """A mirror that was built anew and is level has nothing left of what stopped it before."""
        if any(stop.cause is StopCause.REBUILD for stop in work.stops()):
            work.lift(StopCause.REBUILD)
            work.lift(StopCause.DIFFERENCE)

    def _put_back_too_deep(self, head: MirrorHead, detail: str) -> MirrorStoppedError:
        """Keep both heads as evidence, and stop for good."""
        content = reorg_evidence(
            self.follower.identity, head, chain=self._chain_head(), detail=detail
        )
        name = f"ledger-deep-reorg-{head.tip.number}-{head.tip.block_hash.hex()[:16]}.json"
        stop = Stop(
            cause=StopCause.DEEP_REORG,
            detail=detail,
            evidence=self.evidence.save(name, content),
            block=head.tip.number,
            since_ms=to_ms(self.clock.now()),
        )
        with self.mirror.work() as work:
            work.stop(stop)
        logger.critical(
            "ledger mirror stopped", extra={"detail": detail, "evidence": stop.evidence}
        )
        return _stopped(stop)

    def _contradicted(self, step: LedgerStep, error: MirrorEventError) -> None:
        """An event that cannot follow: mirror and contracts differ, whichever of them is wrong."""
        found = Difference(
            table="events",
            key=f"blocks up to {step.tip.number}",
            field="",
            mirror=error.message,
            chain=f"{len(step.events)} events",
        )
        content = difference_evidence(self.follower.identity, step.tip, [found])
        saved = self.evidence.save(f"ledger-event-{step.tip.number}.json", content)
        stop = Stop(
            cause=StopCause.DIFFERENCE,
            detail=error.message,
            evidence=saved,
            block=step.tip.number,
            since_ms=to_ms(self.clock.now()),
        )
        with self.mirror.work() as work:
            work.stop(stop)
        logger.critical("ledger mirror contradicted", extra={"detail": error.message})

    def _chain_head(self) -> BlockMark | None:
        """The chain's head as further evidence; without it the mirror's must do."""
        try:
            return self.reader.head()
        except UnavailableError:
            return None


def _require_unmoved(head: MirrorHead, now: MirrorHead) -> None:
    if now.revision != head.revision:
        raise StepError(
            "another process moved the mirror of the ledger; nothing was written",
            remedy="try again; one node alone should follow the ledger in this database",
            code=MOVED,
        )


def _require_block(known: bytes, tip: BlockMark) -> None:
    if known != tip.block_hash:
        raise StepError(
            "the endpoint leads back to block {number} with another hash than was applied",
            number=tip.number,
            remedy="nothing was taken back; if it persists, use another endpoint",
        )


def _stopped(stop: Stop) -> MirrorStoppedError:
    return MirrorStoppedError(
        "the mirror of the ledger stands still at block {block}: {detail}",
        block=stop.block,
        detail=stop.detail,
        evidence=stop.evidence,
        remedy="both heads are in {evidence}: find out which history is the true one, and then"
        " build the mirror anew: trace-node ledger rebuild",
    )
