"""Filters of ListFootprints and of requests (Technical Specifications 3.0, Action ListFootprints).

Values of one criterion are alternatives, criteria are all to be met. A geography is compared as it
is written: a country does not stand for its subdivisions. An empty value is no criterion. Names are
taken in any case, as the examples of the specification write them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, NoReturn

from trace_node.accounting.pact.errors import CriteriaError
from trace_node.accounting.pact.footprint import Footprint
from trace_node.accounting.pact.values import instant

SETS: Final = ("productId", "companyId", "geography", "classification")
TIMES: Final = ("validOn", "validAfter", "validBefore")
STATUS: Final = "status"
MOST_VALUES: Final = 200
_NAMES: Final = MappingProxyType({name.lower(): name for name in (*SETS, *TIMES, STATUS)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What is looked for.

    Attributes:
        sets: Accepted values by criterion, in lower case.
        times: Instants by criterion.
        status: Status in lower case; empty for any.
    """

    sets: Mapping[str, frozenset[str]]
    times: Mapping[str, datetime]
    status: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether everything is let pass."""
        return not (self.sets or self.times or self.status)

    def matches(self, footprint: Footprint) -> bool:
        """Whether a footprint meets them all."""
        product = footprint.draft.product
        held = {
            "productId": product["productIds"],
            "companyId": product["companyIds"],
            "classification": product.get("productClassifications", ()),
            "geography": (footprint.geography,),
        }
        return (
            all(
                accepted.intersection(value.lower() for value in held[name])
                for name, accepted in self.sets.items()
            )
            and self._valid(*footprint.validity)
            and self.status in ("", footprint.status.value.lower())
        )

    def _valid(self, start: datetime, end: datetime) -> bool:
        on, after, before = (self.times.get(name) for name in TIMES)
        return (
            (on is None or start <= on <= end)
            and (after is None or start > after)
            and (before is None or end < before)
        )


def parse_criteria(given: Mapping[str, Sequence[str]]) -> Criteria:
    """Read criteria.

    Raises:
        CriteriaError: One is unknown, is no time, or has too many values.
    """
    sets: dict[str, frozenset[str]] = {}
    times: dict[str, datetime] = {}
    status = ""
    for written, values in given.items():
        name = _NAMES.get(written.lower(), written)
        filled = [value for value in values if value]
        if len(filled) > MOST_VALUES:
            _refuse_criterion(name, "more than {most} values", most=str(MOST_VALUES))
        if name not in (*SETS, *TIMES, STATUS):
            _refuse_criterion(name, "is no filter of this exchange")
        if not filled:
            continue
        if name in SETS:
            sets[name] = sets.get(name, frozenset()) | {value.lower() for value in filled}
        elif name in TIMES:
            times[name] = _time(name, filled)
        else:
            status = _only(name, filled).lower()
    return Criteria(sets=sets, times=times, status=status)


def _time(name: str, values: Sequence[str]) -> datetime:
    try:
        return instant(_only(name, values))
    except ValueError:
        _refuse_criterion(name, "must be a time with its zone, such as 2026-01-31T00:00:00Z")


def _only(name: str, values: Sequence[str]) -> str:
    if len(values) > 1:
        _refuse_criterion(name, "must be given once")
    return values[0]


def _refuse_criterion(field: str, rule: str, **params: str) -> NoReturn:
    raise CriteriaError(
        "{field}: " + rule,
        field=field[:120],
        **params,
        remedy="docs/spec/pact.md lists the filters",
    )
