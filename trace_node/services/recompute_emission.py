"""Compute an emission record again from its leaves, rows and method: same digits, or what differs.

Nothing is taken from the record but which leaves and rows it names. The same runs in the node and
for an outsider with a bundle. Two things are not recomputed: how far a value stands, which rests on
how much of the period was measured, and the words of the signer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trace_node.accounting.activity.data import ActivityData, EvidenceLink
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.sources import Industry
from trace_node.accounting.errors import FactorNotFoundError, RecomputeError
from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.inventory.assemble import Assembled, assemble, points_needed
from trace_node.accounting.inventory.items import factors_of, figures_of, items_of
from trace_node.accounting.methods.approvals import Approvals
from trace_node.accounting.methods.figure import evaluate
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.recompute import recompute
from trace_node.accounting.methods.result import Result
from trace_node.accounting.records.approvals import approvals_of
from trace_node.accounting.records.emission import Emission
from trace_node.accounting.records.emission_parts import ActivityItem
from trace_node.accounting.standing import Standing
from trace_node.canonical_json import decode_object
from trace_node.metering.meter import Meter
from trace_node.metering.records.device_registration import DeviceRegistration
from trace_node.metering.records.parse import parse_record
from trace_node.services.account_inputs import entered, metered
from trace_node.services.metered_total import total_of_leaves
from trace_node.services.statement_types import parse_statement
from trace_node.tlog.hasher import SM3, TreeHasher

_REGISTRATION = "device-registration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """A record that gives the same digits again.

    Attributes:
        emission: The record.
        result: The result, computed again.
        leaves: Number of leaves it was computed from.
    """

    emission: Emission
    result: Result
    leaves: int


def recompute_emission(
    emission: Emission,
    bodies: Mapping[int, bytes],
    method: Method,
    factors: FactorLibrary,
    *,
    hasher: TreeHasher = SM3,
    stored: bytes | None = None,
) -> Recomputed:
    """Compute a record again.

    Args:
        emission: The record.
        bodies: The leaf at each index that it names.
        method: The method it names.
        factors: A library that holds the rows it names.
        hasher: Hash of the log.
        stored: The canonical result that was kept; with it the first value that differs is named.

    Raises:
        RecomputeError: The first difference: a leaf, a value, a row, the method, a mass or figure.
        InputError: A leaf is not what the record takes it for.
    """
    if (emission.method, emission.method_digest) != (method.ref, method.digest):
        raise _differs("method", f"{emission.method}", f"{method.ref} of another digest")
    boundary, industry = _boundary(emission, bodies, hasher)
    if emission.demonstration != boundary.demonstration:
        raise _differs("demonstration", str(emission.demonstration), str(boundary.demonstration))
    obtained = [
        _obtained(emission, boundary, name, bodies, hasher)
        for name in sorted(points_needed(boundary, industry))
        if name not in {each.name for each in boundary.rules}
    ]
    assembled = assemble(
        boundary,
        industry,
        method,
        emission.period,
        obtained,
        boundary_leaf=emission.boundary_leaf.index,
    )
    _require_same("activity", _by(emission.activity, "name"), _by(assembled.activity, "name"))
    result = _evaluated(emission, assembled, method, factors, bodies)
    if stored is not None:
        kept = recompute(stored, method, factors, approvals=_approvals(emission, bodies))
        if kept.digest != result.digest:  # right in itself, but of another case
            raise _differs("result", kept.digest.hex(), result.digest.hex())
    items = items_of(boundary, industry, method, assembled.case, result)
    _require_same("factors", _by(emission.factors, "node"), _by(factors_of(result), "node"))
    _require_same("items", _by(emission.items, "code"), _by(items, "code"))
    _require_same("figures", _by(emission.figures, "id"), _by(figures_of(result), "id"))
    if result.digest != emission.result:
        raise _differs("result", emission.result.hex(), result.digest.hex())
    return Recomputed(emission=emission, result=result, leaves=len(emission.leaves))


def _evaluated(
    emission: Emission,
    assembled: Assembled,
    method: Method,
    factors: FactorLibrary,
    bodies: Mapping[int, bytes],
) -> Result:
    for use in emission.factors:
        try:
            row = factors.by_digest(use.digest)
        except FactorNotFoundError as error:
            raise RecomputeError(
                "{node}: the factor {row} of the record is not the one at hand",
                field=f"factors.{use.node}",
                node=use.node,
                row=use.row,
                remedy="the row was altered, or load the release that the record names",
                code="accounting.recompute.factor",
            ) from error
        if row.id != use.row:
            raise _differs(f"factors.{use.node}.row", use.row, row.id)
    return evaluate(
        method,
        assembled.case,
        factors,
        use=emission.use,
        approvals=_approvals(emission, bodies),
        release_root=emission.release_root,
        pins=emission.pins,
    )


def _approvals(emission: Emission, bodies: Mapping[int, bytes]) -> Approvals:
    acts = [
        (f"leaf {index}", parse_statement(_body(bodies, index)).content)
        for index in emission.approvals
    ]
    return approvals_of(acts, organisation=emission.organisation)


def _boundary(
    emission: Emission, bodies: Mapping[int, bytes], hasher: TreeHasher
) -> tuple[Boundary, Industry]:
    link = emission.boundary_leaf
    body = _body(bodies, link.index)
    if hasher.leaf(body) != link.digest:
        raise _differs("boundary_leaf", link.digest.hex(), hasher.leaf(body).hex())
    content = parse_statement(body).content
    named = (emission.organisation, emission.boundary)
    if not isinstance(content, Boundary) or (content.organisation, content.name) != named:
        raise _differs("boundary", emission.boundary, "another record")
    if not content.holds_for(emission.period):
        raise _differs("period", emission.period.name, "outside the validity of the boundary")
    for industry in content.industries_of(emission.unit):
        if industry.method == emission.method:
            return content, industry
    raise _differs("method", emission.method, "not a method of the unit")


def _obtained(
    emission: Emission,
    boundary: Boundary,
    name: str,
    bodies: Mapping[int, bytes],
    hasher: TreeHasher,
) -> ActivityData:
    item = next((each for each in emission.activity if each.name == name), None)
    if item is None:
        raise _differs(f"activity.{name}", "nothing", "a value that the boundary needs")
    leaves = {index: _body(bodies, index) for index in item.leaves}
    links = tuple(EvidenceLink(index, hasher.leaf(body)) for index, body in leaves.items())
    entry = next((each for each in boundary.entries if each.name == name), None)
    if entry is not None:
        if len(links) != 1:
            raise _differs(f"activity.{name}.leaves", str(len(links)), "1")
        return entered(leaves[links[0].index], entry, links[0])
    point = next(each for each in boundary.meters if each.name == name)
    meter, records = _split(item, leaves.values())
    if meter.device != point.device:
        raise _differs(f"activity.{name}.device", point.device, meter.device)
    described = meter.meter_register(point.meter_register)
    total = total_of_leaves(records, described, emission.period, device=point.device)
    standing = Standing.MISSING if total is None or total.total is None else item.standing
    return metered(point, emission.period, total, described, links, standing)


def _split(item: ActivityItem, bodies: Iterable[bytes]) -> tuple[Meter, list[bytes]]:
    meters, records = [], []
    for body in bodies:
        if str(decode_object(body).get("type")).startswith(_REGISTRATION):
            record = parse_record(body)
            assert isinstance(record, DeviceRegistration)  # noqa: S101 (its type says so)
            meters.append(record.meter)
        else:
            records.append(body)
    if len(meters) != 1:
        raise _differs(f"activity.{item.name}.leaves", f"{len(meters)} descriptions", "1")
    return meters[0], records


def _body(bodies: Mapping[int, bytes], index: int) -> bytes:
    body = bodies.get(index)
    if body is None:
        raise _differs(f"leaf {index}", "named by the record", "not at hand")
    return body


def _by(parts: Iterable[object], key: str) -> dict[str, object]:
    return {str(getattr(each, key)): each for each in parts}


def _require_same(member: str, stated: Mapping[str, object], again: Mapping[str, object]) -> None:
    for name in [*again, *stated]:
        old, new = stated.get(name), again.get(name)
        if old is None or new is None:
            raise _differs(f"{member}.{name}", _told(old), _told(new))
        for field in type(new).__dataclass_fields__:  # type: ignore[attr-defined]
            if getattr(old, field) != getattr(new, field):
                raise _differs(
                    f"{member}.{name}.{field}", str(getattr(old, field)), str(getattr(new, field))
                )


def _told(part: object | None) -> str:
    return "nothing" if part is None else "a value"


def _differs(field: str, stated: str, again: str) -> RecomputeError:
    return RecomputeError(
        "{field}: the record says {stated}, computed again it is {again}",
        field=field,
        stated=stated[:120],
        again=again[:120],
        remedy="a leaf, the method, a row or the record was altered",
    )
