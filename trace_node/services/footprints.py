"""Footprints of batches: computed from the log, put on record, recomputed, walked both ways."""

from dataclasses import dataclass
from typing import Final

from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.footprint.errors import FootprintAlteredError
from trace_node.accounting.footprint.footprint import PURPOSE, Footprint
from trace_node.accounting.footprint.parts import Basis
from trace_node.accounting.footprint.record import FootprintRecord
from trace_node.accounting.footprint.supplier import SUPPLIER_FOOTPRINT, SupplierFootprint
from trace_node.accounting.methods.method_library import MethodLibrary
from trace_node.crypto.sm3 import sm3
from trace_node.errors import NotFoundError
from trace_node.ports.store import Store, UnitOfWork
from trace_node.services.footprint_compute import compute, emission_of, leaves_below, recompute
from trace_node.services.footprint_lineage import missing_batch, require_leaf
from trace_node.services.gauge_lists import with_listed
from trace_node.services.library import factors_of_log, method_library
from trace_node.services.prove import Vouched, evidence_for
from trace_node.services.statement_types import parse_statement
from trace_node.tlog.batch_proof import build_batch_proof
from trace_node.tlog.emission_bundle import EmissionBundle, format_emission_bundle
from trace_node.tlog.period_bundle import LoggedRecord

_LAST: Final = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedFootprint:
    """A footprint on record, computed again.

    Attributes:
        index: Its leaf index.
        digest: Its record digest.
        record: What it says.
        footprint: The same, computed again from the leaves.
    """

    index: int
    digest: bytes
    record: FootprintRecord
    footprint: Footprint


class FootprintDesk:
    """Computes footprints (产品碳足迹核算).

    Args:
        store: The log.
        library: The factor library; None for that of the log as it is when it is asked for.
    """

    def __init__(self, *, store: Store, library: FactorLibrary | None = None) -> None:
        self._store = store
        self._given = library

    @property
    def _library(self) -> FactorLibrary:
        if self._given is not None:
            return self._given
        with self._store.view() as view:
            return factors_of_log(view)

    def compute(self, batch: str) -> Footprint:
        """The footprint of a batch by what is logged now; every leaf it rests on is verified.

        Raises:
            BatchNotFoundError: There is no such batch.
            FootprintAlteredError: A leaf or a factor is not what it was.
        """
        with self._store.view() as view:
            found = compute(view, self._library, batch, end=_LAST)
            _require_documents(view, found)
        return found

    def newest(self, organisation: str, batch: str) -> int | None:
        """Leaf index of the newest footprint on record of a batch; None without one."""
        topic = f"{organisation} {batch} {PURPOSE}"
        with self._store.view() as view:
            found = view.statements.newest(FootprintRecord.TYPE, topic)
        return None if found is None else found.index

    def owner(self, batch: str) -> str:
        """Whose batch it is.

        Raises:
            BatchNotFoundError: There is no such batch.
        """
        with self._store.view() as view:
            known = view.footprints.batches([batch])
        if not known:
            raise missing_batch(batch)
        return known[0].organisation

    def recompute(self, index: int) -> LoggedFootprint:
        """Compute a footprint on record again from its leaves: same digits, or the difference.

        Raises:
            NotFoundError: There is no footprint at that leaf.
            FootprintAlteredError: A leaf, a factor or a figure differs; the first is named.
        """
        with self._store.view() as view:
            body = view.footprints.bodies([index]).get(index)
            content = None
            if body is not None and body.kind == FootprintRecord.TYPE:
                content = parse_statement(require_leaf(body, index).body).content
            if body is None or not isinstance(content, FootprintRecord):
                raise NotFoundError(
                    "leaf {index} is no footprint",
                    field="index",
                    index=index,
                    remedy="name the leaf that trace-node footprint log printed",
                    code="footprint.none",
                )
            found = recompute(view, self._library, content, index=index)
            _require_documents(view, found)
        return LoggedFootprint(index=index, digest=body.leaf_hash, record=content, footprint=found)

    def prove(
        self, index: int, *, methods: MethodLibrary | None = None, vouched: Vouched | None = None
    ) -> bytes:
        """Make the bundle of a footprint on record: all that an outsider computes it from.

        Args:
            index: Its leaf index.
            methods: Every method that computed emissions below it used; None for those of the log.
            vouched: See ``evidence_for``.

        Returns:
            The file, ``emission-proof@v1`` with a ``footprint@1`` in the place of the emission.

        Raises:
            NotFoundError: There is no footprint at that leaf.
            FootprintAlteredError: It does not hold.
            StateError: No checkpoint covers it yet.
        """
        found = self.recompute(index)
        reader = self._store.reader()
        wanted = {index, *(each.index for each in found.footprint.links)}
        with self._store.view() as view:
            linked = view.footprints.bodies(sorted(wanted))
            wanted |= {below for each in linked.values() for below in leaves_below(each)}
            bodies = view.footprints.bodies(sorted(wanted))
            listed = with_listed({at: each.body for at, each in bodies.items()})
            bodies = {**bodies, **view.footprints.bodies(sorted(listed - wanted))}
        checkpoint, anchor = evidence_for(index, reader=reader, vouched=vouched)
        emissions = [each for each in map(emission_of, bodies.values()) if each is not None]
        digests = {each.digest for each in found.record.factors}
        digests |= {use.digest for each in emissions for use in each.factors}
        library = self._library
        rows = [library.by_digest(each) for each in digests]
        proof = build_batch_proof(
            indexes=sorted(bodies), size=checkpoint.size, reader=reader.subtrees()
        )
        if methods is None:
            with self._store.view() as view:
                methods = method_library(view)
        bundle = EmissionBundle(
            hash_name=self._store.identity.hash_name,
            emission=index,
            leaves=tuple(LoggedRecord(index=at, body=bodies[at].body) for at in sorted(bodies)),
            method={each.method: methods.get(each.method).definition for each in emissions},
            factors=tuple(row.canonical for row in sorted(rows, key=lambda one: one.id)),
            result=b"{}",
            proof=tuple(proof),
            checkpoint=checkpoint.note.decode(),
            anchor=anchor,
        )
        return format_emission_bundle(bundle)


def supplied_document(view: UnitOfWork, index: int) -> bytes | None:
    """The document behind what a supplier told at a leaf; None where none is kept here.

    Raises:
        FootprintAlteredError: It is not what the leaf states.
    """
    body = view.footprints.bodies([index]).get(index)
    if body is None or body.kind != SUPPLIER_FOOTPRINT:
        return None
    told = parse_statement(body.body).content
    if not isinstance(told, SupplierFootprint) or told.document is None:
        return None
    kept = view.footprints.document(told.document)
    if kept is not None and sm3(kept) != told.document:
        raise FootprintAlteredError(
            "the document of {supplier} for {batch} is not what leaf {index} states",
            field="document",
            supplier=told.supplier,
            batch=told.batch,
            index=index,
            remedy="restore it from a backup, or ask the supplier for it again",
            code="footprint.altered.document",
        )
    return kept


def _require_documents(view: UnitOfWork, found: Footprint) -> None:
    for part in found.parts:
        if part.basis is Basis.SUPPLIER:
            supplied_document(view, part.origin.index)
