"""Put the newest checkpoint on the chain and follow it until it is final (锚定).

The verb keeps no schedule: ``anchor_once`` takes every step that can be taken now and returns; a
timer or a person calls it again. It relies on two truths only, the node's own rows and the head in
the contract, so it may die between any two lines and is repeated without harm: the contract moves a
head at most once, and anchors are cumulative, so a skipped one needs no replay.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trace_node.errors import StateError, UnavailableError
from trace_node.ports.anchoring import AnchorRequest, AnchorRequests, AnchorState, LogHistory
from trace_node.ports.chain import (
    AnchorPresence,
    AnchorRegistry,
    AnchorSubmission,
    HeadMovedError,
)
from trace_node.services.start_check import StartCheck, read_head
from trace_node.tlog.anchor import Anchor, AnchoredHead

logger = logging.getLogger(__name__)

_WAITING = frozenset({AnchorState.SUBMITTED, AnchorState.RESUBMITTED})
_SEEN = {AnchorPresence.MINED: AnchorState.MINED, AnchorPresence.FINAL: AnchorState.FINAL}
_STUCK_SENDS = 10  # the sender repeats itself every 20 seconds
_RACES = 3  # heads moved by somebody else before a pass gives up


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorReport:
    """How anchoring stands after a pass.

    Attributes:
        chain: Head on the chain.
        waiting: A transaction waits to be mined.
        stuck: It was handed in ten times or more: the chain makes no blocks, or leaves it out.
        pending: Size of the newest checkpoint that no anchor covers; 0 when all are covered.
        anchor: The anchor with the largest head, mined or final; ``None`` before the first.
        final: That anchor is final.
        lost: Anchors that were final or mined and are gone; they will be anchored anew.
    """

    chain: AnchoredHead
    waiting: bool
    stuck: bool
    pending: int
    anchor: Anchor | None
    final: bool
    lost: tuple[Anchor, ...]

    @property
    def settled(self) -> bool:
        """Every checkpoint is covered by a final anchor."""
        return self.pending == 0 and (self.final or self.anchor is None)


class AnchorService:
    """Anchors the checkpoints of one log.

    Args:
        requests: The node's rows.
        registry: The chain.
        check: Compares the log with the chain; holds the log's id and history.
    """

    def __init__(
        self, *, requests: AnchorRequests, registry: AnchorRegistry, check: StartCheck
    ) -> None:
        self._requests = requests
        self._registry = registry
        self._check = check
        self._log_id = check.log_id

    @property
    def _history(self) -> LogHistory:
        return self._check.history

    def anchor_once(self) -> AnchorReport:
        """Take every step that can be taken now.

        Raises:
            UnavailableError: The chain or the database does not answer, or lags; call again later.
            BehindChainError: The chain is ahead of the log: stop writing and restore.
            ForkedChainError: The chain contradicts the log; evidence was saved.
            ConflictError: The contract refuses for another reason, such as a rotated signer.
            ConfigError: Another chain, or the log is not open on it.
        """
        for _ in range(_RACES):
            try:
                return self._pass()
            except HeadMovedError:
                logger.info("anchor_race log_id=%s", self._log_id.hex())
        raise UnavailableError(
            "somebody else moved the head {count} times while it was read",
            count=_RACES,
            remedy="try again; only one node may anchor a log",
            code="unavailable.anchor_race",
        )

    def anchor_until_final(self, *, pause: Callable[[], None], passes: int = 120) -> AnchorReport:
        """Repeat ``anchor_once`` until everything is final (on demand).

        Args:
            pause: Called between two passes.
            passes: Most passes, at least 1.

        Raises:
            TraceNodeError: See ``anchor_once``.
        """
        report = self.anchor_once()
        for _ in range(passes - 1):
            if report.settled:
                break
            pause()
            report = self.anchor_once()
        return report

    def _pass(self) -> AnchorReport:
        earlier = [item for item in self._registry.settle(self._log_id) if _alive(item)]
        mined = max((item.head.size for item in earlier if item.state not in _WAITING), default=0)
        head = self._read_head(at_least=mined)
        self._check.compare(head)
        lost = self._follow_recorded(head)
        self._record(head)
        waiting = self._mark_waiting(earlier)
        request = self._requests.pending()
        if request is not None and not waiting:
            submission = self._submit(request, head)
            waiting = self._mark_waiting([submission])
            seen = _alive(submission) and not waiting
            head = self._read_head(at_least=request.size if seen else 0)
            self._record(head)
            request = self._requests.pending()
        return self._report(head, request, waiting=waiting, lost=lost)

    def _mark_waiting(self, submissions: Sequence[AnchorSubmission]) -> list[AnchorSubmission]:
        """Record and return those that wait to be mined."""
        waiting = [item for item in submissions if item.state in _WAITING and _alive(item)]
        for item in waiting:
            self._requests.mark(size=item.head.size, state=item.state)
        return waiting

    def _read_head(self, *, at_least: int) -> AnchoredHead:
        head = read_head(self._registry, self._log_id)
        if head.size < at_least:
            raise _lagging(found=head.size, known=at_least)
        return head

    def _follow_recorded(self, head: AnchoredHead) -> tuple[Anchor, ...]:
        """Look again at anchors already recorded: final by now, or gone with their block."""
        lost = []
        for anchor in self._requests.unsettled():
            presence = self._registry.presence(anchor)
            if presence is AnchorPresence.FINAL:
                self._mark(anchor, AnchorState.FINAL)
            elif presence is AnchorPresence.GONE:
                self._mark(anchor, AnchorState.REORGED)
                lost.append(anchor)
        while (newest := self._requests.newest()) is not None:
            presence = self._registry.presence(newest)
            if presence is not AnchorPresence.GONE:
                if newest.head.size > head.size:
                    raise _lagging(found=head.size, known=newest.head.size)
                break
            logger.error("final_anchor_lost size=%d", newest.head.size)
            self._mark(newest, AnchorState.REORGED)
            lost.append(newest)
        return tuple(lost)

    def _record(self, head: AnchoredHead) -> None:
        """Give the anchor that set ``head`` to every request it covers, whoever sent it."""
        newest, request = self._requests.newest(), self._requests.pending()
        known = newest is not None and newest.head.size >= head.size
        covered = request is not None and request.size <= head.size
        if head.size == 0 or (known and not covered):
            return
        anchor = self._registry.anchored_at(self._log_id, head.size)
        state = _SEEN.get(self._registry.presence(anchor)) if anchor else None
        if anchor is None or state is None:
            raise UnavailableError(
                "the endpoint does not show the anchor of its own head of size {size}",
                size=head.size,
                remedy="try again: the chain changed, or hosts behind this address differ",
                code="chain.stale_endpoint",
            )
        self._mark(anchor, state)

    def _submit(self, request: AnchorRequest, head: AnchoredHead) -> AnchorSubmission:
        root = self._history.root_at(request.size)
        if root != request.root:
            raise StateError(
                "the checkpoint of size {size} has another root than the log has now",
                size=request.size,
                remedy="run trace-node fsck; nothing is anchored before that",
                code="state.checkpoint_root",
            )
        proof = (
            self._history.consistency(old_size=head.size, new_size=request.size)
            if head.size
            else ()
        )
        return self._registry.submit(
            self._log_id,
            previous=head,
            head=AnchoredHead(size=request.size, root=request.root),
            proof=proof,
        )

    def _mark(self, anchor: Anchor, state: AnchorState) -> None:
        self._requests.mark(size=anchor.head.size, state=state, anchor=anchor)

    def _report(
        self,
        head: AnchoredHead,
        request: AnchorRequest | None,
        *,
        waiting: Sequence[AnchorSubmission],
        lost: tuple[Anchor, ...],
    ) -> AnchorReport:
        newest = self._requests.newest()
        return AnchorReport(
            chain=head,
            waiting=bool(waiting),
            stuck=any(item.sends >= _STUCK_SENDS for item in waiting),
            pending=request.size if request else 0,
            anchor=newest,
            final=newest is not None and newest not in self._requests.unsettled(),
            lost=lost,
        )


def _alive(submission: AnchorSubmission) -> bool:
    """Can it still move the head, or has it?"""
    if submission.failure:
        logger.warning("anchor_failed size=%d reason=%s", submission.head.size, submission.failure)
    return not submission.failure


def _lagging(*, found: int, known: int) -> UnavailableError:
    return UnavailableError(
        "the endpoint shows a head of size {found}, size {known} is anchored: it lags",
        found=found,
        known=known,
        remedy="wait until the endpoint has caught up, or use another",
        code="chain.stale_endpoint",
    )
