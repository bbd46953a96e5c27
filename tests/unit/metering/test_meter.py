"""Meters and meter registers: described without contradiction, valid from an instant."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from support import metering_samples as samples

from trace_node.metering.errors import MeterError
from trace_node.metering.meter import Meter, meter_at

METER = samples.device_registration().meter


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a b"}, "name"),
        ({"quantity": "Energy"}, "quantity"),
        ({"unit": ""}, "unit"),
        ({"unit": "kwh"}, "unit"),
        ({"scale": 10}, "scale"),
        ({"scale": -1}, "scale"),
        ({"kind": "total"}, "kind"),
        ({"interval_s": 0}, "interval_s"),
        ({"interval_s": 366 * 86_400 + 1}, "interval_s"),
        ({"multiplier": Decimal(0)}, "multiplier"),
        ({"maximum": Decimal("-0.01")}, "maximum"),
        ({"max_rate": Decimal(0)}, "max_rate"),
        ({"max_rate": Decimal(-1)}, "max_rate"),
        ({"capacity": Decimal("799999.99")}, "capacity"),
        ({"kind": "gauge"}, "capacity"),
        ({"minimum": Decimal(0)}, "minimum"),
        ({"minimum": Decimal("-0.00")}, "minimum"),
        ({"capacity": Decimal(800000)}, "capacity"),
        ({"maximum": Decimal("NaN")}, "maximum"),
    ],
)
def test_a_contradiction_is_refused(changes: dict[str, object], field: str) -> None:
    with pytest.raises(MeterError) as caught:
        samples.meter_register(**changes)
    assert caught.value.reason == f"meter.{field}"
    assert caught.value.remedy


def test_a_step_is_one_unit_of_the_last_decimal() -> None:
    assert samples.meter_register().step == Decimal("0.01")


def test_the_multiplier_turns_what_is_shown_into_what_is_measured() -> None:
    meter_register = samples.meter_register(multiplier=Decimal("1500.5"))
    assert meter_register.measured(Decimal("-0.02")) == Decimal("-30.01")
    assert str(samples.meter_register().measured(Decimal("959636.71"))) == "959636.71"
    large = meter_register.measured(Decimal("9999999999999999.99"))
    assert large == Decimal("15004999999999999984.9950")


def test_a_meter_has_meter_registers_with_different_names() -> None:
    for meter_registers in ((), (samples.meter_register(),) * 2, (samples.meter_register(),) * 257):
        with pytest.raises(MeterError) as caught:
            replace(METER, meter_registers=meter_registers)
        assert caught.value.reason == "meter.registers"


def test_a_meter_register_is_found_by_its_name() -> None:
    assert METER.meter_register("active_energy") == samples.meter_register()
    with pytest.raises(MeterError) as caught:
        METER.meter_register("reactive_energy")
    assert caught.value.reason == "meter.unknown_register"
    assert "meter-1" in caught.value.message


def test_the_newest_description_holds_from_its_first_instant() -> None:
    start = METER.valid_from

    def valid(days: int, serial: str) -> Meter:
        return replace(METER, valid_from=start + timedelta(days=days), serial=serial)

    known = (valid(0, "a"), valid(20, "b"), valid(10, "c"), valid(20, "d"))
    for days, serial in ((0, "a"), (9, "a"), (10, "c"), (19, "c"), (20, "d"), (400, "d")):
        found = meter_at(known, at=start + timedelta(days=days))
        assert found is not None
        assert found.serial == serial
    assert meter_at(known, at=start - timedelta(milliseconds=1)) is None
    assert meter_at((), at=start) is None
