"""Files that are on the disk when a function returns: append, replace, make."""

import os
from pathlib import Path


def append_durably(path: Path, content: bytes, *, at: int) -> None:
    """Write ``content`` at byte ``at``, where what counts ends, and flush it to the disk."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        written = 0
        while written < len(content):
            written += os.pwrite(descriptor, content[written:], at + written)
        os.ftruncate(descriptor, at + len(content))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_durably(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of a file, wholly or not at all, and flush file and folder."""
    beside = path.with_name(path.name + ".new")
    append_durably(beside, content, at=0)
    beside.replace(path)
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Flush the names in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
