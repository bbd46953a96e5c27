"""The factors by query: exactly one row, or an error that says which rule stands in the way."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from trace_node.accounting.errors import (
    FactorAmbiguousError,
    FactorNotFoundError,
    FactorUnusableError,
    LibraryFileError,
)
from trace_node.accounting.factors.query import FactorQuery
from trace_node.accounting.factors.row import FactorRow, FactorStatus

_MOST_NAMED = 8


class FactorLibrary:
    """Factors (因子库), immutable.

    Args:
        rows: All rows.
        is_part: Whether they are a part of a release only, so that a superseded row may lack.

    Raises:
        LibraryFileError: An id is there twice, or a row supersedes one that is not there.
    """

    def __init__(self, rows: Iterable[FactorRow], *, is_part: bool = False) -> None:
        self._rows: dict[str, FactorRow] = {}
        for row in rows:
            if row.id in self._rows:
                raise _twice(row)
            self._rows[row.id] = row
        self._by_scheme: dict[str, list[FactorRow]] = {}
        for row in self:
            self._by_scheme.setdefault(row.scheme, []).append(row)
        self._successors = {row.supersedes: row for row in self if row.supersedes}
        for old, row in self._successors.items():
            if old not in self._rows and not is_part:
                raise LibraryFileError(
                    "{row}: {field} names {old}, which is not there",
                    field="supersedes",
                    row=row.id,
                    old=old,
                    remedy="keep the old row: results of the past name it",
                )
        self._by_digest = {row.digest: row for row in self}

    def __iter__(self) -> Iterator[FactorRow]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, row_id: str) -> FactorRow:
        """The row of this id, whatever its status.

        Raises:
            FactorNotFoundError: There is none.
        """
        found = self._rows.get(row_id)
        if found is None:
            raise FactorNotFoundError(
                "there is no factor {row}",
                field="row",
                row=row_id[:120],
                remedy="look the id up in the factor library",
            )
        return found

    def by_digest(self, digest: bytes) -> FactorRow:
        """The row with this digest, whatever its status: how a result of the past is rebuilt.

        Raises:
            FactorNotFoundError: No row has it; it was altered or belongs to another release.
        """
        found = self._by_digest.get(digest)
        if found is None:
            raise FactorNotFoundError(
                "no factor has the digest {digest}",
                field="digest",
                digest=digest.hex(),
                remedy="load the release the result names",
                code="accounting.factor.digest",
            )
        return found

    def status_of(self, row: FactorRow) -> FactorStatus:
        """Its status; superseded once another row took its place."""
        superseded = row.id in self._successors and row.status is not FactorStatus.FORBIDDEN
        return FactorStatus.SUPERSEDED if superseded else row.status

    def find(self, query: FactorQuery) -> FactorRow:
        """The one row that answers a query; a draft is an answer, and flagged by its status.

        Raises:
            FactorNotFoundError: No row; the code tells whether region, basis, reference state, GWP
                set or year is what differs.
            FactorUnusableError: The row is forbidden, superseded, or not in force on that day.
            FactorAmbiguousError: More than one row.
        """
        found = self._by_scheme.get(query.scheme) or list(self)
        for step in _STEPS:
            kept = [row for row in found if step.keeps(query, row)]
            if not kept:
                raise step.refusal(query, found)
            found = kept
        usable = [row for row in found if self.status_of(row) in _USABLE]
        if not usable:
            raise self._unusable(query, found[0])
        in_force = [row for row in usable if row.in_force(query.on)]
        if not in_force:
            raise FactorUnusableError(
                "{query}: {row} is not in force on {day}",
                field="on",
                query=query.text,
                row=usable[0].id,
                day=query.on.isoformat(),
                remedy="use a day between {begin} and {end}, or add the factor of that day",
                begin=usable[0].valid_from or "the beginning",
                end=usable[0].valid_to or "now",
                code="accounting.factor.expired",
            )
        if len(in_force) > 1:
            raise _ambiguous(query, in_force)
        return in_force[0]

    def _unusable(self, query: FactorQuery, row: FactorRow) -> FactorUnusableError:
        status = self.status_of(row)
        return FactorUnusableError(
            "{query}: {row} is {status} and never enters a calculation",
            field="row",
            query=query.text,
            row=row.id,
            status=status.value,
            remedy="use the row that took its place"
            if row.id in self._successors
            else "use another row",
            code=f"accounting.factor.{status.value}",
        )


_USABLE = frozenset({FactorStatus.ACTIVE, FactorStatus.DRAFT})


class _Step:
    """One member of a query, and what is said when it leaves no row."""

    def __init__(
        self,
        field: str,
        keeps: Callable[[FactorQuery, FactorRow], bool],
        has: Callable[[FactorRow], object],
    ) -> None:
        self._field, self.keeps, self._has = field, keeps, has

    def refusal(self, query: FactorQuery, before: Sequence[FactorRow]) -> FactorNotFoundError:
        there = sorted({str(self._has(row) or "none") for row in before})
        code = "accounting.factor.none" if self._field in _IDENTITY else _code(self._field, before)
        return FactorNotFoundError(
            "{method}: no factor for {query}; its {field} is not there",
            field=self._field,
            method=query.method,
            query=query.text,
            there=", ".join(there[:_MOST_NAMED]) if self._field not in _IDENTITY else "",
            remedy="the library has: {there}"
            if self._field not in _IDENTITY
            else "add the factor with its source, or give a value with its evidence",
            code=code,
        )


def _code(field: str, before: Iterable[FactorRow]) -> str:
    states = any("degC" in row.basis for row in before)
    return f"accounting.factor.{'state' if field == 'basis' and states else field}"


_IDENTITY = frozenset({"scheme", "kind", "substance"})
_STEPS = (
    _Step("scheme", lambda query, row: row.scheme == query.scheme, lambda row: row.scheme),
    _Step("kind", lambda query, row: row.kind is query.kind, lambda row: row.kind.value),
    _Step(
        "substance", lambda query, row: row.substance == query.substance, lambda row: row.substance
    ),
    _Step("region", lambda query, row: row.region == query.region, lambda row: row.region),
    _Step("gwp_set", lambda query, row: row.gwp_set == query.gwp_set, lambda row: row.gwp_set),
    _Step("basis", lambda query, row: query.basis in {None, row.basis}, lambda row: row.basis),
    _Step(
        "year",
        lambda query, row: query.year in {None, row.source_year},
        lambda row: row.source_year,
    ),
    _Step("row", lambda query, row: query.row in {"", row.id}, lambda row: row.id),
)


def merged(*libraries: Iterable[FactorRow]) -> FactorLibrary:
    """One library of several, as when a plant adds rows of its own.

    Raises:
        LibraryFileError: An id is in two of them.
    """
    return FactorLibrary(chain.from_iterable(libraries))


def _twice(row: FactorRow) -> LibraryFileError:
    return LibraryFileError(
        "the factor {row} is there twice",
        field="id",
        row=row.id,
        remedy="a correction is a row with an id of its own that supersedes the old one",
    )


def _ambiguous(query: FactorQuery, rows: Sequence[FactorRow]) -> FactorAmbiguousError:
    return FactorAmbiguousError(
        "{method}: {count} factors answer {query}: {rows}",
        field="row",
        method=query.method,
        count=len(rows),
        query=query.text,
        rows=", ".join(row.id for row in rows[:_MOST_NAMED]),
        remedy="name year, basis, or the row",
    )
