"""What a method fixes of a flue-gas measurement, and who may see which value was used."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.fluegas.errors import FlueGasError

T0_PRINTED: Final = Decimal(273)
T0_EXACT: Final = Decimal("273.15")
MOLAR_VOLUME: Final = Decimal("22.4")  # Nm3/kmol
STANDARD_PRESSURE: Final = Decimal(101325)  # Pa
MOST_GAUGE_PRESSURE: Final = Decimal(20000)  # Pa, either way; a product choice
MINUTES: Final = 60
HOURS: Final = 24
DAYS: Final = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class CemsMethod:
    """Constants and quotas of a method of direct measurement (固定污染源连续监测方法).

    The quotas have no default: the usual 45 minutes, 20 hours and 27 days are unconfirmed, so the
    method states them and answers for them.

    Attributes:
        t0: Kelvin at 0 degC: 273 as HJ 75-2017 prints it, or 273.15.
        minutes_of_hour: Valid minutes that make an hour valid, 1 to 60.
        hours_of_day: Valid hours that make a day valid, 1 to 24.
        days_of_month: Valid days that make a month valid, 1 to 31.

    Raises:
        FlueGasError: A value is none of these.
    """

    t0: Decimal
    minutes_of_hour: int
    hours_of_day: int
    days_of_month: int

    def __post_init__(self) -> None:
        if self.t0 not in {T0_PRINTED, T0_EXACT}:
            raise FlueGasError(
                "{field}: {value} K is not 0 degC",
                field="t0",
                value=self.t0,
                remedy="use 273 as HJ 75-2017 prints it, or 273.15",
                code="fluegas.t0",
            )
        for name, quota, most in (
            ("minutes_of_hour", self.minutes_of_hour, MINUTES),
            ("hours_of_day", self.hours_of_day, HOURS),
            ("days_of_month", self.days_of_month, DAYS),
        ):
            if not 1 <= quota <= most:
                raise FlueGasError(
                    "{field}: a quota is 1 to {most}, not {value}",
                    field=name,
                    most=most,
                    value=quota,
                    remedy="state what the method demands",
                    code="fluegas.quota",
                )
