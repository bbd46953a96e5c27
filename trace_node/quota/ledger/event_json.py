"""An event as the bytes that the mirror keeps and hashes: compact JSON, fields in their order.

Bytes are hexadecimal text, enumerations their numbers. It is written once and never parsed by the
mirror, so it has no reader here.
"""

import json
from dataclasses import asdict

import orjson

from trace_node.quota.ledger.events import LedgerEvent


def event_bytes(event: LedgerEvent) -> bytes:
    """The content of an event."""
    try:
        return orjson.dumps(event, default=_plain)
    except orjson.JSONEncodeError:  # a number above 64 bits, which orjson does not write
        text = json.dumps(asdict(event), default=_plain, separators=(",", ":"))
        return text.encode("ascii")


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(type(value).__name__)
