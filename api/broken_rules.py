"""Which rule a setting, an option or a field breaks, in our words.

pydantic checks them all; its own sentences are English only and speak to programmers. The kinds are
those of its ``error_types``; a kind that is not in the table keeps pydantic's sentence.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_RULES: Final = {
    "missing": "{field}: missing",
    "extra_forbidden": "{field}: no such field",
    "int_type": "{field}: must be a whole number",
    "string_type": "{field}: must be text",
    "bool_type": "{field}: must be true or false",
    "list_type": "{field}: must be a list",
    "dict_type": "{field}: must be an object",
    "enum": "{field}: must be one of {expected}",
    "datetime_type": "{field}: must be a time, such as 2026-11-21T11:10:00",
    "greater_than_equal": "{field}: must be {ge} or more",
    "less_than_equal": "{field}: must be {le} or less",
    "string_pattern_mismatch": "{field}: must have the form {pattern}",
    "string_too_short": "{field}: must have at least {min_length} characters",
    "string_too_long": "{field}: must have at most {max_length} characters",
    "too_short": "{field}: must hold at least {min_length} items",
    "too_long": "{field}: must hold at most {max_length} items",
    "rfc3339": "{field}: must be a time by RFC 3339 with a zone and at most milliseconds, from 1970"
    " on, such as 2026-11-21T11:10:00+08:00",
    "other": "{field}: {detail}",
}
_SAME: Final = {
    "int_parsing": "int_type",
    "int_parsing_size": "int_type",
    "int_from_float": "int_type",
    "string_unicode": "string_type",
    "bool_parsing": "bool_type",
    "tuple_type": "list_type",
    "model_type": "dict_type",
    "model_attributes_type": "dict_type",
    "literal_error": "enum",
    "datetime_parsing": "datetime_type",
    "datetime_from_date_parsing": "datetime_type",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRule:
    """A rule that a value breaks.

    Attributes:
        template: Message over ``params`` and the name of the ``field``.
        params: What the rule says in figures.
    """

    template: str
    params: dict[str, Any]


def broken_rule(error: "ErrorDetails") -> BrokenRule:
    """Which rule an error of pydantic speaks of."""
    kind = _SAME.get(error["type"], error["type"])
    params: dict[str, Any] = {"detail": error["msg"]}
    for name, value in error.get("ctx", {}).items():
        if name == "expected":  # 'a', 'b' or 'c': the word is English
            params[name] = str(value).replace(" or ", ", ")
        elif isinstance(value, str | int):
            params[name] = value
    return BrokenRule(template=_RULES[kind if kind in _RULES else "other"], params=params)
