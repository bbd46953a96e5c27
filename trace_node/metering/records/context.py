"""The record of what is constant for a delivery: ``context@1``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from trace_node.canonical_json import JsonObject, decode_object
from trace_node.ids import KeyId, OrganisationId, Origin
from trace_node.record.fields import (
    SALT_BYTES,
    read_bytes,
    read_integer,
    read_key_id,
    read_name,
    read_object,
    read_optional,
    read_origin,
    read_printable,
    read_time,
    require_keys,
    require_type,
)
from trace_node.record.writing import encode_record, write_bytes, write_time

CONTEXT: Final = "context@1"
CONTEXT_KEYS: Final = frozenset(
    {
        *("boot", "collector", "config", "created_at", "head", "organisation", "salt"),
        *("software", "type"),
    }
)
HEAD_KEYS: Final = frozenset({"origin", "root", "size"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenHead:
    """The newest anchored head of a log that a collector saw: a record is not older than it.

    Attributes:
        origin: Origin of the log.
        size: Number of leaves, 1 or more.
        root: 32-byte root.
    """

    origin: Origin
    size: int
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """A context (采集上下文): what holds for every record of a delivery.

    Attributes:
        salt: 16 random bytes.
        organisation: Name of the organisation the meters belong to.
        collector: Key id of the collector.
        boot: 16 bytes that name one run of the collector.
        config: 32-byte SM3 of the bytes of the point list.
        software: Name and version of the collector's software.
        created_at: Collector clock; whole milliseconds.
        head: Newest anchored head the collector saw; None if it saw none.
    """

    salt: bytes
    organisation: OrganisationId
    collector: KeyId
    boot: bytes
    config: bytes
    software: str
    created_at: datetime
    head: SeenHead | None


def context_from_fields(fields: JsonObject) -> Context:
    """Read the members of a ``context@1``.

    Raises:
        RecordError: A member breaks its rule.
    """
    require_keys(fields, CONTEXT_KEYS)
    return Context(
        salt=read_bytes(fields, "salt", size=SALT_BYTES),
        organisation=OrganisationId(read_name(fields, "organisation")),
        collector=read_key_id(fields, "collector"),
        boot=read_bytes(fields, "boot", size=SALT_BYTES),
        config=read_bytes(fields, "config"),
        software=read_printable(fields, "software"),
        created_at=read_time(fields, "created_at"),
        head=read_optional(fields, "head", _read_head),
    )


def context_to_fields(context: Context) -> JsonObject:
    """Write the members of a ``context@1``, unchecked but for the time."""
    head = context.head
    return {
        "boot": write_bytes(context.boot),
        "collector": context.collector,
        "config": write_bytes(context.config),
        "created_at": write_time(context.created_at, field="created_at"),
        "head": None
        if head is None
        else {"origin": head.origin, "root": write_bytes(head.root), "size": head.size},
        "organisation": context.organisation,
        "salt": write_bytes(context.salt),
        "software": context.software,
        "type": CONTEXT,
    }


def build_context(context: Context) -> bytes:
    """The exact bytes of a context.

    Raises:
        RecordError: A field breaks its rule.
    """
    fields = context_to_fields(context)
    context_from_fields(fields)
    return encode_record(fields)


def parse_context(raw: bytes) -> Context:
    """Read the bytes of a ``context@1``.

    Raises:
        TooLargeError: More than 65,535 bytes.
        CanonicalFormError: Not in canonical form.
        RecordError: Another type, or a member breaks its rule.
    """
    fields = decode_object(raw)
    require_type(fields, CONTEXT)
    return context_from_fields(fields)


def _read_head(fields: JsonObject, key: str) -> SeenHead:
    head = read_object(fields, key)
    require_keys(head, HEAD_KEYS)
    return SeenHead(
        origin=read_origin(head, "origin"),
        size=read_integer(head, "size", minimum=1),
        root=read_bytes(head, "root"),
    )
