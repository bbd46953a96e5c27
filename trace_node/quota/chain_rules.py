"""Which numbers of the rule library the ledger's contracts check, in the form they take them.

`docs/spec/allowance-registry.md`, "Rules", names the ids of the contract; here each gets its
number, digest and validity from the library, so that nothing is typed twice.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from trace_node.canonical_json import JsonObject
from trace_node.ids import to_base64url
from trace_node.period import SHANGHAI
from trace_node.quota.ccer import rule_day
from trace_node.quota.errors import LibraryError, QuotaInputError
from trace_node.quota.rule import Rule, RuleBook, Standing

OPEN_END: Final = int(datetime(9999, 1, 1, tzinfo=UTC).timestamp())
BASIS_POINTS: Final = 10_000
ADMISSIBLE: Final = "ets.admissible."
_ID_BYTES: Final = 32
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerClass:
    """A class of units on the chain and the rules that admit it.

    Attributes:
        number: Class id on the chain.
        kind: End of the rule's id: ``cea24``, ``cea19_20``, ``ccer.old``, ``ccer.new``.
    """

    number: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainRule:
    """A version of a rule as a regulator proposes it on the chain (链上规则).

    Attributes:
        rule_id: 32 bytes.
        name: What the id is made of.
        year: Obligation year; for a carry-over the new vintage.
        number: The number, in the unit that the contract counts in.
        digest: 32-byte digest of the row of the library.
        valid_from: First second since the epoch at which it holds.
        valid_to: First second at which it does not hold any more.
        draft: It holds only after two regulators have released it.
        rule: The row of the library.
    """

    rule_id: bytes
    name: str
    year: int
    number: int
    digest: bytes
    valid_from: int
    valid_to: int
    draft: bool
    rule: Rule

    def to_json(self) -> JsonObject:
        """What is shown, and what an officer's act takes."""
        return {
            "digest": "0x" + self.digest.hex(),
            "draft": self.draft,
            "name": self.name,
            "number": self.number,
            "rule": self.rule.id,
            "rule_digest": to_base64url(self.digest),
            "rule_id": "0x" + self.rule_id.hex(),
            "source": self.rule.origin.source,
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
            "year": self.year,
        }


def class_kind(code: str) -> str:
    """End of the id of the rules that admit a class of allowances, from its code on the chain.

    Raises:
        QuotaInputError: The code is none of an allowance; ``quota.class``.
    """
    text = code.strip().lower().replace("-", "_")
    if not text.startswith("cea"):
        raise QuotaInputError(
            "{field}: {text} is no class of allowances",
            field="class",
            text=repr(code[:32]),
            code="quota.class",
            remedy="name the rules of a CCER class by its kind: ccer.old or ccer.new",
        )
    return text


def chain_rules(
    book: RuleBook,
    *,
    year: int,
    classes: Sequence[LedgerClass],
    admission_rule: Callable[[int], bytes],
) -> tuple[ChainRule, ...]:
    """Every version of every number that the contracts check for a year.

    Args:
        book: The library.
        year: Obligation year.
        classes: Classes on the chain; those without a rule for the year are left out, and the
            contract refuses their units.
        admission_rule: Rule id of the contract for a class id.

    Raises:
        LibraryError: A number of the library cannot be what the contract counts in.
    """
    named: list[tuple[str, bytes, str, Callable[[Rule], int]]] = [
        ("offset-cap-bps", b"", "ets.ccer_cap", _basis_points),
        ("surrender-deadline", b"", "ets.surrender.deadline", _last_second),
        ("carry-over-base", b"", "ets.carry_over.base", _whole),
        ("carry-over-multiplier-bps", b"", "ets.carry_over.multiplier", _basis_points),
    ]
    named += [
        (f"admissible {item.number}", admission_rule(item.number), ADMISSIBLE + item.kind, _whole)
        for item in classes
    ]
    return tuple(
        _chain_rule(rule, year, name=name, rule_id=rule_id or _text_id(name), number=number)
        for name, rule_id, library_id, number in named
        for rule in _versions(book, library_id, year)
    )


def _versions(book: RuleBook, rule_id: str, year: int) -> Iterable[Rule]:
    return sorted(book.versions(rule_id, year=year), key=lambda rule: rule.validity.valid_from)


def _chain_rule(
    rule: Rule, year: int, *, name: str, rule_id: bytes, number: Callable[[Rule], int]
) -> ChainRule:
    ends = rule.validity.valid_to
    return ChainRule(
        rule_id=rule_id,
        name=name,
        year=year,
        number=number(rule),
        digest=rule.digest,
        valid_from=_midnight(rule.validity.valid_from),
        valid_to=OPEN_END if ends is None else _midnight(ends + _DAY),
        draft=rule.origin.standing is Standing.DRAFT,
        rule=rule,
    )


def _text_id(name: str) -> bytes:
    return name.encode().ljust(_ID_BYTES, b"\0")


def _midnight(day: date) -> int:
    """The first second of a day in Beijing."""
    return int(datetime.combine(day, time(), tzinfo=SHANGHAI).timestamp())


def _last_second(rule: Rule) -> int:
    """The last second that is not late."""
    return _midnight(rule_day(rule) + _DAY) - 1


def _basis_points(rule: Rule) -> int:
    return _integral(rule, rule.value * BASIS_POINTS)


def _whole(rule: Rule) -> int:
    return _integral(rule, rule.value)


def _integral(rule: Rule, value: Decimal) -> int:
    if value < 0 or value != value.to_integral_value():
        raise LibraryError(
            "{id}: {value} is no whole number of what the contract counts in",
            field=rule.id,
            id=rule.id,
            value=str(rule.value),
            remedy="the contract counts tonnes, basis points and whole days",
        )
    return int(value)
