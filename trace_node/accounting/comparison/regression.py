"""The third measurement: a linear model of emission, fitted by least squares, exactly.

E = b0 + b1 x1 + b2 x2 and so on, of what a plan names: raw meal, clinker, quantity and NCV of fuel.
Everything is computed in fractions, so that anyone who has the training rows finds the same
coefficients to the last digit. A model never is the figure of a report: ``ChoiceRule`` refuses it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from trace_node import canonical_json
from trace_node.accounting.arithmetic import precise, to_decimal
from trace_node.accounting.comparison.errors import ComparisonError
from trace_node.accounting.comparison.linear import invert, times
from trace_node.accounting.comparison.measurement import Approach, Measurement
from trace_node.accounting.uncertainty.budget import Budget, combine
from trace_node.accounting.uncertainty.parts import Kind, Part, UncertainInput
from trace_node.crypto.sm3 import sm3
from trace_node.period import Period

VERSION: Final = "linear-least-squares@1"
SOURCE: Final = "model:residual"
Drivers = Mapping[str, Decimal]
"""Values of what a model explains emission by (模型自变量), by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRow:
    """One period of the training window.

    Attributes:
        period: The period.
        drivers: What was used and made.
        co2: Tonnes of CO2 that were found otherwise.
    """

    period: Period
    drivers: Drivers
    co2: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A fitted model (数学模型), all that a prediction needs.

    Attributes:
        version: Form of the model.
        window: First and last period it was trained with.
        digest: SM3 over the canonical JSON of its training rows, in order of time.
        names: What it explains emission by, in order.
        coefficients: Constant term, then one for each name; exact.
        inverse: (X'X)^-1, exact.
        rmse: Root of the mean square of the residuals, t (均方根误差).
        scatter: Residual standard deviation, t, with the degrees of freedom taken off.
        bounds: Least and greatest value of each input in the training rows.
    """

    version: str
    window: tuple[Period, Period]
    digest: bytes
    names: tuple[str, ...]
    coefficients: tuple[Fraction, ...]
    inverse: tuple[tuple[Fraction, ...], ...]
    rmse: Decimal
    scatter: Decimal
    bounds: tuple[tuple[Decimal, Decimal], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a model says of a period (模型估算).

    Attributes:
        budget: The emission, with the uncertainty of the prediction: a scatter, so of type A.
        measurement: The same, as it is compared.
        beyond: Inputs outside the range that the model was trained in.
        digest: Digest of the training rows.
    """

    budget: Budget
    measurement: Measurement
    beyond: tuple[str, ...]
    digest: bytes


def least_rows(names: Sequence[str]) -> int:
    """How many periods train a model: a coefficient each, the constant, and one for the scatter."""
    return len(names) + 2


def fit(rows: Sequence[TrainingRow], names: Sequence[str]) -> Model:
    """Fit the model.

    Args:
        rows: The training window.
        names: What it explains emission by; every row has a value of each.

    Raises:
        ComparisonError: Fewer rows than ``least_rows``, one period twice, or values that hang
            together so that the coefficients are not determined.
    """
    ordered = sorted(rows, key=lambda row: row.period.start)
    least = least_rows(names)
    if len({row.period for row in ordered}) != len(rows) or len(rows) < least:
        raise ComparisonError(
            "{field}: {count} rows train no model: at least {least}, each period once",
            field="rows",
            count=len(rows),
            least=least,
            remedy="widen the training window",
            code="comparison.training",
        )
    design = [_row(row.drivers, names) for row in ordered]
    targets = [Fraction(row.co2) for row in ordered]
    columns = list(zip(*design, strict=True))
    inverse = _inverse(columns)
    if inverse is None:
        raise ComparisonError(
            "{field}: the inputs hang together: the coefficients are not determined",
            field="rows",
            remedy="choose a window in which they vary on their own, or leave one of them out",
            code="comparison.singular",
        )
    moments = [times(column, targets) for column in columns]
    coefficients = tuple(times(line, moments) for line in inverse)
    squares = sum(
        (target - times(coefficients, line)) ** 2
        for line, target in zip(design, targets, strict=True)
    )
    return Model(
        version=VERSION,
        window=(ordered[0].period, ordered[-1].period),
        digest=training_digest(ordered, names),
        names=tuple(names),
        coefficients=coefficients,
        inverse=tuple(tuple(line) for line in inverse),
        rmse=_root(Fraction(squares, len(rows))),
        scatter=_root(Fraction(squares, len(rows) - len(columns))),
        bounds=_bounds(ordered, names),
    )


def is_determined(rows: Sequence[TrainingRow], names: Sequence[str]) -> bool:
    """Whether rows determine the coefficients: no input follows from the others in all of them."""
    return _inverse(list(zip(*(_row(row.drivers, names) for row in rows), strict=True))) is not None


def predict(model: Model, drivers: Drivers, *, period: Period) -> Prediction:
    """The emission of a period by the model; u = s sqrt(1 + x'(X'X)^-1 x), U with k = 2.

    The scatter s holds what the inputs and the emission erred by in the training window. The k of
    reports covers less than 95 % where the window is short.
    """
    line = _row(drivers, model.names)
    leverage = times(line, [times(row, line) for row in model.inverse])
    with precise():
        u = model.scatter * to_decimal(1 + leverage).sqrt()
    co2 = to_decimal(times(model.coefficients, line))
    part = Part(kind=Kind.A, u=u, origin=model.version)
    given = UncertainInput(name=SOURCE, value=co2, parts=(part,))
    budget = combine(co2, {SOURCE: Decimal(1)}, [given])
    beyond = tuple(
        name
        for name, (least, most) in zip(model.names, model.bounds, strict=True)
        if not least <= drivers[name] <= most
    )
    return Prediction(
        budget=budget,
        measurement=Measurement.of(budget, approach=Approach.MODEL, period=period),
        beyond=beyond,
        digest=model.digest,
    )


def training_digest(rows: Sequence[TrainingRow], names: Sequence[str]) -> bytes:
    """SM3 over the canonical JSON of the rows, as they are ordered."""
    return sm3(
        canonical_json.encode(
            [
                {
                    "co2": f"{row.co2:f}",
                    "inputs": [f"{row.drivers[name]:f}" for name in names],
                    "period": row.period.name,
                }
                for row in rows
            ]
        )
    )


def _inverse(columns: Sequence[Sequence[Fraction]]) -> list[list[Fraction]] | None:
    return invert([[times(left, right) for right in columns] for left in columns])


def _row(drivers: Drivers, names: Sequence[str]) -> list[Fraction]:
    return [Fraction(1), *(Fraction(drivers[name]) for name in names)]


def _bounds(
    rows: Sequence[TrainingRow], names: Sequence[str]
) -> tuple[tuple[Decimal, Decimal], ...]:
    columns = [[row.drivers[name] for row in rows] for name in names]
    return tuple((min(column), max(column)) for column in columns)


def _root(value: Fraction) -> Decimal:
    with precise():
        return to_decimal(value).sqrt()
