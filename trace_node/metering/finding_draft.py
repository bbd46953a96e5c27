"""What a finding about a device chain will say, before the node adds salt, time and signature."""

from dataclasses import dataclass, replace
from typing import Final

from trace_node.canonical_json import JsonObject
from trace_node.ids import DeviceId, LeafIndex
from trace_node.metering.records.finding import MAX_SUBJECTS
from trace_node.record.fields import Code

SEQ_GAP: Final = Code("seq_gap")
SEQ_GAP_CLOSED: Final = Code("seq_gap_closed")
SEQ_REPEAT: Final = Code("seq_repeat")
SEQ_FORK: Final = Code("seq_fork")
SEQ_ROLLBACK: Final = Code("seq_rollback")
PREV_MISMATCH: Final = Code("prev_mismatch")
BOOT_CHANGE: Final = Code("boot_change")


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingDraft:
    """What a finding will say; the node adds salt, time and signature.

    Attributes:
        finding: Its code.
        device: Name of the device.
        boot: 16 bytes.
        seq_from: First number concerned.
        seq_to: Last number concerned.
        subjects: Leaf indexes concerned, rising.
        detail: What is to be said about it.
    """

    finding: Code
    device: DeviceId
    boot: bytes
    seq_from: int
    seq_to: int
    subjects: tuple[LeafIndex, ...]
    detail: JsonObject


def merge_drafts(drafts: tuple[FindingDraft, ...]) -> tuple[FindingDraft, ...]:
    """Fold drafts of one code that follow each other without a gap in ``seq`` into one.

    A branch of a thousand records then makes one finding. Details are kept from the first; subjects
    up to the bound of a finding.
    """
    merged: list[FindingDraft] = []
    for draft in drafts:
        last = merged[-1] if merged else None
        if last is not None and _follows(last, draft):
            subjects = tuple(sorted({*last.subjects, *draft.subjects}))
            merged[-1] = replace(last, seq_to=draft.seq_to, subjects=subjects)
        else:
            merged.append(draft)
    return tuple(merged)


def _follows(last: FindingDraft, draft: FindingDraft) -> bool:
    return (
        last.finding in {SEQ_REPEAT, SEQ_FORK, SEQ_ROLLBACK}
        and (last.finding, last.device, last.boot) == (draft.finding, draft.device, draft.boot)
        and draft.seq_from == last.seq_to + 1
        and len({*last.subjects, *draft.subjects}) <= MAX_SUBJECTS
    )
