"""The examples of docs/spec/checkpoint-registry.md, derived again and sent to real engines."""

import re
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_hash.auto import keccak
from support import reference
from support.evm import EMPTY_ROOT, Engine, registry_on

from chain.artifacts import load
from trace_node.crypto.sm3 import sm3

PAGE = Path(__file__).resolve().parents[2] / "docs/spec/checkpoint-registry.md"
BLOCK = re.compile(r"^```text ([^\n]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OWNER, SIGNER = Account.from_key(b"\x01" * 32), Account.from_key(b"\x02" * 32)
ORIGIN = "trace-node.local/plant-a/sm3"
ORIGIN_HASH = keccak(ORIGIN.encode())
LOG_ID = keccak(bytes.fromhex(OWNER.address[2:]) + ORIGIN_HASH)
ENTRIES = [b"reading %d" % number for number in range(5)]
ROOTS = [reference.root(sm3, ENTRIES[:size]) for size in range(6)]
ANCHOR = "anchor(bytes32,uint64,bytes32,uint64,bytes32,bytes32[])"
ANCHORED = "Anchored(bytes32,uint64,bytes32,uint64,bytes32,uint64)"


def _examples() -> dict[str, str]:
    return dict(BLOCK.findall(PAGE.read_text(encoding="utf-8")))


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _anchor_data(first: int, second: int) -> bytes:
    """The call by the rules of the ABI, without a library."""
    proof = reference.consistency(sm3, first, ENTRIES[:second]) if first else []
    words = [LOG_ID, _word(first), ROOTS[first], _word(second), ROOTS[second], _word(6 * 32)]
    return keccak(ANCHOR.encode())[:4] + b"".join([*words, _word(len(proof)), *proof])


def _shown(data: bytes) -> str:
    words = [data[place : place + 32].hex() for place in range(4, len(data), 32)]
    return "\n".join([data[:4].hex(), *words]) + "\n"


def _signature(item: dict[str, Any]) -> str:
    return f"{item['name']}({','.join(each['type'] for each in item['inputs'])})"


def test_the_page_shows_what_is_derived() -> None:
    known = {
        "names": (
            f"owner       {OWNER.address}\nsigner      {SIGNER.address}\norigin      {ORIGIN}\n"
            f"originHash  {ORIGIN_HASH.hex()}\nlogId       {LOG_ID.hex()}\n"
        ),
        "anchor from 0 to 3": _shown(_anchor_data(0, 3)),
        "anchor from 3 to 5": _shown(_anchor_data(3, 5)),
        "event of the anchor from 3 to 5": "\n".join(
            f"{name:<8}  {value.hex()}"
            for name, value in {
                "topic 0": keccak(ANCHORED.encode()),
                "topic 1": LOG_ID,
                "topic 2": _word(5),
                "data 0": _word(3),
                "data 1": ROOTS[3],
                "data 2": ROOTS[5],
            }.items()
        )
        + "\n",
        "functions": _table("function", 4),
        "events": _table("event", 32),
        "errors": _table("error", 4),
    }
    assert _examples() == known


def _table(kind: str, length: int) -> str:
    signatures = sorted(_signature(item) for item in load().abi if item["type"] == kind)
    return "".join(f"{keccak(each.encode())[:length].hex()}  {each}\n" for each in signatures)


def test_the_page_holds_on_an_engine(engine: Engine) -> None:
    registry = registry_on(engine)
    opened = engine.send(registry, "openLog", ORIGIN_HASH, SIGNER.address, account=OWNER)
    assert opened.events[0][1]["logId"] == LOG_ID
    examples = _examples()
    receipt: dict[str, Any] = {}
    for step in ("anchor from 0 to 3", "anchor from 3 to 5"):
        data = bytes.fromhex(examples[step])
        raw = engine.sign(SIGNER, to=registry.address, data=data)
        receipt = engine.receipt(engine.web3.eth.send_raw_transaction(raw))
        assert receipt["status"] == 1
    (event,) = receipt["logs"]
    words = [bytes(each) for each in event["topics"]]
    words += [bytes(event["data"][place : place + 32]) for place in (0, 32, 64)]
    shown = examples["event of the anchor from 3 to 5"].splitlines()
    assert [line.split()[-1] for line in shown] == [each.hex() for each in words]
    assert registry.functions.head(LOG_ID).call()[:2] == [5, ROOTS[5]]


def test_the_empty_root_is_that_of_the_page() -> None:
    assert EMPTY_ROOT.hex() in PAGE.read_text(encoding="utf-8")
