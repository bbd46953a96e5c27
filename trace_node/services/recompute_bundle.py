"""Compute what an ``emission-proof@v1`` is of again, from nothing but the bundle.

That is an emission, the footprint of a batch, or a comparison of measurements: whatever record
stands at its leaf.
"""

from collections.abc import Mapping

from trace_node.accounting.errors import RecomputeError
from trace_node.accounting.factors.factor_json import row_from_json
from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.footprint.record import FootprintRecord
from trace_node.accounting.methods.method_form import read_method
from trace_node.accounting.records.emission import Emission
from trace_node.accounting.records.measurement import MeasurementRecord
from trace_node.canonical_json import decode_object
from trace_node.services.footprint_compute import emission_of
from trace_node.services.footprint_compute import recompute as recompute_footprint
from trace_node.services.footprint_leaves import LooseLeaves
from trace_node.services.footprints import LoggedFootprint
from trace_node.services.measure_proof import MeasuredAgain, emission_beside, measure_again
from trace_node.services.recompute_beside import with_worth
from trace_node.services.recompute_emission import Recomputed, recompute_emission
from trace_node.services.statement_types import parse_statement
from trace_node.tlog.bundle_errors import BundleFormatError
from trace_node.tlog.emission_bundle import EmissionBundle
from trace_node.tlog.hasher import by_name
from trace_node.tlog.json_fields import Fields

ComputedAgain = Recomputed | LoggedFootprint | MeasuredAgain
"""What a bundle can be of, computed again."""


def recompute_bundle(bundle: EmissionBundle) -> ComputedAgain:
    """Compute the figure of a bundle again.

    Raises:
        RecomputeError: The first difference.
        InputError: A part of the bundle is not what it should be.
    """
    bodies = {each.index: each.body for each in bundle.leaves}
    body = bodies.get(bundle.emission)
    content = None if body is None else parse_statement(body).content
    rows = (row_from_json(decode_object(raw)) for raw in bundle.factors)
    library, hasher = FactorLibrary(rows, is_part=True), by_name(bundle.hash_name)
    if isinstance(content, FootprintRecord):
        return _recompute_footprint(bundle, content, bodies, library)
    if isinstance(content, MeasurementRecord):
        emission = emission_beside(content, bodies, hasher=hasher)
        method = read_method(bundle.method, place=emission.method)
        beside = recompute_emission(
            emission, bodies, method, library, hasher=hasher, stored=bundle.result
        )
        return measure_again(content, bundle.emission, beside, method, bodies, hasher=hasher)
    if not isinstance(content, Emission):
        raise RecomputeError(
            "{field}: leaf {index} is no emission record",
            field="emission",
            index=bundle.emission,
            remedy="get the bundle again from where it was made",
            code="accounting.recompute.record",
        )
    method = read_method(bundle.method, place=content.method)
    found = recompute_emission(
        content, bodies, method, library, hasher=hasher, stored=bundle.result
    )
    return with_worth(found, bundle.emission, method=method, bodies=bodies)


def _recompute_footprint(
    bundle: EmissionBundle,
    record: FootprintRecord,
    bodies: Mapping[int, bytes],
    library: FactorLibrary,
) -> LoggedFootprint:
    """Every computed emission below it first, so that an altered reading is named."""
    hasher = by_name(bundle.hash_name)
    leaves = LooseLeaves(bodies, hasher=hasher)
    for body in leaves.bodies(list(bodies)).values():
        emission = emission_of(body)
        if emission is not None:
            definition = Fields(
                bundle.method, path="method", members=bundle.method.keys(), error=BundleFormatError
            ).mapping(emission.method)
            method = read_method(definition, place=emission.method)
            recompute_emission(emission, bodies, method, library, hasher=hasher)
    again = recompute_footprint(leaves, library, record, index=bundle.emission)
    return LoggedFootprint(
        index=bundle.emission,
        digest=hasher.leaf(bodies[bundle.emission]),
        record=record,
        footprint=again,
    )
