"""Flue gas against a slow reference in fractions: whatever is measured, hours sum to the day."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from trace_node.accounting.fluegas.constants import CemsMethod
from trace_node.accounting.fluegas.hour import GasBasis, Minute, Stack, StackHour, hour_of
from trace_node.accounting.fluegas.totals import stack_total
from trace_node.period import PeriodKind, parse_period

DAY = parse_period("2026-11-21")
HOURS = list(DAY.parts(PeriodKind.HOUR))
METHOD = CemsMethod(t0=Decimal(273), minutes_of_hour=3, hours_of_day=20, days_of_month=27)
STACK = Stack(name="s", area=Decimal("3.5"), velocity_factor=Decimal("0.9"), basis=GasBasis.WET)
VALUES = st.fixed_dictionaries(
    {
        "co2": st.decimals("0", "0.2", places=4),
        "velocity": st.decimals("0", "30", places=2),
        "temperature": st.decimals("40", "200", places=1),
        "barometric": st.decimals("60000", "105000", places=0),
        "gauge": st.decimals("-20000", "20000", places=0),
        "moisture": st.decimals("0", "0.4", places=3),
        "is_valid": st.booleans(),
    }
)


def by_hand(minutes: list[Minute]) -> Fraction | None:
    valid = [minute for minute in minutes if minute.is_valid]
    if len(valid) < METHOD.minutes_of_hour:
        return None
    grams, flows = Fraction(0), Fraction(0)
    for minute in valid:
        wet = 1 - Fraction(minute.moisture)
        grams += Fraction(minute.co2) / wet * 44000 * 10 / 224
        kelvin = 273 + Fraction(minute.temperature)
        pressure = Fraction(minute.barometric) + Fraction(minute.gauge)
        speed = Fraction(minute.velocity) * Fraction(9, 10)
        flows += Fraction(7, 2) * speed * 3600 * 273 / kelvin * pressure / 101325 * wet
    return grams / len(valid) * flows / len(valid) / 10**6


@given(st.lists(st.lists(VALUES, max_size=6), max_size=24))
def test_hours_sum_to_the_day(measured: list[list[dict]]) -> None:
    hours: list[StackHour] = []
    expected = Fraction(0)
    missing = 24 - len(measured)
    for period, values in zip(HOURS, measured, strict=False):
        minutes = [
            Minute(at=period.start + timedelta(minutes=index), oxygen=None, load=None, **each)
            for index, each in enumerate(values)
        ]
        hour = hour_of(minutes, stack=STACK, period=period, method=METHOD)
        reference = by_hand(minutes)
        assert (hour.co2 is None) == (reference is None)
        hours.append(hour)
        expected += reference or 0
        missing += reference is None
    total = stack_total(hours, stack="s", period=DAY, method=METHOD)
    assert abs(Fraction(total.co2) - expected) < Fraction(1, 10**40)
    assert len(total.missing) == missing
    assert total.measured == 24 - missing
    assert total.is_valid == (total.measured >= 20)
