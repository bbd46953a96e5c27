"""Signed registrations as files: written once, enrolled whenever the node starts."""

import os
from collections.abc import Iterator
from pathlib import Path

from api.home import Home


def save(home: Home, raw: bytes) -> Path:
    """Write a registration behind those that are there, and return its file."""
    home.registrations.mkdir(parents=True, exist_ok=True)
    path = home.registrations / f"{sum(1 for _ in home.registrations.iterdir()):06d}.json"
    with path.open("xb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    return path


def read_all(home: Home) -> Iterator[bytes]:
    """Every registration, in the order in which they were written."""
    if home.registrations.is_dir():
        for path in sorted(home.registrations.glob("*.json")):
            yield path.read_bytes()
