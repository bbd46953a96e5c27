"""An order with the ledger it is for and the signatures gathered so far (已签指令)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from trace_node.canonical_json import JsonObject
from trace_node.quota.ledger.order import Order


class About(StrEnum):
    """What a signature says (签名用途).

    Attributes:
        ORDER: The initiator wants the order.
        APPROVAL: Another person approves it.
        CANCELLATION: It shall not be carried out.
    """

    ORDER = "order"
    APPROVAL = "approval"
    CANCELLATION = "cancellation"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSignature:
    """A signature, not yet verified.

    Attributes:
        signer: 20-byte address that is said to have signed.
        value: 65 bytes: r, s, v.
    """

    signer: bytes
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOrder:
    """What an order file holds.

    Attributes:
        order: The content that is signed.
        contract: 20-byte address of the AllowanceRegistry it is for.
        reason: The record behind the order's reason; None where it is kept elsewhere.
        registry_number: The number behind the order's digest of it; None where it is not told.
        signatures: By what they say; at most one of each.
    """

    order: Order
    contract: bytes
    reason: JsonObject | None = None
    registry_number: str | None = None
    signatures: Mapping[About, OrderSignature] = field(default_factory=dict)

    def signed(self, about: About, signature: OrderSignature) -> "SignedOrder":
        """The same with one more signature, or with another one in its place."""
        return replace(self, signatures={**self.signatures, about: signature})
