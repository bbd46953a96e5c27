"""The payload of a frame of evidence: conflicts as canonical JSON."""

from collections.abc import Mapping
from datetime import datetime

from trace_node import canonical_json
from trace_node.canonical_json import CanonicalFormError, JsonObject, JsonValue
from trace_node.errors import InputError
from trace_node.ids import from_base64url, to_base64url
from trace_node.period import to_ms
from trace_node.ports.archive import ArchivedEvidence
from trace_node.ports.entries import Conflict
from trace_node.store.archive_frames import MAX_PAYLOAD, damaged
from trace_node.store.columns import from_ms

_BYTES = ("boot", "body", "context", "delivery", "leaf_hash")
_TEXTS = ("device", "kind")
_NUMBERS = ("known_index", "position", "seq")


def encode_evidence(evidence: ArchivedEvidence) -> bytes:
    """The payload of a frame of evidence."""
    rows: list[JsonValue] = [_fields(conflict) for conflict in evidence.conflicts]
    return canonical_json.encode({"conflicts": rows})


def decode_evidence(payload: bytes, *, name: str) -> ArchivedEvidence:
    """Read the payload of a frame of evidence.

    Raises:
        ArchiveDamagedError: It is none, although its digest is right.
    """
    try:
        fields = canonical_json.decode_object(payload, max_bytes=MAX_PAYLOAD)
        rows = fields["conflicts"]
        if not isinstance(rows, list):
            raise damaged(name, 0)
        return ArchivedEvidence(conflicts=[_conflict(row) for row in rows])
    except (CanonicalFormError, InputError, KeyError, TypeError) as error:
        raise damaged(name, 0) from error


def _fields(conflict: Conflict) -> JsonObject:
    return {
        **{name: to_base64url(getattr(conflict, name)) for name in _BYTES},
        **{name: getattr(conflict, name) for name in (*_TEXTS, *_NUMBERS)},
        "path": [to_base64url(sibling) for sibling in conflict.path],
        "received_at": to_ms(conflict.received_at),
    }


def _conflict(row: JsonValue) -> Conflict:
    if not isinstance(row, dict):
        raise TypeError(type(row).__name__)
    raw = {name: _bytes(row, name) for name in _BYTES}
    path = row["path"]
    if not isinstance(path, list):
        raise TypeError(type(path).__name__)
    return Conflict(
        kind=str(row["kind"]),
        device=str(row["device"]),
        boot=raw["boot"],
        seq=_number(row, "seq"),
        known_index=_number(row, "known_index"),
        body=raw["body"],
        leaf_hash=raw["leaf_hash"],
        delivery=raw["delivery"],
        context=raw["context"],
        position=_number(row, "position") or 0,
        path=tuple(from_base64url(str(item), size=32, field="path") for item in path),
        received_at=_time(row),
    )


def _bytes(row: Mapping[str, JsonValue], name: str) -> bytes:
    return from_base64url(str(row[name]), size=None, field=name)


def _number(row: Mapping[str, JsonValue], name: str) -> int | None:
    value = row[name]
    if value is not None and not isinstance(value, int):
        raise TypeError(name)
    return value


def _time(row: Mapping[str, JsonValue]) -> datetime:
    return from_ms(_number(row, "received_at") or 0)
