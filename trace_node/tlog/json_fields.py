"""Strict reading of JSON objects: exactly the stated members, each of its type and within bounds.

Bundles and trust roots come from strangers. An absent member, an extra one or a value of another
type is refused with the path of the member, before anything is computed from it.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from trace_node.canonical_json import JsonObject, JsonValue, encode_trusted
from trace_node.errors import InputError
from trace_node.ids import from_base64url
from trace_node.tlog.hasher import HASH_SIZE

_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_HEX = re.compile(r"0x(?:[0-9a-f]{2})*")
MAX_UINT = 2**53 - 1  # the largest integer of canonical JSON


class Fields:
    """One JSON object whose members are read by name.

    Args:
        value: What should be the object.
        path: Where it stands, for messages; empty at the top.
        members: The names it must hold, no more and no fewer.
        error: The error to raise.
    """

    def __init__(
        self, value: JsonValue, *, path: str, members: Iterable[str], error: type[InputError]
    ) -> None:
        self.path = path
        self.error = error
        if not isinstance(value, dict):
            raise error("{field}: must be an object", field=path or "file")
        self._object = value
        wanted = set(members)
        for name in sorted(wanted - value.keys()):
            raise error("{field}: is missing", field=self.at(name))
        for name in sorted(value.keys() - wanted):
            raise error("{field}: is not a member of this version", field=self.at(name[:64]))

    def at(self, name: str) -> str:
        """The path of a member."""
        return f"{self.path}.{name}" if self.path else name

    def is_null(self, name: str) -> bool:
        """Whether the member is null."""
        return self._object[name] is None

    def value(self, name: str) -> JsonValue:
        """The member as it stands."""
        return self._object[name]

    def text(self, name: str, *, most: int, least: int = 1) -> str:
        """A string of ``least`` to ``most`` characters."""
        value = self._object[name]
        if not isinstance(value, str) or not least <= len(value) <= most:
            raise self.error(
                "{field}: must be a string of {least} to {most} characters",
                field=self.at(name),
                least=least,
                most=most,
            )
        return value

    def integer(self, name: str, *, least: int = 0, most: int = MAX_UINT) -> int:
        """An integer from ``least`` to ``most``."""
        value = self._object[name]
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.error(
                "{field}: must be an integer from {least} to {most}",
                field=self.at(name),
                least=least,
                most=most,
            )
        return value

    def raw(self, name: str, *, size: int | None, most: int | None = None) -> bytes:
        """Bytes written as base64url without padding: exactly ``size``, or up to ``most``."""
        return self._bytes_of(self._object[name], at=self.at(name), size=size, most=most)

    def digest(self, name: str) -> bytes:
        """A digest of 32 bytes as base64url without padding."""
        return self.raw(name, size=HASH_SIZE)

    def digests(self, name: str, *, most: int) -> tuple[bytes, ...]:
        """An array of at most ``most`` digests."""
        return tuple(
            self._bytes_of(item, at=f"{self.at(name)}[{place}]", size=HASH_SIZE, most=None)
            for place, item in enumerate(self.array(name, most=most))
        )

    def hexadecimal(self, name: str, *, size: int) -> bytes:
        """Exactly ``size`` bytes as 0x and lower-case hex digits: what chains count by."""
        return self._hexadecimal_of(self._object[name], at=self.at(name), size=size)

    def hexadecimals(self, name: str, *, size: int, least: int, most: int) -> tuple[bytes, ...]:
        """An array of ``least`` to ``most`` such values."""
        return tuple(
            self._hexadecimal_of(item, at=f"{self.at(name)}[{place}]", size=size)
            for place, item in enumerate(self.array(name, least=least, most=most))
        )

    def instant(self, name: str) -> datetime:
        """A time in UTC with three decimals, such as ``2026-11-21T03:10:00.123Z``."""
        value = self.text(name, most=24)
        try:
            if _INSTANT.fullmatch(value):
                return datetime.fromisoformat(value)
        except ValueError:
            pass  # thirteenth months and the like: refused below with the same words
        raise self.error(
            "{field}: must be a time such as 2026-11-21T03:10:00.123Z", field=self.at(name)
        )

    def mapping(self, name: str) -> JsonObject:
        """An object whose members are not looked at here."""
        value = self._object[name]
        if not isinstance(value, dict):
            raise self.error("{field}: must be an object", field=self.at(name))
        return value

    def array(self, name: str, *, most: int, least: int = 0) -> list[JsonValue]:
        """An array of ``least`` to ``most`` items."""
        value = self._object[name]
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise self.error(
                "{field}: must be an array of {least} to {most} items",
                field=self.at(name),
                least=least,
                most=most,
            )
        return value

    def objects(self, name: str, *, members: Iterable[str], most: int) -> "tuple[Fields, ...]":
        """An array of at most ``most`` objects with exactly these members."""
        wanted = tuple(members)
        return tuple(
            Fields(item, path=f"{self.at(name)}[{place}]", members=wanted, error=self.error)
            for place, item in enumerate(self.array(name, most=most))
        )

    def records(self, name: str, *, most: int) -> tuple[bytes, ...]:
        """An array of at most ``most`` objects, each as its exact bytes."""
        raws = []
        for place, item in enumerate(self.array(name, most=most)):
            if not isinstance(item, dict):
                raise self.error("{field}: must be an object", field=f"{self.at(name)}[{place}]")
            raws.append(encode_trusted(item))
        return tuple(raws)

    def inner(self, name: str, *, members: Iterable[str]) -> "Fields":
        """The member, which must be an object with exactly these members."""
        return Fields(self._object[name], path=self.at(name), members=members, error=self.error)

    def _hexadecimal_of(self, value: JsonValue, *, at: str, size: int) -> bytes:
        if not isinstance(value, str) or len(value) != 2 + 2 * size or not _HEX.fullmatch(value):
            raise self.error(
                "{field}: must be 0x and {digits} lower-case hex digits", field=at, digits=2 * size
            )
        return bytes.fromhex(value[2:])

    def _bytes_of(self, value: JsonValue, *, at: str, size: int | None, most: int | None) -> bytes:
        if not isinstance(value, str):
            raise self.error("{field}: must be a string of base64url", field=at)
        if most is not None and len(value) > most * 4 // 3 + 4:
            raise self.error("{field}: holds more than {most} bytes", field=at, most=most)
        try:
            return from_base64url(value, size=size, field=at)
        except InputError as fault:
            raise self.error("{detail}", field=at, detail=fault.message) from fault


def instant_text(instant: datetime) -> str:
    """Write a time as ``Fields.instant`` reads it; finer than milliseconds is cut off."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def hexadecimal(raw: bytes) -> str:
    """Write bytes as ``Fields.hexadecimal`` reads them."""
    return "0x" + raw.hex()
