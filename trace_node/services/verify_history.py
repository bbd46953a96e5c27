"""Check 19 of a period bundle: the anchors by which its records first were fixed.

Each earlier anchor comes with its checkpoint, signed by the log. The registry on the chain takes an
anchor only with a consistency proof from the one before it, so what such an anchor fixed is what
the bundle's own checkpoint holds: a record below its size existed at its block's time.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from trace_node.metering.records.context import SeenHead
from trace_node.ports.chain import ChainReader, LiveAnchorResult, LiveOutcome
from trace_node.services.verify_against import expected_registry
from trace_node.services.verify_anchor import require_chain
from trace_node.services.verify_examination import Examination
from trace_node.services.verify_log import VerifiedLog, open_checkpoint, require_this_log
from trace_node.services.verify_period_records import PeriodRecords
from trace_node.tlog import note as notes
from trace_node.tlog.anchor import Anchor
from trace_node.tlog.anchor_evidence import require_head
from trace_node.tlog.bundle_errors import EvidenceError
from trace_node.tlog.period_bundle import AnchoredCheckpoint, PeriodBundle
from trace_node.tlog.trust_root_form import TrustRoot, policy_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedAnchor:
    """An anchor whose checkpoint the log signed.

    Attributes:
        anchor: The anchor.
        witnessed_at: Earliest time at which a witness says that it saw the checkpoint, in seconds
            since the epoch; ``None`` without one.
        live: Whether the chain, asked now, holds it.
    """

    anchor: Anchor
    witnessed_at: int | None
    live: bool


def check_history(
    examination: Examination,
    *,
    bundle: PeriodBundle,
    log: VerifiedLog,
    records: PeriodRecords | None,
    live: LiveAnchorResult | None,
    chain: ChainReader | None,
) -> tuple[CheckedAnchor, ...]:
    """Make the check 19.

    Args:
        examination: Where it is recorded.
        bundle: The bundle.
        log: What is established about the log.
        records: Its records, with the heads that the collectors say they saw; ``None`` when they
            did not pass.
        live: What the chain said about the bundle's own anchor; ``None`` when it was not asked.
        chain: The chain to ask; ``None`` offline.

    Returns:
        The anchors that may be relied upon, sizes ascending, the bundle's own as the last.
    """
    root = log.root
    if root is None or not examination.has_passed("anchor.binding") or bundle.anchor is None:
        return ()
    if live is not None and live.outcome is LiveOutcome.FAILED:
        return ()  # refuted: nothing may rest on it, nor on what it would stand for
    own = CheckedAnchor(
        anchor=bundle.anchor,
        witnessed_at=log.witnessed_at,
        live=live is not None and live.outcome is LiveOutcome.PASSED,
    )
    if not bundle.history:
        examination.not_done(
            "history", "history.empty", "the file holds no earlier anchor than its own"
        )
        return (own,)
    before = bundle.anchor.head.size
    earlier = examination.attempt(
        "history",
        lambda: _check_all(
            examination,
            bundle.history,
            root=root,
            before=before,
            seen=() if records is None else records.seen_heads(),
            chain=chain if own.live else None,
        ),
    )
    return (*(earlier or ()), own)


def _check_all(
    examination: Examination,
    history: tuple[AnchoredCheckpoint, ...],
    *,
    root: TrustRoot,
    before: int,
    seen: Iterable[SeenHead],
    chain: ChainReader | None,
) -> tuple[CheckedAnchor, ...]:
    times = [_open(entry, root=root, before=before) for entry in history]
    _require_seen_heads(history, seen=seen, root=root)
    if chain is None or root.chain is None or root.log_id is None:
        examination.not_done(
            "history", "anchor.offline", "the chain was not asked about the earlier anchors"
        )
        return tuple(
            CheckedAnchor(anchor=entry.anchor, witnessed_at=time, live=False)
            for entry, time in zip(history, times, strict=True)
        )
    expected = expected_registry(root.chain, log_id=root.log_id)
    checked = []
    for entry, time in zip(history, times, strict=True):
        result = chain.check_anchor(entry.anchor, expected=expected)
        if result.outcome is LiveOutcome.FAILED:
            raise EvidenceError(
                "{field}: the chain does not hold the anchor of size {size}",
                field="history",
                size=entry.anchor.head.size,
                code="history.anchor",
            )
        checked.append(
            CheckedAnchor(
                anchor=entry.anchor,
                witnessed_at=time,
                live=result.outcome is LiveOutcome.PASSED,
            )
        )
    if not all(each.live for each in checked):
        examination.not_done("history", "chain.not_final", "an earlier anchor is not final")
    return tuple(checked)


def _require_seen_heads(
    history: tuple[AnchoredCheckpoint, ...], *, seen: Iterable[SeenHead], root: TrustRoot
) -> None:
    """Require the earlier anchors to be the heads that the collectors saw.

    Raises:
        EvidenceError: A collector saw another root at the size of one of them: the log is forked.
    """
    roots = {entry.anchor.head.size: entry.anchor.head.root for entry in history}
    for head in seen:
        if head.origin == root.origin and roots.get(head.size, head.root) != head.root:
            raise EvidenceError(
                "{field}: a collector saw another root at the size {size}: the log is forked",
                field="history",
                size=head.size,
                code="history.head",
            )


def _open(entry: AnchoredCheckpoint, *, root: TrustRoot, before: int) -> int | None:
    """Check one earlier checkpoint and its anchor; the time of its earliest witness, if any."""
    note = notes.parse(entry.checkpoint.encode())
    stated = require_this_log(note, hash_name=None, root=root)
    checkpoint = open_checkpoint(note, stated=stated, root=root)
    require_chain(entry.anchor, root=root)
    require_head(entry.anchor, size=checkpoint.size, root=checkpoint.root)
    if checkpoint.size >= before:
        raise EvidenceError(
            "{field}: must be of smaller sizes than the checkpoint of the file",
            field="history",
            code="history.size",
        )
    times = [time for _, time in policy_of(root).evaluate(note).cosigned]
    return min(times, default=None)
