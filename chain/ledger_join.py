"""Finding the five contracts of a ledger from the address of one, and refusing anything else."""

from collections.abc import Mapping
from pathlib import Path

from chain.abi_values import AbiError
from chain.addresses import checksum_address, keccak256
from chain.client import LATEST, EvmClient
from chain.errors import ChainConfigError, ChainUnavailableError, LogsIncompleteError, RpcError
from chain.event_reader import EventReader
from chain.ledger_contracts import CONTRACT_NAMES, topics, view
from chain.ledger_events import LedgerDecoder
from chain.ledger_record import LedgerDeployment, known_contract, write_ledger
from trace_node.quota.ledger.kinds import Book

_FOUND_BY = {
    Book.ACCESS: "access",
    Book.RULES: "rules",
    Book.LOTS: "lotBook",
    Book.OBLIGATIONS: "obligations",
}
# What each contract must say of the others: book, its function, the contract it names.
_RELATIONS = (
    (Book.RULES, "access", Book.ACCESS),
    (Book.LOTS, "access", Book.ACCESS),
    (Book.LOTS, "ledger", Book.ORDERS),
    (Book.OBLIGATIONS, "access", Book.ACCESS),
    (Book.OBLIGATIONS, "rules", Book.RULES),
    (Book.OBLIGATIONS, "ledger", Book.ORDERS),
)


def join_ledger(client: EvmClient, address: bytes, record: Path) -> LedgerDeployment:
    """Find the ledger of an AllowanceRegistry, check it, and record it.

    Args:
        client: The endpoint.
        address: 20-byte address of the AllowanceRegistry.
        record: The file of the record; must not be there yet.

    Raises:
        ChainConfigError: A record is there (``chain.ledger.recorded``), other code is at an
            address (``chain.ledger.code``), or the contracts do not belong together
            (``chain.ledger.relation``): nothing was written.
        ChainUnavailableError: No answer.
    """
    if record.exists():
        raise ChainConfigError(
            "{field}: a ledger is recorded already",
            field=str(record),
            remedy="a mirror belongs to one ledger for ever; use another home folder for this one",
            code="chain.ledger.recorded",
        )
    contracts = find_contracts(client, address)
    deployment = describe_ledger(client, contracts, first_block=first_block_of(client, contracts))
    write_ledger(record, deployment)
    return deployment


def describe_ledger(
    client: EvmClient, contracts: Mapping[Book, bytes], *, first_block: int
) -> LedgerDeployment:
    """The record of contracts that were found or made on the client's chain."""
    return LedgerDeployment(
        engine=client.config.engine,
        chain_id=client.chain_id,
        genesis_hash=client.genesis_hash,
        contracts={book: known_contract(book, contracts[book]) for book in Book},
        first_block=first_block,
    )


def find_contracts(client: EvmClient, address: bytes) -> dict[Book, bytes]:
    """The addresses of the five contracts of an AllowanceRegistry, each with the code it must have.

    Raises:
        ChainConfigError: See ``join_ledger``.
        ChainUnavailableError: No answer.
    """
    require_seconds(client)
    _require_code(client, Book.ORDERS, address)
    contracts = {Book.ORDERS: address}
    for book, function in _FOUND_BY.items():
        contracts[book] = _address(client, Book.ORDERS, address, function)
        _require_code(client, book, contracts[book])
    for book, function, other in _RELATIONS:
        found = _address(client, book, contracts[book], function)
        if found != contracts[other]:
            raise ChainConfigError(
                "{field}: {function}() of {contract} is {found}, must be {expected}",
                field=CONTRACT_NAMES[book],
                function=function,
                contract=CONTRACT_NAMES[book],
                found=checksum_address(found),
                expected=checksum_address(contracts[other]),
                remedy="these contracts are not one ledger; ask who runs it for the address",
                code="chain.ledger.relation",
            )
    return {book: contracts[book] for book in Book}


def require_seconds(client: EvmClient) -> None:
    """Refuse a chain on which the ledger's deadlines would be a thousand times too early.

    Raises:
        ChainConfigError: Its contracts see milliseconds; code ``chain.ledger.milliseconds``.
        ChainUnavailableError: No answer.
    """
    if client.counts_milliseconds():
        raise ChainConfigError(
            "{field}: this chain counts milliseconds, the ledger seconds",
            field="engine",
            remedy="use FISCO BCOS 3.12 or newer with feature_evm_timestamp, or another engine",
            code="chain.ledger.milliseconds",
        )


def first_block_of(client: EvmClient, contracts: Mapping[Book, bytes]) -> int:
    """The block that made the AccessRegistry, which is the oldest; it names its administrators.

    The state of past blocks finds it in some twenty questions. An endpoint that holds none is asked
    for events from block 1 on.

    Raises:
        LogsIncompleteError: The endpoint does not answer the first event.
        ChainUnavailableError: No answer.
    """
    decoder = LedgerDecoder(contracts)
    reader = EventReader(client, topics={contracts[Book.ACCESS]: topics(Book.ACCESS)})
    height = client.height()
    first = _first_with_code(client, contracts[Book.ACCESS], height)
    window = client.config.profile.max_log_window
    while first <= height:
        logs, last = reader.read_some(first, min(height, first + window - 1))
        if logs:
            event = decoder.event(logs[0], time=0)
            if event.content.sequence == 1:
                return event.block
            break
        first = last + 1
    raise LogsIncompleteError(
        "{endpoint}: does not answer the first event of {contract}",
        endpoint=client.shown,
        contract=CONTRACT_NAMES[Book.ACCESS],
        remedy="use another endpoint, or rebuild the log index of this one",
    )


def _first_with_code(client: EvmClient, address: bytes, height: int) -> int:
    """The first block after which there is code; 1 where the endpoint cannot tell."""
    if not client.config.profile.historical_call:
        return 1
    low, high = 0, height  # none after low, some after high
    try:
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if client.code(address, at=middle) else (middle, high)
    except RpcError:  # it has dropped the state of that block
        return 1
    return high


def _require_code(client: EvmClient, book: Book, address: bytes) -> None:
    code = client.code(address)
    if not code:
        raise ChainConfigError(
            "{field}: there is no contract at {address}",
            field=CONTRACT_NAMES[book],
            address=checksum_address(address),
            remedy="check the address, and that TN_CHAIN_URL leads to the chain of that ledger",
            code="chain.ledger.code",
        )
    found = keccak256(code)
    expected = known_contract(book, address).runtime_code_hash
    if found != expected:
        raise ChainConfigError(
            "{field}: the code at {address} has hash {found}, that of this program {expected}",
            field=CONTRACT_NAMES[book],
            address=checksum_address(address),
            found="0x" + found.hex(),
            expected="0x" + expected.hex(),
            remedy="check the address and the chain; a ledger of another version needs the version"
            " of this program that it was made with",
            code="chain.ledger.code",
        )


def _address(client: EvmClient, book: Book, contract: bytes, function: str) -> bytes:
    asked = view(book, function, bytes)
    (output,) = client.call_many([(contract, asked.data())], block=LATEST)
    if isinstance(output, RpcError):
        raise output
    try:
        found: bytes = asked.read(output)
    except AbiError as error:
        raise ChainUnavailableError(
            "{endpoint}: {contract} answered something malformed: {detail}",
            endpoint=client.shown,
            contract=CONTRACT_NAMES[book],
            detail=str(error),
        ) from error
    return found
