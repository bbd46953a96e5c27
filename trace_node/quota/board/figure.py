"""A figure of the board: a number, how far it stands, and everything it came from."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from trace_node.canonical_json import JsonObject
from trace_node.ids import to_base64url
from trace_node.quota.rule import Rule
from trace_node.quota.rule import Standing as RuleStanding
from trace_node.quota.sheet import Sheet

TONNES = "tCO2e"
YUAN = "CNY"


class Standing(StrEnum):
    """How far a figure stands (数据状态), from the firmest on.

    Attributes:
        VERIFIED: A verified figure that the ledger confirms, or a number of a rule in force.
        UNCONFIRMED: Written here, and not yet confirmed by the registry or the ledger.
        PROVISIONAL: Stated by the enterprise and not verified.
        ESTIMATE: Computed ahead: a forecast, an expected allocation, or what rests on one.
    """

    VERIFIED = "verified"
    UNCONFIRMED = "unconfirmed"
    PROVISIONAL = "provisional"
    ESTIMATE = "estimate"


class SourceKind(StrEnum):
    """What a figure can come from."""

    LEAF = "leaf"
    OBLIGATION = "obligation"
    ARREAR = "arrear"
    HOLDING = "holding"
    ORDER = "order"
    RULE = "rule"
    LEDGER_RULE = "ledger-rule"
    METHOD = "method"
    MIRROR = "mirror"
    PRICE = "price"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One thing that a figure came from (数据来源).

    Attributes:
        kind: What it is.
        ref: Which one: a leaf index, a number of the ledger, a rule with its version.
        digest: Its digest as base64url; empty where it has none.
        draft: A rule or method that is a draft.
    """

    kind: SourceKind
    ref: str
    digest: str = ""
    draft: bool = False

    def to_json(self) -> JsonObject:
        """What is shown."""
        return {
            "digest": self.digest,
            "draft": self.draft,
            "kind": self.kind.value,
            "ref": self.ref,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number of the board (看板数据).

    Attributes:
        value: The number; tonnes of CO2 equivalent unless ``unit`` says otherwise.
        standing: How far it stands; never firmer than what it was computed from.
        sources: What it came from, each once.
        unit: Its unit.
    """

    value: Decimal
    standing: Standing
    sources: tuple[Source, ...]
    unit: str = TONNES

    def to_json(self) -> JsonObject:
        """What is shown."""
        return {
            "sources": [source.to_json() for source in self.sources],
            "standing": self.standing.value,
            "unit": self.unit,
            "value": format(self.value, "f"),
        }


def weakest(*standings: Standing) -> Standing:
    """The standing of what rests on figures of these."""
    return max(standings, key=_ORDER.index, default=Standing.VERIFIED)


def together(*groups: Iterable[Source]) -> tuple[Source, ...]:
    """Sources of several figures in their order, each once."""
    return tuple(dict.fromkeys(source for group in groups for source in group))


def derived(value: Decimal | int, *parts: Figure | None, unit: str = TONNES) -> Figure:
    """A figure computed from others; those that are None did not enter."""
    used = [part for part in parts if part is not None]
    return Figure(
        value=Decimal(value),
        standing=weakest(*(part.standing for part in used)),
        sources=together(*(part.sources for part in used)),
        unit=unit,
    )


def optional_json(figure: Figure | None) -> JsonObject | None:
    """The figure as it is shown, or None for none."""
    return None if figure is None else figure.to_json()


def of_rule(rule: Rule) -> Source:
    """The source that a rule of the library is."""
    return Source(
        kind=SourceKind.RULE,
        ref=rule.id,
        digest=to_base64url(rule.digest),
        draft=rule.origin.standing is RuleStanding.DRAFT,
    )


def of_sheet(sheet: Sheet) -> tuple[Source, ...]:
    """The method of a calculation and the rules it used."""
    method = Source(
        kind=SourceKind.METHOD,
        ref=sheet.method,
        digest=to_base64url(sheet.method_digest),
        draft=sheet.method in sheet.drafts,
    )
    return (method, *(of_rule(rule) for rule in sheet.rules.values()))


_ORDER = tuple(Standing)
