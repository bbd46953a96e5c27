"""The third measurement: a linear model of emission, fitted by least squares, exactly.

E = b0 + b1 raw meal + b2 clinker + b3 fuel + b4 NCV (methods.md 7.3). Everything is computed in
fractions, so that anyone who has the training rows finds the same coefficients to the last digit.
A model never is the figure of a report: ``ChoiceRule`` refuses it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from trace_node import canonical_json
from trace_node.accounting.arithmetic import precise, to_decimal
from trace_node.accounting.comparison.errors import ComparisonError
from trace_node.accounting.comparison.linear import invert, times
from trace_node.accounting.comparison.measurement import Approach, Measurement
from trace_node.accounting.uncertainty.budget import COVERAGE_FACTOR
from trace_node.crypto.sm3 import sm3
from trace_node.period import Period

VERSION: Final = "linear-least-squares@1"
PREDICTORS: Final = ("raw_meal", "clinker", "fuel", "ncv")
LEAST_ROWS: Final = len(PREDICTORS) + 2  # one degree of freedom for the scatter


@dataclass(frozen=True, slots=True, kw_only=True)
class Drivers:
    """What the model explains emission by (模型自变量).

    Attributes:
        raw_meal: Tonnes of raw meal.
        clinker: Tonnes of clinker.
        fuel: Tonnes of fuel.
        ncv: Its net calorific value, GJ/t.
    """

    raw_meal: Decimal
    clinker: Decimal
    fuel: Decimal
    ncv: Decimal


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
        coefficients: Constant term, then one for each of ``PREDICTORS``; exact.
        inverse: (X'X)^-1, exact.
        rmse: Root of the mean square of the residuals, t (均方根误差).
        scatter: Residual standard deviation, t, with the degrees of freedom taken off.
        bounds: Least and greatest value of each predictor in the training rows.
    """

    version: str
    window: tuple[Period, Period]
    digest: bytes
    coefficients: tuple[Fraction, ...]
    inverse: tuple[tuple[Fraction, ...], ...]
    rmse: Decimal
    scatter: Decimal
    bounds: tuple[tuple[Decimal, Decimal], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a model says of a period (模型估算).

    Attributes:
        measurement: The emission, with the uncertainty of the prediction.
        beyond: Predictors outside the range that the model was trained in.
        digest: Digest of the training rows.
    """

    measurement: Measurement
    beyond: tuple[str, ...]
    digest: bytes


def fit(rows: Sequence[TrainingRow]) -> Model:
    """Fit the model.

    Raises:
        ComparisonError: Fewer than six rows, one period twice, or predictors that hang together so
            that the coefficients are not determined.
    """
    ordered = sorted(rows, key=lambda row: row.period.start)
    if len({row.period for row in ordered}) != len(rows) or len(rows) < LEAST_ROWS:
        raise ComparisonError(
            "{field}: {count} rows train no model: at least {least}, each period once",
            field="rows",
            count=len(rows),
            least=LEAST_ROWS,
            remedy="widen the training window",
            code="comparison.training",
        )
    design = [_row(row.drivers) for row in ordered]
    targets = [Fraction(row.co2) for row in ordered]
    columns = list(zip(*design, strict=True))
    inverse = invert([[times(left, right) for right in columns] for left in columns])
    if inverse is None:
        raise ComparisonError(
            "{field}: the predictors hang together: the coefficients are not determined",
            field="rows",
            remedy="choose a window in which raw meal, clinker, fuel and NCV vary on their own",
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
        digest=training_digest(ordered),
        coefficients=coefficients,
        inverse=tuple(tuple(line) for line in inverse),
        rmse=_root(Fraction(squares, len(rows))),
        scatter=_root(Fraction(squares, len(rows) - len(columns))),
        bounds=_bounds(ordered),
    )


def predict(model: Model, drivers: Drivers, *, period: Period) -> Prediction:
    """The emission of a period by the model; u = s sqrt(1 + x'(X'X)^-1 x), U with k = 2.

    The k of reports covers less than 95 % where the window is short.
    """
    line = _row(drivers)
    leverage = times(line, [times(row, line) for row in model.inverse])
    with precise():
        expanded = COVERAGE_FACTOR * model.scatter * to_decimal(1 + leverage).sqrt()
    measurement = Measurement(
        approach=Approach.MODEL,
        period=period,
        co2=to_decimal(times(model.coefficients, line)),
        expanded=expanded,
        k=COVERAGE_FACTOR,
    )
    beyond = tuple(
        name
        for name, (least, most) in zip(PREDICTORS, model.bounds, strict=True)
        if not least <= getattr(drivers, name) <= most
    )
    return Prediction(measurement=measurement, beyond=beyond, digest=model.digest)


def training_digest(rows: Sequence[TrainingRow]) -> bytes:
    """SM3 over the canonical JSON of the rows, as they are ordered."""
    return sm3(
        canonical_json.encode(
            [
                {
                    "co2": f"{row.co2:f}",
                    "period": row.period.name,
                    **{name: f"{getattr(row.drivers, name):f}" for name in PREDICTORS},
                }
                for row in rows
            ]
        )
    )


def _row(drivers: Drivers) -> list[Fraction]:
    return [Fraction(1), *(Fraction(getattr(drivers, name)) for name in PREDICTORS)]


def _bounds(rows: Sequence[TrainingRow]) -> tuple[tuple[Decimal, Decimal], ...]:
    columns = [[getattr(row.drivers, name) for row in rows] for name in PREDICTORS]
    return tuple((min(column), max(column)) for column in columns)


def _root(value: Fraction) -> Decimal:
    with precise():
        return to_decimal(value).sqrt()
