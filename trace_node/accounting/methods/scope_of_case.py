"""What of a method a case touches: present categories, what they need, and what is too much."""

import re
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from typing import Final

from trace_node.accounting.errors import CaseError, IncompleteError
from trace_node.accounting.methods.case import Case, Line
from trace_node.accounting.methods.method import GAS_OF_LINE, Check, Method, Step
from trace_node.accounting.methods.words import SymbolSource
from trace_node.gases import BY_ORIGIN, GASES

_GIVEN: Final = frozenset({SymbolSource.ACTIVITY, SymbolSource.REQUIRED})
_WORD: Final = re.compile(r"[A-Za-z0-9_.()-]{1,60}")


class CaseScope:
    """The part of a method that a case has to fill.

    Args:
        method: The method.
        case: What is handed in.

    Raises:
        IncompleteError: A table that a present source category needs has no line.
        CaseError: A category, symbol, table or word is not one of the method, a reason is empty,
            a line is there twice, or something is given for a category that does not occur.
    """

    def __init__(self, method: Method, case: Case) -> None:
        self._method, self._case = method, case
        for category, reason in case.not_occurring.items():
            if category not in method.categories:
                raise _unknown("not_occurring", category, method.categories)
            if not reason.strip():
                raise CaseError(
                    "{field}: {category} does not occur, but no reason is given",
                    field="not_occurring",
                    category=category,
                    remedy="say why it does not occur",
                    code="accounting.case.reason",
                )
        present = [term for term in method.terms if self.occurs(term)]
        self.needed = frozenset(name for term in present for name in method.needs(term.id))
        self.outputs = [one for one in method.steps.values() if one.output and self._follows(one)]
        self.needed |= {name for step in self.outputs for name in self._reach(step.id)}
        self._require_words()
        self._require_gases()
        self._require_given()
        for term in present:
            self._require_lines(term)

    def occurs(self, step: Step) -> bool:
        """Whether its source category is present."""
        return step.category not in self._case.not_occurring

    def can_check(self, check: Check, line: Line | None) -> bool:
        """Whether all that a check reads is there; terms that do not occur count as zero.

        Args:
            check: The check.
            line: The line of its table that it is made for; None without one.
        """
        names = {one for name in check.formula.symbols for one in self._reach(name)}
        own = [one for one in check.formula.symbols if one in self._method.symbols]
        return (
            self._some_occur(names)
            and self._all_there(names)
            and all(self._is_on(line, name) for name in own if line is not None)
        )

    def _is_on(self, line: Line, name: str) -> bool:
        """Whether a line has a value; one that is given in place of others may leave them out."""
        symbol = self._method.symbols[name]
        return not symbol.table or symbol.source not in _GIVEN or name in line.values

    def _all_there(self, names: Iterable[str]) -> bool:
        return all(
            name in self.needed or self._is_given(name)
            for name in names
            if name in self._method.symbols and self._method.symbols[name].source in _GIVEN
        )

    def _is_given(self, name: str) -> bool:
        table = self._method.symbols[name].table
        if not table:
            return name in self._case.values
        return all(name in line.values for line in self._case.lines.get(table, ()))

    def _follows(self, step: Step) -> bool:
        """Whether an output is shown: one of its terms is present, and the rest of it is there."""
        names = self._reach(step.id)
        terms = any(one.id in names for one in self._method.terms)
        return not terms or (self._some_occur(names) and self._all_there(names))

    def _some_occur(self, names: Collection[str]) -> bool:
        """Whether one of the terms among some names occurs, or none is among them."""
        terms = [one for one in self._method.terms if one.id in names]
        return not terms or any(map(self.occurs, terms))

    def _reach(self, name: str) -> frozenset[str]:
        """What a symbol or step needs beside terms that do not occur, which count as zero."""
        absent = [one for one in self._method.terms if not self.occurs(one)]
        return self._method.needs(name, without=frozenset(one.id for one in absent))

    def _require_words(self) -> None:
        idle = self._method.idle_words(self._case.not_occurring)
        require_words("words", self._case.words, self._method.words, idle=idle)
        for table, lines in self._case.lines.items():
            if table not in self._method.tables:
                raise _unknown("lines", table, self._method.tables)
            names = [line.name for line in lines]
            if len(set(names)) != len(names):
                raise CaseError(
                    "{field}: two lines have one name",
                    field=f"lines.{table}",
                    remedy="name each line differently",
                    code="accounting.case.line",
                )
            for line in lines:
                require_words(f"{table}[{line.name}]", line.words, self._method.tables[table].words)

    def _require_gases(self) -> None:
        for term in self._method.terms:
            lines = self._case.lines.get(term.table, ()) if term.gas == GAS_OF_LINE else ()
            for line in lines:
                if line.words["gas"] not in {*GASES, *BY_ORIGIN}:
                    raise CaseError(
                        "{place}: {gas} is not a gas with a mass of its own",
                        field="gas",
                        place=f"{term.table}[{line.name}]",
                        gas=repr(line.words["gas"]),
                        known=", ".join((*GASES, *BY_ORIGIN)),
                        remedy="use one of: {known}",
                        code="accounting.case.gas",
                    )

    def _require_given(self) -> None:
        for place, table, name in self._given_names():
            symbol = self._method.symbols.get(name)
            if symbol is None or symbol.table != table or symbol.source is SymbolSource.CONSTANT:
                known = [one.id for one in self._method.symbols.values() if one.table == table]
                raise _unknown(place, name, known)
            if name not in self.needed and self._belongs_to_absent(name):
                raise CaseError(
                    "{place}: {name} is given, but its source category does not occur",
                    field=name,
                    place=place,
                    name=name,
                    remedy="leave it out, or take the category from those that do not occur",
                    code="accounting.case.absent",
                )

    def _belongs_to_absent(self, name: str) -> bool:
        return any(name in self._method.needs(term.id) for term in self._method.terms)

    def _given_names(self) -> Iterator[tuple[str, str, str]]:
        for name in self._case.values:
            yield "values", "", name
        for table, lines in self._case.lines.items():
            for line in lines:
                for name in line.values:
                    yield f"{table}[{line.name}]", table, name

    def _require_lines(self, term: Step) -> None:
        """A value that is given in place of a formula needs no lines for it."""
        given = frozenset(self._case.values)
        tables = {
            self._method.steps[name].table
            for name in self._method.needs(term.id, without=given)
            if name in self._method.steps
        }
        for table in sorted(tables - {""}):
            if not self._case.lines.get(table):
                raise IncompleteError(
                    "the source category {category} needs lines of {table}",
                    field=table,
                    category=term.category,
                    table=table,
                    remedy="give them, or declare {category} not occurring with a reason",
                )


def require_words(
    place: str,
    given: Mapping[str, str],
    permitted: Mapping[str, tuple[str, ...]],
    *,
    idle: Container[str] = frozenset(),
) -> None:
    """Require exactly the words that a method or a table of it takes.

    Args:
        place: What they are the words of.
        given: The words.
        permitted: Each word with what it may be; with nothing where it may be anything.
        idle: Words that may be left out, because nothing that occurs goes by them.

    Raises:
        IncompleteError: One is missing.
        CaseError: One is not known, or is none of what it may be.
    """
    for word in permitted:
        if word not in given and word not in idle:
            raise IncompleteError(
                "{place}: the word {word} is missing",
                field=word,
                place=place,
                word=word,
                known=", ".join(permitted[word]) or "any",
                remedy="write it among the words of the unit or the source; it may be: {known}",
                code="accounting.case.word",
            )
    for word, value in given.items():
        if word not in permitted:
            raise _unknown(place, word, permitted)
        if not _WORD.fullmatch(value) or (permitted[word] and value not in permitted[word]):
            raise _unknown(f"{place}.{word}", value, permitted[word])


def _unknown(place: str, name: str, known: Iterable[str]) -> CaseError:
    return CaseError(
        "{place}: {name} is not one of this method",
        field=name[:80],
        place=place,
        name=repr(name[:80]),
        known=", ".join(sorted(known)[:40]),
        remedy="it has: {known}",
        code="accounting.case.unknown",
    )
