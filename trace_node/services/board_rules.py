"""Rules and methods of the board: those of the package, and the operator's own thresholds."""

from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from trace_node.quota.board.errors import BoardRulesError
from trace_node.quota.board.rules import PREFIX, BoardRules, Thresholds
from trace_node.quota.library_file import read_methods, read_rules
from trace_node.quota.method_library import MethodLibrary
from trace_node.quota.rule import Rule, RuleBook


@dataclass(frozen=True, slots=True)
class BoardLibrary:
    """What boards are computed with, for any day.

    Attributes:
        rules: Numbers of the regulations and thresholds.
        methods: Calculations.
    """

    rules: RuleBook
    methods: MethodLibrary

    @classmethod
    def packaged(
        cls, own: bytes | None = None, *, file: str = "board-rules.toml"
    ) -> "BoardLibrary":
        """Read the library of the package; thresholds of the operator take the place of its own.

        Args:
            own: A file of ``[[rule]]`` tables whose ids begin with ``board.``; None without one.
            file: Its name, for errors.

        Raises:
            InputError: The file breaks its form.
            BoardRulesError: It holds a rule that is not for the operator to set.
        """
        folder = files("trace_node.quota") / "library"
        market = read_rules((folder / "rules.toml").read_bytes(), file="rules.toml")
        board = read_rules((folder / "board_rules.toml").read_bytes(), file="board_rules.toml")
        methods = [
            *read_methods((folder / "methods.toml").read_bytes(), file="methods.toml"),
            *read_methods((folder / "board_methods.toml").read_bytes(), file="board_methods.toml"),
        ]
        given = () if own is None else read_rules(own, file=file)
        known = {rule.id for rule in board if rule.id.startswith(PREFIX)}
        for rule in given:
            _require_threshold(rule, known, file=file)
        replaced = {rule.id for rule in given}
        kept = [rule for rule in board if rule.id not in replaced]
        return cls(RuleBook([*market, *kept, *given]), MethodLibrary(methods))

    def on(self, day: date) -> BoardRules:
        """The rules of one day."""
        return BoardRules(book=self.rules, methods=self.methods, on=day)

    def require_thresholds(self, day: date) -> None:
        """Check the thresholds of a day, so that a wrong file is found when the node starts.

        Raises:
            RuleNotFoundError: One is missing.
            RuleExpiredError: One is not in force.
            BoardRulesError: They contradict themselves.
        """
        Thresholds.of(self.on(day), year=day.year)


def _require_threshold(rule: Rule, known: set[str], *, file: str) -> None:
    if rule.id not in known:
        raise BoardRulesError(
            "{file}: {id} is no threshold of the board",
            field=rule.id,
            file=file,
            id=rule.id,
            remedy="set one of {known}; a regulation is changed in the library of rules",
            known=", ".join(sorted(known)),
        )
