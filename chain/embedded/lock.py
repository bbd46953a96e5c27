"""One owner for one chain file: two block makers on one file would fork it."""

import fcntl
import os
import time
from pathlib import Path

from chain.embedded.errors import ChainFileError, ChainFileOwnedError

_PAUSE_SECONDS = 0.05


class OwnerLock:
    """An exclusive lock beside the chain file, freed by the kernel when its process ends.

    Args:
        path: The chain file; the lock is ``<path>.lock`` and is never deleted, because deleting a
            lock file lets two owners hold two different files of the same name.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".lock")
        self._descriptor: int | None = None

    def take(self, *, wait_s: float = 0) -> None:
        """Become the owner.

        Args:
            wait_s: How long another owner may take to give the file up.

        Raises:
            ChainFileOwnedError: Another process, or another chain object here, is the owner.
            ChainFileError: The folder cannot be written to.
        """
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._unusable(error) from error
        if not _locked_in_time(descriptor, wait_s):
            owner = os.read(descriptor, 32).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise ChainFileOwnedError(
                "{field}: process {owner} owns this chain file",
                field=str(self._path),
                owner=owner or "?",
            )
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        except OSError as error:
            os.close(descriptor)
            raise self._unusable(error) from error
        self._descriptor = descriptor

    def _unusable(self, error: OSError) -> ChainFileError:
        return ChainFileError(
            "{field}: the lock file cannot be written: {detail}",
            field=str(self._path),
            detail=error.strerror,
            remedy="create the folder, let this user write to it, and free space on the disk",
        )

    def free(self) -> None:
        """Stop being the owner; harmless when it is not."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _locked_in_time(descriptor: int, wait_s: float) -> bool:
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE_SECONDS)
        else:
            return True
