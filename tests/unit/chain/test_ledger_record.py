"""The record of a ledger: the example of docs/spec/ledger-deployment.md, and records that are none."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from eth_utils import keccak, to_checksum_address
from support.ledger_rpc import ADDRESSES, LedgerRpc

from chain.errors import ChainConfigError
from chain.ledger_join import first_block_of
from chain.ledger_record import (
    LedgerContract,
    LedgerDeployment,
    check_ledger,
    known_contract,
    read_ledger,
    write_ledger,
)
from trace_node.quota.ledger.kinds import Book

PAGE = Path(__file__).resolve().parents[3] / "docs" / "spec" / "ledger-deployment.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^```text ([^\n]+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
NAMES = ("AccessRegistry", "RuleBook", "LotBook", "ObligationBook", "AllowanceRegistry")


def test_the_example(tmp_path: Path) -> None:
    record = {
        "type": "ledger-deployment@1",
        "engine": "embedded",
        "chain_id": 20_260,
        "genesis_hash": "0x" + keccak(text="genesis").hex(),
        "first_block": 1,
        "contracts": {
            name: {
                "address": to_checksum_address(keccak(text=name)[12:]),
                "runtime_code_hash": "0x" + keccak(text=f"code of {name}").hex(),
                "artifact_digest": "ab" * 32,
            }
            for name in NAMES
        },
    }
    shown = json.dumps(record, sort_keys=True, separators=(",", ":")) + "\n"
    assert EXAMPLES["ledger deployment"] == shown
    (tmp_path / "record").write_text(shown, encoding="utf-8")
    read = read_ledger(tmp_path / "record")
    assert read == LedgerDeployment(
        engine="embedded",
        chain_id=20_260,
        genesis_hash=keccak(text="genesis"),
        first_block=1,
        contracts={
            book: LedgerContract(
                address=keccak(text=name)[12:],
                runtime_code_hash=keccak(text=f"code of {name}"),
                artifact_digest="ab" * 32,
            )
            for book, name in zip(Book, NAMES, strict=True)
        },
    )
    assert read.identity.contracts[Book.LOTS] == keccak(text="LotBook")[12:]
    assert (read.identity.chain_id, read.identity.first_block) == (20_260, 1)
    write_ledger(tmp_path / "again", read)
    assert (tmp_path / "again").read_text(encoding="utf-8") == shown


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[:-20],
        lambda raw: raw.replace(b"ledger-deployment@1", b"ledger-deployment@2"),
        lambda raw: raw.replace(b'"chain_id":20260', b'"chain_id":"20260"'),
        lambda raw: raw.replace(b'"chain_id":20260', b'"chain_id":true'),
        lambda raw: raw.replace(b'"first_block":1', b'"first_block":0'),
        lambda raw: raw.replace(b'"engine":"embedded"', b'"engine":7'),
        lambda raw: raw.replace(b'"engine"', b'"enginf"'),
        lambda raw: raw.replace(b'"LotBook"', b'"LotBooks"'),
        lambda raw: raw.replace(b'"artifact_digest"', b'"artifact_digesu"', 1),
        lambda raw: raw.replace(b'"address":"0x', b'"address":"0x00', 1),
        lambda raw: raw.replace(b'"0x', b'"0X'),
        lambda raw: raw.replace(b'{"', b'{"aa":1,"', 1),
        lambda raw: re.sub(rb'"contracts":\{.*\},"engine"', b'"contracts":[],"engine"', raw),
        lambda raw: re.sub(rb'"contracts":\{.*\},"engine"', b'"contracts":{},"engine"', raw),
        lambda raw: re.sub(rb'"LotBook":\{[^}]*\}', b'"LotBook":"there"', raw),
        lambda _: b"",
        lambda _: b" " * 5_000,
    ],
)
def test_a_damaged_record_is_named(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    raw = EXAMPLES["ledger deployment"].encode()
    changed = damage(raw)
    assert changed != raw
    record = tmp_path / "record"
    record.write_bytes(changed)
    with pytest.raises(ChainConfigError) as caught:
        read_ledger(record)
    assert caught.value.reason == "chain.ledger.file"
    assert str(record) in caught.value.message
    assert caught.value.remedy


def test_a_record_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ChainConfigError) as caught:
        read_ledger(tmp_path / "record")
    assert caught.value.reason == "chain.ledger.file"


@pytest.fixture
def rpc() -> LedgerRpc:
    rpc = LedgerRpc()
    rpc.mine(3, events=3)
    return rpc


def recorded(rpc: LedgerRpc) -> LedgerDeployment:
    return LedgerDeployment(
        engine="evm",
        chain_id=rpc.chain_id,
        genesis_hash=rpc.blocks[0].hash,
        contracts={book: known_contract(book, ADDRESSES[book]) for book in Book},
        first_block=1,
    )


def test_a_record_that_the_chain_bears_out(rpc: LedgerRpc) -> None:
    check_ledger(rpc.connect(), recorded(rpc))


@pytest.mark.parametrize(("field", "value"), [("chain_id", 5), ("genesis_hash", bytes(32))])
def test_another_chain_is_named(rpc: LedgerRpc, field: str, value: object) -> None:
    with pytest.raises(ChainConfigError) as caught:
        check_ledger(rpc.connect(), replace(recorded(rpc), **{field: value}))
    assert caught.value.reason == "chain.ledger.differs"
    assert caught.value.field == field


@pytest.mark.parametrize(("book", "name"), list(zip(Book, NAMES, strict=True)))
def test_other_code_is_named(rpc: LedgerRpc, book: Book, name: str) -> None:
    def alter(method: str, params: list[str], result: str) -> str:
        ours = method == "eth_getCode" and params[0] == "0x" + ADDRESSES[book].hex()
        return result[:-2] + "00" if ours else result

    rpc.alter = alter
    with pytest.raises(ChainConfigError) as caught:
        check_ledger(rpc.connect(), recorded(rpc))
    assert caught.value.reason == "chain.ledger.differs"
    assert caught.value.field == name


@pytest.mark.parametrize("field", ["artifact_digest", "runtime_code_hash"])
def test_contracts_of_another_version_are_named(rpc: LedgerRpc, field: str) -> None:
    deployment = recorded(rpc)
    contract = deployment.contracts[Book.LOTS]
    other = {"artifact_digest": "cd" * 32, "runtime_code_hash": keccak(bytes.fromhex("6000"))}
    changed = replace(contract, **{field: other[field]})
    contracts = dict(deployment.contracts) | {Book.LOTS: changed}
    if field == "runtime_code_hash":  # the chain does hold what is recorded, and we do not know it

        def alter(method: str, params: list[str], result: str) -> str:
            ours = method == "eth_getCode" and params[0] == "0x" + ADDRESSES[Book.LOTS].hex()
            return "0x6000" if ours else result

        rpc.alter = alter
    with pytest.raises(ChainConfigError) as caught:
        check_ledger(rpc.connect(), replace(deployment, contracts=contracts))
    assert caught.value.reason == "chain.ledger.version"
    assert caught.value.field == "LotBook"


@pytest.mark.parametrize("kept", [None, 1], ids=["with its past", "without"])
def test_the_first_block_is_found(kept: int | None) -> None:
    rpc = LedgerRpc(states_kept=kept, log_limit=50)
    rpc.mine(170, events=0)
    rpc.mine(9, events=40)
    found = first_block_of(rpc.connect(), ADDRESSES)
    first = next(
        block.number for block in rpc.blocks if any(log.book is Book.ACCESS for log in block.logs)
    )
    assert found == first


def test_a_first_event_that_is_not_answered_is_named() -> None:
    rpc = LedgerRpc()
    rpc.mine(9, events=40)
    hidden = {"eth_getLogs"}
    rpc.alter = lambda method, _, result: result[40:] if method in hidden else result
    with pytest.raises(Exception, match="first event of AccessRegistry") as caught:
        first_block_of(rpc.connect(), ADDRESSES)
    assert caught.value.reason == "chain.logs_incomplete"
