"""Direct measurement in the flue gas: S3-5.1-1, equations of HJ 75, hours, days, stacks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support.measuring import decimals, worked_example

from trace_node.accounting.fluegas import equations
from trace_node.accounting.fluegas.constants import CemsMethod
from trace_node.accounting.fluegas.daily_record import daily_record
from trace_node.accounting.fluegas.errors import FlueGasError
from trace_node.accounting.fluegas.hour import GasBasis, Minute, Stack, StackHour, hour_of
from trace_node.accounting.fluegas.totals import plant_total, stack_total, substitute
from trace_node.period import Period, PeriodKind, parse_period

D = Decimal
METHOD = CemsMethod(t0=D(273), minutes_of_hour=45, hours_of_day=20, days_of_month=27)
HOUR = parse_period("2026-11-21T11")
DAY = parse_period("2026-11-21")
STACK = Stack(name="kiln-tail", area=D("28.27"), velocity_factor=D(1), basis=GasBasis.WET)
MINUTE = Minute(
    at=HOUR.start,
    co2=D("0.112"),
    velocity=D("12.5"),
    temperature=D(120),
    barometric=D(101325),
    gauge=D(-250),
    moisture=D("0.08"),
    oxygen=D("0.0615"),
    load=D("0.8225"),
    is_valid=True,
)


def minutes(count: int, hour: Period = HOUR, **changes: object) -> list[Minute]:
    return [
        replace(MINUTE, at=hour.start + timedelta(minutes=index), **changes)
        for index in range(count)
    ]


def hour(period: Period = HOUR, stack: Stack = STACK, **changes: object) -> StackHour:
    return hour_of(minutes(60, period, **changes), stack=stack, period=period, method=METHOD)


def near(first: Decimal | None, second: Decimal | None) -> bool:
    """Equal but for the context of 28 digits that a test computes in."""
    return first is not None and second is not None and abs(first - second) < D("1e-22")


class TestWorkedHour:
    """D03: one hour, CO2 of the wet gas."""

    @pytest.fixture
    def example(self, data_dir: Path) -> dict:
        return worked_example(data_dir, "D03")

    def test_equation_by_equation(self, example: dict) -> None:
        given, expected = decimals(example["inputs"]), decimals(example["expected"])
        co2 = equations.dry(given["co2_wet_volpct"] / 100, moisture=given["Xsw"])
        actual = equations.actual_flow(given["v_m_s"], area=given["area_m2"])
        flow = equations.standard_flow(
            actual,
            temperature=given["Ts_C"],
            barometric=given["Ba_Pa"],
            gauge=given["Ps_gauge_Pa"],
            moisture=given["Xsw"],
            t0=D(273),
        )
        concentration = equations.mass_concentration(co2)
        found = {
            "Qs_m3_h": actual,
            "Qsn_Nm3_h": flow,
            "co2_dry_volpct": co2 * 100,
            "c_g_Nm3": concentration,
            "tCO2_h": equations.mass_flow(concentration, flow=flow),
        }
        assert found.keys() == expected.keys()
        for name, value in found.items():
            assert abs(value - expected[name]) <= D(example["tolerance"]["abs"]), name

    def test_the_hour_of_equal_minutes(self, example: dict) -> None:
        found = hour().co2
        assert found is not None
        assert abs(found - D(example["expected"]["tCO2_h"])) <= D(example["tolerance"]["abs"])


def test_per_volume_percent_co2_weighs_what_the_text_prints() -> None:
    assert abs(equations.mass_concentration(D("0.01")) - D("19.642857")) < D("0.000001")


def test_the_constant_t0_is_the_methods() -> None:
    exact = replace(METHOD, t0=D("273.15"))
    other = hour_of(minutes(60), stack=STACK, period=HOUR, method=exact).co2
    assert other is not None
    assert 0 < other / (hour().co2 or 0) - 1 < D("0.0002")


def test_a_dry_analyser_is_not_converted_again() -> None:
    wet, dry = hour().means, hour(stack=replace(STACK, basis=GasBasis.DRY)).means
    assert wet is not None
    assert dry is not None
    assert dry.co2 == D("0.112")
    assert abs(wet.co2 * D("0.92") - dry.co2) < D("1e-40")


def test_the_velocity_of_a_point_is_corrected_to_the_section() -> None:
    half = hour(stack=replace(STACK, velocity_factor=D("0.5")))
    assert half.co2 is not None
    assert near(half.co2 * 2, hour().co2)


def test_an_hour_is_the_mean_of_its_valid_minutes() -> None:
    good = minutes(45)
    bad = [replace(minute, co2=D(9), velocity=D(-1), is_valid=False) for minute in minutes(60)[45:]]
    found = hour_of(good + bad, stack=STACK, period=HOUR, method=METHOD)
    assert found.minutes == 45
    assert near(found.co2, hour().co2)


def test_an_hour_below_its_quota_has_no_value_rather_than_zero() -> None:
    found = hour_of(minutes(44), stack=STACK, period=HOUR, method=METHOD)
    assert (found.minutes, found.means, found.co2) == (44, None, None)


def test_the_quota_is_the_methods() -> None:
    for quota in (1, 10, 60):
        method = replace(METHOD, minutes_of_hour=quota)
        found = hour_of(minutes(quota), stack=STACK, period=HOUR, method=method)
        assert near(found.co2, hour().co2)


class TestSums:
    HOURS = tuple(DAY.parts(PeriodKind.HOUR))

    def test_a_day_is_the_sum_of_its_hours(self) -> None:
        hours = [hour(period) for period in self.HOURS]
        found = stack_total(hours, stack="kiln-tail", period=DAY, method=METHOD)
        assert near(found.co2 / 24, hour().co2)
        assert (found.measured, found.substituted, found.missing) == (24, 0, ())
        assert found.is_valid

    def test_missing_hours_are_named(self) -> None:
        hours = [hour(period) for period in self.HOURS[:20]]
        hours.append(hour_of([], stack=STACK, period=self.HOURS[20], method=METHOD))
        found = stack_total(hours, stack="kiln-tail", period=DAY, method=METHOD)
        assert found.missing == self.HOURS[20:]
        assert found.is_valid
        assert not stack_total(hours[1:], stack="kiln-tail", period=DAY, method=METHOD).is_valid

    def test_a_substitute_counts_and_is_counted_apart(self) -> None:
        empty = hour_of([], stack=STACK, period=self.HOURS[0], method=METHOD)
        filled = substitute(empty, co2=D(200), rule="max-of-month")
        found = stack_total([filled], stack="kiln-tail", period=DAY, method=METHOD)
        assert (found.co2, found.measured, found.substituted) == (D(200), 0, 1)
        assert filled.substitute == "max-of-month"

    def test_a_month_needs_its_valid_days(self) -> None:
        month = parse_period("2026-02")
        one = hour()
        hours = [
            replace(one, period=each)
            for day in list(month.parts(PeriodKind.DAY))[:27]
            for each in list(day.parts(PeriodKind.HOUR))[:20]
        ]
        whole = stack_total(hours, stack="kiln-tail", period=month, method=METHOD)
        assert whole.is_valid
        assert len(whole.missing) == 28 * 24 - 27 * 20
        assert not stack_total(hours[:-1], stack="kiln-tail", period=month, method=METHOD).is_valid

    def test_a_year_needs_every_month(self) -> None:
        year = parse_period("2026")
        one = hour()
        hours = [replace(one, period=each) for each in year.parts(PeriodKind.HOUR)]
        assert stack_total(hours, stack="kiln-tail", period=year, method=METHOD).is_valid
        assert not stack_total(hours[120:], stack="kiln-tail", period=year, method=METHOD).is_valid

    def test_every_stack_and_the_biogenic_part_apart(self) -> None:
        totals = [
            stack_total(
                [hour(each, stack=replace(STACK, name=name)) for each in self.HOURS],
                stack=name,
                period=DAY,
                method=METHOD,
            )
            for name in ("kiln-tail", "bypass")
        ]
        plant = plant_total(totals, stacks=["kiln-tail", "bypass"], biogenic=D(500))
        assert near(plant.gross, totals[0].co2 + totals[1].co2)
        assert near(plant.fossil + 500, plant.gross)
        assert plant.biogenic == 500
        assert plant.is_valid


def test_all_or_nothing_can_be_biogenic() -> None:
    for biogenic in (D(0), PLANT.co2):
        found = plant_total([PLANT], stacks=["kiln-tail"], biogenic=biogenic)
        assert near(found.fossil + biogenic, PLANT.co2)
    assert not found.is_valid  # one hour is no day


class TestDailyRecord:
    def test_the_decimals_of_the_table(self) -> None:
        hours = [hour(each) for each in DAY.parts(PeriodKind.HOUR)]
        line = daily_record(hours, stack="kiln-tail", day=DAY, method=METHOD)
        shown = [
            *(line.co2_percent, line.concentration, line.velocity, line.flow, line.co2),
            *(line.oxygen_percent, line.temperature, line.moisture_percent, line.load_percent),
        ]
        # 12.173913, 239.130435, 12.5, 24 * 811004.723886 / 1e4, 24 * 193.935912, 6.15, 120, 8, 82.25
        assert [str(value) for value in shown] == [
            *("12.17", "239.130", "12.50", "1946.411", "4654.462"),
            *("6.15", "120.00", "8.00", "82.3"),
        ]
        assert (line.hours, line.is_complete) == (24, True)

    def test_what_is_not_measured_is_left_out(self) -> None:
        line = daily_record(
            [hour(oxygen=None, load=None)], stack="kiln-tail", day=DAY, method=METHOD
        )
        assert (line.oxygen_percent, line.load_percent, line.is_complete) == (None, None, False)

    def test_a_day_without_a_measured_hour(self) -> None:
        with pytest.raises(FlueGasError) as caught:
            daily_record([], stack="kiln-tail", day=DAY, method=METHOD)
        assert caught.value.reason == "fluegas.day"


PLANT = stack_total([hour()], stack="kiln-tail", period=DAY, method=METHOD)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: replace(METHOD, t0=D(293)), "fluegas.t0"),
        (lambda: replace(METHOD, minutes_of_hour=0), "fluegas.quota"),
        (lambda: replace(METHOD, hours_of_day=25), "fluegas.quota"),
        (lambda: replace(STACK, area=D(0)), "fluegas.stack"),
        (lambda: hour(gauge=D(101075)), "fluegas.gauge"),
        (lambda: hour(gauge=D("20000.1")), "fluegas.gauge"),
        (lambda: hour(moisture=D(8)), "fluegas.fraction"),
        (lambda: hour(moisture=D(1)), "fluegas.moisture"),
        (lambda: hour(co2=D("11.2")), "fluegas.fraction"),
        (lambda: hour(co2=D("1.0001")), "fluegas.fraction"),
        (lambda: hour(co2=D("-0.0001")), "fluegas.fraction"),
        (lambda: hour(oxygen=D("6.15")), "fluegas.fraction"),
        (lambda: hour(velocity=D("-0.1")), "fluegas.velocity"),
        (lambda: hour(barometric=D("101.325")), "fluegas.state"),
        (lambda: hour(temperature=D(-274)), "fluegas.state"),
        (lambda: hour_of([MINUTE] * 2, stack=STACK, period=HOUR, method=METHOD), "fluegas.minute"),
        (
            lambda: hour_of([MINUTE], stack=STACK, period=HOUR.next(), method=METHOD),
            "fluegas.minute",
        ),
        (
            lambda: hour_of(
                [replace(MINUTE, at=MINUTE.at.replace(tzinfo=None))],
                stack=STACK,
                period=HOUR,
                method=METHOD,
            ),
            "fluegas.minute",
        ),
        (lambda: hour_of([], stack=STACK, period=DAY, method=METHOD), "fluegas.hour"),
        (lambda: substitute(hour(), co2=D(1), rule="x"), "fluegas.substitute"),
        (
            lambda: stack_total([hour()] * 2, stack="kiln-tail", period=DAY, method=METHOD),
            "fluegas.hours",
        ),
        (
            lambda: stack_total([hour()], stack="bypass", period=DAY, method=METHOD),
            "fluegas.hours",
        ),
        (
            lambda: plant_total([PLANT], stacks=["kiln-tail", "bypass"], biogenic=D(0)),
            "fluegas.stacks",
        ),
        (lambda: plant_total([PLANT] * 2, stacks=["kiln-tail"], biogenic=D(0)), "fluegas.stacks"),
        (
            lambda: plant_total(
                [PLANT, replace(PLANT, stack="x", period=HOUR)],
                stacks=["kiln-tail", "x"],
                biogenic=D(0),
            ),
            "fluegas.stacks",
        ),
        (lambda: plant_total([PLANT], stacks=["kiln-tail"], biogenic=D(999)), "fluegas.biogenic"),
        (lambda: plant_total([PLANT], stacks=["kiln-tail"], biogenic=D(-1)), "fluegas.biogenic"),
    ],
)
def test_refusals(call: Callable[[], object], code: str) -> None:
    with pytest.raises(FlueGasError) as caught:
        call()
    assert caught.value.reason == code
    assert caught.value.remedy
