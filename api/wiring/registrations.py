"""Signed registrations as files: written once, enrolled whenever the node starts."""

import os
from collections.abc import Iterator
from pathlib import Path

from api.home import Home

_DIGITS = 6


def save(home: Home, raw: bytes) -> Path:
    """Write a registration behind those that are there, and return its file.

    The file is there whole or not at all, also when several processes save at once.
    """
    folder = home.registrations
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{os.getpid()}.new"
    with temporary.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    try:
        path = _linked(temporary, folder)
    finally:
        temporary.unlink()
    _sync(folder)
    return path


def files(home: Home) -> Iterator[Path]:
    """Every registration, in the order in which they were written."""
    if home.registrations.is_dir():
        yield from sorted(home.registrations.glob("[0-9]*.json"))


def _linked(temporary: Path, folder: Path) -> Path:
    """Give the file the next free name."""
    names = [path.stem for path in folder.glob("[0-9]*.json")]
    number = max((int(name) for name in names if name.isdecimal()), default=-1)
    while True:
        number += 1
        path = folder / f"{number:0{_DIGITS}}.json"
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            continue
        return path


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
