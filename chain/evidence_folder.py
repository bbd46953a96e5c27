"""Evidence of contradictions in a folder: written durably, never overwritten."""

import hashlib
import os
import re
import threading
from pathlib import Path

from chain.errors import ChainConfigError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class EvidenceFolder:
    """An ``EvidenceSink`` in the file system (证据文件).

    Args:
        folder: Made when it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, name: str, content: bytes) -> str:
        """See ``EvidenceSink``; other content under the same name gets a name of its own.

        Raises:
            ChainConfigError: The name is not a plain file name, or the folder cannot be written.
        """
        if not _NAME.fullmatch(name):
            raise ChainConfigError("{field}: not a plain file name", field="name")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / name
            if path.exists() and path.read_bytes() != content:
                digest = hashlib.sha256(content).hexdigest()[:16]
                path = path.with_name(f"{path.stem}-{digest}{path.suffix}")
            if not path.exists():
                self._write(path, content)
        except OSError as error:
            raise ChainConfigError(
                "{field}: the evidence cannot be written: {detail}",
                field=str(self._folder),
                detail=error.strerror or type(error).__name__,
                remedy="make the folder writable and repeat",
                code="chain.evidence",
            ) from error
        return str(path)

    def _write(self, path: Path, content: bytes) -> None:
        temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
