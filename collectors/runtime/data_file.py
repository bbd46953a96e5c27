"""The data file of a collector, ``collected-data@1``: signed deliveries on their way by hand.

Nothing in it is trusted for being in it: each delivery is signed by the collector, and whoever
takes it in checks that as if it had come over HTTP. Byte by byte: docs/spec/collected-data.md.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from collectors.errors import CollectedDataError
from trace_node import canonical_json
from trace_node.canonical_json import CanonicalFormError, JsonObject
from trace_node.crypto.curve import POINT_SIZE
from trace_node.crypto.sm2 import PublicKey
from trace_node.crypto.sm3 import new_sm3
from trace_node.errors import InputError, TooLargeError
from trace_node.ids import Origin, from_base64url, to_base64url
from trace_node.metering.records.wire import MAX_BODY_BYTES

MAGIC: Final = b"trace-node-collected-data@1\n"
FORMAT: Final = "collected-data@1"
MAX_FILE_BYTES: Final = 2 * 1024**3
MAX_HEAD_BYTES: Final = 2 * 1024**2
MAX_POINTS_BYTES: Final = 1024**2
_LENGTH: Final = struct.Struct(">I")
_DIGEST_BYTES: Final = 32
_PIECE: Final = 1 << 20
_MEMBERS: Final = frozenset(
    {"collector", "deliveries", "log", "made_at", "organisation", "origin", "points", "type"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataHead:
    """What a data file says of itself; unsigned, and compared with what is signed.

    Attributes:
        collector: Key of the collector.
        organisation: Whose meters.
        log: Name of the log it is for.
        origin: Origin of that log.
        deliveries: Number of deliveries.
        made_at: RFC 3339 time at which it was written.
        points: The point list of the collector, a TOML text.
    """

    collector: PublicKey
    organisation: str
    log: str
    origin: Origin
    deliveries: int
    made_at: str
    points: str

    def to_fields(self) -> JsonObject:
        """Its members."""
        return {
            "collector": to_base64url(self.collector.point),
            "deliveries": self.deliveries,
            "log": self.log,
            "made_at": self.made_at,
            "organisation": self.organisation,
            "origin": self.origin,
            "points": self.points,
            "type": FORMAT,
        }


def write_data_file(path: Path, head: DataHead, deliveries: Iterable[bytes]) -> int:
    """Write a data file; give its number of bytes.

    Args:
        path: Must not exist.
        head: What it says of itself.
        deliveries: As they go over the wire; as many as the head names.

    Raises:
        OSError: It cannot be written.
    """
    running = new_sm3()
    with path.open("xb") as file:
        for part in (MAGIC, *_framed(canonical_json.encode(head.to_fields()))):
            running.update(part)
            file.write(part)
        for body in deliveries:
            for part in _framed(body):
                running.update(part)
                file.write(part)
        file.write(running.digest())
        return file.tell()


def count_that_fit(deliveries: Iterable[bytes]) -> int:
    """How many of some deliveries, from the first on, one file holds beside any head.

    A file over its bound would be taken by nobody, and without a receipt never become smaller.
    """
    left = MAX_FILE_BYTES - len(MAGIC) - _LENGTH.size - MAX_HEAD_BYTES - _DIGEST_BYTES
    count = 0
    for body in deliveries:
        left -= _LENGTH.size + len(body)
        if left < 0:
            break
        count += 1
    return count


def read_head(path: Path) -> DataHead:
    """Read what a data file says of itself, once all of it was found to be there and unharmed.

    Raises:
        TooLargeError: It is over its bound.
        CollectedDataError: It is no such file, or cut off or damaged.
        OSError: It cannot be read.
    """
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise TooLargeError(
            "{field}: {size} bytes, at most {bound}",
            field=str(path),
            size=size,
            bound=MAX_FILE_BYTES,
            remedy="export it again: no export is larger than that",
            code="collected.too_large",
        )
    with path.open("rb") as file:
        head = _read_head(file, path)
        _require_digest(file, path, size=size)
        return head


def read_deliveries(path: Path) -> Iterator[bytes]:
    """The deliveries of a data file, one at a time, as they go over the wire.

    Raises:
        CollectedDataError: It is no such file, or holds others than it says.
    """
    with path.open("rb") as file:
        head = _read_head(file, path)
        for _ in range(head.deliveries):
            yield _read_frame(file, path, bound=MAX_BODY_BYTES)
        if len(file.read(_DIGEST_BYTES + 1)) != _DIGEST_BYTES:
            raise _damaged(path, "holds more or less than it says")


def _framed(body: bytes) -> tuple[bytes, bytes]:
    return _LENGTH.pack(len(body)), body


def _read_head(file: IO[bytes], path: Path) -> DataHead:
    if file.read(len(MAGIC)) != MAGIC:
        raise _damaged(path, "begins otherwise")
    raw = _read_frame(file, path, bound=MAX_HEAD_BYTES)
    try:
        fields = canonical_json.decode_object(raw, max_bytes=MAX_HEAD_BYTES)
        if fields.keys() != _MEMBERS or fields["type"] != FORMAT:
            raise _damaged(path, "its head has other members")
        texts = {name: str(fields[name]) for name in _MEMBERS}
        count = fields["deliveries"]
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise _damaged(path, "its head counts nothing")
        point = from_base64url(texts["collector"], size=POINT_SIZE, field="collector")
        return DataHead(
            collector=PublicKey.from_point(point),
            organisation=texts["organisation"],
            log=texts["log"],
            origin=Origin(texts["origin"]),
            deliveries=count,
            made_at=texts["made_at"],
            points=texts["points"],
        )
    except (CanonicalFormError, InputError) as error:
        if isinstance(error, CollectedDataError):
            raise
        raise _damaged(path, error.message) from error


def _read_frame(file: IO[bytes], path: Path, *, bound: int) -> bytes:
    head = file.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise _damaged(path, "is cut off")
    (length,) = _LENGTH.unpack(head)
    if length > bound:
        raise _damaged(path, f"a part of it has {length} bytes")
    body = file.read(length)
    if len(body) < length:
        raise _damaged(path, "is cut off")
    return body


def _require_digest(file: IO[bytes], path: Path, *, size: int) -> None:
    """The last bytes are the SM3 of all before them."""
    file.seek(0)
    running, left = new_sm3(), size - _DIGEST_BYTES
    while left > 0:
        part = file.read(min(left, _PIECE))
        if not part:
            break
        running.update(part)
        left -= len(part)
    if left or file.read() != running.digest():
        raise _damaged(path, "does not have the SM3 that it ends with")


def _damaged(path: Path, why: str) -> CollectedDataError:
    return CollectedDataError(
        "{field}: is no data file of a collector, or a damaged one: {why}",
        field=str(path),
        why=why[:160],
        remedy="export it again: trace-node readings export",
        code="collected.file",
    )
