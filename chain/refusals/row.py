"""One row of the table of refusals."""

import re
from dataclasses import dataclass

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A custom error of a contract, and what a person is told.

    Attributes:
        error: Its signature with the names of its parameters, as in the contract.
        field: What of an order, or which argument of an act, is wrong.
        template: The message over the parameters' names and ``field``.
        remedy: What the reader can do.
    """

    error: str
    field: str
    template: str
    remedy: str

    @property
    def name(self) -> str:
        """Name of the error."""
        return self.error.partition("(")[0]

    @property
    def code(self) -> str:
        """Dotted code: ``ledger.refused.`` and the name in snake case."""
        return f"ledger.refused.{_WORD_START.sub('_', self.name).lower()}"

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """Type and name of each parameter."""
        inside = self.error[len(self.name) + 1 : -1]
        pairs = (item.split(" ") for item in inside.split(",") if item)
        return tuple((kind, name) for kind, name in pairs)

    @property
    def signature(self) -> str:
        """The signature as it is hashed: without names."""
        return f"{self.name}({','.join(kind for kind, _ in self.parameters)})"
