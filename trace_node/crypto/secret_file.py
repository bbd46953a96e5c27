"""Files that only their owner may read, written whole or not at all."""

import os
import secrets
import stat
from pathlib import Path

from trace_node.crypto.errors import KeyFileError

MODE = 0o600
MAX_SIZE = 16_384

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read(path: Path) -> bytes:
    """Return the bytes of a small file that nobody but its owner may read or write.

    The checks are made on the opened file, so that it cannot be exchanged in between.

    Raises:
        KeyFileError: Missing, not a regular file, open to others, owned by a third user, or larger
            than 16,384 bytes.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise KeyFileError(
            "{path}: cannot be opened: {detail}",
            field="path",
            path=path,
            detail=error.strerror,
            remedy="check the path and the permissions",
            code="config.key_file.open",
        ) from error
    try:
        _require_private(path, os.fstat(descriptor))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            raw = file.read(MAX_SIZE + 1)
    finally:
        os.close(descriptor)
    if len(raw) > MAX_SIZE:
        raise KeyFileError(
            "{path}: larger than {bound} bytes",
            field="path",
            path=path,
            bound=MAX_SIZE,
            remedy="check the path: no key or passphrase is that long",
            code="config.key_file.size",
        )
    return raw


def create(path: Path, content: bytes) -> None:
    """Write a new file of mode 0600; on return it is on the disk, and an old one never changes.

    Raises:
        KeyFileError: ``path`` exists.
        OSError: The directory is missing or cannot be written.
    """
    temporary = _write_beside(path, content)
    try:
        os.link(temporary, path)
    except FileExistsError as error:
        raise KeyFileError(
            "{path}: exists already and is not overwritten",
            field="path",
            path=path,
            remedy="choose another name, or move the old key away first",
            code="config.key_file.exists",
        ) from error
    finally:
        temporary.unlink()
    _sync_directory(path.parent)


def _require_private(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise KeyFileError(
            "{path}: not a regular file",
            field="path",
            path=path,
            remedy="name the file itself",
            code="config.key_file.type",
        )
    if status.st_mode & _OTHERS:
        raise KeyFileError(
            "{path}: its mode is {mode}, so that others can reach it; must be 0600",
            field="path",
            path=path,
            mode=f"{stat.S_IMODE(status.st_mode):04o}",
            remedy="chmod 600 {path}, and treat the key as disclosed if others could read it",
            code="config.key_file.mode",
        )
    if status.st_uid not in (0, os.geteuid()):
        raise KeyFileError(
            "{path}: belongs to the user {owner}, must belong to the user that runs this",
            field="path",
            path=path,
            owner=status.st_uid,
            remedy="run this as that user, or give the file to the user that runs this",
            code="config.key_file.owner",
        )


def _write_beside(path: Path, content: bytes) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, MODE)  # whatever the umask is
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    except OSError:
        temporary.unlink()
        raise
    return temporary


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
