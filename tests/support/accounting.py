"""Short ways to write a case of a method."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.methods.case import Case, Given, Line
from trace_node.accounting.methods.figure import evaluate
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.accounting.methods.result import Result
from trace_node.accounting.methods.words import Choice

ON = date(2025, 12, 31)
ABSENT = "there is none at this site"


def given(
    value: object,
    unit: str,
    *,
    choice: Choice = Choice.MEASURED,
    basis: str = "",
    evidence: str = "leaf 1",
    estimated: bool = False,
) -> Given:
    return Given(
        value=Decimal(str(value)),
        unit=unit,
        choice=choice,
        basis=basis,
        evidence=(evidence,) if evidence else (),
        estimated=estimated,
    )


def line(name: str, words: Mapping[str, str] | None = None, **values: Given) -> Line:
    return Line(name=name, words=words or {}, values=values)


def method(method_id: str) -> Method:
    return packaged_methods().newest(method_id)


def case_for(
    method_: Method,
    *,
    words: Mapping[str, str] | None = None,
    lines: Mapping[str, tuple[Line, ...]] | None = None,
    present: tuple[str, ...] | None = None,
    on: date = ON,
    earlier: Mapping[str, Choice] | None = None,
    **values: Given,
) -> Case:
    """A case; categories that are not named present are declared not occurring."""
    absent = () if present is None else [one for one in method_.categories if one not in present]
    return Case(
        on=on,
        words=words or {},
        values=values,
        lines=lines or {},
        not_occurring=dict.fromkeys(absent, ABSENT),
        earlier=earlier or {},
    )


def run(method_id: str, **case: object) -> Result:
    """Evaluate a method of the package with the factors of the package."""
    found = method(method_id)
    return evaluate(found, case_for(found, **case), packaged_factors())  # type: ignore[arg-type]
