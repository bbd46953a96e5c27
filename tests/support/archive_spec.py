"""The example of docs/spec/archive.md, composed by hand: nothing here uses the product's format."""

import json
import re
from base64 import urlsafe_b64encode
from pathlib import Path

from trace_node.crypto.sm3 import sm3

SPEC = Path(__file__).resolve().parents[2] / "docs" / "spec" / "archive.md"
ENTRIES = [b"reading 0", b"reading 1"]
ROOT = sm3(b"\1" + sm3(b"\0" + ENTRIES[0]) + sm3(b"\0" + ENTRIES[1]))
NOTE = b"trace-node.local/plant-a/sm3\n2\n...\n"
SEALED_MS = 1_795_230_600_000

_BLOCK = re.compile(r"^```text ([^\n]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples() -> dict[str, str]:
    """The named examples of the page."""
    return dict(_BLOCK.findall(SPEC.read_text(encoding="utf-8")))


def from_hex(text: str) -> bytes:
    """Hex with line ends."""
    return bytes.fromhex(text.replace("\n", ""))


def in_lines(raw: bytes) -> str:
    """Hex, 48 bytes a line."""
    return "".join(f"{raw[at : at + 48].hex()}\n" for at in range(0, len(raw), 48))


def number(value: int, size: int) -> bytes:
    return value.to_bytes(size, "big")


def frame(kind: bytes, payload: bytes, before: bytes) -> bytes:
    head = kind + number(len(payload), 4)
    return head + payload + sm3(before + head + payload)


def entries_frame() -> bytes:
    bodies = b"".join(number(len(body), 2) + body for body in ENTRIES)
    spans = b"{}"
    payload = number(0, 8) + number(2, 4) + number(len(spans), 4) + spans + bodies
    return frame(b"E", payload, bytes(32))


def checkpoint_frame() -> bytes:
    payload = number(2, 8) + number(SEALED_MS, 8) + ROOT + NOTE
    return frame(b"C", payload, entries_frame()[-32:])


def segment() -> bytes:
    return b"trace-node-archive@1\n" + bytes(32) + entries_frame() + checkpoint_frame()


def head() -> str:
    digest = urlsafe_b64encode(segment()[-32:]).rstrip(b"=").decode()
    fields = {
        "checkpoint": 2,
        "digest": digest,
        "evidence": 0,
        "length": len(segment()),
        "segment": "00000000000000000000.tna",
        "size": 2,
    }
    return json.dumps(fields, separators=(",", ":"), sort_keys=True)


def identity() -> str:
    fields = {
        "format": "trace-node-archive@1",
        "hash": "sm3",
        "origin": "trace-node.local/plant-a/sm3",
        "profile": "collectors",
    }
    return json.dumps(fields, separators=(",", ":"), sort_keys=True)
