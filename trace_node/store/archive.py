"""Which archive a URL means: one visible table from scheme to implementation."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from trace_node.errors import ConfigError
from trace_node.ports.archive import Archive
from trace_node.store.archive_file import FileArchive


def open_archive(url: str) -> Archive:
    """The archive at ``url``, not opened for writing yet.

    Args:
        url: ``file:///absolute/folder``.

    Raises:
        ConfigError: No archive is known for the scheme, or the URL names no folder.
    """
    parts = urlsplit(url)
    make = _BY_SCHEME.get(parts.scheme)
    if make is None:
        raise ConfigError(
            "{field}: no archive is known for the scheme {scheme}",
            field="archive_url",
            scheme=repr(parts.scheme),
            remedy="use file:///absolute/folder, best on another disk",
            code="archive.url",
        )
    return make(parts)


def _in_folder(parts: SplitResult) -> Archive:
    path = Path(unquote(parts.path))
    if parts.netloc not in {"", "localhost"} or not path.is_absolute():
        raise ConfigError(
            "{field}: must name an absolute folder of this machine",
            field="archive_url",
            remedy="use file:///absolute/folder, best on another disk",
            code="archive.url",
        )
    return FileArchive(path)


_BY_SCHEME: dict[str, Callable[[SplitResult], Archive]] = {"file": _in_folder}
