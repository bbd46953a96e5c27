"""TOML of strangers, bounded before it is parsed."""

import tomllib
from typing import Any

from trace_node.errors import InputError, TooLargeError


def read_toml(raw: bytes, *, file: str, most: int, most_in_a_line: int) -> dict[str, Any]:
    """Parse TOML.

    The parser's time and memory grow with the square of a dotted key, and a key cannot leave its
    line: so lines are bounded too.

    Args:
        raw: The bytes.
        file: What they are called in errors.
        most: Most bytes of all.
        most_in_a_line: Most bytes of one line.

    Raises:
        TooLargeError: All of it or one line is longer; nothing was parsed.
        InputError: It is not TOML.
    """
    if len(raw) > most:
        raise TooLargeError(
            "{field} has {size} bytes, more than {bound}",
            field=file,
            size=len(raw),
            bound=most,
            remedy="split it",
        )
    for number, line in enumerate(raw.split(b"\n"), 1):
        if len(line) > most_in_a_line:
            raise TooLargeError(
                "{field}: line {number} has {size} bytes, more than {bound}",
                field=file,
                number=number,
                size=len(line),
                bound=most_in_a_line,
                remedy="write one value in a line",
            )
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # also a number of too many digits
        raise InputError(
            "{field} is not TOML: {detail}",
            field=file,
            detail=str(error),
            remedy="correct it at the place named",
            code="input.toml",
        ) from error
