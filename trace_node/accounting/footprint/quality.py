"""Data-quality ratings of a footprint (数据质量评级): technology, time, geography, from 1 to 5."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import half_up, precise, total
from trace_node.canonical_json import JsonObject
from trace_node.record.errors import RecordError
from trace_node.record.fields import read_decimal, read_object, require_keys
from trace_node.record.writing import write_decimal

BEST: Final = Decimal(1)
WORST: Final = Decimal(5)
PLACES: Final = 3
_NAMES: Final = ("geography", "technology", "time")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """How well data fit what they stand for; 1 is best, 5 is worst.

    Attributes:
        technology: Whether they are of the same process.
        time: Of the same time.
        geography: Of the same place.
    """

    technology: Decimal
    time: Decimal
    geography: Decimal

    @classmethod
    def read(cls, fields: JsonObject, key: str) -> "Ratings":
        """Read the member ``key``."""
        inner = read_object(fields, key)
        require_keys(inner, frozenset(_NAMES))
        return cls(**{name: _read_rating(inner, name) for name in _NAMES})

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {name: write_decimal(getattr(self, name), field=name) for name in _NAMES}


def mean_of(weighted: Iterable[tuple[Decimal, Ratings]]) -> Ratings | None:
    """The mean by the size of what each rates, three decimals; None where nothing was rated."""
    known = [(abs(weight), ratings) for weight, ratings in weighted if weight]
    weight = total(each[0] for each in known)
    if not weight:
        return None
    with precise():
        means = {
            name: half_up(
                total(size * getattr(each, name) for size, each in known) / weight, PLACES
            )
            for name in _NAMES
        }
    return Ratings(**means)


def _read_rating(fields: JsonObject, name: str) -> Decimal:
    value = read_decimal(fields, name)
    if BEST <= value <= WORST:
        return value
    raise RecordError(
        "{field}: must be a rating from 1 (best) to 5",
        field=name,
        remedy="rate it anew; leave the ratings out where nobody rated the data",
        code=f"record.{name}",
    )
