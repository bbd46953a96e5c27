"""Units of an enterprise: which may serve a year, what is set aside, what is left."""

from dataclasses import dataclass
from decimal import Decimal

from trace_node.canonical_json import JsonObject
from trace_node.ids import to_base64url
from trace_node.quota.board.case import BoardCase
from trace_node.quota.board.claims import Claim, SetAside, Units, set_aside
from trace_node.quota.board.figure import (
    Figure,
    Source,
    SourceKind,
    Standing,
    of_rule,
    together,
)
from trace_node.quota.board.position import ClassHolding, LedgerPosition
from trace_node.quota.board.rules import BoardRules
from trace_node.quota.errors import RuleExpiredError, RuleNotFoundError
from trace_node.quota.ledger.kinds import Admission, Instrument
from trace_node.quota.rule import Rule

BANKABLE = "ets.vintage.bankable_from"
MOST_ORDERS_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRow:
    """One class on the board of a year.

    Attributes:
        holding: What is held of it.
        admitted: Whether it may serve the year as an allowance or, CCER, as an offset.
        presumed: Whether that is presumed, because the ledger has no rule for the year yet.
        set_aside: Whole tonnes set aside for debts up to and including the year before.
        counted: Whole tonnes that count for the year.
    """

    holding: ClassHolding
    admitted: bool
    presumed: bool
    set_aside: int
    counted: int

    def to_json(self) -> JsonObject:
        """What is shown."""
        balance = self.holding.balance
        return {
            "admitted": self.admitted,
            "class": self.holding.class_id,
            "code": self.holding.code,
            "counted": self.counted,
            "frozen": balance.frozen,
            "instrument": self.holding.instrument.name.lower(),
            "pending": balance.pending,
            "presumed": self.presumed,
            "registry": balance.registry,
            "set_aside": self.set_aside,
            "trading": balance.trading,
            "vintage": self.holding.vintage,
        }


class Holdings:
    """The units of one case and how they are shared among its debts.

    Args:
        case: The case.
        rules: Rules of the day.
    """

    def __init__(self, case: BoardCase, *, rules: BoardRules) -> None:
        self._position = case.position
        self._bankable = _bankable(rules, case.year)

    @property
    def rows(self) -> tuple[ClassHolding, ...]:
        """What is held, by class."""
        return () if self._position is None else self._position.holdings

    def share(self, claims: list[Claim]) -> SetAside:
        """Set units aside for debts, in the order of the debts."""
        return set_aside(
            [
                Units(class_id=each.class_id, vintage=each.vintage, tonnes=each.free)
                for each in self.rows
                if each.instrument is Instrument.ALLOWANCE
            ],
            claims,
        )

    def serves(self, class_id: int, vintage: int, year: int) -> bool:
        """Whether allowances of a class may be handed in for a year."""
        ruled = None if self._position is None else self._position.admission(class_id, year)
        return self.presumes(vintage, year) if ruled is None else ruled is Admission.ALLOWANCE

    def presumes(self, vintage: int, year: int) -> bool:
        """Whether allowances of a vintage may serve a year that the ledger has no rule for yet."""
        if vintage == year:
            return True
        return self._bankable is not None and self._bankable.value <= vintage <= year

    def offsets(self, class_id: int, year: int) -> bool:
        """Whether CCER of a class may serve a year; never presumed."""
        ruled = None if self._position is None else self._position.admission(class_id, year)
        return ruled in {Admission.OFFSET, Admission.OFFSET_CANCELLED_FIRST}

    def table(
        self, year: int, *, shared: SetAside, counted: dict[int, int]
    ) -> tuple[ClassRow, ...]:
        """The classes on the board of a year.

        Args:
            year: The year.
            shared: What is set aside.
            counted: Whole tonnes that count for the year, by class.
        """
        return tuple(self._row(each, year, shared, counted) for each in self.rows)

    def _row(
        self, each: ClassHolding, year: int, shared: SetAside, counted: dict[int, int]
    ) -> ClassRow:
        is_allowance = each.instrument is Instrument.ALLOWANCE
        ruled = None if self._position is None else self._position.admission(each.class_id, year)
        admitted = (
            self.serves(each.class_id, each.vintage, year)
            if is_allowance
            else self.offsets(each.class_id, year)
        )
        taken = sum(by_class.get(each.class_id, 0) for by_class in shared.taken.values())
        return ClassRow(
            holding=each,
            admitted=admitted,
            presumed=admitted and ruled is None,
            set_aside=taken,
            counted=counted.get(each.class_id, 0),
        )

    def figure(self, tonnes: int, classes: dict[int, int], *, year: int) -> Figure:
        """A quantity of held units: classes, rules of admission and block behind it.

        Args:
            tonnes: Whole tonnes.
            classes: Which classes they are of.
            year: Year they are to serve.
        """
        if self._position is None:
            return Figure(value=Decimal(tonnes), standing=Standing.UNCONFIRMED, sources=())
        rows = [each for each in self.rows if classes.get(each.class_id)]
        rules = [self._admission_source(each, year) for each in rows]
        return Figure(
            value=Decimal(tonnes),
            standing=standing_of(self._position),
            sources=together(
                [self._position.mark.source()],
                [each.source() for each in rows],
                [rule for rule in rules if rule is not None],
                orders_of(self._position),
            ),
        )

    def _admission_source(self, each: ClassHolding, year: int) -> Source | None:
        position = self._position
        ruled = None if position is None else position.admissions.get((each.class_id, year))
        if ruled is not None:
            return ruled.source()
        if each.vintage == year or self._bankable is None:
            return None
        return of_rule(self._bankable)


def standing_of(position: LedgerPosition) -> Standing:
    """How far a figure of the mirror stands: confirmed by registry and chain, or not yet."""
    if position.unconfirmed or not position.mark.final or position.mark.stopped:
        return Standing.UNCONFIRMED
    return Standing.VERIFIED


def orders_of(position: LedgerPosition) -> tuple[Source, ...]:
    """The first of the orders that no registry has confirmed yet."""
    return tuple(
        Source(kind=SourceKind.ORDER, ref="0x" + order.hex(), digest=to_base64url(order))
        for order in position.unconfirmed[:MOST_ORDERS_SHOWN]
    )


def _bankable(rules: BoardRules, year: int) -> Rule | None:
    try:
        return rules.rule(BANKABLE, year=year)
    except (RuleNotFoundError, RuleExpiredError):
        return None
