"""The documents of an archive: a file each, named by its SM3, that is never written twice."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from trace_node.crypto.sm3 import sm3
from trace_node.store.archive_frames import ArchiveDamagedError
from trace_node.store.durable_files import flush_folder, replace_durably

FOLDER: Final = "documents"
MAX_DOCUMENT: Final = 64 * 1024 * 1024
_NAME: Final = re.compile(r"[0-9a-f]{64}")


class ArchivedDocuments:
    """The folder ``documents`` of an archive; see ``trace_node.ports.archive.Archive``.

    Args:
        folder: Folder of the archive.
    """

    def __init__(self, folder: Path) -> None:
        self._archive = folder
        self._folder = folder / FOLDER

    def append(self, digest: bytes, body: bytes) -> None:
        """Add a document; durable when this returns."""
        path = self._folder / digest.hex()
        if sm3(body) != digest:
            raise _damaged(path)
        if path.exists():
            return
        if not self._folder.exists():
            self._folder.mkdir()
            flush_folder(self._archive)
        replace_durably(path, body)

    def holds(self, digest: bytes) -> bool:
        """Whether it is there; what is in the file, ``read`` says."""
        return (self._folder / digest.hex()).is_file()

    def read(self) -> Iterator[tuple[bytes, bytes]]:
        """Every document after its SM3, in the order of these."""
        if not self._folder.exists():
            return
        names = (path.name for path in self._folder.iterdir())
        for name in sorted(filter(_NAME.fullmatch, names)):
            path = self._folder / name
            with path.open("rb") as file:
                body = file.read(MAX_DOCUMENT + 1)
            if sm3(body) != bytes.fromhex(name):
                raise _damaged(path)
            yield bytes.fromhex(name), body


def _damaged(path: Path) -> ArchiveDamagedError:
    return ArchiveDamagedError(
        "{field}: is not the document with the SM3 in its name",
        field=str(path),
        remedy="restore the file from a copy, or remove it: a node that holds the document"
        " archives it again when it starts",
    )
