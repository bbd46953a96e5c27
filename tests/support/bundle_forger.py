"""A forger who holds the whole log: changes a period bundle and makes every proof fit again."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from support.bundles import World

from trace_node.tlog.batch_proof import build_batch_proof
from trace_node.tlog.hasher import SM3
from trace_node.tlog.period_bundle import DeliveredRecord, PeriodBundle, PeriodDelivery
from trace_node.tlog.period_bundle_json import format_period_bundle
from trace_node.tlog.tree import MemoryTree


def refit(bundle: PeriodBundle, *, world: World, size: int) -> PeriodBundle:
    """The bundle with its batch proofs made anew, as far as its leaves are those of the log."""
    deliveries = tuple(
        _refit_delivery(item, world=world) for item in bundle.deliveries if item.records
    )
    bundle = replace(bundle, deliveries=deliveries)
    indexes = [index for index, _ in bundle.leaves()]
    proof = build_batch_proof(indexes=indexes, size=size, reader=world.tree)
    return replace(bundle, proof=tuple(proof))


def _refit_delivery(item: PeriodDelivery, *, world: World) -> PeriodDelivery:
    made = next(made for made in world.deliveries if made.index == item.record.index)
    batch = MemoryTree(hasher=SM3, leaf_hashes=[SM3.leaf(body) for body in made.bodies])
    positions = [record.position for record in item.records]
    path = build_batch_proof(indexes=positions, size=batch.size, reader=batch)
    return replace(item, path=tuple(path))


def without_records(
    bundle: PeriodBundle, drop: Callable[[DeliveredRecord], bool], *, world: World, size: int
) -> bytes:
    """The file without some records, every proof and the digest made to fit."""
    deliveries = tuple(
        replace(item, records=tuple(record for record in item.records if not drop(record)))
        for item in bundle.deliveries
    )
    kept = replace(bundle, deliveries=tuple(item for item in deliveries if item.records))
    used = {item.record.index for item in kept.deliveries}
    contexts = {
        made.context for made in world.deliveries if made.index in used
    }  # an unused context would give the forger away
    kept = replace(kept, contexts=tuple(raw for raw in kept.contexts if raw in contexts))
    return format_period_bundle(refit(kept, world=world, size=size))


def without_findings(bundle: PeriodBundle, *, world: World, size: int) -> bytes:
    """The file without the node's findings, every proof and the digest made to fit."""
    return format_period_bundle(refit(replace(bundle, findings=()), world=world, size=size))


def records_of(bundle: PeriodBundle) -> Iterable[DeliveredRecord]:
    """All records of a bundle."""
    return (record for item in bundle.deliveries for record in item.records)
