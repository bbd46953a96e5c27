"""What the clients' error texts about a sent transaction suggest.

A hint only: the texts differ between clients and versions, and a lost answer can hide an accepted
transaction. The sender asks the endpoint by hash and by nonce first; the hint is used only for what
no question can find out, namely that a transaction will never be taken as it is.
"""

import re
from enum import StrEnum


class SendHint(StrEnum):
    """What an error text suggests."""

    KNOWN = "known"  # this very transaction is there already
    NONCE_USED = "nonce_used"  # its nonce was used by a mined transaction
    NONCE_TAKEN = "nonce_taken"  # another waiting transaction holds its nonce
    NONCE_GAP = "nonce_gap"  # a smaller nonce is missing
    REJECTED = "rejected"  # it will never be taken as it is
    BUSY = "busy"  # the pool is full: later
    UNKNOWN = "unknown"


# The first pattern found in the lower-cased text decides, so the more specific ones come first.
_TABLE: tuple[tuple[SendHint, tuple[str, ...]], ...] = (
    (
        SendHint.NONCE_TAKEN,
        (
            "replacement transaction underpriced",  # geth, Besu, anvil
            "underpriced to replace",  # Nethermind, older geth
            "replacementnotallowed",  # Nethermind
        ),
    ),
    (
        SendHint.KNOWN,
        (
            "already known",  # geth, FISCO BCOS in its newest form
            "alreadyknown",  # Nethermind
            "(?<!un)known transaction",  # Besu, older geth
            "already imported",  # anvil, OpenEthereum ("same hash was already imported")
            "already in pool",
            "alreadyintxpool",  # FISCO BCOS
            "txalreadyinchain",  # FISCO BCOS
            "existing tx with same hash",  # Erigon
        ),
    ),
    (
        SendHint.NONCE_USED,
        (
            "nonce too low",  # geth, Besu, anvil, Erigon
            "nonce is too low",
            "oldnonce",  # Nethermind
            "noncecheckfail",  # FISCO BCOS
            "nonce check fail",
        ),
    ),
    (
        SendHint.NONCE_GAP,
        (
            "nonce too high",  # geth
            "nonce gap",  # Nethermind, geth subpools
            "too far in the future",  # Besu
            "nonce is too distant",  # Besu
            "invalid transaction with a lower nonce",  # Besu
        ),
    ),
    (SendHint.BUSY, ("txpool is full", "txpoolisfull", "pool is full", "pool limit")),
    (
        SendHint.REJECTED,
        (
            "insufficient funds",  # geth, anvil, FISCO BCOS
            "upfront cost exceeds",  # Besu
            "intrinsic gas",  # geth, Besu ("intrinsic gas exceeds gas limit"), anvil
            "exceeds block gas limit",
            "gas limit too high",
            "gas price below",  # Besu
            "underpriced",  # geth
            "less than block base fee",
            "not authorized",  # Besu permissioning
            "not among the senders",  # embedded
            "invalid sender",
            "chain id",
            "chainid",  # Besu, FISCO BCOS
            "max initcode size",
            "fee cap",
        ),
    ),
)


def classify_send_error(text: str) -> SendHint:
    """The hint that an endpoint's error text gives.

    Args:
        text: Message of the JSON-RPC error.
    """
    lowered = text.lower()
    for hint, patterns in _TABLE:
        if any(re.search(pattern, lowered) for pattern in patterns):
            return hint
    return SendHint.UNKNOWN
