"""Read a TOML file of bounded size; numbers with a point become ``Decimal``."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Final

from collectors.errors import FileError
from collectors.runtime.toml_lines import Lines
from collectors.runtime.toml_table import Table

MOST_BYTES: Final = 4 * 1024 * 1024


def read_bounded(path: Path, *, error: type[FileError], code: str) -> bytes:
    """The bytes of the file.

    Args:
        path: File, at most 4 MiB.
        error: Kind of error to raise.
        code: Prefix of the errors' codes.

    Raises:
        FileError: Unreadable or too large.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as failure:
        raise error(
            "{field}: cannot be read: {detail}",
            field=str(path),
            detail=failure.strerror or str(failure),
            remedy="check the path and the permissions",
            code=f"{code}.unreadable",
        ) from failure
    if len(raw) > MOST_BYTES:
        raise error(
            "{field}: longer than {bound} bytes",
            field=str(path),
            bound=MOST_BYTES,
            remedy="split it over several collectors",
            code=f"{code}.too_large",
        )
    return raw


def parse_toml(raw: bytes, *, name: str, error: type[FileError], code: str) -> Table:
    """Read TOML from bytes; ``name`` stands for the file in errors.

    Raises:
        FileError: Not UTF-8, or not TOML; the message holds line and column.
    """
    try:
        text = raw.decode("utf-8")
        values = tomllib.loads(text, parse_float=Decimal)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, ArithmeticError) as failure:
        raise error(
            "{field}: not TOML: {detail}",
            field=name,
            detail=str(failure),
            remedy="correct the text at the place named",
            code=f"{code}.syntax",
        ) from failure
    return Table(values, (), Lines(name, text), error, code)
