"""Small files that are there whole or not at all."""

import os
from pathlib import Path

MAX_RECORD_BYTES = 4_096


def write_whole(path: Path, raw: bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one, and never half of it."""
    temporary = path.with_name(path.name + ".new")
    with temporary.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_record(path: Path) -> bytes:
    """The record in a file, without its line end; one byte too long when it is over its bound.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        return file.read(MAX_RECORD_BYTES + 1).rstrip(b"\n")


def hash_text(raw: bytes) -> str:
    """A 32-byte hash as records write it."""
    return "0x" + raw.hex()


def hash_bytes(text: object) -> bytes:
    """Read what ``hash_text`` wrote.

    Raises:
        ValueError: It is something else.
    """
    raw = bytes.fromhex(str(text).removeprefix("0x"))
    if len(raw) != 32 or text != hash_text(raw):  # noqa: PLR2004  a hash
        raise ValueError("a hash is 0x and 64 lower-case hex digits")
    return raw
