"""How the small members of a boundary are read."""

import re
from typing import Final

from trace_node.canonical_json import JsonObject
from trace_node.record.errors import RecordError
from trace_node.record.fields import read_object, read_text, require_keys
from trace_node.record.statement_fields import read_line

SHORT: Final = 80
LONG: Final = 200
MAX_WORDS: Final = 64
ID_PATTERN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
ID_RULE: Final = "1 to 32 letters, digits and . _ -"


def read_id(fields: JsonObject, key: str) -> str:
    """Read a name inside a boundary."""
    return read_text(fields, key, ID_PATTERN, ID_RULE)


def read_ids(fields: JsonObject, key: str, *, most: int) -> tuple[str, ...]:
    """Read a list of names inside a boundary.

    Raises:
        RecordError: It is something else, or longer.
    """
    items = fields[key]
    if not isinstance(items, list) or len(items) > most:
        raise RecordError(
            "{field}: must be a list of at most {bound} names",
            field=key,
            bound=most,
            remedy="write [] when there is nothing to list",
            code=f"record.{key}",
        )
    return tuple(read_id({key: item}, key) for item in items)


def read_texts(fields: JsonObject, *keys: str, most: int) -> dict[str, str]:
    """Read an object of exactly these lines of text."""
    require_keys(fields, frozenset(keys))
    return {key: read_line(fields, key, most=most) for key in keys}


def read_words(fields: JsonObject, key: str, *, most: int = LONG) -> dict[str, str]:
    """Read an object whose members are lines of text, each under a name.

    Raises:
        RecordError: A name or a text is none, or there are too many.
    """
    inner = read_object(fields, key)
    if len(inner) > MAX_WORDS:
        raise RecordError(
            "{field}: must have at most {bound} members",
            field=key,
            bound=MAX_WORDS,
            remedy="leave out what is not used",
            code=f"record.{key}",
        )
    for name in inner:
        read_id({key: name}, key)
    return {name: read_line(inner, name, most=most) for name in inner}
