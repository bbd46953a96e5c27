"""Make an emission bundle: a figure of the log with all that it is computed from."""

from collections.abc import Iterable
from dataclasses import dataclass

from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.method_library import MethodLibrary
from trace_node.accounting.records.emission import EMISSION, Emission
from trace_node.errors import NotFoundError, TooLargeError
from trace_node.ports.store import Store
from trace_node.services.gauge_lists import with_listed
from trace_node.services.library import factors_of_log, method_library
from trace_node.services.prove import Vouched, evidence_for
from trace_node.services.recompute_beside import leaves_beside
from trace_node.services.recompute_emission import Recomputed, recompute_emission
from trace_node.services.statement_types import parse_statement
from trace_node.tlog.batch_proof import build_batch_proof
from trace_node.tlog.emission_bundle import MAX_LEAVES, EmissionBundle, format_emission_bundle
from trace_node.tlog.hasher import by_name
from trace_node.tlog.period_bundle import LoggedRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Reads figures of a log, computes them again and proves them.

    Attributes:
        store: The log.
        factors: A library that holds every row that figures of the log used.
        methods: Every method that figures of the log used.
    """

    store: Store
    factors: FactorLibrary
    methods: MethodLibrary

    def emission(self, index: int) -> Emission:
        """The emission record at a leaf.

        Raises:
            NotFoundError: There is none.
        """
        entry = self.store.reader().entry(index)
        content = parse_statement(entry.body).content if entry.kind == EMISSION else None
        if not isinstance(content, Emission):
            raise NotFoundError(
                "leaf {index} is of type {kind}: it is no emission record",
                index=index,
                kind=entry.kind,
                remedy="list the figures with trace-node inventory show",
                code="account.no_emission",
            )
        return content

    def recompute(self, index: int) -> Recomputed:
        """Compute a figure again from the leaves of the log.

        Raises:
            NotFoundError: There is no emission record at that leaf, or its method is not at hand.
            RecomputeError: The first difference.
            InputError: A leaf is not what the record takes it for.
        """
        emission = self.emission(index)
        with self.store.view() as view:
            stored = view.accounting.result(emission.result)
        return recompute_emission(
            emission,
            self._read_whole(emission.leaves),
            self._method(emission),
            self.factors,
            hasher=by_name(self.store.identity.hash_name),
            stored=stored,
        )

    def prove(
        self, index: int, *, vouched: Vouched | None = None, recomputed: Recomputed | None = None
    ) -> bytes:
        """Make the bundle of a figure; it is computed again first, unless that was just done.

        Args:
            index: Its leaf.
            vouched: See ``prove.evidence_for``.
            recomputed: What ``recompute`` gave for this leaf.

        Returns:
            The file, ``emission-proof@v1``.

        Raises:
            StateError: No checkpoint covers the record, or the uncertainty beside it, yet.
            TooLargeError: The file would be over its bound.
            RecomputeError: The figure does not hold.
        """
        recomputed = recomputed or self.recompute(index)
        emission = recomputed.emission
        named = {*emission.leaves, *leaves_beside(emission, index, store=self.store)}
        return self.bundle(index, named, recomputed, vouched=vouched)

    def bundle(
        self, index: int, leaves: Iterable[int], recomputed: Recomputed, *, vouched: Vouched | None
    ) -> bytes:
        """Put what a record rests on into one file.

        Args:
            index: Leaf of the record.
            leaves: The leaves that it rests on.
            recomputed: The emission record that it is, or stands beside.
            vouched: See ``prove.evidence_for``.

        Raises:
            StateError: No checkpoint covers the leaves yet.
            TooLargeError: There are too many leaves, or the file would be over its bound.
        """
        emission, reader = recomputed.emission, self.store.reader()
        bodies = self._read_whole({*leaves, index})
        _require_few(len(bodies))
        checkpoint, anchor = evidence_for(max(bodies), reader=reader, vouched=vouched)
        rows = {use.digest: self.factors.by_digest(use.digest) for use in emission.factors}
        bundle = EmissionBundle(
            hash_name=self.store.identity.hash_name,
            emission=index,
            leaves=tuple(LoggedRecord(index=at, body=bodies[at]) for at in sorted(bodies)),
            method=self._method(emission).definition,
            factors=tuple(row.canonical for row in sorted(rows.values(), key=lambda one: one.id)),
            result=recomputed.result.canonical,
            proof=tuple(
                build_batch_proof(
                    indexes=sorted(bodies), size=checkpoint.size, reader=reader.subtrees()
                )
            ),
            checkpoint=checkpoint.note.decode(),
            anchor=anchor,
        )
        return format_emission_bundle(bundle)

    def _read(self, indexes: Iterable[int]) -> dict[int, bytes]:
        """The leaves at some indexes, as far as there are any."""
        with self.store.view() as view:
            found = view.footprints.bodies(sorted(indexes))
        return {index: found[index].body for index in sorted(found)}

    def _read_whole(self, indexes: Iterable[int]) -> dict[int, bytes]:
        """The same, and the readings that lists among them name."""
        found = self._read(indexes)
        return found | self._read(with_listed(found) - found.keys())

    def _method(self, emission: Emission) -> Method:
        return self.methods.get(emission.method)


def _require_few(count: int) -> None:
    if count > MAX_LEAVES:
        raise TooLargeError(
            "{field}: {count} leaves, a bundle holds {bound}",
            field="leaves",
            count=count,
            bound=MAX_LEAVES,
            remedy="prove the days of the period, each by itself",
            code="bundle.too_large",
        )


def figures_of_log(store: Store) -> Figures:
    """The figures of a log, with the libraries that it has now."""
    with store.view() as view:
        return Figures(store=store, factors=factors_of_log(view), methods=method_library(view))
