"""``trace-node order new``: write an order file, ready to be signed."""

import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import HomeOption, say
from api.cli.order_group import group
from api.cli.order_options import (
    LedgerOption,
    NodeOption,
    TokenOption,
    read_instant,
    read_lots,
    write_file,
)
from trace_node.canonical_json import JsonObject, encode
from trace_node.errors import InputError

if TYPE_CHECKING:
    from trace_node.quota.ledger.kinds import Kind
    from trace_node.quota.ledger.order import Order, Part
    from trace_node.quota.ledger.signed_order import SignedOrder


@group.command("new")
def new(
    kind: Annotated[str, typer.Argument(help="Kind of the order, such as LISTED or SURRENDER.")],
    file: Annotated[Path, typer.Argument(help="The order file to write (.tnorder).")],
    *,
    source: Annotated[int, typer.Option("--from", help="Account it takes from.", min=0)] = 0,
    target: Annotated[int, typer.Option("--to", help="Account that receives.", min=0)] = 0,
    subject: Annotated[
        int,
        typer.Option(help="Class, obligation, arrear, place or instrument, by kind.", min=0),
    ] = 0,
    lot: Annotated[
        list[str] | None, typer.Option(help="A lot, as LOT:TONNES; repeatable.", show_default=False)
    ] = None,
    quantity: Annotated[
        str | None,
        typer.Option(
            help="Whole tonnes; the lots are chosen by the node in --node, oldest first.",
            show_default=False,
        ),
    ] = None,
    class_id: Annotated[
        int | None, typer.Option("--class", help="Choose lots of this class only.", min=1)
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why; its digest goes on the chain.")] = None,
    registry_number: Annotated[
        str | None, typer.Option(help="Number of the registry or trade; code of a new class.")
    ] = None,
    private: Annotated[
        list[str] | None,
        typer.Option(
            help="What is committed to and kept in a private file, as NAME=TEXT: price,"
            " counterparty, beneficiary; repeatable.",
            show_default=False,
        ),
    ] = None,
    deadline: Annotated[
        str, typer.Option(help="Last time it may be used, or a span from now: +12h, +7d.")
    ] = "+7d",
    not_before: Annotated[
        str | None, typer.Option(help="First time it may be carried out.", show_default=False)
    ] = None,
    ledger: LedgerOption = None,
    node: NodeOption = None,
    token: TokenOption = "",
    home: HomeOption = None,
) -> None:
    """Write an order file; without --quantity it needs no node and no network."""
    from api.cli.order_ledger import recorded_ledger
    from trace_node.clock import SystemClock
    from trace_node.quota.ledger.kinds import Kind
    from trace_node.quota.ledger.order import Order
    from trace_node.quota.ledger.order_texts import NO_DIGEST, record_digest
    from trace_node.quota.ledger.signed_order import SignedOrder

    known = _kind(kind)
    now = SystemClock().now()
    chain_id, contract = recorded_ledger(ledger, home)
    why, number = _reason(reason), _registry_number(known, registry_number)
    parts, total = _amounts(
        known,
        lot or [],
        quantity,
        account=source,
        class_id=class_id,
        node=node,
        token=token,
        there_already=subject if known is Kind.MOVE and target == source else 0,
    )
    begin = "" if not_before is None else not_before
    draft = Order(
        chain_id=chain_id,
        order_id=NO_DIGEST,
        kind=known,
        source=source,
        target=target,
        subject=subject,
        parts=parts,
        quantity=total,
        commitment=NO_DIGEST,
        registry_number=number,
        reason=NO_DIGEST if why is None else record_digest(why),
        not_before=read_instant(begin, now=now, field="--not-before") if begin else 0,
        deadline=read_instant(deadline, now=now, field="--deadline"),
    )
    order, opening = _identified(draft, private or [])
    made = SignedOrder(order=order, contract=contract, reason=why, registry_number=registry_number)
    _write(made, opening, file)


def _identified(draft: "Order", private: list[str]) -> "tuple[Order, JsonObject | None]":
    """The order with an id of its own and the commitment to what is kept private."""
    from trace_node.quota.ledger.order_shape import CHOSEN_BYTES, order_id_of
    from trace_node.quota.ledger.order_texts import NO_DIGEST, record_digest

    order_id = order_id_of(draft, secrets.token_bytes(CHOSEN_BYTES))
    opening = _opening(private, order_id=order_id)
    commitment = NO_DIGEST if opening is None else record_digest(opening)
    return replace(draft, order_id=order_id, commitment=commitment), opening


def _write(made: "SignedOrder", opening: JsonObject | None, file: Path) -> None:
    """Write the files, and print what is to be signed."""
    from api.cli.order_text import print_order
    from trace_node.quota.ledger.order_file import encode_order

    raw = encode_order(made)
    if opening is not None:  # first: an order whose opening is lost can never be opened
        place = file.with_suffix(".opening.json")
        write_file(place, encode(opening), replace=False, private=True)
        say("kept private in {path}: show it to the parties and the regulator alone", path=place)
    write_file(file, raw, replace=False)
    print_order(made)
    say("written to {path}; sign it: trace-node order sign {path} --key KEY", path=file)


def _kind(text: str) -> "Kind":
    from trace_node.quota.ledger.kinds import Kind

    found = Kind.__members__.get(text.upper().replace("-", "_"))
    if found is None or found is Kind.NONE:
        raise InputError(
            "{field}: there is no kind of order {kind}",
            field="KIND",
            kind=repr(text[:40]),
            remedy="see the table of kinds in docs/spec/allowance-registry.md",
            code="order.kind",
        )
    return found


def _reason(text: str | None) -> JsonObject | None:
    from trace_node.quota.ledger.order_texts import SALT_BYTES, reason_record

    return None if text is None else reason_record(text, salt=secrets.token_bytes(SALT_BYTES))


def _registry_number(kind: "Kind", text: str | None) -> bytes:
    from trace_node.quota.ledger.kinds import Kind
    from trace_node.quota.ledger.order_texts import NO_DIGEST, name_bytes, number_digest

    if text is None:
        return NO_DIGEST
    if kind is Kind.REGISTER_CLASS:
        return name_bytes(text, field="--registry-number")
    return number_digest(text)


def _opening(pairs: list[str], *, order_id: bytes) -> JsonObject | None:
    from trace_node.quota.ledger.order_texts import SALT_BYTES, opening_record

    content: dict[str, str] = {}
    for pair in pairs:
        name, mark, text = pair.partition("=")
        if not (mark and name.isascii() and name.isidentifier()) or name in content:
            raise InputError(
                "{field}: write each one once, as NAME=TEXT",
                field="--private",
                remedy="for example --private price=85.50",
                code="input.pair",
            )
        content[name] = text
    if not content:
        return None
    salt = secrets.token_bytes(SALT_BYTES)
    return opening_record(order_id=order_id, salt=salt, content=content)


def _amounts(
    kind: "Kind",
    lots: list[str],
    quantity: str | None,
    *,
    account: int,
    class_id: int | None,
    node: str | None,
    token: str,
    there_already: int = 0,
) -> "tuple[tuple[Part, ...], int]":
    """The lots and the quantity of the order."""
    from api.cli.order_ledger import lots_of_node
    from trace_node.quota.ledger.amounts import read_tonnes
    from trace_node.quota.ledger.kinds import Kind
    from trace_node.quota.ledger.lot_choice import choose_lots
    from trace_node.quota.ledger.shapes import SHAPES

    parts = read_lots(lots)
    total = sum(part.quantity for part in parts)
    if quantity is None:
        return parts, total
    least = 0 if kind is Kind.SET_COUNTERPARTY else 1
    wanted = read_tonnes(quantity, field="--quantity", least=least)
    if parts or not SHAPES[kind].places:
        return parts, wanted
    if node is None:
        raise InputError(
            "{field}: the lots are chosen from what a node knows",
            field="--node",
            remedy="name a node and a token, or the lots: --lot LOT:TONNES",
            code="order.parts",
        )
    found = lots_of_node(
        node,
        kind=kind,
        account=account,
        class_id=class_id,
        token=token,
        there_already=there_already,
    )
    return choose_lots(found, wanted), wanted
