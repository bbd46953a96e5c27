"""Evaluate again the uncertainty that stands beside a figure, in the node and for an outsider."""

from collections.abc import Mapping
from dataclasses import replace

from trace_node.accounting.methods.method import Method
from trace_node.accounting.records.emission import Emission
from trace_node.accounting.records.uncertainty import UNCERTAINTY, Uncertainty
from trace_node.canonical_json import decode_object
from trace_node.ports.store import Store
from trace_node.services.recompute_emission import Recomputed
from trace_node.services.signer_trust import leaf_with_trust
from trace_node.services.statement_types import parse_statement
from trace_node.services.uncertainties import Evaluated, beside, recompute_uncertainty


def leaves_beside(emission: Emission, index: int, *, store: Store) -> frozenset[int]:
    """The leaf of the uncertainty beside a figure, and those it rests on; none without one."""
    found = beside(emission, index, store=store)
    if found is None:
        return frozenset()
    with store.view() as view:
        named = {at for each in found.record.leaves for at in leaf_with_trust(view, each)}
    return frozenset(named | {found.index})


def with_worth(
    found: Recomputed, index: int, *, method: Method, bodies: Mapping[int, bytes]
) -> Recomputed:
    """A figure of a bundle with its uncertainty, evaluated again, where the bundle holds one.

    Raises:
        RecomputeError: The uncertainty differs; the first member that does is named.
        UncertaintyError: What is stated of an error does not fit its value.
    """
    beside = [
        parse_statement(bodies[at]).content
        for at in sorted(bodies)
        if decode_object(bodies[at]).get("type") == UNCERTAINTY
    ]
    records = [
        each for each in beside if isinstance(each, Uncertainty) and each.emission.index == index
    ]
    if not records:
        return found
    again = recompute_uncertainty(
        records[-1], found.emission, found.result, method=method, bodies=bodies
    )
    return replace(found, uncertainty=again)


def recompute_beside(
    found: Recomputed, index: int, *, method: Method, store: Store
) -> Evaluated | None:
    """The uncertainty beside a figure, evaluated again; None where none was evaluated.

    Args:
        found: The figure, computed again.
        index: Its leaf.
        method: Its method.
        store: The log.

    Raises:
        RecomputeError: The uncertainty differs; the first member that does is named.
        UncertaintyError: What is stated of an error does not fit its value.
    """
    evaluated = beside(found.emission, index, store=store)
    if evaluated is None:
        return None
    reader = store.reader()
    named = {*evaluated.record.leaves, *found.emission.leaves}
    recompute_uncertainty(
        evaluated.record,
        found.emission,
        found.result,
        method=method,
        bodies={each: reader.entry(each).body for each in named},
    )
    return evaluated
