"""Compute an emission record again from its leaves, rows and method: same digits, or what differs.

Nothing is taken from the record but which leaves and rows it names. The same runs in the node and
for an outsider with a bundle. Two things are not recomputed: how far a value stands, which rests on
how much of the period was measured, and the words of the signer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.sources import Industry
from trace_node.accounting.errors import FactorNotFoundError, RecomputeError
from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.inventory.assemble import (
    Assembled,
    assemble,
    points_needed,
    with_earlier,
)
from trace_node.accounting.inventory.items import factors_of, figures_of, items_of
from trace_node.accounting.methods.approvals import Approvals
from trace_node.accounting.methods.figure import evaluate
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.recompute import recompute
from trace_node.accounting.methods.result import Result
from trace_node.accounting.records.approvals import approvals_of
from trace_node.accounting.records.emission import Emission
from trace_node.accounting.records.emission_parts import EmissionItem, FactorUse
from trace_node.accounting.records.factor_entry import FactorEntry
from trace_node.accounting.records.releases import MethodRelease
from trace_node.accounting.records.uncertainty import Uncertainty
from trace_node.accounting.standing import Standing
from trace_node.services.library import act_name
from trace_node.services.recompute_inputs import InputsAgain
from trace_node.services.recompute_leaves import body_at, differs
from trace_node.services.statement_types import parse_statement
from trace_node.tlog.hasher import SM3, TreeHasher


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """A record that gives the same digits again.

    Attributes:
        emission: The record.
        result: The result, computed again.
        leaves: Number of leaves it was computed from.
        uncertainty: Its uncertainty, evaluated again; None where it was not asked for or is not
            there.
    """

    emission: Emission
    result: Result
    leaves: int
    uncertainty: Uncertainty | None = None


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
        raise differs("method", f"{emission.method}", f"{method.ref} of another digest")
    _require_released(emission, bodies)
    boundary, industry = _boundary(emission, bodies, hasher)
    if emission.demonstration != boundary.demonstration:
        raise differs("demonstration", str(emission.demonstration), str(boundary.demonstration))
    again = InputsAgain(emission, boundary, industry, method, bodies, hasher=hasher)
    assembled = _assembled(emission, boundary, industry, method, again)
    _require_same("activity", _by(emission.activity, "name"), _by(assembled.activity, "name"))
    if emission.standing is Standing.FINAL is not assembled.standing:
        raise differs("standing", emission.standing.value, assembled.standing.value)
    result = _evaluated(emission, assembled, method, factors, bodies)
    if stored is not None and stored != result.canonical:
        raise _differing(stored, result, method, factors, _approvals(emission, bodies))
    _require_record(
        emission,
        items=items_of(boundary, industry, method, assembled.case, result),
        factors=factors_of(result, _own_rows(emission, bodies)),
        result=result,
    )
    return Recomputed(emission=emission, result=result, leaves=len(emission.leaves))


def _assembled(
    emission: Emission,
    boundary: Boundary,
    industry: Industry,
    method: Method,
    again: InputsAgain,
) -> Assembled:
    """The case of the record, made of its leaves alone."""
    derived = {each.name for each in boundary.rules}
    return with_earlier(
        assemble(
            boundary,
            industry,
            method,
            emission.period,
            [again.obtain(name) for name in sorted(points_needed(boundary, industry) - derived)],
            boundary_leaf=emission.boundary_leaf.index,
        ),
        emission.earlier,
    )


def _differing(
    stored: bytes, result: Result, method: Method, factors: FactorLibrary, approvals: Approvals
) -> RecomputeError:
    """What differs first in a result that was kept and is not the one that comes out."""
    kept = recompute(stored, method, factors, approvals=approvals)
    return differs("result", kept.digest.hex(), result.digest.hex())  # right, but of another case


def _require_record(
    emission: Emission,
    *,
    items: Iterable[EmissionItem],
    factors: Iterable[FactorUse],
    result: Result,
) -> None:
    """Require the record to state what comes out; figures before the digest, which names none."""
    _require_same("factors", _by(emission.factors, "node"), _by(factors, "node"))
    _require_same("items", _by(emission.items, "code"), _by(items, "code"))
    _require_same("figures", _by(emission.figures, "id"), _by(figures_of(result), "id"))
    if result.digest != emission.result:
        raise differs("result", emission.result.hex(), result.digest.hex())


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
            raise differs(f"factors.{use.node}.row", use.row, row.id)
    return evaluate(
        method,
        assembled.case,
        factors,
        use=emission.use,
        approvals=_approvals(emission, bodies),
        release_root=emission.release_root,
        pins=emission.pins,
    )


def _own_rows(emission: Emission, bodies: Mapping[int, bytes]) -> dict[bytes, int]:
    """The rows that the organisation entered itself, each in the leaf that the record names."""
    found: dict[bytes, int] = {}
    for use in emission.factors:
        if use.leaf is None:
            continue
        content = parse_statement(body_at(bodies, use.leaf)).content
        whose = (emission.organisation, use.digest)
        if not isinstance(content, FactorEntry) or whose != (
            content.organisation,
            content.row.digest,
        ):
            raise differs(f"factors.{use.node}.leaf", use.row, "another record")
        found[use.digest] = use.leaf
    return found


def _require_released(emission: Emission, bodies: Mapping[int, bytes]) -> None:
    """The leaves that show who released the method speak of exactly this one."""
    for index in emission.method_leaves[-1:]:
        content = parse_statement(body_at(bodies, index)).content
        named = (emission.method, emission.method_digest)
        if not isinstance(content, MethodRelease) or (content.method, content.digest) != named:
            raise differs("method_leaves", emission.method, "another record")


def _approvals(emission: Emission, bodies: Mapping[int, bytes]) -> Approvals:
    acts = [
        (act_name(index), parse_statement(body_at(bodies, index)).content)
        for index in emission.approvals
    ]
    return approvals_of(acts, organisation=emission.organisation)


def _boundary(
    emission: Emission, bodies: Mapping[int, bytes], hasher: TreeHasher
) -> tuple[Boundary, Industry]:
    link = emission.boundary_leaf
    body = body_at(bodies, link.index)
    if hasher.leaf(body) != link.digest:
        raise differs("boundary_leaf", link.digest.hex(), hasher.leaf(body).hex())
    content = parse_statement(body).content
    named = (emission.organisation, emission.boundary)
    if not isinstance(content, Boundary) or (content.organisation, content.name) != named:
        raise differs("boundary", emission.boundary, "another record")
    if not content.holds_for(emission.period):
        raise differs("period", emission.period.name, "outside the validity of the boundary")
    for industry in content.industries_of(emission.unit):
        if industry.method == emission.method:
            return content, industry
    raise differs("method", emission.method, "not a method of the unit")


def _by(parts: Iterable[object], key: str) -> dict[str, object]:
    return {str(getattr(each, key)): each for each in parts}


def _require_same(member: str, stated: Mapping[str, object], again: Mapping[str, object]) -> None:
    for name in [*again, *stated]:
        old, new = stated.get(name), again.get(name)
        if old is None or new is None:
            raise differs(f"{member}.{name}", _told(old), _told(new))
        for field in type(new).__dataclass_fields__:  # type: ignore[attr-defined]
            if getattr(old, field) != getattr(new, field):
                raise differs(
                    f"{member}.{name}.{field}", str(getattr(old, field)), str(getattr(new, field))
                )


def _told(part: object | None) -> str:
    return "nothing" if part is None else "a value"
