"""Putting the five contracts of a ledger on a chain, once (账本部署)."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from eth_abi.abi import encode as abi_encode

from chain.addresses import checksum_address
from chain.client import EvmClient
from chain.deploy import Creation, create_contract
from chain.errors import ChainConfigError
from chain.ledger_contracts import artifact_of
from chain.ledger_join import describe_ledger, find_contracts, require_seconds
from chain.ledger_record import LedgerDeployment, check_ledger, read_ledger, write_ledger
from chain.sender import TransactionSender
from trace_node.quota.ledger.kinds import Book

MIN_ADMINISTRATORS = 2
MAX_ROLE_DELAY = 366 * 86_400  # seconds; a mistyped delay would lock the offices for ever
_NO_PREDECESSOR = bytes(20)


def ensure_ledger_deployed(
    client: EvmClient,
    sender: TransactionSender,
    record: Path,
    *,
    administrators: Sequence[bytes],
    role_delay: int,
    pause: Callable[[float], None] = time.sleep,
    timeout_s: int = 120,
) -> LedgerDeployment:
    """The recorded ledger when it checks out on the chain; a new one when none is recorded.

    Three transactions make it: the AccessRegistry, the RuleBook over it, and the AllowanceRegistry,
    which makes its two books. Each is waited for until it is final. A crash in between repeats
    nothing: with the same arguments, each transaction is found again in the outbox.

    Args:
        client: The endpoint.
        sender: Sends; whoever it is has no rights in the contracts.
        record: The file of the record.
        administrators: 20-byte addresses that grant the first offices, two or more.
        role_delay: Seconds between the approval of a change of office and its effect, 1 to
            ``MAX_ROLE_DELAY``.
        pause: Called between two questions with the seconds to wait.
        timeout_s: Seconds after which waiting for one transaction ends.

    Raises:
        ChainConfigError: Wrong arguments (``chain.ledger.administrators``,
            ``chain.ledger.role_delay``), a chain that counts milliseconds
            (``chain.ledger.milliseconds``), a damaged record (``chain.ledger.file``), or a chain
            that does not hold what it says (``chain.ledger.differs``): nothing is deployed over it.
        ContractRefusalError: A creating transaction failed.
        ChainUnavailableError: No answer, or not final in time.
    """
    if record.exists():
        recorded = read_ledger(record)
        check_ledger(client, recorded)
        return recorded
    _require_administrators(administrators)
    _require_delay(role_delay)
    require_seconds(client)

    def create(book: Book, types: Sequence[str], values: Sequence[object]) -> Creation:
        arguments = abi_encode(types, values)
        artifact = artifact_of(book)
        return create_contract(
            client, sender, artifact, arguments=arguments, pause=pause, timeout_s=timeout_s
        )

    access = create(Book.ACCESS, ("address[]", "uint64"), (list(administrators), role_delay))
    rules = create(Book.RULES, ("address",), (access.contract,))
    parts = (access.contract, rules.contract, _NO_PREDECESSOR)
    orders = create(Book.ORDERS, ("address", "address", "address"), parts)
    deployment = describe_ledger(
        client,
        find_contracts(client, orders.contract),
        first_block=access.mined.block_number,
    )
    check_ledger(client, deployment)
    write_ledger(record, deployment)
    return deployment


def _require_administrators(administrators: Sequence[bytes]) -> None:
    if len(administrators) < MIN_ADMINISTRATORS:
        raise ChainConfigError(
            "{field}: give {least} or more, each another person's",
            field="administrators",
            least=MIN_ADMINISTRATORS,
            remedy="a change of office needs one who proposes it and another who approves it",
            code="chain.ledger.administrators",
        )
    for place, address in enumerate(administrators):
        if address in administrators[:place] or not any(address):
            raise ChainConfigError(
                "{field}: {address} is given twice, or is the zero address",
                field="administrators",
                address=checksum_address(address),
                remedy="give the address of a key that each administrator alone holds",
                code="chain.ledger.administrators",
            )


def _require_delay(role_delay: int) -> None:
    if not 1 <= role_delay <= MAX_ROLE_DELAY:
        raise ChainConfigError(
            "{field}: must be 1 to {most} seconds",
            field="role_delay",
            most=MAX_ROLE_DELAY,
            remedy="give the time in which the other administrators can stop a change, such as"
            " 86400",
            code="chain.ledger.role_delay",
        )
