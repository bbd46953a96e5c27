"""What a method has to be given, and the reading of what was given."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from trace_node.canonical_json import JsonObject
from trace_node.quota.errors import LibraryError, QuotaInputError

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,12})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSpec:
    """One input of a method.

    Attributes:
        name: Name of it, a symbol of the formulas unless it is a choice.
        unit: Unit the value is given in; ``1`` for a fraction or a count.
        least: Smallest permitted value.
        most: Largest permitted value; None for no bound but that of the number's digits.
        whole: Whether only whole numbers are permitted, as for tonnes of allowances.
        choices: Permitted words, where it is not a number.
    """

    name: str
    unit: str
    least: Decimal
    most: Decimal | None
    whole: bool
    choices: tuple[str, ...]

    def to_json(self) -> JsonObject:
        """Its form in what is hashed."""
        return {
            "choices": list(self.choices),
            "least": format(self.least, "f"),
            "most": None if self.most is None else format(self.most, "f"),
            "name": self.name,
            "unit": self.unit,
            "whole": self.whole,
        }

    def __post_init__(self) -> None:
        words = set(self.choices)
        if len(words) != len(self.choices) or (self.most is not None and self.most < self.least):
            raise LibraryError(
                "{name}: choices must differ, and most must not be below least",
                field=self.name,
                name=self.name,
                remedy="see docs/spec/allocation-library.md for the form",
            )

    def read(self, text: str, *, place: str = "") -> Decimal:
        """The number a text stands for.

        Args:
            text: A decimal in plain notation.
            place: What the name of the input is told with.

        Raises:
            QuotaInputError: It is no plain decimal, not whole, or out of range.
        """
        if not _DECIMAL.fullmatch(text):
            raise self._refusal(
                place, text, "a decimal of at most 15 digits before the point and 12 after"
            )
        value = Decimal(text)
        if self.whole and value != value.to_integral_value():
            raise self._refusal(place, text, "a whole number")
        if value < self.least:
            raise self._refusal(place, text, "{least} or more")
        if self.most is not None and value > self.most:
            raise self._refusal(place, text, "{most} or less")
        return value or Decimal(0)  # never a negative zero

    def choose(self, text: str, *, place: str = "") -> str:
        """The word a text stands for.

        Raises:
            QuotaInputError: It is none of the permitted ones.
        """
        if text not in self.choices:
            raise QuotaInputError(
                "{field}: {value} is not one of {choices}",
                field=place + self.name,
                value=repr(text[:60]),
                choices=", ".join(self.choices),
                remedy="give one of {choices}",
            )
        return text

    def _refusal(self, place: str, text: str, needed: str) -> QuotaInputError:
        return QuotaInputError(
            "{field}: {value} is not " + needed,
            field=place + self.name,
            value=repr(text[:60]),
            least=self.least,
            most=self.most,
            unit=self.unit,
            remedy="give it in plain notation, in the unit {unit}",
        )


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was given, read.

    Attributes:
        numbers: Value of each input that is a number.
        texts: Each input as it was given.
    """

    numbers: Mapping[str, Decimal]
    texts: Mapping[str, str]

    @classmethod
    def read(
        cls, specs: Iterable[InputSpec], given: Mapping[str, str], *, place: str = ""
    ) -> "Inputs":
        """Read what was given for a method's inputs.

        Args:
            specs: What is needed.
            given: Texts by name.
            place: What names are told with in errors.

        Raises:
            QuotaInputError: One is missing, unknown or not permitted.
        """
        numbers: dict[str, Decimal] = {}
        texts: dict[str, str] = {}
        for spec in specs:
            if spec.name not in given:
                raise QuotaInputError(
                    "{field} is missing",
                    field=place + spec.name,
                    unit=spec.unit,
                    remedy="give it in the unit {unit}",
                    code="quota.input.missing",
                )
            texts[spec.name] = text = given[spec.name]
            if spec.choices:
                spec.choose(text, place=place)
            else:
                numbers[spec.name] = spec.read(text, place=place)
        for name in given:
            if name not in texts:
                raise QuotaInputError(
                    "{field} is not an input of this method",
                    field=place + name[:60],
                    known=", ".join(texts),
                    remedy="the inputs are: {known}",
                    code="quota.input.unknown",
                )
        return cls(numbers, texts)

    def fill(self, template: str) -> str:
        """A rule id with the chosen words filled in."""
        for name, text in self.texts.items():
            template = template.replace(f"{{{name}}}", text)
        return template
