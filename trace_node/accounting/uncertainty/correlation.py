"""Correlation between inputs: of all they err by, or of random or systematic effects alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Final

from trace_node.accounting.arithmetic import precise
from trace_node.accounting.uncertainty.errors import UncertaintyError
from trace_node.accounting.uncertainty.parts import Kind, UncertainInput

_TOLERANCE: Final = Decimal("1e-20")  # what rounding to 50 digits leaves of a singular matrix


@dataclass(frozen=True, slots=True)
class Correlation:
    """How far two inputs err together (相关系数).

    Attributes:
        first: One input.
        second: Another.
        r: Coefficient from -1 to 1.
        kind: The effects it is of: ``u_i u_j r`` takes their standard uncertainties of this kind,
            or the combined ones where it is None.
    """

    first: str
    second: str
    r: Decimal
    kind: Kind | None = None


class Correlations:
    """A correlation matrix (相关矩阵) over named inputs; what is not named is independent.

    Raises:
        UncertaintyError: A coefficient is beyond -1 to 1, an input is paired with itself, or a pair
            is named twice for one kind, or for one kind and for both together.
    """

    def __init__(self, pairs: Iterable[Correlation] = ()) -> None:
        self.pairs = tuple(pairs)
        self.names = frozenset(name for pair in self.pairs for name in (pair.first, pair.second))
        said: dict[frozenset[str], set[Kind | None]] = {}
        for pair in self.pairs:
            _require_coefficient(pair)
            kinds = said.setdefault(frozenset({pair.first, pair.second}), set())
            if kinds and (pair.kind in kinds or None in kinds | {pair.kind}):
                raise UncertaintyError(
                    "{field}: {first} and {second} are named twice",
                    field="correlation",
                    first=pair.first,
                    second=pair.second,
                    remedy="state one coefficient for a pair",
                    code="uncertainty.correlation",
                )
            kinds.add(pair.kind)

    def covariances(
        self, inputs: Mapping[str, UncertainInput]
    ) -> Iterator[tuple[Correlation, Decimal]]:
        """Each pair with its covariance ``r u_i u_j``, in the units of both inputs."""
        kinds = (None, *Kind)
        u = {(name, kind): inputs[name].u(kind) for name in self.names for kind in kinds}
        for pair in self.pairs:
            yield pair, pair.r * u[pair.first, pair.kind] * u[pair.second, pair.kind]

    def require_possible(self, inputs: Mapping[str, UncertainInput]) -> None:
        """Require that inputs can err together in this way.

        Raises:
            UncertaintyError: They cannot: their covariance is not positive semi-definite.
        """
        u = {name: inputs[name].u() for name in self.names}
        names = sorted(name for name in u if u[name])
        place = {name: index for index, name in enumerate(names)}
        with precise():
            matrix = [[Decimal(first == second) for second in names] for first in names]
            for pair, covariance in self.covariances(inputs):
                if pair.first in place and pair.second in place:
                    i, j = place[pair.first], place[pair.second]
                    r = covariance / u[pair.first] / u[pair.second]
                    matrix[i][j] += r
                    matrix[j][i] += r
            if _is_semi_definite(matrix):
                return
        raise UncertaintyError(
            "{field}: the coefficients of {names} contradict each other",
            field="correlation",
            names=", ".join(names),
            remedy="what is correlated with a second and a third input correlates these too",
            code="uncertainty.correlation",
        )


def same_source(names: Sequence[str], kind: Kind | None = None) -> Correlations:
    """Correlation 1 among all of them: the periods of one meter, laboratory or default factor.

    Their standard uncertainties add; dividing by sqrt(12) for the months of a year is wrong. Hand
    in ``Kind.B`` where the random parts of the periods are known to be independent.
    """
    return Correlations(
        Correlation(first, second, Decimal(1), kind) for first, second in combinations(names, 2)
    )


def _require_coefficient(pair: Correlation) -> None:
    if pair.first == pair.second or not pair.r.is_finite() or not -1 <= pair.r <= 1:
        raise UncertaintyError(
            "{field}: {first} and {second} cannot be correlated by {r}",
            field="correlation",
            first=pair.first,
            second=pair.second,
            r=pair.r,
            remedy="name two inputs and a coefficient from -1 to 1",
            code="uncertainty.correlation",
        )


def _is_semi_definite(matrix: list[list[Decimal]]) -> bool:
    """Whether elimination without exchange meets no negative pivot (LDL^T)."""
    rows = [list(row) for row in matrix]
    for k, pivot in enumerate(rows):
        if pivot[k] < -_TOLERANCE:
            return False
        if pivot[k] <= _TOLERANCE:
            if any(abs(entry) > _TOLERANCE for entry in pivot[k + 1 :]):
                return False
            continue
        for row in rows[k + 1 :]:
            factor = row[k] / pivot[k]
            row[k:] = [
                entry - factor * above for entry, above in zip(row[k:], pivot[k:], strict=True)
            ]
    return True
