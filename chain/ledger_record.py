"""The record of a ledger: where its five contracts are, and what proves that they are those."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from chain.addresses import checksum_address, keccak256, parse_address
from chain.client import EvmClient
from chain.errors import ChainConfigError
from chain.ledger_contracts import CONTRACT_NAMES, artifact_of
from chain.record_file import MAX_RECORD_BYTES, hash_bytes, hash_text, read_record, write_whole
from trace_node.canonical_json import JsonObject, JsonValue, decode_object, encode
from trace_node.errors import TraceNodeError
from trace_node.ports.ledger import LedgerIdentity
from trace_node.quota.ledger.kinds import Book

RECORD_TYPE = "ledger-deployment@1"
_MEMBERS = {"type", "engine", "chain_id", "genesis_hash", "first_block", "contracts"}
_CONTRACT_MEMBERS = {"address", "runtime_code_hash", "artifact_digest"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerContract:
    """One of the five contracts.

    Attributes:
        address: 20 bytes.
        runtime_code_hash: 32-byte keccak256 of the code at that address.
        artifact_digest: SHA-256 of the artifact file, 64 hex digits.
    """

    address: bytes
    runtime_code_hash: bytes
    artifact_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerDeployment:
    """A ledger on a chain (账本部署记录).

    Attributes:
        engine: Engine of the chain.
        chain_id: EVM chain id.
        genesis_hash: 32-byte hash of block 0.
        contracts: The five contracts.
        first_block: Block that holds the oldest of their creations, 1 or more.
    """

    engine: str
    chain_id: int
    genesis_hash: bytes
    contracts: Mapping[Book, LedgerContract]
    first_block: int

    @property
    def identity(self) -> LedgerIdentity:
        """The ledger as the core knows it."""
        return LedgerIdentity(
            chain_id=self.chain_id,
            genesis_hash=self.genesis_hash,
            contracts={book: each.address for book, each in self.contracts.items()},
            first_block=self.first_block,
        )


def known_contract(book: Book, address: bytes) -> LedgerContract:
    """A contract of this program at an address."""
    artifact = artifact_of(book)
    return LedgerContract(
        address=address,
        runtime_code_hash=keccak256(artifact.runtime_code),
        artifact_digest=artifact.digest,
    )


def check_ledger(client: EvmClient, deployment: LedgerDeployment) -> None:
    """Compare a record with the chain, and with the contracts that this program knows.

    Raises:
        ChainConfigError: Another chain or genesis, or other code at an address
            (``chain.ledger.differs``); contracts of another version of this program
            (``chain.ledger.version``).
        ChainUnavailableError: No answer.
    """
    for field in ("chain_id", "genesis_hash"):
        _require(field, found=getattr(client, field), expected=getattr(deployment, field))
    for book, recorded in deployment.contracts.items():
        name = CONTRACT_NAMES[book]
        found = keccak256(client.code(recorded.address))
        _require(name, found=found, expected=recorded.runtime_code_hash)
        if recorded != known_contract(book, recorded.address):
            raise ChainConfigError(
                "{field}: the recorded contract is of another version of this program",
                field=name,
                remedy="use the version of this program that wrote the record",
                code="chain.ledger.version",
            )


def read_ledger(path: Path) -> LedgerDeployment:
    """Read a record.

    Raises:
        ChainConfigError: Missing, too long, or not a record; code ``chain.ledger.file``.
    """
    try:
        return _from_json(decode_object(read_record(path), max_bytes=MAX_RECORD_BYTES))
    except (OSError, TraceNodeError, KeyError, ValueError, TypeError) as error:
        raise ChainConfigError(
            "{field}: not a record of a ledger: {detail}",
            field=str(path),
            detail=str(error)[:200],
            remedy="restore the file from the backup, or join the ledger again by the address of"
            " its AllowanceRegistry",
            code="chain.ledger.file",
        ) from error


def write_ledger(path: Path, deployment: LedgerDeployment) -> None:
    """Write a record so that it is there whole or not at all."""
    write_whole(path, encode(_to_json(deployment)) + b"\n")


def _to_json(deployment: LedgerDeployment) -> JsonObject:
    contracts: JsonObject = {
        CONTRACT_NAMES[book]: {
            "address": checksum_address(each.address),
            "runtime_code_hash": hash_text(each.runtime_code_hash),
            "artifact_digest": each.artifact_digest,
        }
        for book, each in deployment.contracts.items()
    }
    return {
        "type": RECORD_TYPE,
        "engine": deployment.engine,
        "chain_id": deployment.chain_id,
        "genesis_hash": hash_text(deployment.genesis_hash),
        "first_block": deployment.first_block,
        "contracts": contracts,
    }


def _from_json(fields: JsonObject) -> LedgerDeployment:
    if fields.get("type") != RECORD_TYPE or set(fields) != _MEMBERS:
        raise ValueError(f"type must be {RECORD_TYPE}, with its members and no other")
    contracts = cast("JsonObject", fields["contracts"])
    if set(contracts) != set(CONTRACT_NAMES.values()):
        raise ValueError("contracts must hold the five contracts and no other")
    return LedgerDeployment(
        engine=_text(fields["engine"]),
        chain_id=_number(fields["chain_id"]),
        genesis_hash=hash_bytes(fields["genesis_hash"]),
        contracts={book: _contract(contracts[name]) for book, name in CONTRACT_NAMES.items()},
        first_block=_number(fields["first_block"]),
    )


def _contract(value: JsonValue) -> LedgerContract:
    fields = cast("JsonObject", value)
    if set(fields) != _CONTRACT_MEMBERS:
        raise ValueError(f"a contract has {', '.join(sorted(_CONTRACT_MEMBERS))}")
    return LedgerContract(
        address=parse_address(_text(fields["address"]), field="address"),
        runtime_code_hash=hash_bytes(fields["runtime_code_hash"]),
        artifact_digest=_text(fields["artifact_digest"]),
    )


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.60} must be text")
    return value


def _number(value: JsonValue) -> int:
    if type(value) is not int or value < 1:
        raise TypeError(f"{value!r:.60} must be a whole number from 1")
    return value


def _require(field: str, *, found: object, expected: object) -> None:
    if found != expected:
        raise ChainConfigError(
            "{field}: the chain has {found}, the recorded ledger {expected}",
            field=field,
            found=_shown(found),
            expected=_shown(expected),
            remedy="connect to the recorded chain; to use another ledger, move the record away and"
            " join that one",
            code="chain.ledger.differs",
        )


def _shown(value: object) -> str:
    return hash_text(value) if isinstance(value, bytes) else str(value)
