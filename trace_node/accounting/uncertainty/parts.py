"""Parts of the uncertainty of one input, of type A and of type B, never mixed.

Type A comes from repeated observation (random effects), type B from anything else: the accuracy
class of a meter, a certificate (systematic effects). Standards 003 4.2 (5), 7.4.3; JJF 1059.1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from trace_node.accounting.arithmetic import precise, quadrature, total
from trace_node.accounting.uncertainty.errors import UncertaintyError

LEAST_REPEATS: Final = 2
MOST_RELATIVE_LIMIT: Final = Decimal("0.2")  # no meter of trade is worse; 0.5 is a percent


class Kind(StrEnum):
    """How a part was evaluated (评定方法).

    Attributes:
        A: By statistics of repeated observations: random.
        B: By other means: systematic.
    """

    A = "A"
    B = "B"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the standard uncertainty of an input (不确定度分量).

    Attributes:
        kind: How it was evaluated.
        u: Standard uncertainty in the unit of the input, 0 or more.
        origin: Where it comes from, such as ``class 0.5 of meter ME-1``.

    Raises:
        UncertaintyError: ``u`` is negative or not finite.
    """

    kind: Kind
    u: Decimal
    origin: str

    def __post_init__(self) -> None:
        require_not_negative(self.u, field="u")


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertainInput:
    """An input of a figure with its uncertainty (输入量).

    Attributes:
        name: Symbol of it in the formula.
        value: Its estimate.
        parts: Its parts; none where it is exact.
    """

    name: str
    value: Decimal
    parts: tuple[Part, ...]

    def u(self, kind: Kind | None = None) -> Decimal:
        """Standard uncertainty of one kind, or of both together."""
        return quadrature(part.u for part in self.parts if kind in {None, part.kind})


def repeated(values: Sequence[Decimal], *, origin: str) -> tuple[Decimal, Part]:
    """The mean of repeated readings and its standard uncertainty s / sqrt(n), type A.

    Raises:
        UncertaintyError: Fewer than two readings.
    """
    _require_repeats(len(values))
    with precise():
        mean = total(values) / len(values)
        spread = total((value - mean) ** 2 for value in values)
        u = (spread / (len(values) - 1) / len(values)).sqrt()
    return mean, Part(kind=Kind.A, u=u, origin=origin)


def duplicates(pairs: Iterable[tuple[Decimal, Decimal]], *, origin: str) -> Part:
    """Uncertainty of the mean of two parallel determinations, from many such pairs, type A.

    The repeatability is s_r = sqrt(sum d^2 / (2 n)) over n pairs of difference d, and the mean of
    two determinations has s_r / sqrt(2).

    Raises:
        UncertaintyError: No pair.
    """
    differences = [first - second for first, second in pairs]
    _require_repeats(2 * len(differences))
    with precise():
        u = (total(d * d for d in differences) / (4 * len(differences))).sqrt()
    return Part(kind=Kind.A, u=u, origin=origin)


def rectangular(limit: Decimal, *, origin: str) -> Part:
    """Type B from a maximum permissible error (最大允许误差): limit / sqrt(3).

    Args:
        limit: Half width, in the unit of the input.
        origin: Where it comes from.

    Raises:
        UncertaintyError: ``limit`` is negative.
    """
    require_not_negative(limit, field="limit")
    with precise():
        return Part(kind=Kind.B, u=limit / Decimal(3).sqrt(), origin=origin)


def accuracy_class(limit: Decimal, *, of: Decimal, origin: str) -> Part:
    """Type B from an accuracy class (准确度等级): the permissible error is a fraction of ``of``.

    Args:
        limit: The class as a fraction: 0.005 for class 0.5.
        of: The reading, or the full scale, that the class refers to.
        origin: Where it comes from.

    Raises:
        UncertaintyError: ``limit`` is negative, or a percent.
    """
    if limit > MOST_RELATIVE_LIMIT:
        raise UncertaintyError(
            "{field}: {value} is no fraction that a meter errs by; the bound is {bound}",
            field="limit",
            value=limit,
            bound=MOST_RELATIVE_LIMIT,
            remedy="divide the class by 100: class 0.5 is 0.005",
            code="uncertainty.percent",
        )
    with precise():
        return rectangular(limit * abs(of), origin=origin)


def certificate(expanded: Decimal, *, k: Decimal, origin: str) -> Part:
    """Type B from a certificate (校准证书) that states U and k: U / k.

    Raises:
        UncertaintyError: U is negative, or k is not above 0.
    """
    require_not_negative(expanded, field="expanded")
    require_factor(k)
    with precise():
        return Part(kind=Kind.B, u=expanded / k, origin=origin)


def require_not_negative(value: Decimal, *, field: str) -> None:
    """Require a finite number of 0 or more.

    Raises:
        UncertaintyError: It is none.
    """
    if not value.is_finite() or value < 0:
        raise UncertaintyError(
            "{field}: must be 0 or more, not {value}",
            field=field,
            value=value,
            remedy="state an uncertainty as a size, without sign",
            code="uncertainty.negative",
        )


def require_factor(k: Decimal) -> None:
    """Require a coverage factor (包含因子) above 0.

    Raises:
        UncertaintyError: It is not.
    """
    if not k.is_finite() or k <= 0:
        raise UncertaintyError(
            "{field}: a coverage factor is above 0, not {value}",
            field="k",
            value=k,
            remedy="read it in the certificate; 2 where it says nothing else",
            code="uncertainty.k",
        )


def _require_repeats(count: int) -> None:
    if count < LEAST_REPEATS:
        raise UncertaintyError(
            "{field}: {count} determinations show no spread",
            field="values",
            count=count,
            remedy="repeat the determination, or state a part of type B",
            code="uncertainty.repeats",
        )
