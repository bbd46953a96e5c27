"""Archives whose bytes follow from their content: members sorted, times fixed."""

import io
import zipfile
from collections.abc import Mapping
from typing import Final

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the first day a zip can name
_FIRST: Final = "[Content_Types].xml"  # where readers of office files look first
_PLAIN_FILE: Final = 0o600 << 16


def steady_zip(raw: bytes) -> bytes:
    """The same archive with its members in a fixed order, of one time and one way of packing."""
    with zipfile.ZipFile(io.BytesIO(raw)) as given:
        return steady_archive({name: given.read(name) for name in given.namelist()})


def steady_archive(members: Mapping[str, bytes]) -> bytes:
    """Files as an archive, by their names in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in sorted(members, key=lambda name: (name != _FIRST, name)):
            member = zipfile.ZipInfo(name, date_time=_EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = _PLAIN_FILE
            member.create_system = 0
            made.writestr(member, members[name], compresslevel=6)
    return out.getvalue()
