"""What a method has to be given, and the reading of what was given."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from trace_node.canonical_json import JsonObject
from trace_node.quota.errors import QuotaInputError

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,12})?")


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
            "least": str(self.least),
            "most": None if self.most is None else str(self.most),
            "name": self.name,
            "unit": self.unit,
            "whole": self.whole,
        }

    def read(self, text: str) -> Decimal:
        """The number a text stands for.

        Raises:
            QuotaInputError: It is no plain decimal, not whole, or out of range.
        """
        if not _DECIMAL.fullmatch(text):
            raise self._refusal(
                text, "a decimal of at most 18 digits before the point and 12 after"
            )
        value = Decimal(text)
        if self.whole and value != value.to_integral_value():
            raise self._refusal(text, "a whole number")
        if value < self.least:
            raise self._refusal(text, "{least} or more")
        if self.most is not None and value > self.most:
            raise self._refusal(text, "{most} or less")
        return value

    def choose(self, text: str) -> str:
        """The word a text stands for.

        Raises:
            QuotaInputError: It is none of the permitted ones.
        """
        if text not in self.choices:
            raise self._refusal(text, "one of {choices}")
        return text

    def _refusal(self, text: str, needed: str) -> QuotaInputError:
        return QuotaInputError(
            "{field}: {value} is not " + needed,
            field=self.name,
            value=repr(text[:60]),
            least=self.least,
            most=self.most,
            choices=", ".join(self.choices),
            unit=self.unit,
            remedy="give it in {unit}, in plain notation",
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
    def read(cls, specs: Iterable[InputSpec], given: Mapping[str, str]) -> "Inputs":
        """Read what was given for a method's inputs.

        Raises:
            QuotaInputError: One is missing, unknown or not permitted.
        """
        numbers: dict[str, Decimal] = {}
        texts: dict[str, str] = {}
        for spec in specs:
            if spec.name not in given:
                raise QuotaInputError(
                    "{field} is missing",
                    field=spec.name,
                    unit=spec.unit,
                    remedy="give it in {unit}",
                    code="quota.input.missing",
                )
            texts[spec.name] = text = given[spec.name]
            if spec.choices:
                spec.choose(text)
            else:
                numbers[spec.name] = spec.read(text)
        for name in given:
            if name not in texts:
                raise QuotaInputError(
                    "{field} is not an input of this method",
                    field=name[:60],
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
