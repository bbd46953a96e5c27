"""The device chain: are the records of a device all there, once, in their order and linked?

A device's records are numbered by ``seq`` without gaps within one boot of its collector, and each
names the digest of the one before, over boots. The checker looks at records in the order of the log
and says what does not fit, as drafts of findings:

* ``seq_gap``: numbers are missing. ``seq_gap_closed``: every missing number has come since.
* ``seq_repeat``: the same bytes were logged again.
* ``seq_fork``: other content at a number that is taken, after the same predecessor, or what follows
  such a record.
* ``seq_rollback``: other content at a number that is taken, without the same predecessor: the
  numbering went back.
* ``prev_mismatch``: the number fits, the named predecessor does not.
* ``boot_change``: the collector started anew; the detail says whether the link over it holds.

Nothing here reads a store: what is known of earlier numbers is asked of a function passed in. The
state is a few numbers per (device, boot), so that a restart costs nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.ids import DeviceId, LeafIndex, to_base64url
from trace_node.metering.errors import SeriesError
from trace_node.metering.finding_draft import (
    BOOT_CHANGE,
    PREV_MISMATCH,
    SEQ_FORK,
    SEQ_GAP,
    SEQ_GAP_CLOSED,
    SEQ_REPEAT,
    SEQ_ROLLBACK,
    FindingDraft,
    merge_drafts,
)
from trace_node.metering.records.chained import ChainedRecord
from trace_node.record.fields import Code

__all__ = [
    "BOOT_CHANGE",
    "PREV_MISMATCH",
    "SEQ_FORK",
    "SEQ_GAP",
    "SEQ_GAP_CLOSED",
    "SEQ_REPEAT",
    "SEQ_ROLLBACK",
    "BootState",
    "ChainStep",
    "DeviceTail",
    "FindingDraft",
    "Link",
    "LinkAt",
    "check_link",
    "merge_drafts",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One logged record of a (device, boot), as a link of its chain.

    Attributes:
        digest: 32-byte digest of the record, its leaf hash.
        prev: 32-byte digest it names as its predecessor's; None if it names none.
        index: Leaf index.
    """

    digest: bytes
    prev: bytes | None
    index: LeafIndex


LinkAt = Callable[[int], Link | None]
"""What was logged first at a ``seq`` of the (device, boot) in question; None if nothing was.

It may know of records at or after the one being checked; those are left aside.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BootState:
    """What the checker remembers of one (device, boot).

    Attributes:
        next_seq: The number expected next.
        last: Digest of the record with the highest number.
        missing: How many numbers below ``next_seq`` have not come.
        branch: Digest of the newest record of a side branch; None if there is none.
    """

    next_seq: int
    last: bytes
    missing: int = 0
    branch: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTail:
    """The newest record of a device over all boots.

    Attributes:
        boot: 16 bytes, the boot it belongs to.
        digest: 32-byte digest of the record.
    """

    boot: bytes
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainStep:
    """What one record did to the chain.

    Attributes:
        state: The new state of its (device, boot).
        tail: The new newest record of the device.
        drafts: What does not fit, in the order found.
    """

    state: BootState
    tail: DeviceTail
    drafts: tuple[FindingDraft, ...]


def check_link(
    record: ChainedRecord,
    *,
    digest: bytes,
    index: LeafIndex,
    state: BootState | None,
    tail: DeviceTail | None,
    link_at: LinkAt,
) -> ChainStep:
    """Check one record, in the order of the log.

    Args:
        record: The record.
        digest: Its 32-byte digest.
        index: Its leaf index.
        state: State of its (device, boot); None if this is the first record of it.
        tail: Newest record of the device so far; None if it has none.
        link_at: What was logged at a ``seq`` of this (device, boot).
    """
    link = Link(digest=digest, prev=record.prev, index=index)

    def earlier(seq: int) -> Link | None:
        found = link_at(seq)
        return found if found is not None and found.index < index else None

    is_new = state is None
    if state is None:
        drafts = _first_of_boot(record, link, tail)
        state = BootState(next_seq=record.seq + 1, last=digest, missing=record.seq)
    elif record.seq >= state.next_seq:
        drafts, state = _ahead(record, link, state)
    else:
        taken = earlier(record.seq)
        if taken is None:
            drafts, state = _late(record, link, state, earlier)
        else:
            drafts, state = _again(record, link, state, taken, earlier)
        return ChainStep(state=state, tail=_require_tail(tail), drafts=drafts)
    if not is_new and _require_tail(tail).boot != record.boot:
        newest = _require_tail(tail)  # of a later boot: this record was only delayed
    else:
        newest = DeviceTail(boot=record.boot, digest=digest)
    return ChainStep(state=state, tail=newest, drafts=drafts)


def _first_of_boot(
    record: ChainedRecord, link: Link, tail: DeviceTail | None
) -> tuple[FindingDraft, ...]:
    drafts: list[FindingDraft] = []
    if record.seq > 0:
        drafts.append(_draft(SEQ_GAP, record, [link], first=0, last=record.seq - 1))
    if tail is not None:
        linked = record.prev == tail.digest
        detail: JsonObject = {"linked": linked, "previous_boot": to_base64url(tail.boot)}
        drafts.append(_draft(BOOT_CHANGE, record, [link], detail=detail))
        if not linked and record.seq == 0:
            drafts.append(_mismatch(record, link, expected=tail.digest))
    return tuple(drafts)


def _ahead(
    record: ChainedRecord, link: Link, state: BootState
) -> tuple[tuple[FindingDraft, ...], BootState]:
    """A number that was expected, or one further on."""
    drafts: list[FindingDraft] = []
    branch = state.branch
    gap = record.seq - state.next_seq
    if gap:
        # An unbroken link over the gap says that numbers were skipped, not that records are lost.
        detail: JsonObject = {"linked": record.prev == state.last}
        first, last = state.next_seq, record.seq - 1
        drafts.append(_draft(SEQ_GAP, record, [link], first=first, last=last, detail=detail))
    elif record.prev != state.last:
        if branch is not None and record.prev == branch:
            drafts.append(_draft(SEQ_FORK, record, [link], detail={"main": _text(state.last)}))
            branch = state.last
        else:
            drafts.append(_mismatch(record, link, expected=state.last))
    return tuple(drafts), BootState(
        next_seq=record.seq + 1, last=link.digest, missing=state.missing + gap, branch=branch
    )


def _again(
    record: ChainedRecord, link: Link, state: BootState, taken: Link, link_at: LinkAt
) -> tuple[tuple[FindingDraft, ...], BootState]:
    """A number that is taken."""
    if taken.digest == link.digest:
        return (_draft(SEQ_REPEAT, record, [taken, link]),), state
    before = link_at(record.seq - 1) if record.seq else None
    predecessor = before.digest if before is not None else taken.prev
    shares_past = link.prev is not None and link.prev in {predecessor, state.branch}
    detail: JsonObject = {"first": _text(taken.digest), "other": _text(link.digest)}
    code = SEQ_FORK if shares_past else SEQ_ROLLBACK
    draft = _draft(code, record, [taken, link], detail=detail)
    return (draft,), replace(state, branch=link.digest)


def _late(
    record: ChainedRecord, link: Link, state: BootState, link_at: LinkAt
) -> tuple[tuple[FindingDraft, ...], BootState]:
    """A number that was missing: compare it with its neighbours, where they are there."""
    drafts: list[FindingDraft] = []
    before = link_at(record.seq - 1) if record.seq else None
    after = link_at(record.seq + 1)
    if before is not None and before.digest != link.prev:
        drafts.append(_mismatch(record, link, expected=before.digest))
    elif after is not None and after.prev != link.digest:
        detail: JsonObject = {"named_by_next": _text(after.prev), "found": _text(link.digest)}
        drafts.append(_draft(PREV_MISMATCH, record, [link, after], detail=detail))
    missing = state.missing - 1
    if missing == 0:
        drafts.append(_draft(SEQ_GAP_CLOSED, record, [link]))
    return tuple(drafts), replace(state, missing=missing)


def _mismatch(record: ChainedRecord, link: Link, *, expected: bytes) -> FindingDraft:
    detail: JsonObject = {"expected": _text(expected), "named": _text(link.prev)}
    return _draft(PREV_MISMATCH, record, [link], detail=detail)


def _draft(
    code: Code,
    record: ChainedRecord,
    links: list[Link],
    *,
    first: int | None = None,
    last: int | None = None,
    detail: JsonObject | None = None,
) -> FindingDraft:
    return FindingDraft(
        finding=code,
        device=DeviceId(record.device),
        boot=record.boot,
        seq_from=record.seq if first is None else first,
        seq_to=record.seq if last is None else last,
        subjects=tuple(sorted({link.index for link in links})),
        detail={} if detail is None else detail,
    )


def _text(digest: bytes | None) -> JsonValue:
    return None if digest is None else to_base64url(digest)


def _require_tail(tail: DeviceTail | None) -> DeviceTail:
    if tail is None:
        raise SeriesError(
            "{field}: a device with a state has a newest record",
            field="tail",
            remedy="restore state and newest record together",
            code="series.state",
        )
    return tail
