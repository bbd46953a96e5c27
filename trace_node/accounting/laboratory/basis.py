"""Bases of a fuel analysis and the conversion between them (GB/T 483).

x_d = x_ar / (1 - M_ar) = x_ad / (1 - M_ad) = x_daf * (1 - A_d): mass fractions of the same matter,
referred to more or less of the sample. Net calorific value does not convert this way, for water
takes heat to evaporate: the laboratory states it as received.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from trace_node.accounting.arithmetic import precise
from trace_node.accounting.laboratory.errors import LaboratoryError


class Basis(StrEnum):
    """What a mass fraction refers to (基准).

    Attributes:
        AR: As received (收到基).
        AD: Air-dry (空气干燥基).
        D: Dry (干燥基).
        DAF: Dry and ash-free (干燥无灰基).
    """

    AR = "ar"
    AD = "ad"
    D = "d"
    DAF = "daf"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleState:
    """Water and ash of a sample, as fractions of mass; None where not determined.

    Attributes:
        moisture_ar: Total moisture as received (全水分, M_ar).
        moisture_ad: Moisture of the air-dry sample (空气干燥基水分, M_ad).
        ash_d: Ash of the dry sample (干燥基灰分, A_d).

    Raises:
        LaboratoryError: A value is no fraction below 1, or M_ad is above M_ar.
    """

    moisture_ar: Decimal | None = None
    moisture_ad: Decimal | None = None
    ash_d: Decimal | None = None

    def __post_init__(self) -> None:
        for field in ("moisture_ar", "moisture_ad", "ash_d"):
            value = getattr(self, field)
            if value is not None:
                require_fraction(value, field=field)
        if (
            self.moisture_ar is not None
            and self.moisture_ad is not None
            and self.moisture_ad > self.moisture_ar
        ):
            raise LaboratoryError(
                "{field}: {ad} is more than the total moisture {ar}",
                field="moisture_ad",
                ad=self.moisture_ad,
                ar=self.moisture_ar,
                remedy="look whether M_ar and M_ad were exchanged",
                code="laboratory.moisture",
            )

    def dry_share(self, basis: Basis) -> Decimal:
        """Which share of the matter of this basis is left when it is dry; above 1 of ``daf``.

        Raises:
            LaboratoryError: The moisture or ash that it takes was not determined.
        """
        if basis is Basis.D:
            return Decimal(1)
        field = {Basis.AR: "moisture_ar", Basis.AD: "moisture_ad", Basis.DAF: "ash_d"}[basis]
        value: Decimal | None = getattr(self, field)
        if value is None:
            raise LaboratoryError(
                "{field}: not determined, and the basis {basis} does not convert without it",
                field=field,
                basis=basis.value,
                remedy="enter it from the same report",
                code="laboratory.state",
            )
        with precise():
            return 1 / (1 - value) if basis is Basis.DAF else 1 - value


def convert(value: Decimal, *, source: Basis, target: Basis, state: SampleState) -> Decimal:
    """A mass fraction on another basis, with 50 significant digits.

    C_ar = C_ad (1 - M_ar) / (1 - M_ad) = C_d (1 - M_ar).

    Args:
        value: A mass fraction of carbon, hydrogen, sulphur or ash; not a calorific value.
        source: The basis it is on.
        target: The basis wanted.
        state: Water and ash of the sample.

    Raises:
        LaboratoryError: ``value`` is no fraction, or the state lacks what the conversion takes.
    """
    require_fraction(value, field="value", whole=True)
    if source is target:
        return value
    with precise():
        return value * state.dry_share(target) / state.dry_share(source)


def require_fraction(value: Decimal, *, field: str, whole: bool = False) -> None:
    """Require a fraction from 0 up to 1, which itself counts only where ``whole`` says so.

    Raises:
        LaboratoryError: It is none; a percent is the usual reason.
    """
    if not value.is_finite() or not 0 <= value <= 1 or (value == 1 and not whole):
        raise LaboratoryError(
            "{field}: {value} is no mass fraction below 1",
            field=field,
            value=value,
            remedy="divide a percent by 100: 12.5 % is 0.125",
            code="laboratory.percent",
        )
