"""What does not conform: said beside the figure, never repaired in silence."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NonConformity:
    """A finding that a person has to settle (不符合项).

    Attributes:
        code: Stable dotted code.
        template: English sentence with ``{name}`` parameters; also the gettext message id.
        params: Values of the parameters.
    """

    code: str
    template: str
    params: Mapping[str, object]

    @property
    def message(self) -> str:
        """The English sentence with its parameters filled in."""
        return self.template.format(**self.params)
