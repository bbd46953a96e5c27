"""The tables and the example of docs/spec/allowance-registry.md, derived again."""

import re
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_hash.auto import keccak
from support.evm import CHAIN_ID
from support.ledger import SIGNERS, Ledger
from support.ledger_orders import OF_KEYS, OF_PLEDGEES, Kind, Order, Place, digest, sign
from support.ledger_table import TABLE, Row

from chain.artifacts import load

PAGE = Path(__file__).resolve().parents[3] / "docs/spec/allowance-registry.md"
BLOCK = re.compile(r"^```text ([^\n]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMES = ["AccessRegistry", "RuleBook", "LotBook", "ObligationBook", "AllowanceRegistry"]

KEY = Account.from_key(b"\x01" * 32)
CONTRACT = "0x" + "11" * 20
PART_TYPE = "Part(uint64 lot,uint256 quantity)"
ORDER_TYPE = (
    "Order(uint256 chainId,bytes32 orderId,uint8 kind,uint64 from,uint64 to,uint64 subject,"
    "Part[] parts,uint256 quantity,bytes32 commitment,bytes32 registryNumber,bytes32 reason,"
    "uint64 notBefore,uint64 deadline)"
)
DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
EXAMPLE = Order(
    kind=Kind.LISTED,
    source=7,
    to=8,
    parts=((21, 400), (22, 100)),
    commitment=digest("salt, price and counterparties"),
    deadline=1_900_000_000,
    order_id=digest("the first order of the page"),
)


def derived() -> dict[str, str]:
    """Every block of the page."""
    blocks = {"orders": _orders(), "example order": _example()}
    for name in NAMES:
        for kind, length in (("function", 4), ("event", 32), ("error", 4)):
            blocks[f"{kind}s of {name}"] = _table(name, kind, length)
    return blocks


def _orders() -> str:
    lines = []
    for kind, row in TABLE.items():
        confirmed = "confirmed" if row.confirmed else ""
        lines.append(
            f"{int(kind):>2} {kind.name:<16} {row.initiator} / {row.approver}: "
            f"{_named(row)} {confirmed}".rstrip()
        )
    return "\n".join(lines) + "\n"


def _named(row: Row) -> str:
    sets = [("from", row.source), ("to", row.to), ("in", row.places), ("held as", row.holds)]
    told = [f"{word} {','.join(each.name for each in found)}" for word, found in sets if found]
    return "; ".join(told)


def _word(value: int | bytes) -> bytes:
    return value.rjust(32, b"\0") if isinstance(value, bytes) else value.to_bytes(32, "big")


def _example() -> str:
    """EIP-712 by its rules, without a library."""
    part_hashes = [
        keccak(keccak(PART_TYPE.encode()) + _word(lot) + _word(quantity))
        for lot, quantity in EXAMPLE.parts
    ]
    values = list(EXAMPLE.message().values())
    values[6] = keccak(b"".join(part_hashes))
    content = keccak(keccak((ORDER_TYPE + PART_TYPE).encode()) + b"".join(map(_word, values)))
    domain = keccak(
        keccak(DOMAIN_TYPE.encode())
        + keccak(b"Trace Node Allowance Registry")
        + keccak(b"1")
        + _word(CHAIN_ID)
        + _word(bytes.fromhex(CONTRACT[2:]))
    )
    lines = {
        "signer": KEY.address,
        "contract": CONTRACT,
        "domain separator": domain.hex(),
        "content hash": content.hex(),
        "signed to propose": keccak(b"\x19\x01" + domain + content).hex(),
    }
    for about in ("Approval", "Cancellation"):
        type_hash = keccak(f"{about}(Order order){ORDER_TYPE}{PART_TYPE}".encode())
        message = keccak(type_hash + content)
        lines[f"signed as {about}"] = keccak(b"\x19\x01" + domain + message).hex()
    lines["signature of the proposal"] = sign(EXAMPLE, KEY, CONTRACT).hex()
    return "".join(f"{name:<26} {value}\n" for name, value in lines.items())


def _table(name: str, kind: str, length: int) -> str:
    signatures = sorted(
        f"{item['name']}({','.join(map(_type, item['inputs']))})"
        for item in load(name).abi
        if item["type"] == kind
    )
    return "".join(f"{keccak(each.encode())[:length].hex()}  {each}\n" for each in signatures)


def _type(item: dict[str, Any]) -> str:
    if not item["type"].startswith("tuple"):
        return str(item["type"])
    inner = ",".join(map(_type, item["components"]))
    return f"({inner}){item['type'].removeprefix('tuple')}"


def test_the_page_shows_what_is_derived() -> None:
    assert dict(BLOCK.findall(PAGE.read_text(encoding="utf-8"))) == derived()


def test_the_signature_of_the_example_is_over_the_derived_digest() -> None:
    shown = dict(re.findall(r"^(\w[\w -]*?) {2,}(\S+)$", _example(), re.MULTILINE))
    recovered = Account._recover_hash(
        bytes.fromhex(shown["signed to propose"]),
        signature=bytes.fromhex(re.findall(r"proposal +(\w+)", _example())[0]),
    )
    assert recovered == KEY.address


def test_the_contract_hashes_the_example_alike(ledger: Ledger) -> None:
    content = ledger.orders.functions.hashOrder(EXAMPLE.tuple).call()
    assert bytes(content).hex() in _example()


def test_the_table_of_signers_is_that_of_the_orders() -> None:
    assert {kind: (row.initiator, row.approver) for kind, row in TABLE.items()} == SIGNERS
    assert set(TABLE) == set(Kind) - {Kind.NONE}
    assert {kind for kind, row in TABLE.items() if row.initiator == "key"} == OF_KEYS
    assert {kind for kind, row in TABLE.items() if row.initiator == "key of to"} == OF_PLEDGEES
    assert len(Place) == 8
