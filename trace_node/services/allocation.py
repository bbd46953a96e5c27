"""Allowances of an entity: the packaged rules and methods, and the sheets of its units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files

from trace_node.canonical_json import JsonObject
from trace_node.errors import InputError
from trace_node.formula import exact_sum
from trace_node.quota.library_file import read_methods, read_rules
from trace_node.quota.method_library import MethodLibrary
from trace_node.quota.rule import RuleBook
from trace_node.quota.sheet import Sheet

UNIT_METHOD = "cn.ets.allocation.power"
TOP_UP_METHOD = "cn.ets.top_up.power"
MAX_UNITS = 200


@dataclass(frozen=True, slots=True)
class RuleLibrary:
    """Rules and methods that travel with the package.

    Attributes:
        rules: Numbers of the regulations.
        methods: Calculations.
    """

    rules: RuleBook
    methods: MethodLibrary

    @classmethod
    def packaged(cls) -> "RuleLibrary":
        """Read the library of the package."""
        folder = files("trace_node.quota") / "library"
        rules = read_rules((folder / "rules.toml").read_bytes(), file="rules.toml")
        methods = read_methods((folder / "methods.toml").read_bytes(), file="methods.toml")
        return cls(RuleBook(rules), MethodLibrary(methods))

    def calculate(
        self, method: str, given: Mapping[str, str], *, year: int, on: date, place: str = ""
    ) -> Sheet:
        """Run the method that holds for a year and day.

        Args:
            method: Its id.
            given: Value of each input, as text.
            year: Obligation year.
            on: Day whose rules count.
            place: What the names of inputs are told with in errors.

        Raises:
            QuotaInputError: An input is missing, unknown, or out of its range.
            RuleNotFoundError: There is no such method or rule for the year.
            RuleExpiredError: It is not in force on that day.
            FormulaError: A step has no value for these inputs.
        """
        found = self.methods.find(method, year=year, on=on)
        return found.run(given, book=self.rules, year=year, on=on, place=place)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitySheet:
    """Allowances of an entity that runs generating units (配额核定表).

    Attributes:
        units: Sheet of each unit, by its name.
        total: Sum over the units, and the top-up.
    """

    units: Mapping[str, Sheet]
    total: Sheet

    @property
    def drafts(self) -> tuple[str, ...]:
        """Ids of all draft rules and methods that were used."""
        sheets = (*self.units.values(), self.total)
        return tuple(sorted({name for sheet in sheets for name in sheet.drafts}))

    def to_json(self) -> JsonObject:
        """What is shown."""
        return {
            "drafts": list(self.drafts),
            "total": self.total.to_json(),
            "units": {name: sheet.to_json() for name, sheet in self.units.items()},
        }


def allocate_power(
    units: Sequence[tuple[str, Mapping[str, str]]], *, library: RuleLibrary, year: int, on: date
) -> EntitySheet:
    """Allowances of an entity's generating units, topped up where the plan says so.

    Args:
        units: Name and inputs of each unit.
        library: Rules and methods.
        year: Obligation year.
        on: Day whose rules count.

    Raises:
        InputError: There is no unit, more than 200, or two of one name; or see ``calculate``.
        RuleNotFoundError: There is no such method or rule for the year.
        RuleExpiredError: It is not in force on that day.
    """
    if not 1 <= len(units) <= MAX_UNITS:
        raise InputError(
            "{count} units: an entity has 1 to {bound}",
            field="unit",
            count=len(units),
            bound=MAX_UNITS,
            remedy="write one [[unit]] table for each",
        )
    sheets: dict[str, Sheet] = {}
    for name, given in units:
        if name in sheets:
            raise InputError(
                "{name}: two units have this name",
                field="name",
                name=repr(name),
                remedy="give each its own",
            )
        sheets[name] = library.calculate(UNIT_METHOD, given, year=year, on=on, place=f"{name}: ")
    initial = exact_sum(sheet.result for sheet in sheets.values())
    verified = exact_sum(Decimal(sheet.inputs["verified"]) for sheet in sheets.values())
    given = {"initial": format(initial, "f"), "verified": format(verified, "f")}
    total = library.calculate(TOP_UP_METHOD, given, year=year, on=on)
    return EntitySheet(units=sheets, total=total)
