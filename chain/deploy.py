"""Putting CheckpointRegistry on a chain, once, and remembering where it is (合约部署)."""

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from chain.addresses import checksum_address, keccak256, parse_address
from chain.artifacts import Artifact, load
from chain.client import EvmClient
from chain.errors import ChainConfigError
from chain.log_owner import wait_until_final
from chain.record_file import MAX_RECORD_BYTES, hash_bytes, hash_text, read_record, write_whole
from chain.sender import TransactionSender
from chain.settling import ChainCall
from trace_node.canonical_json import JsonObject, decode_object, encode
from trace_node.errors import TraceNodeError
from trace_node.ports.outbox import MinedIn

logger = logging.getLogger(__name__)

RECORD_TYPE = "chain-deployment@1"
_DIGESTS = ("genesis_hash", "runtime_code_hash", "transaction_hash", "block_hash")
_ADDRESSES = ("contract", "deployer")
_TEXTS = ("engine", "artifact", "artifact_digest")
_NUMBERS = ("chain_id", "block_number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A contract that was put on a chain, and what proves that it is still that one (部署记录).

    Attributes:
        engine: Engine of the chain.
        chain_id: EVM chain id.
        genesis_hash: 32-byte hash of block 0.
        contract: 20-byte address, from the receipt.
        runtime_code_hash: 32-byte keccak256 of the code at that address.
        transaction_hash: 32-byte hash of the transaction that created it.
        block_number: Block that holds it.
        block_hash: 32 bytes.
        deployer: 20-byte address of the sender; it has no rights over the contract.
        artifact: Name of the contract.
        artifact_digest: SHA-256 of the artifact file, 64 hex digits.
    """

    engine: str
    chain_id: int
    genesis_hash: bytes
    contract: bytes
    runtime_code_hash: bytes
    transaction_hash: bytes
    block_number: int
    block_hash: bytes
    deployer: bytes
    artifact: str
    artifact_digest: str


def ensure_deployed(
    client: EvmClient,
    sender: TransactionSender,
    record: Path,
    *,
    artifact: Artifact | None = None,
    pause: Callable[[float], None] = time.sleep,
    timeout_s: int = 120,
) -> Deployment:
    """The recorded deployment when it checks out on the chain; a new one when none is recorded.

    A crash in between repeats nothing: the transaction is found again in the outbox.

    Args:
        client: The endpoint.
        sender: Sends the creating transaction.
        record: The file of the record.
        artifact: The compiled contract; CheckpointRegistry when ``None``.
        pause: Called between two questions with the seconds to wait.
        timeout_s: Seconds after which waiting ends.

    Raises:
        ChainConfigError: The record is damaged (``chain.deployment.file``) or the chain does not
            hold what it says (``chain.deployment.differs``): nothing is deployed over it.
        ContractRefusalError: The creating transaction failed.
        ChainUnavailableError: No answer, or not final in time.
    """
    if record.exists():
        deployment = read_deployment(record)
        check_deployment(client, deployment)
        return deployment
    deployment = _deploy(client, sender, artifact or load(), pause=pause, timeout_s=timeout_s)
    check_deployment(client, deployment)
    write_deployment(record, deployment)
    return deployment


def check_deployment(client: EvmClient, deployment: Deployment) -> None:
    """Compare a record with the chain.

    Raises:
        ChainConfigError: Another chain, another genesis, no contract or another one there; code
            ``chain.deployment.differs``.
        ChainUnavailableError: No answer.
    """
    found = {
        "chain_id": client.chain_id,
        "genesis_hash": client.genesis_hash,
        "runtime_code_hash": keccak256(client.code(deployment.contract)),
    }
    for field, value in found.items():
        expected = getattr(deployment, field)
        if value != expected:
            raise ChainConfigError(
                "{field}: the chain has {found}, the recorded deployment {expected}",
                field=field,
                found=_shown(value),
                expected=_shown(expected),
                remedy="connect to the recorded chain; to begin anew on another one, move the"
                " record away",
                code="chain.deployment.differs",
            )


def read_deployment(path: Path) -> Deployment:
    """Read a record.

    Raises:
        ChainConfigError: Missing, too long, or not a record; code ``chain.deployment.file``.
    """
    try:
        fields = decode_object(read_record(path), max_bytes=MAX_RECORD_BYTES)
        return _from_json(fields)
    except (OSError, TraceNodeError, KeyError, ValueError, TypeError) as error:
        raise ChainConfigError(
            "{field}: not a record of a deployment: {detail}",
            field=str(path),
            detail=str(error)[:200],
            remedy="restore the file from the backup; without it the contract's address is unknown",
            code="chain.deployment.file",
        ) from error


def write_deployment(path: Path, deployment: Deployment) -> None:
    """Write a record so that it is there whole or not at all."""
    write_whole(path, encode(_to_json(deployment)) + b"\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """A contract that was made, by a transaction that is final.

    Attributes:
        contract: 20-byte address, from the receipt: engines differ in how they derive it.
        mined: Its transaction and block.
    """

    contract: bytes
    mined: MinedIn


def create_contract(
    client: EvmClient,
    sender: TransactionSender,
    artifact: Artifact,
    *,
    arguments: bytes = b"",
    pause: Callable[[float], None],
    timeout_s: int,
) -> Creation:
    """Make a contract, once for its code and arguments, and wait until that is final.

    Args:
        client: The endpoint.
        sender: Sends the creating transaction.
        artifact: The compiled contract.
        arguments: The constructor's, ABI-encoded.
        pause: Called between two questions with the seconds to wait.
        timeout_s: Seconds after which waiting ends.

    Raises:
        ContractRefusalError: The creating transaction failed.
        ChainUnavailableError: No answer, or not final in time.
    """
    step = f"deploy/{artifact.digest}"
    if arguments:
        step += "/" + keccak256(arguments).hex()
    request_id = sender.open_id(step, once=True)
    submission = sender.find(request_id)
    if submission is None or not submission.state.finished:
        code = artifact.bytecode + arguments
        gas = client.estimate_gas(sender=sender.address, data=code)
        submission = sender.submit(
            ChainCall(request_id=request_id, to=None, data=code, gas=gas + gas // 5)
        )
    done = wait_until_final(sender, submission, pause=pause, timeout_s=timeout_s)
    if done.mined is None or done.contract is None:
        raise AssertionError("a final creation has a block and an address")
    logger.info("contract_deployed address=%s", checksum_address(done.contract))
    return Creation(contract=done.contract, mined=done.mined)


def _deploy(
    client: EvmClient,
    sender: TransactionSender,
    artifact: Artifact,
    *,
    pause: Callable[[float], None],
    timeout_s: int,
) -> Deployment:
    made = create_contract(client, sender, artifact, pause=pause, timeout_s=timeout_s)
    return Deployment(
        engine=client.config.engine,
        chain_id=client.chain_id,
        genesis_hash=client.genesis_hash,
        contract=made.contract,
        runtime_code_hash=keccak256(artifact.runtime_code),
        transaction_hash=made.mined.transaction_hash,
        block_number=made.mined.block_number,
        block_hash=made.mined.block_hash,
        deployer=sender.address,
        artifact=artifact.name,
        artifact_digest=artifact.digest,
    )


def _to_json(deployment: Deployment) -> JsonObject:
    fields: JsonObject = {"type": RECORD_TYPE}
    for name, value in asdict(deployment).items():
        if name in _ADDRESSES:
            fields[name] = checksum_address(value)
        elif name in _DIGESTS:
            fields[name] = hash_text(value)
        else:
            fields[name] = value
    return fields


def _from_json(fields: JsonObject) -> Deployment:
    names = {"type", *_DIGESTS, *_ADDRESSES, *_TEXTS, *_NUMBERS}
    if fields.get("type") != RECORD_TYPE or set(fields) != names:
        raise ValueError(f"type must be {RECORD_TYPE}, with its members and no other")
    values: dict[str, Any] = {name: hash_bytes(fields[name]) for name in _DIGESTS}
    for name in _ADDRESSES:
        values[name] = parse_address(cast("str", fields[name]), field=name)
    for name, kind in (*((name, str) for name in _TEXTS), *((name, int) for name in _NUMBERS)):
        if type(fields[name]) is not kind:
            raise ValueError(f"{name} must be {kind.__name__}")
        values[name] = fields[name]
    return Deployment(**values)


def _shown(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
