"""EIP-712 of orders: what a person signs, and whether it was that person (指令签名).

``eth_account`` hashes the typed data; docs/spec/allowance-registry.md has the types and an example.
"""

from typing import Any, Final

from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from chain.addresses import checksum_address, keccak256
from chain.signer_key import AnchorKey
from trace_node.quota.ledger.errors import OrderSignatureError
from trace_node.quota.ledger.order import Order
from trace_node.quota.ledger.signed_order import About, OrderSignature

NAME: Final = "Trace Node Allowance Registry"
VERSION: Final = "1"
_HALF_ORDER: Final = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
_SIGNATURE_BYTES = 65
_V = (27, 28)
_TYPES: Final = {
    About.ORDER: "Order",
    About.APPROVAL: "Approval",
    About.CANCELLATION: "Cancellation",
}
_DOMAIN = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]
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


def content_hash(order: Order) -> bytes:
    """The EIP-712 hash of an order alone: 32 bytes, as ``hashOrder`` of the contract gives it."""
    return bytes(_signable(order, bytes(20), About.ORDER).body)


def signing_digest(order: Order, *, contract: bytes, about: About) -> bytes:
    """The 32 bytes that are signed: keccak256(0x19 01 ‖ domain separator ‖ message hash).

    Args:
        order: The order.
        contract: 20-byte address of the AllowanceRegistry.
        about: What the signature says of it.
    """
    signable = _signable(order, contract, about)
    return keccak256(b"\x19\x01" + bytes(signable.header) + bytes(signable.body))


def sign_order(order: Order, key: AnchorKey, *, contract: bytes, about: About) -> OrderSignature:
    """Sign an order, an approval or a cancellation of it; asks nobody."""
    value = key.sign_digest(signing_digest(order, contract=contract, about=about))
    return OrderSignature(signer=key.address, value=value)


class Eip712Orders:
    """The ``OrderSignatures`` of the core."""

    def content_hash(self, order: Order) -> bytes:
        """See ``OrderSignatures``."""
        return content_hash(order)

    def require_signed(
        self, order: Order, *, contract: bytes, about: About, signature: OrderSignature
    ) -> None:
        """See ``OrderSignatures``."""
        digest = signing_digest(order, contract=contract, about=about)
        if _recover(digest, signature.value) != signature.signer:
            raise OrderSignatureError(
                "{field}: is not the signature of {signer} over this order for this purpose, on"
                " this chain and contract",
                field=f"signatures.{about.value}",
                signer=checksum_address(signature.signer),
                remedy="sign this file again: trace-node order sign",
                code="order.signature.mismatch",
            )


def _recover(digest: bytes, value: bytes) -> bytes | None:
    """The address behind a signature as the contract takes it: 65 bytes, low s, v of 27 or 28."""
    if len(value) != _SIGNATURE_BYTES or value[64] not in _V:
        return None
    if not 0 < int.from_bytes(value[32:64]) <= _HALF_ORDER:
        return None
    try:
        shown: str = Account._recover_hash(digest, signature=value)  # noqa: SLF001  of a digest
    except (BadSignature, ValidationError, ValueError):
        return None
    return bytes.fromhex(shown[2:])


def _signable(order: Order, contract: bytes, about: About) -> SignableMessage:
    primary = _TYPES[about]
    types: dict[str, Any] = {"EIP712Domain": _DOMAIN, "Part": _PART, "Order": _ORDER}
    message = _message(order)
    if about is not About.ORDER:
        types[primary] = [{"name": "order", "type": "Order"}]
        message = {"order": message}
    return encode_typed_data(
        full_message={
            "types": types,
            "primaryType": primary,
            "domain": {
                "name": NAME,
                "version": VERSION,
                "chainId": order.chain_id,
                "verifyingContract": checksum_address(contract),
            },
            "message": message,
        }
    )


def _message(order: Order) -> dict[str, Any]:
    return {
        "chainId": order.chain_id,
        "orderId": order.order_id,
        "kind": int(order.kind),
        "from": order.source,
        "to": order.target,
        "subject": order.subject,
        "parts": [{"lot": part.lot, "quantity": part.quantity} for part in order.parts],
        "quantity": order.quantity,
        "commitment": order.commitment,
        "registryNumber": order.registry_number,
        "reason": order.reason,
        "notBefore": order.not_before,
        "deadline": order.deadline,
    }
