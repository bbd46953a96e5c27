"""What a delivery says against the log is kept, with the proof that its collector signed it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from trace_node.canonical_json import JsonObject
from trace_node.crypto.signer import Signer
from trace_node.ids import DeviceId, LeafIndex, to_base64url
from trace_node.metering.device_chain import (
    SEQ_FORK,
    BootState,
    DeviceTail,
    FindingDraft,
    Link,
    check_link,
    merge_drafts,
)
from trace_node.metering.records.chained import read_chained
from trace_node.metering.records.finding import MAX_SUBJECTS
from trace_node.ports.entries import Conflict, KnownRecord
from trace_node.services.delivery_check import CheckedDelivery
from trace_node.services.finding_log import log_finding, signed_finding
from trace_node.services.log_tail import Batch, Stream
from trace_node.tlog import proof
from trace_node.tlog.hasher import SM3
from trace_node.tlog.tree import MemoryTree


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A delivered record whose (device, boot, seq) is taken by another.

    Attributes:
        position: Its place in the delivery, from 0.
        known: The record that is logged; None if the other one is in the same delivery.
    """

    position: int
    known: KnownRecord | None


def keep_clashes(
    batch: Batch, checked: CheckedDelivery, clashes: Sequence[Clash], *, signer: Signer
) -> None:
    """Keep every clashing record, and log one finding for each run of them that is new.

    Args:
        batch: The commit's work.
        checked: The delivery they came in.
        clashes: In the order of the delivery.
        signer: The node's key.
    """
    tree = MemoryTree(hasher=SM3, leaf_hashes=checked.leaf_hashes)
    fresh = [clash for clash in clashes if _keep(batch, checked, clash, tree)]
    devices = checked.columns.devices
    ordered = sorted(fresh, key=lambda clash: devices[clash.position])
    for device, same in groupby(ordered, key=lambda clash: devices[clash.position]):
        ours = list(same)
        for draft in merge_drafts(tuple(_drafts(batch, checked, device, ours))):
            body = signed_finding(draft, found_at=checked.received_at, signer=signer)
            log_finding(batch, draft, body=body)


def keep_missing_head(batch: Batch, checked: CheckedDelivery) -> None:
    """Keep the context that names a head of this log which the log does not have."""
    batch.work.evidence.add_conflict(
        Conflict(
            kind="head",
            device="",
            boot=checked.context.boot,
            seq=None,
            known_index=None,
            body=checked.wire.context,
            leaf_hash=checked.delivery.context,
            delivery=checked.wire.delivery,
            context=checked.wire.context,
            position=0,
            path=(),
            received_at=checked.received_at,
        )
    )


def _keep(batch: Batch, checked: CheckedDelivery, clash: Clash, tree: MemoryTree) -> bool:
    columns = checked.columns
    batch.flush()  # the row refers to the entry that was there first, which may be a staged one
    return batch.work.evidence.add_conflict(
        Conflict(
            kind="repeat",
            device=columns.devices[clash.position],
            boot=checked.context.boot,
            seq=columns.seqs[clash.position],
            known_index=None if clash.known is None else clash.known.index,
            body=checked.wire.records[clash.position],
            leaf_hash=checked.leaf_hashes[clash.position],
            delivery=checked.wire.delivery,
            context=checked.wire.context,
            position=clash.position,
            path=tuple(proof.inclusion(index=clash.position, size=tree.size, reader=tree)),
            received_at=checked.received_at,
        )
    )


def _drafts(
    batch: Batch, checked: CheckedDelivery, device: str, clashes: Sequence[Clash]
) -> Iterator[FindingDraft]:
    """What the device chain's rules say of the clashing records of one device."""
    stream = batch.stream(device, checked.context.boot)
    state = tail = None
    if stream is not None:
        state = BootState(next_seq=stream.seq + 1, last=b"")
        tail = DeviceTail(boot=stream.boot, digest=b"")
    for clash in clashes:
        record = read_chained(checked.wire.records[clash.position])
        digest = checked.leaf_hashes[clash.position]
        if stream is None or clash.known is None:
            yield _within_delivery(checked, clash)
            continue
        step = check_link(
            record,
            digest=digest,
            index=LeafIndex(batch.size),  # where it would have been logged
            state=state,
            tail=tail,
            link_at=_link_at(batch, stream),
        )
        state = step.state
        for draft in step.drafts:
            logged = tuple(index for index in draft.subjects if index < batch.size)
            yield replace(draft, subjects=logged[:MAX_SUBJECTS])


def _within_delivery(checked: CheckedDelivery, clash: Clash) -> FindingDraft:
    device, seq = checked.columns.devices[clash.position], checked.columns.seqs[clash.position]
    detail: JsonObject = {
        "delivery": to_base64url(checked.digest),
        "other": to_base64url(checked.leaf_hashes[clash.position]),
    }
    return FindingDraft(
        finding=SEQ_FORK,
        device=DeviceId(device),
        boot=checked.context.boot,
        seq_from=seq,
        seq_to=seq,
        subjects=(),
        detail=detail,
    )


def _link_at(batch: Batch, stream: Stream) -> Callable[[int], Link | None]:
    def link_at(seq: int) -> Link | None:
        for known in batch.known(stream, [seq]):
            body = batch.work.entries.bodies(known.index, known.index + 1)[0]
            prev = read_chained(body).prev
            return Link(digest=known.leaf_hash, prev=prev, index=LeafIndex(known.index))
        return None

    return link_at
