"""Rebuilds a stored result from case, method and rows: same digits, or the first difference."""

from collections.abc import Mapping
from typing import Final

from trace_node.accounting.errors import FactorNotFoundError, RecomputeError
from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.methods.approvals import NO_APPROVALS, Approvals
from trace_node.accounting.methods.case_form import read_case
from trace_node.accounting.methods.figure import evaluate
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.result import Result
from trace_node.accounting.methods.words import Use
from trace_node.canonical_json import JsonObject, JsonValue, decode_object
from trace_node.ids import from_base64url, to_base64url

MAX_RESULT_BYTES: Final = 16_777_216  # of a unit of thousands of sources
_LISTS: Final = ("nodes", "totals", "checks", "flags")


def recompute(
    raw: bytes,
    method: Method,
    factors: FactorLibrary,
    *,
    approvals: Approvals = NO_APPROVALS,
) -> Result:
    """Compute a stored result again and compare it member by member.

    Each factor is the row with the digest the result names, so that a newer library gives the same
    digits; the other values follow from the case.

    Args:
        raw: Canonical bytes of the result.
        method: The method it names.
        factors: A library that holds the rows it names.
        approvals: Approvals that held when it was computed.

    Raises:
        TooLargeError: More than 16 MiB.
        CanonicalFormError: Not canonical JSON.
        RecomputeError: The method, a row, a value, a figure, a check or a flag differs; the field
            names the first.
        CaseError: What was handed in does not fit the method.
    """
    stored = decode_object(raw, max_bytes=MAX_RESULT_BYTES)
    if stored.get("type") != "method-result@1":
        raise _differs("type", stored.get("type"), "method-result@1")
    for member, there in (("method", method.ref), ("method_digest", to_base64url(method.digest))):
        if stored.get(member) != there:
            raise _differs(member, stored.get(member), there)
    pins = _pins(stored, factors)
    root = stored.get("release_root")
    result = evaluate(
        method,
        read_case(stored.get("case")),
        factors,
        use=Use(str(stored.get("use"))) if stored.get("use") in set(Use) else Use.INTERNAL,
        approvals=approvals,
        release_root=from_base64url(root, size=32, field="release_root")
        if isinstance(root, str)
        else None,
        pins=pins,
    )
    _compare(stored, result.to_json())
    return result


def _pins(stored: JsonObject, factors: FactorLibrary) -> Mapping[str, bytes]:
    pins = {}
    for node in _items(stored, "nodes"):
        row, name = node.get("factor"), node.get("id")
        if not isinstance(row, dict) or not isinstance(name, str):
            continue
        digest = row.get("digest")
        pins[name] = from_base64url(str(digest), size=32, field="factor.digest")
        try:
            found = factors.by_digest(pins[name])
        except FactorNotFoundError as error:
            raise RecomputeError(
                "{node}: the factor {row} of the result is not the one of the library",
                field=name,
                node=name,
                row=row.get("id"),
                remedy="the row was altered, or load the release the result names",
                code="accounting.recompute.factor",
            ) from error
        if found.id != row.get("id"):
            raise _differs(name, row.get("id"), found.id)
    return pins


def _compare(stored: JsonObject, again: JsonObject) -> None:
    for member in _LISTS:
        old, new = _items(stored, member), _items(again, member)
        known = {_name(item): item for item in old}
        for item in new:
            name = _name(item)
            if name not in known:
                raise _differs(f"{member}.{name}", "nothing", "a value")
            for key, value in item.items():
                if known[name].get(key) != value:
                    raise _differs(f"{member}.{name}.{key}", known[name].get(key), value)
        if [_name(item) for item in old] != [_name(item) for item in new]:
            raise _differs(member, f"{len(old)} in its order", f"{len(new)} in another order")
    for member in sorted(stored.keys() | again.keys()):
        if stored.get(member) != again.get(member):
            raise _differs(member, stored.get(member), again.get(member))


def _items(form: JsonObject, member: str) -> list[JsonObject]:
    items = form.get(member)
    if not isinstance(items, list):
        raise _differs(member, "no list", "a list")
    objects = [item for item in items if isinstance(item, dict)]
    if len(objects) != len(items):
        raise _differs(member, "something else", "objects")
    return objects


def _name(item: JsonObject) -> str:
    return str(item.get("id") or f"{item.get('kind')} {item.get('subject')}")


def _differs(field: str, stored: JsonValue, again: JsonValue) -> RecomputeError:
    return RecomputeError(
        "{field}: the result says {stored}, computed again it is {again}",
        field=field,
        stored=str(stored)[:120],
        again=str(again)[:120],
        remedy="the result, the method or a row was altered",
    )
