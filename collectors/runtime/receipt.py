"""What a destination says of a data file that was carried there: which deliveries it has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from collectors.errors import CollectedDataError
from trace_node import canonical_json
from trace_node.canonical_json import CanonicalFormError, JsonObject
from trace_node.errors import InputError
from trace_node.ids import from_base64url, to_base64url

FORMAT: Final = "collected-receipt@1"
MAX_BYTES: Final = 16 * 1024 * 1024
_MEMBERS: Final = frozenset({"deliveries", "final", "origin", "type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A receipt (回执).

    Attributes:
        origin: Origin of the log that has them.
        final: Size of the log below which nothing can change any more.
        deliveries: Of each delivery, by its record digest, the index behind it in the log.
    """

    origin: str
    final: int
    deliveries: Mapping[bytes, int]

    def to_bytes(self) -> bytes:
        """The file."""
        rows: list[canonical_json.JsonValue] = [
            {"delivery": to_base64url(digest), "next_index": index}
            for digest, index in sorted(self.deliveries.items())
        ]
        fields: JsonObject = {
            "deliveries": rows,
            "final": self.final,
            "origin": self.origin,
            "type": FORMAT,
        }
        return canonical_json.encode(fields)


def read_receipt(raw: bytes) -> Receipt:
    """Read a receipt.

    Raises:
        CollectedDataError: It is none.
    """
    try:
        fields = canonical_json.decode_object(raw, max_bytes=MAX_BYTES)
        rows, final, origin = (fields.get(name) for name in ("deliveries", "final", "origin"))
        if (
            fields.keys() != _MEMBERS
            or fields["type"] != FORMAT
            or not isinstance(rows, list)
            or not isinstance(origin, str)
        ):
            raise _wrong("members")
        return Receipt(
            origin=origin, final=_count(final), deliveries=dict(_delivery(each) for each in rows)
        )
    except (CanonicalFormError, InputError) as error:
        if isinstance(error, CollectedDataError):
            raise
        raise _wrong(error.message) from error


def _delivery(row: object) -> tuple[bytes, int]:
    if not isinstance(row, dict) or row.keys() != {"delivery", "next_index"}:
        raise _wrong("deliveries")
    digest = from_base64url(str(row["delivery"]), size=32, field="delivery")
    return digest, _count(row["next_index"])


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _wrong("an index is no whole number")
    return value


def _wrong(detail: str) -> CollectedDataError:
    return CollectedDataError(
        "{field}: is no receipt of this version: {detail}",
        field="receipt",
        detail=detail[:120],
        remedy="take the file that trace-node readings take wrote",
        code="collected.receipt",
    )
