"""The equations of HJ 75-2017 for gaseous emission, by their printed numbers.

Every share is a fraction of volume, temperatures are in degC, pressures in Pa. Values are computed
with 50 significant digits; nothing is rounded here.
"""

from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import precise
from trace_node.accounting.fluegas.constants import (
    MOLAR_VOLUME,
    MOST_GAUGE_PRESSURE,
    STANDARD_PRESSURE,
)
from trace_node.accounting.fluegas.errors import FlueGasError

_CO2: Final = Decimal(44)  # kg/kmol
_GRAMS: Final = Decimal(1000)
_SECONDS: Final = Decimal(3600)
_GRAMS_TO_TONNES: Final = Decimal("1e-6")


def dry(wet: Decimal, *, moisture: Decimal) -> Decimal:
    """(19) c_dry = c_wet / (1 - Xsw): a concentration in dry gas.

    Args:
        wet: Concentration in the gas as it is, in any unit.
        moisture: Xsw, a fraction of volume below 1.

    Raises:
        FlueGasError: ``moisture`` is no such fraction.
    """
    require_moisture(moisture)
    with precise():
        return wet / (1 - moisture)


def mass_concentration(co2: Decimal) -> Decimal:
    """(20) c = (44 / 22.4) * 10 * V[vol-%]: grams of CO2 per Nm3 of dry gas.

    Args:
        co2: CO2 in dry gas, a fraction of volume.

    Raises:
        FlueGasError: ``co2`` is no fraction.
    """
    require_fraction(co2, field="co2")
    with precise():
        return _CO2 * _GRAMS * co2 / MOLAR_VOLUME


def mean_velocity(point: Decimal, *, factor: Decimal) -> Decimal:
    """(29) v_s = Kv * v_p: mean velocity of the section in m/s from that of the measured point."""
    with precise():
        return factor * point


def actual_flow(velocity: Decimal, *, area: Decimal) -> Decimal:
    """(30) Q_s = A * v_s * 3600: m3/h in the state of the stack; area in m2."""
    with precise():
        return area * velocity * _SECONDS


def standard_flow(
    actual: Decimal,
    *,
    temperature: Decimal,
    barometric: Decimal,
    gauge: Decimal,
    moisture: Decimal,
    t0: Decimal,
) -> Decimal:
    """(31) Q_sn = Q_s * T0/(T0 + t_s) * (Ba + Ps)/101325 * (1 - Xsw): Nm3/h of dry gas.

    Args:
        actual: Q_s in m3/h.
        temperature: t_s of the flue gas, degC.
        barometric: Ba, pressure of the air, Pa.
        gauge: Ps, GAUGE pressure of the flue gas (静压), Pa, mostly negative.
        moisture: Xsw, a fraction of volume.
        t0: The method's kelvin at 0 degC.

    Raises:
        FlueGasError: A value is out of its range.
    """
    require_moisture(moisture)
    require_gauge(gauge)
    if barometric <= MOST_GAUGE_PRESSURE or t0 + temperature <= 0:
        raise FlueGasError(
            "{field}: {barometric} Pa and {temperature} degC are no state of the air and the gas",
            field="barometric",
            barometric=barometric,
            temperature=temperature,
            remedy="give the absolute pressure of the air in Pa, the temperature in degC",
            code="fluegas.state",
        )
    with precise():
        cooled = actual * t0 / (t0 + temperature)
        return cooled * (barometric + gauge) / STANDARD_PRESSURE * (1 - moisture)


def mass_flow(concentration: Decimal, *, flow: Decimal) -> Decimal:
    """(33) G = c * Q_sn * 1e-6: t/h for c in g/Nm3 and Q_sn in Nm3/h, both of dry gas."""
    with precise():
        return concentration * flow * _GRAMS_TO_TONNES


def require_fraction(value: Decimal, *, field: str) -> None:
    """Require a fraction from 0 to 1.

    Raises:
        FlueGasError: It is none; a percent is the usual reason.
    """
    if not value.is_finite() or not 0 <= value <= 1:
        raise FlueGasError(
            "{field}: {value} is no fraction from 0 to 1",
            field=field,
            value=value,
            remedy="divide a percent by 100: 11.2 % is 0.112",
            code="fluegas.fraction",
        )


def require_moisture(value: Decimal) -> None:
    """Require Xsw to be a fraction below 1.

    Raises:
        FlueGasError: It is none.
    """
    require_fraction(value, field="moisture")
    if value == 1:
        raise FlueGasError(
            "{field}: a gas of water alone has no dry part",
            field="moisture",
            remedy="check the moisture meter",
            code="fluegas.moisture",
        )


def require_gauge(value: Decimal) -> None:
    """Require Ps to be a gauge pressure.

    Raises:
        FlueGasError: It is beyond 20,000 Pa either way: absolute pressure doubles the flow.
    """
    if not value.is_finite() or abs(value) > MOST_GAUGE_PRESSURE:
        raise FlueGasError(
            "{field}: {value} Pa is no gauge pressure of a stack; the bound is {bound} Pa",
            field="gauge",
            value=value,
            bound=MOST_GAUGE_PRESSURE,
            remedy="subtract the pressure of the air from an absolute pressure",
            code="fluegas.gauge",
        )
