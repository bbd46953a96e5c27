"""One writer per signer: an advisory lock that all threads and processes of a host respect.

The kernel drops it when its holder dies, however it dies, so no lease can outlive a crash. Senders
on two hosts are not held apart by it: they must not share a key, and if they do, the contract's
compare-and-set decides between them.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chain.errors import ChainUnavailableError, SignerBusyError

_PAUSE_SECONDS = 0.02


class SignerLock:
    """A lock file (签名者锁).

    Args:
        path: The file; created when it is missing, never deleted.
        wait_s: Seconds to wait for another holder, 0 or more.
    """

    def __init__(self, path: Path, *, wait_s: int = 30) -> None:
        self._path = path
        self._wait = wait_s

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the lock for the length of a ``with`` block.

        Raises:
            SignerBusyError: Another holder did not let go in time.
            ChainUnavailableError: The file cannot be opened; code ``chain.signer_lock``.
        """
        descriptor = self._open()
        try:
            self._acquire(descriptor)
            yield
        finally:
            os.close(descriptor)  # closing is what lets go

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ChainUnavailableError(
                "{field}: the lock of this key cannot be opened: {detail}",
                field=str(self._path),
                detail=error.strerror or type(error).__name__,
                remedy="check the disk and the permissions",
                code="chain.signer_lock",
            ) from error

    def _acquire(self, descriptor: int) -> None:
        deadline = time.monotonic() + self._wait
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise SignerBusyError(
                        "{field}: another sender holds the lock of this key",
                        field=str(self._path),
                    ) from None
                time.sleep(_PAUSE_SECONDS)
            else:
                return
