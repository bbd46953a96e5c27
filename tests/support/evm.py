"""Two EVM engines behind one interface: the embedded chain and anvil, for tests that compare them."""

import json
import os
import platform
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from hexbytes import HexBytes
from web3 import HTTPProvider, Web3
from web3.contract import Contract
from web3.exceptions import ContractCustomError

from chain.artifacts import load
from chain.embedded.provider import EmbeddedProvider
from trace_node.crypto.sm3 import sm3

ROOT = Path(__file__).resolve().parents[2]
CHAIN_ID = 31_337
GAS = 50_000_000
EMPTY_ROOT = sm3(b"")
_START_SECONDS = 20.0


def sender(name: str) -> LocalAccount:
    """A key of its own for each name, the same in every run."""
    return Account.from_key(Web3.keccak(text=f"test key of {name}"))


def anvil_program() -> Path | None:
    """The anvil binary of TN_ANVIL or of the npm packages, if there is one."""
    if given := os.environ.get("TN_ANVIL"):
        found = shutil.which(given)
        return Path(found) if found else None
    machine = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64"}.get(platform.machine(), "")
    system = platform.system().lower()
    package = ROOT / "contracts/node_modules/@foundry-rs" / f"anvil-{system}-{machine}"
    program = package / "bin" / "anvil"
    return program if program.is_file() else None


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What a transaction came to."""

    status: int
    gas: int
    events: list[tuple[str, dict[str, Any]]]
    raw: dict[str, Any]


class Engine:
    """A running chain, and the few things the contract tests do with one."""

    def __init__(self, name: str, web3: Web3) -> None:
        self.name = name
        self.web3 = web3
        self._chain_id = web3.eth.chain_id

    def sign(self, account: LocalAccount, **fields: Any) -> HexBytes:
        """A raw transaction of ``account`` with the next nonce, unless one is given."""
        fields = {
            "nonce": self.web3.eth.get_transaction_count(account.address),
            "gasPrice": 0,
            "gas": GAS,
            "value": 0,
            "chainId": self._chain_id,
        } | fields
        return account.sign_transaction(fields).raw_transaction

    def deploy(self, abi: list[Any], bytecode: bytes, *, account: LocalAccount) -> Contract:
        """Create a contract and bind its ABI to where it stands."""
        receipt = self.receipt(
            self.web3.eth.send_raw_transaction(self.sign(account, data=bytecode))
        )
        assert receipt["status"] == 1
        return self.web3.eth.contract(address=receipt["contractAddress"], abi=abi)

    def receipt(self, transaction_hash: HexBytes) -> dict[str, Any]:
        """The receipt; both engines make the block at once."""
        return self.web3.eth.wait_for_transaction_receipt(
            transaction_hash, timeout=60, poll_latency=0.005
        )

    def send(self, contract: Contract, name: str, *args: Any, account: LocalAccount) -> Sent:
        """Call a function of a contract by a transaction."""
        data = contract.encode_abi(name, args=list(args))
        raw = self.sign(account, to=contract.address, data=data)
        receipt = self.receipt(self.web3.eth.send_raw_transaction(raw))
        return Sent(
            status=receipt["status"],
            gas=receipt["gasUsed"],
            events=decode_events(contract, receipt),
            raw=receipt,
        )

    def refusal(
        self, contract: Contract, name: str, *args: Any, account: LocalAccount
    ) -> tuple[str, tuple[Any, ...]]:
        """Name and arguments of the error with which a call reverts."""
        try:
            contract.functions[name](*args).call({"from": account.address, "gas": 10_000_000})
        except ContractCustomError as error:
            return decode_error(contract, bytes.fromhex(str(error.data).removeprefix("0x")))
        raise AssertionError(f"{name} did not revert on {self.name}")


def decode_events(contract: Contract, receipt: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    if not receipt["logs"]:
        return []
    by_topic = {event.topic: event for event in contract.events}
    return [
        (event.event_name, dict(event.process_log(entry)["args"]))
        for entry in receipt["logs"]
        if (event := by_topic.get("0x" + entry["topics"][0].hex()))
    ]


def decode_error(contract: Contract, data: bytes) -> tuple[str, tuple[Any, ...]]:
    for item in contract.abi:
        if item["type"] == "error":
            types = [each["type"] for each in item["inputs"]]
            selector = Web3.keccak(text=f"{item['name']}({','.join(types)})")[:4]
            if selector == data[:4]:
                return item["name"], tuple(contract.w3.codec.decode(types, data[4:]))
    raise AssertionError(f"no error of the contract has the selector {data[:4].hex()}")


@contextmanager
def embedded(folder: Path) -> Iterator[Engine]:
    """The embedded chain in this process."""
    with EmbeddedProvider(folder / "chain.db", chain_id=CHAIN_ID) as provider:
        yield Engine("embedded", Web3(provider))


@contextmanager
def anvil() -> Iterator[Engine]:
    """anvil on a free port, with the rules and fees of the embedded chain."""
    program = anvil_program()
    assert program is not None
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    options = ["--port", str(port), "--chain-id", str(CHAIN_ID), "--hardfork", "prague", "--silent"]
    fees = ["--base-fee", "0", "--gas-price", "0", "--gas-limit", "200000000"]
    process = subprocess.Popen([str(program), *options, *fees])
    provider = HTTPProvider(
        f"http://127.0.0.1:{port}", request_kwargs={"timeout": 60}, cache_allowed_requests=True
    )
    try:
        web3 = Web3(provider)
        deadline = time.monotonic() + _START_SECONDS
        while not web3.is_connected():
            assert process.poll() is None, "anvil ended at once"
            assert time.monotonic() < deadline, "anvil did not answer in time"
            time.sleep(0.02)
        yield Engine("anvil", web3)
    finally:
        provider._request_session_manager.session_cache.clear()
        process.kill()
        process.wait()


def harness() -> tuple[list[Any], bytes]:
    """ABI and creation code of the contract that opens the libraries to tests."""
    path = ROOT / "tests/contracts/artifacts/Sm3Harness.json"
    built = json.loads(path.read_text(encoding="utf-8"))
    return built["abi"], bytes.fromhex(built["bytecode"][2:])


def registry_on(engine: Engine) -> Contract:
    """A fresh CheckpointRegistry."""
    artifact = load()
    return engine.deploy(artifact.abi, artifact.bytecode, account=sender("deployer"))


def harness_on(engine: Engine) -> Contract:
    """A fresh Sm3Harness."""
    abi, code = harness()
    return engine.deploy(abi, code, account=sender("deployer"))


# A tree whose leaves are all equal has the shape and the proof lengths of any other, and the roots of
# trees of millions of leaves are found in no time.


@cache
def equal_root(size: int) -> bytes:
    """Root of ``size`` equal leaves."""
    if size == 0:
        return EMPTY_ROOT
    if size == 1:
        return sm3(b"\x00equal")
    k = 1 << (size - 1).bit_length() - 1
    return sm3(b"\x01" + equal_root(k) + equal_root(size - k))


def equal_inclusion(index: int, size: int) -> list[bytes]:
    """Inclusion proof of one of ``size`` equal leaves."""
    if size == 1:
        return []
    k = 1 << (size - 1).bit_length() - 1
    if index < k:
        return [*equal_inclusion(index, k), equal_root(size - k)]
    return [*equal_inclusion(index - k, size - k), equal_root(k)]


def equal_consistency(first: int, second: int, *, whole: bool = True) -> list[bytes]:
    """Consistency proof between two trees of equal leaves."""
    if first in (0, second):
        return [] if whole else [equal_root(second)]
    k = 1 << (second - 1).bit_length() - 1
    if first <= k:
        return [*equal_consistency(first, k, whole=whole), equal_root(second - k)]
    return [*equal_consistency(first - k, second - k, whole=False), equal_root(k)]
