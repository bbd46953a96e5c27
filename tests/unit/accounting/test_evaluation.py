"""What a method refuses, what it flags, and that a stored result is rebuilt to the same digits."""

from dataclasses import replace
from decimal import Decimal, localcontext

import orjson
import pytest
from support.accounting import ABSENT, case_for, given, line, method

from trace_node.accounting.errors import (
    CaseError,
    FactorUnusableError,
    IncompleteError,
    PrecedenceError,
    RecomputeError,
)
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.methods.approvals import Approvals
from trace_node.accounting.methods.case import Case, Given
from trace_node.accounting.methods.case_form import read_case
from trace_node.accounting.methods.figure import evaluate
from trace_node.accounting.methods.recompute import recompute
from trace_node.accounting.methods.result import FlagKind, Result
from trace_node.accounting.methods.words import Choice, Use

STEEL = "cn.ets.steel.2024.enterprise"


def steel_case(fuel: str = "washed_coking_coal", **values: Given) -> Case:
    row = {"FC": given(1000, "t"), **values}
    return case_for(
        method(STEEL),
        present=("combustion",),
        lines={"fuels": (line("a", {"fuel": fuel}, **row),)},
    )


def figure(case: Case, **options: object) -> Result:
    return evaluate(method(STEEL), case, packaged_factors(), **options)  # type: ignore[arg-type]


def test_the_choice_of_each_parameter_is_recorded() -> None:
    measured = given("26.1", "GJ/t", basis="as received", evidence="certificate 7")
    node = figure(steel_case(NCV=measured)).nodes["fuels[a].NCV"]
    assert (node.choice, node.evidence, node.factor) == ("measured", ("certificate 7",), None)
    node = figure(steel_case()).nodes["fuels[a].NCV"]
    assert (node.choice, node.value) == ("default", Decimal("26.344"))
    assert node.factor is not None
    assert node.factor.id == "cn.ets.steel.2024.ncv.washed_coking_coal"


NCV = given("26.1", "GJ/t", basis="as received")


@pytest.mark.parametrize(
    ("case", "error", "code"),
    [
        (steel_case("coke", NCV=NCV), PrecedenceError, "accounting.precedence"),
        (steel_case(CC=given("0.025", "tC/GJ")), PrecedenceError, "accounting.precedence"),
        (
            steel_case(NCV=replace(NCV, choice=Choice.SUPPLIER)),
            PrecedenceError,
            "accounting.precedence",
        ),
        (
            replace(steel_case(), earlier={"fuels[a].NCV": Choice.MEASURED}),
            PrecedenceError,
            "accounting.precedence.sticky",
        ),
        (steel_case(NCV=replace(NCV, basis="dry")), CaseError, "accounting.case.basis"),
        (steel_case(NCV=replace(NCV, evidence=())), CaseError, "accounting.case.evidence"),
        (steel_case(NCV=replace(NCV, unit="GJ/1e4Nm3[gas]")), CaseError, "accounting.case.unit"),
        (steel_case(FC=given(1, "MWh")), CaseError, "accounting.case.unit"),
        (
            steel_case(FC=given(1, "t", estimated=True)),
            CaseError,
            "accounting.case.estimated",
        ),
        (steel_case(FC=Given(value=1.5, unit="t")), CaseError, "accounting.case.value"),
        (steel_case(FC=given("1e999999", "t")), CaseError, "accounting.case.value"),
        (steel_case(FC=given("1." + "3" * 120, "t")), CaseError, "accounting.case.value"),
        (steel_case(FC=given(1, "furlong")), CaseError, "accounting.case.unit"),
        (steel_case(XX=given(1, "t")), CaseError, "accounting.case.unknown"),
        (
            replace(steel_case(), values={"P_electrode": given(1, "t")}),
            CaseError,
            "accounting.case.absent",
        ),
        (replace(steel_case(), lines={}), IncompleteError, "accounting.incomplete"),
        (
            replace(steel_case(), lines={"fuels": (line("a", {"fuel": "coke"}),)}),
            IncompleteError,
            "accounting.incomplete.value",
        ),
        (
            replace(steel_case(), lines={"fuels": (line("a"),)}),
            IncompleteError,
            "accounting.case.word",
        ),
        (
            replace(steel_case(), not_occurring={"flux": " "}),
            CaseError,
            "accounting.case.reason",
        ),
        (
            replace(steel_case(), not_occurring={"volcano": ABSENT}),
            CaseError,
            "accounting.case.unknown",
        ),
        (
            replace(steel_case(), lines={"fuels": (*steel_case().lines["fuels"],) * 2}),
            CaseError,
            "accounting.case.line",
        ),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    case: Case, error: type[CaseError], code: str
) -> None:
    with pytest.raises(error) as caught:
        figure(case)
    assert caught.value.reason == code
    assert caught.value.message
    assert caught.value.remedy


def test_a_source_category_is_given_or_declared_not_occurring() -> None:
    """S0-5.2.1-a."""
    case = steel_case()
    open_ = {name: why for name, why in case.not_occurring.items() if name != "electrode"}
    with pytest.raises(IncompleteError, match="P_electrode") as caught:
        figure(replace(case, not_occurring=open_))
    assert "not occurring" in caught.value.remedy


def test_a_percentage_for_a_fraction_is_refused() -> None:
    power = method("cn.ets.power.2024")
    coal = line(
        "a",
        FC_coal=given(1, "t"),
        C_ad=given("0.6", "tC/t", basis="air dry"),
        M_ar=given("12.5", "1"),
        M_ad=given("0.02", "1"),
    )
    case = case_for(
        power,
        words={"grid_region": "CN", "grid_year": "2022"},
        present=("tested_coal",),
        lines={"coals": (coal,)},
    )
    with pytest.raises(CaseError, match="above 1") as caught:
        evaluate(power, case, packaged_factors())
    assert "percentage" in caught.value.remedy


def test_a_gas_volume_names_its_gas_and_state() -> None:
    mine = method("cn.ndrc.coal.2014.underground")
    for unit in ("1e4Nm3", "1e4Nm3[gas]", "m3[20degC]", "m3"):
        case = case_for(
            mine,
            words={"mine": "high", "grid_region": "CN", "grid_year": "2022"},
            present=("underground_ch4",),
            Q_vent=given(1, unit),
        )
        with pytest.raises(CaseError) as caught:
            evaluate(mine, case, packaged_factors())
        assert caught.value.reason == "accounting.case.unit"


def test_drafts_and_gaps_are_flagged() -> None:
    flags = figure(steel_case(FC=given(1000, "t", evidence=""))).flags
    assert {(flag.kind, flag.subject) for flag in flags} == {
        (FlagKind.NO_EVIDENCE, "fuels[a].FC"),
        (FlagKind.DRAFT_FACTOR, "cn.ets.steel.2024.ncv.washed_coking_coal"),
        (FlagKind.DRAFT_FACTOR, "cn.ets.steel.2024.cc.washed_coking_coal"),
    }


def test_compliance_refuses_a_draft_until_it_is_approved_by_digest() -> None:
    with pytest.raises(FactorUnusableError) as caught:
        figure(steel_case(), use=Use.COMPLIANCE)
    assert caught.value.reason == "accounting.factor.unapproved"
    factors = packaged_factors()
    rows = {
        factors.row(f"cn.ets.steel.2024.{kind}.washed_coking_coal").digest: f"leaf {kind}"
        for kind in ("ncv", "cc")
    }
    result = figure(steel_case(), use=Use.COMPLIANCE, approvals=Approvals(rows=rows))
    assert {flag.approval for flag in result.flags} == {"leaf ncv", "leaf cc"}


def test_compliance_refuses_an_unconfirmed_term_until_it_is_approved() -> None:
    pit = method("cn.ndrc.coal.2014.open_pit")
    case = case_for(
        pit,
        words={"grid_region": "CN", "grid_year": "2022"},
        present=("explosives",),
        lines={
            "charges": (line("a", M_explosive=given(1, "t"), EF_explosive=given("0.1", "tCO2/t")),)
        },
    )
    with pytest.raises(FactorUnusableError) as caught:
        evaluate(pit, case, packaged_factors(), use=Use.COMPLIANCE)
    assert caught.value.reason == "accounting.term.unapproved"
    lifted = Approvals(terms={(pit.digest, "E_expl"): "leaf 9"})
    result = evaluate(pit, case, packaged_factors(), use=Use.COMPLIANCE, approvals=lifted)
    assert [flag.approval for flag in result.flags] == ["leaf 9"]


def test_no_digit_depends_on_the_context_of_the_thread() -> None:
    plain = figure(steel_case())
    with localcontext() as context:
        context.prec = 5
        assert figure(steel_case()).canonical == plain.canonical


def test_a_case_survives_its_result() -> None:
    case = replace(steel_case(NCV=NCV), earlier={"fuels[a].NCV": Choice.MEASURED})
    assert read_case(case.to_json()).to_json() == case.to_json()


def test_a_stored_result_is_rebuilt_to_the_same_digits() -> None:
    result = figure(steel_case(), release_root=bytes(range(32)))
    again = recompute(result.canonical, method(STEEL), packaged_factors())
    assert (again.canonical, again.digest) == (result.canonical, result.digest)


def test_a_newer_library_rebuilds_the_old_digits() -> None:
    result = figure(steel_case())
    old = packaged_factors().row("cn.ets.steel.2024.ncv.washed_coking_coal")
    new = replace(old, id="own.ncv", value=Decimal(30), supersedes=old.id)
    grown = FactorLibrary([*packaged_factors(), new])
    assert evaluate(method(STEEL), steel_case(), grown).totals != result.totals
    again = recompute(result.canonical, method(STEEL), grown)
    assert again.totals["ets"].value == result.totals["ets"].value


def altered(result: Result, path: tuple[object, ...], value: object) -> bytes:
    form = orjson.loads(result.canonical)
    place = form
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return orjson.dumps(form, option=orjson.OPT_SORT_KEYS)


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("totals", 0, "value"), "1", "totals.ets.value"),
        (("nodes", 0, "value"), "999", "nodes.fuels[a].FC.value"),
        (("case", "lines", "fuels", 0, "values", "FC", "value"), "999", "nodes.fuels[a].FC.value"),
        (("method",), "cn.other@1", "method"),
        (("flags",), [], "flags"),
        (("type",), "other@1", "type"),
    ],
)
def test_an_altered_result_names_its_first_difference(
    path: tuple[object, ...], value: object, named: str
) -> None:
    with pytest.raises(RecomputeError) as caught:
        recompute(altered(figure(steel_case()), path, value), method(STEEL), packaged_factors())
    assert caught.value.field.startswith(named)


def test_an_altered_factor_is_named() -> None:
    result = figure(steel_case())
    rows = [
        replace(row, value=Decimal("26.345")) if row.id.endswith("ncv.washed_coking_coal") else row
        for row in packaged_factors()
    ]
    with pytest.raises(RecomputeError, match=r"ncv\.washed_coking_coal") as caught:
        recompute(result.canonical, method(STEEL), FactorLibrary(rows))
    assert caught.value.reason == "accounting.recompute.factor"
