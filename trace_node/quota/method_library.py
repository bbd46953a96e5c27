"""Methods by id and year."""

from collections.abc import Iterable, Iterator
from datetime import date

from trace_node.quota.errors import LibraryError, RuleExpiredError, RuleNotFoundError
from trace_node.quota.method import Method


class MethodLibrary:
    """Methods by id; at most one version holds for a year on a day.

    Args:
        methods: All methods.

    Raises:
        LibraryError: A version is there twice, or two hold for the same year on the same day.
    """

    def __init__(self, methods: Iterable[Method]) -> None:
        self._methods = tuple(methods)
        for place, method in enumerate(self._methods):
            for other in self._methods[:place]:
                if method.id == other.id:
                    _require_apart(method, other)

    def __iter__(self) -> Iterator[Method]:
        return iter(self._methods)

    def find(self, method_id: str, *, year: int, on: date) -> Method:
        """The version in force on a day for an obligation year.

        Raises:
            RuleNotFoundError: There is no method of this id, or none for this year.
            RuleExpiredError: There is one, but it is not in force on that day.
        """
        known = [one for one in self._methods if one.id == method_id and one.validity.covers(year)]
        for method in known:
            if method.validity.in_force(on):
                return method
        if known:
            raise RuleExpiredError(
                "the method {id} is not in force on {day}",
                field="on",
                id=method_id,
                day=on.isoformat(),
                remedy="name a day on which it is in force",
            )
        raise RuleNotFoundError(
            "there is no method {id} for {year}",
            field="method",
            id=method_id[:80],
            year=year,
            remedy="trace-node allowance methods lists them with their years",
        )


def _require_apart(method: Method, other: Method) -> None:
    if method.version == other.version or method.validity.overlaps(other.validity):
        raise LibraryError(
            "{id}: versions {one} and {two} hold for the same year on the same day",
            field=method.id,
            id=method.id,
            one=other.version,
            two=method.version,
            remedy="end the older one with valid_to, or name the years of each",
        )
