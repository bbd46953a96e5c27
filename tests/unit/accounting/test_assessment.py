"""Slopes of a result against differences, sources through virtual points, sums against the GUM."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given as given_by
from hypothesis import strategies as st
from support.accounting import given, line, method, run
from support.accounting_samples import CONTENTS
from support.assessments import CLASS_HALF, accuracy
from support.builders import ORGANISATION
from support.cement import plan, plan_text

from trace_node.accounting.assessment.assess import Basis, assess
from trace_node.accounting.assessment.basis import Known
from trace_node.accounting.assessment.measured import require_plan
from trace_node.accounting.assessment.slopes import slopes_of
from trace_node.accounting.assessment.sources import ErrorSource, joined, points_of
from trace_node.accounting.boundary.rule_form import RulePoint
from trace_node.accounting.comparison.errors import ComparisonError
from trace_node.accounting.laboratory.parameter import Parameter
from trace_node.accounting.laboratory.record import LaboratoryRecord
from trace_node.accounting.methods.result import Result
from trace_node.accounting.records.accuracy import SubjectKind
from trace_node.accounting.records.emission_parts import ActivityItem
from trace_node.accounting.records.measured_file import read_plan_file
from trace_node.accounting.standing import Standing
from trace_node.accounting.uncertainty.budget import combine
from trace_node.accounting.uncertainty.correlation import same_source
from trace_node.accounting.uncertainty.errors import UncertaintyError
from trace_node.accounting.uncertainty.parts import Kind, Part, UncertainInput
from trace_node.record.errors import RecordError

STEP = Decimal("1e-12")
NO_SAMPLES: dict[int, LaboratoryRecord] = {}


def coal(**changed: Decimal) -> Result:
    """An underground mine with methane, its own diesel and bought electricity."""
    numbers: dict[str, object] = {
        "Q_vent": 1200,
        "Q_drain": 800,
        "Q_flared": 35,
        "Q_used": 500,
        "FC": 500,
        "NCV": "42.652",
        "CC": "0.0202",
        "EL_bought": 30000,
        "EL_sold": 1000,
        **changed,
    }
    fuel = line(
        "diesel",
        {"fuel": "diesel", "state": "liquid"},
        FC=given(numbers["FC"], "t"),
        NCV=given(numbers["NCV"], "GJ/t", basis="as received"),
        CC=given(numbers["CC"], "tC/GJ"),
    )
    gas = {name: given(numbers[name], "1e4Nm3[CH4]") for name in ("Q_vent", "Q_drain", "Q_flared")}
    return run(
        "cn.ndrc.coal.2014.underground",
        words={"mine": "low", "grid_region": "CN", "grid_year": "2022"},
        present=("combustion", "underground_ch4", "electricity"),
        lines={"fuels": (fuel,)},
        Q_used=given(numbers["Q_used"], "1e4Nm3[CH4]"),
        EL_bought=given(numbers["EL_bought"], "MWh"),
        EL_sold=given(numbers["EL_sold"], "MWh"),
        EL_nonfossil=given(500, "MWh"),
        **gas,
    )


@pytest.mark.parametrize(
    ("name", "node"),
    [
        *((name, name) for name in ("Q_vent", "Q_drain", "Q_flared", "Q_used")),
        *((name, f"fuels[diesel].{name}") for name in ("FC", "NCV", "CC")),
        *((name, name) for name in ("EL_bought", "EL_sold")),
    ],
)
def test_a_slope_is_what_a_small_change_does(name: str, node: str) -> None:
    """[S3-7.4.3-1]: through products, sums over lines, signs of totals and potentials of gases."""
    result = coal()
    found = method("cn.ndrc.coal.2014.underground")
    for total in result.totals:
        slopes = slopes_of(result, found, {f"total.{total}": Decimal(1)})
        value = result.value(node)
        after = coal(**{name: value * (1 + STEP)}).totals[total].value
        change = (after - result.totals[total].value) / (value * STEP)
        assert abs(change - slopes.get(node, Decimal(0))) <= abs(change) * Decimal("1e-9")


def test_a_factor_has_a_slope_too() -> None:
    result = coal()
    found = method("cn.ndrc.coal.2014.underground")
    (total, *_) = result.totals
    slopes = slopes_of(result, found, {f"total.{total}": Decimal(1)})
    assert slopes["EF_grid"] == 30000 - 1000 - 500


def item(name: str, value: str, unit: str, provenance: str = "meter") -> ActivityItem:
    return ActivityItem(
        place="c",
        name=name,
        provenance=provenance,
        reference=f"{name}/reg",
        raw=Decimal(value),
        raw_unit=unit,
        value=Decimal(value),
        unit=unit,
        conversion="",
        findings=(),
        standing=Standing.FINAL,
        leaves=(),
    )


def rule(name: str, kind: str, *inputs: str, **members: object) -> RulePoint:
    values = {"factor": None, "unit": None, "shares": {}, "source": "s"} | members
    return RulePoint(name=name, rule=kind, inputs=inputs, **values)  # type: ignore[arg-type]


def test_sources_are_found_through_all_rules() -> None:
    """net = main - canteen (kWh against MWh); half of it, times 2 of an entry, over 4 hours."""
    items = {
        each.name: each
        for each in (
            item("main", "10", "MWh"),
            item("canteen", "500", "kWh"),
            item("net", "9.5", "MWh", "derived"),
            item("share", "2.375", "MWh", "derived"),
            item("price", "2", "1", "document"),
            item("product", "4.75", "1", "derived"),
            item("hours", "4", "h"),
            item("rate", "1.1875", "1", "derived"),
        )
    }
    rules = [
        rule("net", "subtract", "main", "canteen"),
        rule("share", "apportion", "net", shares={"s": Decimal("0.25"), "t": Decimal("0.75")}),
        rule("product", "multiply", "share", "price", factor=Decimal(1), unit="1"),
        rule("rate", "divide", "product", "hours", unit="1"),
    ]
    found = {each.name: each for each in joined(points_of({"rate": Decimal(1)}, items, rules))}
    assert {name: each.slope for name, each in found.items()} == {
        "meter:main/reg": Decimal("0.125"),
        "meter:canteen/reg": Decimal("-0.000125"),
        "meter:hours/reg": Decimal("-0.296875"),
        "point:price": Decimal("0.59375"),
    }


def test_one_meter_in_two_places_errs_once() -> None:
    one = ErrorSource(name="meter:m/r", value=Decimal(10), unit="t", slope=Decimal(2))
    (both,) = joined([one, replace(one, slope=Decimal(3))])
    assert both.slope == 5


def basis(*stated: tuple[str, dict[str, object]], together: str | None = None) -> Basis:
    known = {}
    for at, (name, part) in enumerate(stated):
        found = accuracy(name, part, together=together)
        known[found.source] = Known(accuracy=found, leaf=at)
    return Basis(known=known, samples=NO_SAMPLES)


SOURCES = (
    ErrorSource(name="meter:a/r", value=Decimal(100), unit="t", slope=Decimal(3)),
    ErrorSource(name="meter:b/r", value=Decimal(50), unit="t", slope=Decimal(-2)),
)


def test_two_meters_alone_add_by_squares_and_of_one_cause_by_signs() -> None:
    """u_a = 100 x 0.005/sqrt 3 x 3, u_b likewise 50 x ... x -2."""
    stated = (("a/r", CLASS_HALF), ("b/r", CLASS_HALF))
    unit = Decimal("0.005") / Decimal(3).sqrt()
    alone = assess(Decimal(200), SOURCES, basis(*stated)).budget
    assert abs(alone.u - unit * Decimal(300**2 + 100**2).sqrt()) < Decimal("1e-20")
    joint = assess(Decimal(200), SOURCES, basis(*stated, together="weighbridge")).budget
    assert abs(joint.u - unit * (300 - 100)) < Decimal("1e-20")


def test_an_absolute_limit_is_taken_in_the_unit_of_the_value() -> None:
    found = assess(
        Decimal(300), SOURCES[:1], basis(("a/r", {"by": "limit", "limit": "50", "unit": "kg"}))
    )
    assert abs(found.budget.u - 3 * Decimal("0.05") / Decimal(3).sqrt()) < Decimal("1e-20")
    with pytest.raises(UncertaintyError) as refused:
        assess(
            Decimal(300), SOURCES[:1], basis(("a/r", {"by": "limit", "limit": "5", "unit": "V"}))
        )
    assert refused.value.reason == "uncertainty.unit"


def test_a_certificate_is_u_over_k_and_what_is_not_stated_is_named() -> None:
    found = assess(
        Decimal(300),
        SOURCES,
        basis(("a/r", {"by": "certificate", "limit": "0.01", "k": "2"})),
    )
    assert found.budget.u == Decimal("1.5")
    assert found.unstated == ("meter:b/r",)


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ({"by": "class", "limit": "0.5"}, "record.limit"),
        ({"by": "class"}, "record.parts"),
        ({"by": "limit", "limit": "1"}, "record.parts"),
        ({"by": "certificate", "limit": "0.01"}, "record.parts"),
        ({"by": "certificate", "limit": "0.01", "k": "0"}, "uncertainty.k"),
        ({"by": "class", "limit": "-0.01"}, "uncertainty.negative"),
        ({"by": "repeats", "repeats": ["1"]}, "record.repeats"),
        ({"by": "repeats", "repeats": ["1", "-1"]}, "record.repeats"),
        ({"by": "laboratory", "substance": "coal"}, "record.parts"),
    ],
)
def test_what_states_no_error_is_refused(part: dict[str, object], reason: str) -> None:
    with pytest.raises((RecordError, UncertaintyError)) as refused:
        accuracy("a/r", part)
    assert refused.value.reason == reason
    assert refused.value.params.get("remedy") or refused.value.remedy


def test_repetition_is_stated_in_one_way() -> None:
    with pytest.raises(RecordError):
        accuracy(
            "a/r",
            {"by": "repeats", "repeats": ["1", "2"]},
            {"by": "laboratory", "substance": "coal", "parameter": "carbon"},
        )


def test_the_subject_is_part_of_the_name() -> None:
    found = accuracy("row.1", CLASS_HALF, subject=SubjectKind.FACTOR)
    assert found.topic == "plant-a factor:row.1"


MONTHS = st.lists(st.integers(min_value=1, max_value=10**6), min_size=2, max_size=6)


@given_by(MONTHS)
def test_sources_of_one_name_are_the_gum_with_r_of_1(values: list[int]) -> None:
    """The slow reference: one input a month, all pairs fully correlated."""
    limit = Decimal("0.01")
    inputs = [
        UncertainInput(
            name=f"m{at}", value=Decimal(v), parts=(Part(kind=Kind.B, u=v * limit, origin="x"),)
        )
        for at, v in enumerate(values)
    ]
    names = [each.name for each in inputs]
    total = Decimal(sum(values))
    slow = combine(total, dict.fromkeys(names, Decimal(2)), inputs, same_source(names))
    parts = [
        ErrorSource(name="meter:m/r", value=Decimal(v), unit="t", slope=Decimal(2)) for v in values
    ]
    stated = basis(("m/r", {"by": "certificate", "limit": "0.01", "k": "1"}))
    fast = assess(total, joined(parts), stated).budget
    assert abs(fast.u - slow.u) <= slow.u * Decimal("1e-20")


def test_a_step_that_is_not_reached_has_no_slope() -> None:
    found: Callable[[str], Decimal] = slopes_of(
        coal(), method("cn.ndrc.coal.2014.underground"), {"EF_grid": Decimal(1)}
    ).__getitem__
    assert found("EF_grid") == 1


@pytest.mark.parametrize(
    ("of", "changes", "reason"),
    [
        ("cn.ets.cement.2024.line", {"categories": ("calcination",)}, "measurement.rule"),
        ("cn.ndrc.cement.2013", {"categories": ("flaring",)}, "measurement.category"),
    ],
)
def test_a_plan_fits_its_method(of: str, changes: dict[str, object], reason: str) -> None:
    """CEMS is on trial in the carbon market: no rule may make it the figure there."""
    with pytest.raises(ComparisonError) as refused:
        require_plan(replace(plan(), **changes), method(of))
    assert refused.value.reason == reason


def test_on_trial_a_plan_of_the_market_is_good() -> None:
    require_plan(plan(rule="calculated_during_trial"), method("cn.ets.cement.2024.line"))


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('quantity = "co2"', 'quantity = "oxygen"', "inputs"),
        ('value = "0.10"', "", "inputs"),
        ('name = "bypass"', 'name = "tail"', "stacks"),
        ('biogenic = "biogenic"', "", "biogenic"),
    ],
)
def test_a_plan_leaves_nothing_to_a_default(old: str, new: str, field: str) -> None:
    with pytest.raises(RecordError) as refused:
        read_plan_file(
            plan_text().replace(old, new).encode(), file="plan.toml", organisation=ORGANISATION
        )
    assert refused.value.params["field"] == field


def test_parallel_determinations_are_type_a_of_their_own() -> None:
    """[S3-7.4.3-2]: two samples, differences 0.004 and 0.002: u = sqrt(20e-6 / 8) of 0.6."""
    record = next(each for each in CONTENTS.values() if isinstance(each, LaboratoryRecord))
    first, *others = record.values
    pairs = (("0.602", "0.598"), ("0.601", "0.599"))
    samples = {
        at: replace(
            record,
            values=(
                replace(
                    first, parameter=Parameter.CARBON, repeats=(Decimal(pair[0]), Decimal(pair[1]))
                ),
                *(each for each in others if each.parameter is not Parameter.CARBON),
            ),
        )
        for at, pair in enumerate(pairs, 40)
    }
    stated = accuracy(
        "coal.carbon",
        {"by": "laboratory", "substance": record.substance, "parameter": "carbon"},
        subject=SubjectKind.POINT,
    )
    source = ErrorSource(
        name="point:coal.carbon", value=Decimal("0.6"), unit="1", slope=Decimal(1000)
    )
    known = {stated.source: Known(accuracy=stated, leaf=7)}
    found = assess(Decimal(600), [source], Basis(known=known, samples=samples))
    assert abs(found.budget.u_a - 1000 * Decimal("0.0000025").sqrt()) < Decimal("1e-15")
    assert found.budget.u_b == 0
    (part,) = found.parts[source.name]
    assert (part.leaves, part.shared) == ((7, 40, 41), None)
    nothing = assess(Decimal(600), [source], Basis(known=known, samples=NO_SAMPLES))
    assert nothing.unstated == ("point:coal.carbon",)
