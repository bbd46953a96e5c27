"""Texts of real clients, as their sources have them."""

import pytest

from chain.send_errors import SendHint, classify_send_error

TEXTS = {
    SendHint.KNOWN: [
        "already known",  # geth
        "AlreadyKnown",  # Nethermind
        "Known transaction",  # Besu
        "known transaction: 0xabc",  # older geth
        "transaction already imported",  # anvil
        "Transaction with the same hash was already imported.",  # OpenEthereum
        "AlreadyInTxPool",  # FISCO BCOS
        "TxAlreadyInChain",
        "existing tx with same hash",  # Erigon
    ],
    SendHint.NONCE_USED: [
        "nonce too low",
        "nonce too low: next nonce 7, tx nonce 6",
        "Nonce too low",  # Besu
        "OldNonce, Current nonce: 5, nonce of rejected tx: 4",
        "NonceCheckFail",
    ],
    SendHint.NONCE_TAKEN: [
        "replacement transaction underpriced",
        "Replacement transaction underpriced",
        "transaction underpriced to replace",
    ],
    SendHint.NONCE_GAP: [
        "nonce too high",
        "Transaction nonce is too distant from current sender nonce",
        "An invalid transaction with a lower nonce exists",
        "nonce too far in the future",
    ],
    SendHint.BUSY: ["txpool is full", "TxPoolIsFull"],
    SendHint.REJECTED: [
        "insufficient funds for gas * price + value",
        "Upfront cost exceeds account balance",
        "intrinsic gas too low",
        "Intrinsic gas exceeds gas limit",
        "Transaction gas limit exceeds block gas limit",
        "Gas price below configured minimum gas price",
        "transaction underpriced",
        "Sender account not authorized to send transactions",
        "sender 0x12 is not among the senders of this chain",
        "max fee per gas less than block base fee",
        "Wrong chainId",
        "invalid chain id for signer",
        "InvalidChainId",
    ],
    SendHint.UNKNOWN: ["", "internal error", "unknown transaction type", "header not found"],
}


@pytest.mark.parametrize(
    ("hint", "text"), [(hint, text) for hint, texts in TEXTS.items() for text in texts]
)
def test_what_a_text_suggests(hint: SendHint, text: str) -> None:
    assert classify_send_error(text) is hint
