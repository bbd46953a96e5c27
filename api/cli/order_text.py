"""What a person sees of an order: exactly what is signed."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from api.cli.options import say
from api.cli.order_words import kind_shown, word_shown
from trace_node.canonical_json import JsonObject

if TYPE_CHECKING:
    from trace_node.quota.ledger.signed_order import SignedOrder

_LAST_SECOND = 253_402_300_799


def order_json(signed: "SignedOrder", *, verified: bool) -> JsonObject:
    """An order and who signed it, for programs."""
    from chain.addresses import checksum_address
    from chain.order_signing import content_hash

    order = signed.order
    return {
        "kind": order.kind.name,
        "order_id": "0x" + order.order_id.hex(),
        "chain_id": order.chain_id,
        "contract": checksum_address(signed.contract),
        "from": order.source,
        "to": order.target,
        "subject": order.subject,
        "parts": [{"lot": part.lot, "quantity": part.quantity} for part in order.parts],
        "quantity": order.quantity,
        "reason": None if signed.reason is None else signed.reason["text"],
        "registry_number": signed.registry_number,
        "commitment": "0x" + order.commitment.hex(),
        "not_before": time_shown(order.not_before) if order.not_before else None,
        "deadline": time_shown(order.deadline),
        "content_hash": "0x" + content_hash(order).hex(),
        "signatures": {
            about.value: checksum_address(each.signer) for about, each in signed.signatures.items()
        },
        "verified": verified,
    }


def print_order(signed: "SignedOrder") -> None:
    """Print an order: every field that is part of what is signed."""
    from chain.addresses import checksum_address
    from chain.order_signing import content_hash
    from trace_node.quota.ledger.shapes import SHAPES

    order, shape = signed.order, SHAPES[signed.order.kind]
    say("order {id}", id="0x" + order.order_id.hex())
    say("  does: {kind}, {quantity}", kind=kind_shown(order.kind.name), quantity=_quantity(signed))
    if shape.source:
        say("  from account {account}", account=order.source)
    if shape.target:
        say("  to account {account}", account=order.target)
    if shape.subject:
        say("  about {what} {number}", what=word_shown(shape.subject), number=order.subject)
    for part in order.parts:
        say("  of lot {lot}: {quantity} t", lot=part.lot, quantity=part.quantity)
    _print_texts(signed)
    if order.not_before:
        say("  not before {time}", time=time_shown(order.not_before))
    say("  until {time}", time=time_shown(order.deadline))
    say(
        "  on chain {chain}, contract {contract}",
        chain=order.chain_id,
        contract=checksum_address(signed.contract),
    )
    say("  content hash {digest}", digest="0x" + content_hash(order).hex())
    say(
        "  signed first by: {who}; approved by: {other}",
        who=word_shown(shape.initiator),
        other=word_shown(shape.approver),
    )
    for about, signature in signed.signatures.items():
        say(
            "  signature of the {about}: {signer}",
            about=word_shown(about.value),
            signer=checksum_address(signature.signer),
        )
    say("The national registries are the legal record of allowances and CCER; this is a copy.")


def _print_texts(signed: "SignedOrder") -> None:
    """What the order names by digest."""
    order = signed.order
    if signed.reason is not None:
        say("  reason: {text}", text=signed.reason["text"])
    elif any(order.reason):
        say("  reason: kept elsewhere, digest {digest}", digest="0x" + order.reason.hex())
    if signed.registry_number is not None:
        say("  number of the registry: {text}", text=signed.registry_number)
    elif any(order.registry_number):
        say("  number of the registry: digest {digest}", digest="0x" + order.registry_number.hex())
    if any(order.commitment):
        say("  commitment to what is kept private: {digest}", digest="0x" + order.commitment.hex())


def time_shown(seconds: int) -> str:
    """A time by RFC 3339 in UTC."""
    moment = datetime.fromtimestamp(min(seconds, _LAST_SECOND), UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _quantity(signed: "SignedOrder") -> str:
    from trace_node.quota.ledger.kinds import Kind

    order = signed.order
    if order.kind is Kind.REGISTER_CLASS:
        return f"{order.quantity}"
    if order.kind is Kind.SET_COUNTERPARTY:
        return "+1" if order.quantity else "-1"
    return f"{order.quantity} t"
