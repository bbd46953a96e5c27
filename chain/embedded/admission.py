"""Which transactions get a block."""

import rlp
from eth.abc import MiningChainAPI, SignedTransactionAPI
from eth.exceptions import TransactionNotFound, UnrecognizedTransactionType
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from chain.embedded.errors import REFUSED, SENDER_REFUSED, RpcRefusal, invalid_params
from chain.embedded.machine import MAX_INITCODE_BYTES, TRANSACTION_GAS_LIMIT

MAX_RAW_BYTES = 131_072  # as in geth
_LEGACY, _ACCESS_LIST, _DYNAMIC_FEE = 0, 1, 2
_FIRST_LEGACY_BYTE = 0xC0


def admit(
    raw: bytes, *, machine: MiningChainAPI, chain_id: int, senders: frozenset[bytes] | None
) -> SignedTransactionAPI:
    """Read a signed transaction and check that the next block can hold it.

    Args:
        raw: The transaction as it was received.
        machine: The chain, which nobody else uses meanwhile.
        chain_id: The id it must be signed for.
        senders: 20-byte addresses that may send; ``None`` for all.

    Raises:
        RpcRefusal: It cannot; nothing was stored. ``already known`` means that it is in a block.
    """
    transaction = _read(raw, machine=machine)
    if _is_mined(machine, transaction):
        raise RpcRefusal(number=REFUSED, text="already known")
    _check_terms(transaction, chain_id=chain_id)
    try:
        transaction.validate()
        sender = transaction.sender
    except (ValidationError, BadSignature) as error:
        raise RpcRefusal(number=REFUSED, text=f"invalid sender or signature: {error}") from error
    if senders is not None and sender not in senders:
        raise RpcRefusal(
            number=SENDER_REFUSED,
            text=f"sender 0x{sender.hex()} is not among the senders of this chain",
        )
    state = machine.get_vm().state
    _check_nonce(expected=state.get_nonce(sender), found=transaction.nonce)
    if transaction.value > state.get_balance(sender):
        raise RpcRefusal(number=REFUSED, text="insufficient funds: no address holds any here")
    return transaction


def _read(raw: bytes, *, machine: MiningChainAPI) -> SignedTransactionAPI:
    if not 0 < len(raw) <= MAX_RAW_BYTES:
        raise invalid_params(f"a transaction has 1 to {MAX_RAW_BYTES} bytes, not {len(raw)}")
    if raw[0] < _FIRST_LEGACY_BYTE and raw[0] not in (_ACCESS_LIST, _DYNAMIC_FEE):
        raise invalid_params(f"transactions of type {raw[0]} are not taken here: use 0, 1 or 2")
    builder = machine.get_vm().get_transaction_builder()
    try:
        transaction = builder.decode(raw)
    except (
        rlp.exceptions.RLPException,
        ValidationError,
        UnrecognizedTransactionType,
        ValueError,
        TypeError,
    ) as error:
        raise invalid_params(f"not a signed transaction: {str(error)[:200]}") from error
    if transaction.encode() != raw:
        raise invalid_params("not a signed transaction in canonical form")
    return transaction


def _is_mined(machine: MiningChainAPI, transaction: SignedTransactionAPI) -> bool:
    try:
        machine.get_canonical_transaction_index(transaction.hash)
    except TransactionNotFound:
        return False
    return True


def _check_terms(transaction: SignedTransactionAPI, *, chain_id: int) -> None:
    if transaction.chain_id != chain_id:
        raise RpcRefusal(
            number=REFUSED,
            text=f"invalid chain id: signed for {transaction.chain_id}, this is {chain_id}",
        )
    if transaction.max_fee_per_gas != 0 or transaction.max_priority_fee_per_gas != 0:
        raise RpcRefusal(number=REFUSED, text="insufficient funds: the gas price here is 0")
    if transaction.gas > TRANSACTION_GAS_LIMIT:
        raise RpcRefusal(
            number=REFUSED, text=f"exceeds block gas limit: at most {TRANSACTION_GAS_LIMIT} gas"
        )
    if not transaction.to and len(transaction.data) > MAX_INITCODE_BYTES:
        raise RpcRefusal(
            number=REFUSED, text=f"max initcode size exceeded: at most {MAX_INITCODE_BYTES} bytes"
        )
    if transaction.gas < transaction.intrinsic_gas:
        raise RpcRefusal(
            number=REFUSED, text=f"intrinsic gas too low: needs {transaction.intrinsic_gas}"
        )


def _check_nonce(*, expected: int, found: int) -> None:
    if found < expected:
        raise RpcRefusal(number=REFUSED, text=f"nonce too low: next is {expected}, got {found}")
    if found > expected:
        raise RpcRefusal(number=REFUSED, text=f"nonce too high: next is {expected}, got {found}")
