"""Rules of the market as data: a number, its years, when it is in force, its source."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from trace_node import canonical_json
from trace_node.canonical_json import JsonObject
from trace_node.crypto.sm3 import sm3
from trace_node.quota.errors import LibraryError, RuleExpiredError, RuleNotFoundError


class Standing(StrEnum):
    """How far a rule or method can be relied on.

    Attributes:
        ACTIVE: Official, with a second source that says the same.
        DRAFT: One source only, or a draft for comment: what uses it is flagged.
    """

    ACTIVE = "active"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """Which obligation years something holds for, and when it is in force.

    Attributes:
        years: Obligation years (履约年度); empty for all.
        valid_from: First day in force.
        valid_to: Last day in force; None while it is open.
    """

    years: tuple[int, ...]
    valid_from: date
    valid_to: date | None

    def covers(self, year: int) -> bool:
        """Whether it holds for an obligation year."""
        return not self.years or year in self.years

    def in_force(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def overlaps(self, other: "Validity") -> bool:
        """Whether some year and day find both."""
        shared = not self.years or not other.years or set(self.years) & set(other.years)
        begun = other.valid_to is None or self.valid_from <= other.valid_to
        open_still = self.valid_to is None or other.valid_from <= self.valid_to
        return bool(shared) and begun and open_still

    def to_json(self) -> JsonObject:
        """Its form in what is hashed."""
        return {
            "valid_from": self.valid_from.isoformat(),
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "years": list(self.years),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a rule or method comes from.

    Attributes:
        source: Document and clause.
        second_source: Another document that says the same; None if there is none.
        standing: How far it can be relied on; without a second source it is a draft.
    """

    source: str
    second_source: str | None
    standing: Standing

    def __post_init__(self) -> None:
        if not self.source:
            raise LibraryError(
                "{field} is empty", field="source", remedy="name the document and its clause"
            )
        if self.standing is Standing.ACTIVE and self.second_source in {None, "", self.source}:
            raise LibraryError(
                "{source}: without a second source a rule is a draft",
                field="status",
                source=self.source,
                remedy='add second_source, or write status = "draft"',
            )

    def to_json(self) -> JsonObject:
        """Its form in what is hashed."""
        return {
            "second_source": self.second_source,
            "source": self.source,
            "status": self.standing.value,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One number of a regulation (规则参数).

    Attributes:
        id: Dotted lower-case name, for example ``ets.ccer_cap``.
        value: The number, as printed in the source.
        unit: Its unit; ``1`` for a fraction.
        validity: Years it holds for and days it is in force.
        origin: Where it comes from.
    """

    id: str
    value: Decimal
    unit: str
    validity: Validity
    origin: Origin

    @property
    def digest(self) -> bytes:
        """SM3 of its canonical JSON: what a result names when it used the rule."""
        return sm3(canonical_json.encode(self.to_json()))

    def to_json(self) -> JsonObject:
        """Its form in what is hashed."""
        form: JsonObject = {"id": self.id, "unit": self.unit, "value": format(self.value, "f")}
        return form | self.validity.to_json() | self.origin.to_json()


class RuleBook:
    """Rules by id; at most one is in force for a year on a day.

    Args:
        rules: All rules.

    Raises:
        LibraryError: Two rules of one id hold for the same year on the same day.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_id: dict[str, list[Rule]] = defaultdict(list)
        for rule in rules:
            for other in self._by_id[rule.id]:
                if rule.validity.overlaps(other.validity):
                    raise LibraryError(
                        "{id}: two rules hold for the same year on the same day",
                        field=rule.id,
                        id=rule.id,
                        remedy="end the older one with valid_to, or name the years of each",
                    )
            self._by_id[rule.id].append(rule)

    def __iter__(self) -> Iterator[Rule]:
        return (rule for rules in self._by_id.values() for rule in rules)

    def versions(self, rule_id: str, *, year: int) -> tuple[Rule, ...]:
        """Every rule of an id that holds for an obligation year, on whatever day."""
        return tuple(rule for rule in self._by_id.get(rule_id, []) if rule.validity.covers(year))

    def find(self, rule_id: str, *, year: int, on: date) -> Rule:
        """The rule in force on a day for an obligation year.

        Raises:
            RuleNotFoundError: There is no rule of this id, or none for this year.
            RuleExpiredError: There is one, but it is not in force on that day.
        """
        known = self.versions(rule_id, year=year)
        if not known:
            raise RuleNotFoundError(
                "there is no rule {id} for {year}",
                field=rule_id,
                id=rule_id,
                year=year,
                remedy="add it to the rule library with its source",
            )
        for rule in known:
            if rule.validity.in_force(on):
                return rule
        raise RuleExpiredError(
            "the rule {id} for {year} is not in force on {day}",
            field=rule_id,
            id=rule_id,
            year=year,
            day=on.isoformat(),
            remedy="name a day on which it is in force, or add the rule that follows it",
        )
