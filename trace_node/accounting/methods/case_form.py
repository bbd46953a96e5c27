"""A case read back from the JSON of a result."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from trace_node.accounting.errors import CaseError
from trace_node.accounting.methods.case import Case, Given, Line
from trace_node.accounting.methods.words import Choice
from trace_node.canonical_json import JsonValue

T = TypeVar("T")


def read_case(form: JsonValue) -> Case:
    """Read what ``Case.to_json`` wrote.

    Raises:
        CaseError: It is another form.
    """
    members = _object(form, "case")
    try:
        return Case(
            on=date.fromisoformat(_text(members["on"])),
            words=_texts(members["words"]),
            values=_each(members["values"], _given),
            lines=_each(members["lines"], _lines),
            not_occurring=_texts(members["not_occurring"]),
            earlier=_each(members["earlier"], lambda item: Choice(_text(item))),
        )
    except (KeyError, ValueError, InvalidOperation) as error:
        raise _form("case", repr(error)) from error


def _lines(form: JsonValue) -> tuple[Line, ...]:
    if not isinstance(form, list):
        raise _form("lines", "is no list")
    return tuple(_line(_object(item, "lines")) for item in form)


def _line(members: Mapping[str, JsonValue]) -> Line:
    return Line(
        name=_text(members["name"]),
        words=_texts(members["words"]),
        values=_each(members["values"], _given),
    )


def _given(form: JsonValue) -> Given:
    members = _object(form, "values")
    evidence = members["evidence"]
    if not isinstance(evidence, list):
        raise _form("evidence", "is no list")
    return Given(
        value=Decimal(_text(members["value"])),
        unit=_text(members["unit"]),
        choice=Choice(_text(members["choice"])),
        basis=_text(members["basis"]),
        evidence=tuple(_text(item) for item in evidence),
        estimated=members["estimated"] is True,
    )


def _each(form: JsonValue, read: Callable[[JsonValue], T]) -> dict[str, T]:
    return {name: read(item) for name, item in _object(form, "case").items()}


def _texts(form: JsonValue) -> dict[str, str]:
    return _each(form, _text)


def _text(form: JsonValue) -> str:
    if not isinstance(form, str):
        raise _form("case", "holds something else than a text")
    return form


def _object(form: JsonValue, field: str) -> Mapping[str, JsonValue]:
    if not isinstance(form, dict):
        raise _form(field, "is no object")
    return form


def _form(field: str, why: str) -> CaseError:
    return CaseError(
        "{field}: not the form of a case: {why}",
        field=field,
        why=why,
        remedy="read what a result of this program holds",
        code="accounting.case.form",
    )
