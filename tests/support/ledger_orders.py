"""What the allowance ledger speaks of: its enumerations, its orders, and how these are signed."""

from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from support.evm import CHAIN_ID
from web3 import Web3

from trace_node.quota.ledger.kinds import (
    AccountKind,
    Admission,
    Hold,
    Instrument,
    Kind,
    OrderState,
    Place,
    Role,
)

__all__ = [  # the words of the contracts, for those who write orders
    "AccountKind",
    "Admission",
    "Hold",
    "Instrument",
    "Kind",
    "OrderState",
    "Place",
    "Role",
]

START = 1_900_000_000
ROLE_DELAY = 3_600
HOUR, DAY = 3_600, 86_400
ZERO = "0x" + "00" * 20
NONE = bytes(32)
CAP = b"offset-cap-bps".ljust(32, b"\0")
DEADLINE = b"surrender-deadline".ljust(32, b"\0")
BASE = b"carry-over-base".ljust(32, b"\0")
MULTIPLIER = b"carry-over-multiplier-bps".ljust(32, b"\0")


def digest(text: str) -> bytes:
    """A digest of something that stands outside the chain."""
    return bytes(Web3.keccak(text=text))


_PART = [{"name": "lot", "type": "uint64"}, {"name": "quantity", "type": "uint256"}]
_ORDER = [
    {"name": "chainId", "type": "uint256"},
    {"name": "orderId", "type": "bytes32"},
    {"name": "kind", "type": "uint8"},
    {"name": "from", "type": "uint64"},
    {"name": "to", "type": "uint64"},
    {"name": "subject", "type": "uint64"},
    {"name": "parts", "type": "Part[]"},
    {"name": "quantity", "type": "uint256"},
    {"name": "commitment", "type": "bytes32"},
    {"name": "registryNumber", "type": "bytes32"},
    {"name": "reason", "type": "bytes32"},
    {"name": "notBefore", "type": "uint64"},
    {"name": "deadline", "type": "uint64"},
]
_ABOUT = [{"name": "order", "type": "Order"}]
_order_numbers = count(1)

# Kinds that keys propose: of the account `from`, and of the account `to`. Officers propose the others.
OF_KEYS = {
    Kind.SETTLE_ARREAR,
    Kind.LISTED,
    Kind.BLOCK,
    Kind.AUCTION,
    Kind.SET_COUNTERPARTY,
    Kind.MOVE,
    Kind.PLEDGE,
    Kind.SURRENDER,
    Kind.OFFSET_FREEZE,
    Kind.OFFSET_USE,
    Kind.OFFSET_RELEASE,
    Kind.CANCEL,
    Kind.CARRY_OVER,
}
OF_PLEDGEES = {Kind.UNPLEDGE}


@dataclass(frozen=True, kw_only=True)
class Order:
    """What two persons sign; fields as in the contract.

    The id is made one of the order's own side, unless ``own_id`` says otherwise.
    """

    kind: int
    source: int = 0
    to: int = 0
    subject: int = 0
    parts: tuple[tuple[int, int], ...] = ()
    quantity: int = -1
    commitment: bytes = NONE
    registry_number: bytes = NONE
    reason: bytes = NONE
    not_before: int = 0
    deadline: int = START + 10_000_000_000
    chain_id: int = CHAIN_ID
    order_id: bytes = field(default_factory=lambda: digest(f"order {next(_order_numbers)}"))
    own_id: bool = True

    def __post_init__(self) -> None:
        if self.own_id and self.order_id != NONE:
            own = self.side.to_bytes(8, "big") + self.order_id[8:]
            object.__setattr__(self, "order_id", own)
        if self.quantity == -1:
            object.__setattr__(self, "quantity", sum(each for _, each in self.parts))

    @property
    def side(self) -> int:
        """The account whose keys propose the order; 0 when officers do."""
        if self.kind in OF_KEYS:
            return self.source
        return self.to if self.kind in OF_PLEDGEES else 0

    @property
    def tuple(self) -> tuple[Any, ...]:
        """As an argument of a call."""
        return tuple(self.message().values())

    def message(self) -> dict[str, Any]:
        """As the message of typed data; parts are tuples, as calls want them."""
        return {
            "chainId": self.chain_id,
            "orderId": self.order_id,
            "kind": int(self.kind),
            "from": self.source,
            "to": self.to,
            "subject": self.subject,
            "parts": [(lot, quantity) for lot, quantity in self.parts],
            "quantity": self.quantity,
            "commitment": self.commitment,
            "registryNumber": self.registry_number,
            "reason": self.reason,
            "notBefore": self.not_before,
            "deadline": self.deadline,
        }

    def but(self, **changes: Any) -> "Order":
        return replace(self, **changes)


def sign(
    order: Order,
    key: LocalAccount,
    contract: str,
    *,
    about: str = "Order",
    chain_id: int = CHAIN_ID,
) -> bytes:
    """A signature by eth_account's own EIP-712, which knows nothing of the contract's code."""
    message = order.message()
    message["parts"] = [{"lot": lot, "quantity": quantity} for lot, quantity in order.parts]
    data = {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "Part": _PART,
            "Order": _ORDER,
            "Approval": _ABOUT,
            "Cancellation": _ABOUT,
        },
        "primaryType": about,
        "domain": {
            "name": "Trace Node Allowance Registry",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": contract,
        },
        "message": message if about == "Order" else {"order": message},
    }
    if about == "Order":
        del data["types"]["Approval"], data["types"]["Cancellation"]  # type: ignore[attr-defined]
    else:
        other = "Cancellation" if about == "Approval" else "Approval"
        del data["types"][other]  # type: ignore[attr-defined]
    return bytes(Account.sign_message(encode_typed_data(full_message=data), key.key).signature)
