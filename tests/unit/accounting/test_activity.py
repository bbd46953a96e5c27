"""Activity data and their rules.

S2-8.3.2-1, S2-8.3.2-a (add), S2-8.3.2-b (subtract), S2-8.3.2-c (multiply), S2-8.3.2-d (apportion),
S2-8.1.2 (second check), S2-9.2-4 (raw and converted value both kept).
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support import accounting_samples as samples
from support.measuring import decimals, worked_example

from trace_node.accounting.activity.correction import Direction, correct
from trace_node.accounting.activity.data import (
    ActivityData,
    EvidenceLink,
    Filling,
    Provenance,
    converted_by,
    in_unit,
    obtained,
)
from trace_node.accounting.activity.entry import ActivityEntry
from trace_node.accounting.activity.errors import ActivityError, MissingDataError
from trace_node.accounting.activity.integrate import Between, Integral, RateSample, integrate
from trace_node.accounting.activity.interpolation import (
    Interpolation,
    KnownPoint,
    interpolate,
)
from trace_node.accounting.activity.missing import MissingRule, fill
from trace_node.accounting.activity.plausibility import plausibility
from trace_node.accounting.activity.points import VirtualPoint, evaluate, evaluation_order
from trace_node.accounting.activity.rules import (
    Add,
    Apportion,
    Divide,
    Multiply,
    Rule,
    Subtract,
    apportion,
    shares_by_weight,
)
from trace_node.accounting.standing import Standing, worst
from trace_node.errors import InputError
from trace_node.period import parse_period
from trace_node.units import InexactError, Quantity, UnitError, unit

D = Decimal
MONTH = parse_period("2026-11")


def link(index: int) -> EvidenceLink:
    return EvidenceLink(index, bytes([index]) * 32)


def q(value: str, symbol: str) -> Quantity:
    return Quantity(D(value), unit(symbol))


def metered(name: str, value: str | None, symbol: str = "kWh", *, leaf: int = 1) -> ActivityData:
    return obtained(
        None if value is None else q(value, symbol),
        name=name,
        source="line-1",
        provenance=Provenance.METER,
        reference=f"register-{name}",
        period=MONTH,
        links=(link(leaf),),
    )


def point(name: str, rule: Rule) -> VirtualPoint:
    return VirtualPoint(name=name, source="line-1", rule=rule, rule_id=f"rule-{name}")


def derived(rule: Rule, *data: ActivityData) -> ActivityData:
    return evaluate([point("result", rule)], data)["result"]


class TestRawAndConverted:
    def test_both_are_kept(self) -> None:
        data = in_unit(metered("a", "1234.5"), unit("MWh"))
        assert (data.raw, data.converted) == (q("1234.5", "kWh"), q("1.2345", "MWh"))

    def test_a_conversion_of_the_method_is_named(self) -> None:
        gas = metered("gas", "293.15", "m3")
        found = converted_by(
            gas, factor=D("0.5"), unit=unit("Nm3"), conversion="state of the meter to 0 degC"
        )
        assert found.converted == q("146.575", "Nm3")
        assert (found.raw, found.conversion) == (gas.raw, "state of the meter to 0 degC")

    def test_what_has_no_finite_decimal_is_refused(self) -> None:
        with pytest.raises(InexactError):
            in_unit(metered("a", "1", "GJ"), unit("kWh"))

    def test_a_missing_value_stays_missing(self) -> None:
        data = metered("a", None)
        assert data.standing is Standing.MISSING
        assert in_unit(data, unit("MWh")) == data
        assert converted_by(data, factor=D(2), unit=unit("t"), conversion="x") == data


class TestRules:
    def test_addition(self) -> None:
        found = derived(Add(("a", "b")), metered("a", "1.5", "MWh"), metered("b", "250"))
        assert found.converted == q("1.75", "MWh")

    def test_subtraction(self) -> None:
        rule = Subtract(("all", "canteen", "sold"))
        data = (metered("all", "100"), metered("canteen", "10"), metered("sold", "0.02", "MWh"))
        assert derived(rule, *data).converted == q("70", "kWh")

    def test_multiplication(self) -> None:
        rule = Multiply(("hours", "rate"), D("0.001"), unit("t"))
        found = derived(rule, metered("hours", "720", "h"), metered("rate", "250", "kg/h"))
        assert found.converted == q("180", "t")

    def test_division(self) -> None:
        rule = Divide(("heat", "coal"), unit("GJ/t"))
        found = derived(rule, metered("heat", "418.16", "GJ"), metered("coal", "20", "t"))
        assert found.converted == q("20.908", "GJ/t")

    def test_apportionment(self) -> None:
        shares = {"kiln": D("0.625"), "mill": D("0.375")}
        points = [point(name, Apportion(("power",), shares, name)) for name in shares]
        found = evaluate(points, [metered("power", "1000.01")])
        assert found["kiln"].converted == q("625.00625", "kWh")
        assert found["mill"].converted == q("375.00375", "kWh")

    def test_a_negative_result_is_kept_and_found(self) -> None:
        found = derived(Subtract(("a", "b")), metered("a", "1"), metered("b", "2"))
        assert found.converted == q("-1", "kWh")
        assert [each.code for each in found.findings] == ["activity.negative"]
        assert "-1 kWh" in found.findings[0].message

    def test_nothing_left_is_no_finding(self) -> None:
        found = derived(Subtract(("a", "b")), metered("a", "1"), metered("b", "1"))
        assert (found.converted, found.findings) == (q("0", "kWh"), ())

    def test_evidence_and_standing_come_from_the_inputs(self) -> None:
        provisional = replace(metered("b", "2", leaf=3), standing=Standing.PROVISIONAL)
        found = derived(Add(("a", "b", "a")), metered("a", "1", leaf=7), provisional)
        assert found.links == (link(3), link(7))
        assert found.standing is Standing.PROVISIONAL
        assert (found.provenance, found.reference) == (Provenance.DERIVED, "rule-result")

    def test_what_rests_on_a_missing_value_is_missing(self) -> None:
        found = derived(Add(("a", "b")), metered("a", "1"), metered("b", None))
        assert (found.raw, found.converted, found.standing) == (None, None, Standing.MISSING)

    def test_points_rest_on_points_in_whatever_order(self) -> None:
        points = [
            point("d", Subtract(("c", "a"))),
            point("c", Add(("a", "b"))),
            point("e", Multiply(("d",), D(2), unit("kWh"))),
        ]
        found = evaluate(points, [metered("a", "1"), metered("b", "2")])
        assert found["e"].converted == q("4", "kWh")
        order = evaluation_order(points)
        assert order.index("c") < order.index("d") < order.index("e")

    def test_a_circle_is_named(self) -> None:
        points = [
            point("a", Add(("b", "x"))),
            point("b", Add(("c",))),
            point("c", Add(("a",))),
            point("d", Add(("x",))),
        ]
        with pytest.raises(ActivityError) as caught:
            evaluate(points, [metered("x", "1")])
        assert caught.value.reason == "activity.cycle"
        names = str(caught.value.params["circle"]).split(" <- ")
        assert names[0] == names[-1]
        assert set(names) == {"a", "b", "c"}


def test_the_worst_standing_wins() -> None:
    assert worst([]) is Standing.FINAL
    assert worst([Standing.FINAL, Standing.PROVISIONAL]) is Standing.PROVISIONAL
    assert worst([Standing.PROVISIONAL, Standing.MISSING]) is Standing.MISSING


class TestIntegral:
    HOUR = parse_period("2026-11-21T11")

    def over(self, *rows: tuple[int, str | None], between: Between, gap: int = 30) -> Integral:
        return integrate(
            [
                RateSample(
                    self.HOUR.start + timedelta(minutes=at), None if rate is None else D(rate)
                )
                for at, rate in rows
            ],
            rate=unit("kW"),
            target=unit("kWh"),
            period=self.HOUR,
            between=between,
            longest_gap=timedelta(minutes=gap),
        )

    def test_steps(self) -> None:
        rows = ((-10, "60"), (15, "120"), (45, "0"), (60, "5"))
        assert self.over(*rows, between=Between.HOLD).quantity == q("75", "kWh")  # 15 + 60 + 0

    def test_straight_lines(self) -> None:
        # 0..30: 60 to 120 is 45 kWh; 30..60 of a line 120 to 0 over 40 minutes: mean 75, 37.5 kWh.
        rows = ((0, "60"), (30, "120"), (70, "0"))
        assert self.over(*rows, between=Between.LINEAR, gap=40).quantity == q("82.5", "kWh")

    def test_a_gap_leaves_no_quantity(self) -> None:
        found = self.over((0, "60"), (10, "60"), (50, "60"), (60, "60"), between=Between.LINEAR)
        assert found.quantity is None
        assert found.covered == q("20", "kWh")
        ((begin, end),) = found.gaps
        assert end - begin == 40 * 60_000

    def test_before_after_and_invalid_samples_are_gaps(self) -> None:
        found = self.over((10, "60"), (20, None), (30, "60"), (40, "60"), between=Between.LINEAR)
        minutes = [(end - begin) // 60_000 for begin, end in found.gaps]
        assert minutes == [30, 20]  # before, and around what is not valid; after
        assert found.covered == q("10", "kWh")

    def test_no_samples(self) -> None:
        assert self.over(between=Between.HOLD).gaps != ()

    @pytest.mark.parametrize(
        ("rate", "target"), [("t/h", "t"), ("m3/h", "m3"), ("Nm3/min", "10^4Nm3"), ("W", "GJ")]
    )
    def test_units_that_belong_together(self, rate: str, target: str) -> None:
        one = [RateSample(self.HOUR.start, D(1)), RateSample(self.HOUR.end, D(1))]
        found = integrate(
            one,
            rate=unit(rate),
            target=unit(target),
            period=self.HOUR,
            between=Between.HOLD,
            longest_gap=timedelta(hours=1),
        ).quantity
        expected = {"t": "1", "m3": "1", "10^4Nm3": "0.006", "GJ": "0.0000036"}
        assert found == q(expected[target], target)


class TestMissing:
    ALLOWING = MissingRule(id="m@1", clause="c", may_interpolate=True, conservative=q("900", "kWh"))

    def test_interpolation_where_the_rule_allows_it(self) -> None:
        found = fill(metered("a", None), self.ALLOWING, interpolated=q("500", "kWh"))
        assert (found.raw, found.converted) == (None, q("500", "kWh"))
        assert (found.filling, found.filled_by) == (Filling.INTERPOLATED, "m@1")

    def test_the_conservative_value_otherwise(self) -> None:
        strict = replace(self.ALLOWING, may_interpolate=False)
        for rule, value in ((strict, q("500", "kWh")), (self.ALLOWING, None)):
            found = fill(metered("a", None), rule, interpolated=value)
            assert (found.converted, found.filling) == (q("900", "kWh"), Filling.CONSERVATIVE)

    def test_no_value_where_the_rule_has_none(self) -> None:
        rule = replace(self.ALLOWING, may_interpolate=False, conservative=None)
        with pytest.raises(MissingDataError) as caught:
            fill(metered("a", None), rule, interpolated=q("500", "kWh"))
        assert caught.value.reason == "activity.missing"

    def test_a_document_that_is_missing_can_be_filled_without_evidence(self) -> None:
        gone = replace(metered("a", None), provenance=Provenance.DOCUMENT, links=())
        assert fill(gone, self.ALLOWING, interpolated=None).converted == q("900", "kWh")


class TestInterpolation:
    """S2-12.4-2: from the two days before and after, linear or nearest."""

    AT = MONTH.start + timedelta(days=10)

    def points(self, *rows: tuple[int, str]) -> list[KnownPoint]:
        return [KnownPoint(self.AT + timedelta(hours=hours), D(value)) for hours, value in rows]

    def test_on_the_line_between_the_neighbours(self) -> None:
        points = self.points((3, "20"), (-40, "99"), (-1, "10"), (40, "99"))
        found = interpolate(points, at=self.AT, interpolation=Interpolation.LINEAR)
        assert found.value == D("12.5")
        assert found.used == (points[2], points[0])

    def test_the_nearest_and_of_two_the_earlier(self) -> None:
        points = self.points((2, "20"), (-3, "10"))
        nearest = Interpolation.NEAREST
        assert interpolate(points, at=self.AT, interpolation=nearest).value == 20
        points = self.points((3, "20"), (-3, "10"))
        assert interpolate(points, at=self.AT, interpolation=nearest).used == (points[1],)
        assert interpolate(points[:1], at=self.AT, interpolation=nearest).value == 20

    @pytest.mark.parametrize("interpolation", Interpolation)
    def test_two_days_are_the_bound(self, interpolation: Interpolation) -> None:
        near = self.points((-48, "1"), (48, "3"))
        assert interpolate(near, at=self.AT, interpolation=interpolation).value in {1, 2}
        with pytest.raises(MissingDataError):
            interpolate(self.points((-49, "1"), (49, "3")), at=self.AT, interpolation=interpolation)

    def test_only_what_lies_before_and_after_counts(self) -> None:
        points = self.points((-1, "10"), (0, "99"), (1, "20"))
        found = interpolate(points, at=self.AT, interpolation=Interpolation.LINEAR)
        assert found.value == 15

    def test_a_line_needs_both_sides(self) -> None:
        with pytest.raises(MissingDataError):
            interpolate(self.points((-1, "1")), at=self.AT, interpolation=Interpolation.LINEAR)


class TestPlausibility:
    HISTORY = (q("100", "kWh"), q("0.25", "MWh"))

    def test_up_to_twice_the_largest_month(self) -> None:
        assert plausibility(metered("a", "500"), self.HISTORY) == ()

    def test_more_than_twice(self) -> None:
        found = plausibility(metered("a", "0.50001", "MWh"), self.HISTORY)
        assert found is not None
        assert [each.code for each in found] == ["activity.implausible"]
        assert "2026-11" in found[0].message

    def test_not_judged(self) -> None:
        assert plausibility(metered("a", "500"), ()) is None
        assert plausibility(metered("a", None), self.HISTORY) is None


class TestCorrection:
    """D11: the verifier's conservative corrections."""

    def test_the_worked_figures(self, data_dir: Path) -> None:
        example = worked_example(data_dir, "D11")
        given, expected = decimals(example["inputs"]), decimals(example["expected"])
        for name, value in expected.items():
            kind, how = name.split("_", 1)
            found = correct(
                given["reading"],
                required=given["required_accuracy"],
                found=given["found_accuracy"] if how == "over_limit" else None,
                direction=Direction(kind),
            )
            assert found.corrected == value, name
            assert found.clause.startswith("CETS-VG-01.01-V02-2026 3.4.1.")

    def test_a_meter_that_is_good_enough(self) -> None:
        found = correct(D(7), required=D("0.01"), found=D("0.01"), direction=Direction.PRODUCTION)
        assert (found.corrected, found.rate) == (7, 0)


ENTRY = samples.CONTENTS["activity entry"]
assert isinstance(ENTRY, ActivityEntry)


def test_an_entry_gives_activity_data_that_rest_on_its_leaf() -> None:
    assert isinstance(ENTRY, ActivityEntry)
    data = ENTRY.data(link(9))
    assert (data.raw, data.links) == (q("12.480", "t"), (link(9),))
    assert (data.provenance, data.standing) == (Provenance.DOCUMENT, Standing.FINAL)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"evidence": None}, "record.evidence"),
        ({"unit": "litres"}, "record.unit"),
        ({"standing": "missing"}, "record.standing"),
        ({"period": "2025-Q4"}, "record.period"),
        ({"quantity": "1e3"}, "record.quantity"),
        ({"replaces": {"index": 1}}, "record.digest"),
        ({"entered_by": ""}, "record.entered_by"),
    ],
)
def test_bad_entries(changes: dict, code: str) -> None:
    with pytest.raises(InputError) as caught:
        ActivityEntry.from_fields(samples.FIELDS["activity entry"] | changes)
    assert caught.value.reason == code


LATER = replace(metered("b", "1"), period=MONTH.next())
SAMPLE = RateSample(MONTH.start, D(1))


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: replace(metered("a", "1"), standing=Standing.MISSING), "activity.standing"),
        (lambda: replace(metered("a", None), standing=Standing.FINAL), "activity.standing"),
        (lambda: replace(metered("a", "1"), raw=None), "activity.standing"),
        (
            lambda: replace(metered("a", "1"), provenance=Provenance.DOCUMENT, links=()),
            "activity.evidence",
        ),
        (
            lambda: converted_by(metered("a", "1"), factor=D(0), unit=unit("t"), conversion="x"),
            "activity.factor",
        ),
        (lambda: apportion(q("1", "t"), {"a": D("0.5"), "b": D("0.49")}), "activity.shares"),
        (lambda: apportion(q("1", "t"), {"a": D("1.5"), "b": D("-0.5")}), "activity.shares"),
        (
            lambda: apportion(q("1", "t"), {"a": D("0." + "9" * 60), "b": D(0)}),
            "activity.shares",
        ),
        (lambda: apportion(q("1", "t"), {}), "activity.shares"),
        (lambda: Apportion(("a",), {"b": D(1)}, "c"), "activity.shares"),
        (lambda: shares_by_weight({"a": D(0)}), "activity.weights"),
        (lambda: shares_by_weight({"a": D(2), "b": D(-1)}), "activity.weights"),
        (
            lambda: derived(Divide(("a", "b"), unit("1")), metered("a", "1"), metered("b", "0")),
            "activity.division",
        ),
        (lambda: derived(Add(("a", "zz")), metered("a", "1")), "activity.input"),
        (lambda: derived(Add(("a", "b")), metered("a", "1"), LATER), "activity.period"),
        (lambda: derived(Add(()), metered("a", "1")), "activity.period"),
        (lambda: derived(Add(("a",)), metered("a", "1"), metered("a", "2")), "activity.name"),
        (lambda: derived(Add(("a",)), metered("a", "1"), metered("result", "2")), "activity.name"),
        (lambda: evaluation_order([point("a", Add(("b",)))] * 2), "activity.name"),
        (
            lambda: fill(metered("a", "1"), TestMissing.ALLOWING, interpolated=None),
            "activity.not_missing",
        ),
        (
            lambda: correct(D(1), required=D("0.8"), found=None, direction=Direction.ACTIVITY),
            "activity.accuracy",
        ),
        (
            lambda: correct(D(-1), required=D("0.1"), found=None, direction=Direction.ACTIVITY),
            "activity.reading",
        ),
        (
            lambda: integrate(
                [],
                rate=unit("Nm3/h"),
                target=unit("m3"),
                period=MONTH,
                between=Between.HOLD,
                longest_gap=timedelta(1),
            ),
            "activity.integral",
        ),
        (
            lambda: integrate(
                [SAMPLE, SAMPLE],
                rate=unit("kW"),
                target=unit("kWh"),
                period=MONTH,
                between=Between.HOLD,
                longest_gap=timedelta(1),
            ),
            "activity.order",
        ),
        (
            lambda: integrate(
                [RateSample(MONTH.start.replace(tzinfo=None), D(1))],
                rate=unit("kW"),
                target=unit("kWh"),
                period=MONTH,
                between=Between.HOLD,
                longest_gap=timedelta(1),
            ),
            "activity.order",
        ),
    ],
)
def test_refusals(call: Callable[[], object], code: str) -> None:
    with pytest.raises(ActivityError) as caught:
        call()
    assert caught.value.reason == code
    assert caught.value.remedy


def test_different_kinds_do_not_add() -> None:
    with pytest.raises(UnitError):
        derived(Add(("a", "b")), metered("a", "1"), metered("b", "1", "t"))
