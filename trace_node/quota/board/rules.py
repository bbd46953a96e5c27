"""What the board computes with: rules and methods of one day, and the thresholds among them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trace_node.quota.board.errors import BoardRulesError
from trace_node.quota.method_library import MethodLibrary
from trace_node.quota.rule import Rule, RuleBook
from trace_node.quota.sheet import Sheet

PREFIX = "board."
MOST_PERIODS = 120
MOST_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRules:
    """Rules and methods as they are in force on one day.

    Attributes:
        book: Rules.
        methods: Calculations.
        on: The day.
    """

    book: RuleBook
    methods: MethodLibrary
    on: date

    def rule(self, rule_id: str, *, year: int) -> Rule:
        """The rule in force for an obligation year.

        Raises:
            RuleNotFoundError: There is none for the year.
            RuleExpiredError: There is one, but not on this day.
        """
        return self.book.find(rule_id, year=year, on=self.on)

    def run(self, method: str, given: Mapping[str, str], *, year: int, place: str = "") -> Sheet:
        """Calculate by the method in force.

        Raises:
            QuotaInputError: An input is missing, unknown, or out of its range.
            RuleNotFoundError: There is no such method or rule for the year.
            RuleExpiredError: It is not in force on this day.
            FormulaError: A step has no value for these inputs.
        """
        found = self.methods.find(method, year=year, on=self.on)
        return found.run(given, book=self.book, year=year, on=self.on, place=place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """When a board changes its colour, and when rising emission is told (分级阈值).

    Attributes:
        yellow: Need over what is available, above which the board is yellow.
        orange: The same for orange.
        red: The same for red.
        yellow_days: Days before the deadline from which a covered year not surrendered is yellow.
        red_days: Days before the deadline from which a short year is red.
        periods: Months running in which emission has risen, from which on an alert is raised.
        rules: The rules they were read from.
    """

    yellow: Decimal
    orange: Decimal
    red: Decimal
    yellow_days: int
    red_days: int
    periods: int
    rules: tuple[Rule, ...]

    @classmethod
    def of(cls, rules: BoardRules, *, year: int) -> "Thresholds":
        """Read them for an obligation year.

        Raises:
            RuleNotFoundError: One is missing.
            RuleExpiredError: One is not in force.
            BoardRulesError: They contradict themselves.
        """
        names = (
            *("level.yellow", "level.orange", "level.red"),
            *("deadline.yellow_days", "deadline.red_days", "trend.periods"),
        )
        found = tuple(rules.rule(PREFIX + name, year=year) for name in names)
        yellow, orange, red = (rule.value for rule in found[:3])
        if not 0 < yellow <= orange <= red:
            raise BoardRulesError(
                "{field}: the thresholds must rise: yellow {yellow}, orange {orange}, red {red}",
                field="board.level",
                yellow=yellow,
                orange=orange,
                red=red,
                remedy="correct the values in the file of thresholds",
            )
        return cls(
            yellow=yellow,
            orange=orange,
            red=red,
            yellow_days=_whole(found[3], least=0, most=MOST_DAYS),
            red_days=_whole(found[4], least=0, most=MOST_DAYS),
            periods=_whole(found[5], least=1, most=MOST_PERIODS),
            rules=found,
        )


def _whole(rule: Rule, *, least: int, most: int) -> int:
    if rule.value != int(rule.value) or not least <= rule.value <= most:
        raise BoardRulesError(
            "{field}: must be a whole number from {least} to {most}",
            field=rule.id,
            least=least,
            most=most,
            remedy="correct the value in the file of thresholds",
        )
    return int(rule.value)
