"""``trace-node order new``: write an order file, ready to be signed."""

import secrets
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.options import HomeOption, say
from api.cli.order_amounts import Wanted, amounts
from api.cli.order_group import group
from api.cli.order_new_options import (
    ClassOption,
    DeadlineOption,
    KindArgument,
    LotOption,
    NewFileArgument,
    NotBeforeOption,
    NumberOption,
    PrivateOption,
    QuantityOption,
    ReasonOption,
    SourceOption,
    SubjectOption,
    TargetOption,
)
from api.cli.order_options import (
    LedgerOption,
    NodeOption,
    TokenOption,
    read_instant,
    write_file,
)
from trace_node.canonical_json import JsonObject
from trace_node.errors import InputError

if TYPE_CHECKING:
    from trace_node.quota.commitment import Opening
    from trace_node.quota.ledger.kinds import Kind
    from trace_node.quota.ledger.order import Order
    from trace_node.quota.ledger.signed_order import SignedOrder


@group.command("new")
def new(
    kind: KindArgument,
    file: NewFileArgument,
    *,
    source: SourceOption = 0,
    target: TargetOption = 0,
    subject: SubjectOption = 0,
    lot: LotOption = None,
    quantity: QuantityOption = None,
    class_id: ClassOption = None,
    reason: ReasonOption = None,
    registry_number: NumberOption = None,
    private: PrivateOption = None,
    deadline: DeadlineOption = "+7d",
    not_before: NotBeforeOption = None,
    ledger: LedgerOption = None,
    node: NodeOption = None,
    token: TokenOption = "",
    home: HomeOption = None,
) -> None:
    """Write an order file; without --quantity it needs no node and no network."""
    known, why = _kind(kind), _reason(reason)
    draft, contract = _blank(known, (source, target, subject), ledger=ledger, home=home)
    begin, end = _times(not_before, deadline)
    draft = replace(draft, reason=_digest(why), not_before=begin, deadline=end)
    draft = replace(draft, registry_number=_registry_number(known, registry_number))
    wanted = Wanted(
        lots=lot or [],
        quantity=quantity,
        account=source,
        class_id=class_id,
        there_already=_stays(draft),
    )
    parts, total = amounts(known, wanted, node=node, token=token)
    order, opening = _identified(replace(draft, parts=parts, quantity=total), private or [])
    _write(_unsigned(order, contract, reason=why, number=registry_number), opening, file)


def _blank(
    kind: "Kind", accounts: tuple[int, int, int], *, ledger: Path | None, home: Path | None
) -> "tuple[Order, bytes]":
    """An order of a kind between accounts, with nothing else in it, and the contract it is for."""
    from api.cli.order_ledger import recorded_ledger
    from trace_node.quota.ledger.order import Order
    from trace_node.quota.ledger.order_texts import NO_DIGEST

    chain_id, contract = recorded_ledger(ledger, home)
    source, target, subject = accounts
    blank = Order(
        chain_id=chain_id,
        order_id=NO_DIGEST,
        kind=kind,
        source=source,
        target=target,
        subject=subject,
        parts=(),
        quantity=0,
        commitment=NO_DIGEST,
        registry_number=NO_DIGEST,
        reason=NO_DIGEST,
        not_before=0,
        deadline=0,
    )
    return blank, contract


def _times(not_before: str | None, deadline: str) -> tuple[int, int]:
    """First and last second at which it may be carried out; the first is 0 for at once.

    Raises:
        InputError: One is none, or the last has passed; code ``order.deadline``.
    """
    from trace_node.clock import SystemClock

    now = SystemClock().now()
    begin = read_instant(not_before, now=now, field="--not-before") if not_before else 0
    return begin, _still_ahead(read_instant(deadline, now=now, field="--deadline"), now)


def _still_ahead(deadline: int, now: datetime) -> int:
    if deadline <= int(now.timestamp()):
        raise InputError(
            "{field}: the deadline has passed",
            field="--deadline",
            remedy="write a later time, or a span from now: +12h, +7d",
            code="order.deadline",
        )
    return deadline


def _stays(draft: "Order") -> int:
    """The place whose lots a move within one account would leave where they are; 0 for none."""
    from trace_node.quota.ledger.kinds import Kind

    within = draft.kind is Kind.MOVE and draft.source == draft.target
    return draft.subject if within else 0


def _unsigned(
    order: "Order", contract: bytes, *, reason: JsonObject | None, number: str | None
) -> "SignedOrder":
    from trace_node.quota.ledger.signed_order import SignedOrder

    return SignedOrder(order=order, contract=contract, reason=reason, registry_number=number)


def _digest(record: JsonObject | None) -> bytes:
    from trace_node.quota.ledger.order_texts import NO_DIGEST, record_digest

    return NO_DIGEST if record is None else record_digest(record)


def _identified(draft: "Order", private: list[str]) -> "tuple[Order, Opening | None]":
    """The order with an id of its own and the commitment to what is kept private."""
    from trace_node.quota.commitment import SALT_BYTES, make_opening
    from trace_node.quota.ledger.order_shape import CHOSEN_BYTES, order_id_of

    order = replace(draft, order_id=order_id_of(draft, secrets.token_bytes(CHOSEN_BYTES)))
    content = _pairs(private)
    if not content:
        return order, None
    opening = make_opening(
        order_id=order.order_id, salt=secrets.token_bytes(SALT_BYTES), content=content
    )
    return replace(order, commitment=opening.commitment), opening


def _write(made: "SignedOrder", opening: "Opening | None", file: Path) -> None:
    """Write the files, and print what is to be signed."""
    from api.cli.order_text import print_order
    from trace_node.quota.ledger.order_file import encode_order

    raw = encode_order(made)
    if opening is not None:  # first: an order whose opening is lost can never be opened
        place = file.with_suffix(".opening.json")
        write_file(place, opening.to_bytes(), replace=False, private=True)
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


def _pairs(texts: list[str]) -> dict[str, str]:
    """Texts by name, each named once."""
    content: dict[str, str] = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not (mark and name) or name in content:
            raise InputError(
                "{field}: write each one once, as NAME=TEXT",
                field="--private",
                remedy="for example --private price=85.50",
                code="input.pair",
            )
        content[name] = value
    return content
