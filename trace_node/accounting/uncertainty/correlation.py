"""Correlation between inputs, for random and for systematic effects apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Final

from trace_node.accounting.arithmetic import precise
from trace_node.accounting.uncertainty.errors import UncertaintyError
from trace_node.accounting.uncertainty.parts import Kind

BOTH: Final = (Kind.A, Kind.B)
_TOLERANCE: Final = Decimal("1e-20")  # what rounding to 50 digits leaves of a singular matrix


@dataclass(frozen=True, slots=True)
class Correlation:
    """How far two inputs err together (相关系数).

    Attributes:
        first: One input.
        second: Another.
        r: Coefficient from -1 to 1.
        kinds: Whose effects; both unless told otherwise.
    """

    first: str
    second: str
    r: Decimal
    kinds: tuple[Kind, ...] = BOTH


class Correlations:
    """A correlation matrix (相关矩阵) over named inputs; what is not named is independent.

    Raises:
        UncertaintyError: A coefficient is beyond -1 to 1, an input is paired with itself, a pair is
            named twice, or no such matrix can exist (it is not positive semi-definite).
    """

    def __init__(self, pairs: Iterable[Correlation] = ()) -> None:
        self._r: dict[tuple[Kind, frozenset[str]], Decimal] = {}
        for pair in pairs:
            self._add(pair)
        self.names = frozenset(name for _, both in self._r for name in both)
        for kind in BOTH:
            self._require_possible(kind)

    def r(self, first: str, second: str, kind: Kind) -> Decimal:
        """The coefficient of two inputs; 1 of an input with itself."""
        if first == second:
            return Decimal(1)
        return self._r.get((kind, frozenset({first, second})), Decimal(0))

    def _add(self, pair: Correlation) -> None:
        if pair.first == pair.second or not -1 <= pair.r <= 1:
            raise UncertaintyError(
                "{field}: {first} and {second} cannot be correlated by {r}",
                field="correlation",
                first=pair.first,
                second=pair.second,
                r=pair.r,
                remedy="name two inputs and a coefficient from -1 to 1",
                code="uncertainty.correlation",
            )
        for kind in pair.kinds:
            key = (kind, frozenset({pair.first, pair.second}))
            if key in self._r:
                raise UncertaintyError(
                    "{field}: {first} and {second} are named twice",
                    field="correlation",
                    first=pair.first,
                    second=pair.second,
                    remedy="state one coefficient for a pair",
                    code="uncertainty.correlation",
                )
            self._r[key] = pair.r

    def _require_possible(self, kind: Kind) -> None:
        names = sorted({name for of, both in self._r for name in both if of is kind})
        matrix = [[self.r(first, second, kind) for second in names] for first in names]
        if not _is_semi_definite(matrix):
            raise UncertaintyError(
                "{field}: the coefficients of {names} contradict each other",
                field="correlation",
                names=", ".join(names),
                remedy="what is correlated with a second and a third input correlates these too",
                code="uncertainty.correlation",
            )


def same_source(names: Sequence[str], kinds: tuple[Kind, ...] = BOTH) -> Correlations:
    """Correlation 1 among all of them: the periods of one meter, laboratory or default factor.

    Their standard uncertainties add; dividing by sqrt(12) for the months of a year is wrong. Hand
    in ``(Kind.B,)`` where the random parts of the periods are known to be independent.
    """
    return Correlations(
        Correlation(first, second, Decimal(1), kinds) for first, second in combinations(names, 2)
    )


def _is_semi_definite(matrix: list[list[Decimal]]) -> bool:
    """Whether elimination without exchange meets no negative pivot (LDL^T)."""
    with precise():
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
