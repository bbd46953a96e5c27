"""A little linear algebra in fractions: nothing is rounded, so nothing is nearly singular."""

from collections.abc import Sequence
from fractions import Fraction


def times(left: Sequence[Fraction], right: Sequence[Fraction]) -> Fraction:
    """The sum of the products of two rows of one length."""
    return sum((a * b for a, b in zip(left, right, strict=True)), Fraction(0))


def invert(matrix: Sequence[Sequence[Fraction]]) -> list[list[Fraction]] | None:
    """The inverse of a square matrix, or None where it has none."""
    size = len(matrix)
    rows = [
        [*row, *(Fraction(int(column == index)) for column in range(size))]
        for index, row in enumerate(matrix)
    ]
    for column in range(size):
        pivot = next((row for row in range(column, size) if rows[row][column]), None)
        if pivot is None:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [entry / rows[column][column] for entry in rows[column]]
        for index in range(size):
            factor = rows[index][column]
            if index != column and factor:
                rows[index] = [
                    entry - factor * above
                    for entry, above in zip(rows[index], rows[column], strict=True)
                ]
    return [row[size:] for row in rows]
