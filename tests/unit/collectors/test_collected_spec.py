"""The examples of docs/spec/collected-data.md, derived again from what the page says."""

import json
import re
import struct
from pathlib import Path

from support.statement_samples import key

from collectors.runtime.data_check import examine
from collectors.runtime.data_file import DataHead, write_data_file
from collectors.runtime.receipt import Receipt, read_receipt
from trace_node.crypto.sm3 import sm3
from trace_node.ids import Origin, to_base64url

PAGE = (Path(__file__).resolve().parents[3] / "docs/spec/collected-data.md").read_text("utf-8")
BLOCKS = dict(re.findall(r"```\w+ ([a-z-]+)\n(.*?)\n```", PAGE, flags=re.DOTALL))
RAW = bytes.fromhex(BLOCKS["data-file"].replace("\n", ""))
ORIGIN = Origin("trace-node.local/plant-a/sm3")
HEAD = {
    "collector": to_base64url(key("collector").public.point),
    "deliveries": 0,
    "log": "plant-a",
    "made_at": "2026-11-21T04:00:00.000Z",
    "organisation": "plant-a",
    "origin": ORIGIN,
    "points": 'format = "point-list@1"\n',
    "type": "collected-data@1",
}


def test_the_file_by_hand() -> None:
    head = json.dumps(HEAD, sort_keys=True, separators=(",", ":")).encode()
    body = b"trace-node-collected-data@1\n" + struct.pack(">I", len(head)) + head
    assert body + sm3(body) == RAW


def test_the_file_by_the_program(tmp_path: Path) -> None:
    path = tmp_path / "data.tnd"
    head = DataHead(
        collector=key("collector").public,
        organisation="plant-a",
        log="plant-a",
        origin=ORIGIN,
        deliveries=0,
        made_at=str(HEAD["made_at"]),
        points=str(HEAD["points"]),
    )
    write_data_file(path, head, [])
    assert path.read_bytes() == RAW
    assert examine(path).head == head


def test_the_receipt() -> None:
    raw = BLOCKS["receipt"].encode()
    expected = Receipt(origin=ORIGIN, final=150, deliveries={bytes(range(32)): 102})
    assert read_receipt(raw) == expected
    assert expected.to_bytes() == raw
