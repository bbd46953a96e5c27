"""``trace-node order send`` and ``status``: to a node, or to the chain itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import HomeOption, Output, OutputOption, show
from api.cli.order_group import group
from api.cli.order_options import (
    FileArgument,
    KeyOption,
    LedgerOption,
    NodeOption,
    RpcOption,
    TokenOption,
    read_order,
    require_one_way,
)
from api.exit_codes import INVALID, PENDING
from trace_node.canonical_json import JsonObject
from trace_node.errors import InputError

if TYPE_CHECKING:
    from trace_node.ports.orders import OrderRelay, Standing
    from trace_node.quota.ledger.signed_order import SignedOrder

_ENDED = ("unconfirmed", "confirmed", "cancelled")
_MOST_STEPS = 4


@group.command("send")
def send(
    file: FileArgument,
    *,
    node: NodeOption = None,
    token: TokenOption = "",
    rpc: RpcOption = None,
    key: KeyOption = None,
    ledger: LedgerOption = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Hand an order in: propose, approve, execute, cancel or expire, as its signatures allow.

    To a node by --node, or with any key to the chain by --rpc. The same file again does nothing
    new. Exit code 3 while the order has not ended, 1 where its deadline passed first.
    """
    require_one_way(node, rpc)
    if node is not None:
        from api.cli.order_ledger import ask
        from trace_node.quota.ledger.order_file import encode_order

        text = encode_order(read_order(file)).decode()
        _told(ask(node, "LedgerOrder", {"file": text}, token=token)["order"], output)
        return
    signed = read_order(file)
    with _relay(ledger, home, rpc=rpc or "", key=key) as relay:
        _told(_standing_json(signed, _carried_out(signed, relay)), output)


@group.command("status")
def status(
    order_id: Annotated[str, typer.Argument(help="Id of the order: 0x and 64 hex digits.")],
    *,
    node: NodeOption = None,
    token: TokenOption = "",
    rpc: RpcOption = None,
    ledger: LedgerOption = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show how far an order has come; exit 3 while it has not ended, 1 where it expired."""
    require_one_way(node, rpc)
    found = _order_id(order_id)
    if node is not None:
        from api.cli.order_ledger import ask

        query: JsonObject = {"order_id": "0x" + found.hex()}
        _told(ask(node, "LedgerOrderQuery", query, token=token)["orders"][0], output)
        return
    from api.cli.order_ledger import deployment_of
    from api.wiring.ledger_sender import ledger_standing

    standing = ledger_standing(deployment_of(ledger, home), url=rpc or "", order_id=found)
    _told({"order_id": "0x" + found.hex(), **_state_json(standing)}, output)


def _carried_out(signed: "SignedOrder", relay: "OrderRelay") -> "Standing":
    """Take every step that the signatures allow now."""
    from chain.order_signing import Eip712Orders
    from trace_node.clock import SystemClock
    from trace_node.services.order_checks import (
        require_ledger,
        require_same_content,
        require_sound,
    )
    from trace_node.services.order_course import next_step

    require_ledger(signed, chain_id=relay.chain_id, contract=relay.contract)
    require_sound(signed, Eip712Orders())
    standing, order_id = relay.standing(signed.order.order_id), signed.order.order_id
    content = Eip712Orders().content_hash(signed.order)
    require_same_content(standing, content, order_id=order_id)
    for _ in range(_MOST_STEPS):
        step = next_step(
            signed,
            standing.state,
            executable_at=standing.executable_at,
            now=int(SystemClock().now().timestamp()),
        )
        if step is None:
            break
        relay.relay(signed, step)
        standing = relay.standing(order_id)
        require_same_content(standing, content, order_id=order_id)
    return standing


def _relay(ledger: Path | None, home: Path | None, *, rpc: str, key: Path | None) -> Any:  # noqa: ANN401
    """A context that gives a relay."""
    from contextlib import contextmanager

    from api import settings as settings_module
    from api.cli.order_ledger import deployment_of
    from api.wiring.ledger_sender import ledger_sender
    from trace_node.clock import SystemClock

    if key is None:
        raise InputError(
            "{field}: missing",
            field="--key",
            remedy="any account key can relay: trace-node keys account",
            code="input.usage",
        )

    @contextmanager
    def connected() -> Any:  # noqa: ANN401  a generator of one relay
        with ledger_sender(
            deployment_of(ledger, home),
            url=rpc,
            key=key,
            passphrase=settings_module.load(home=home).secret(),
            clock=SystemClock(),
        ) as sender:
            yield sender.relay

    return connected()


def _standing_json(signed: "SignedOrder", standing: "Standing") -> JsonObject:
    return {"order_id": "0x" + signed.order.order_id.hex(), **_state_json(standing)}


def _state_json(standing: "Standing") -> JsonObject:
    from api.cli.order_text import time_shown

    return {
        "phase": standing.state.name,
        "final": standing.final,
        "executable_at": time_shown(standing.executable_at) if standing.executable_at else None,
        "registry_number": "0x" + standing.confirmation.hex()
        if any(standing.confirmation)
        else None,
        "block": standing.block,
    }


def _told(order: JsonObject, output: Output) -> None:
    show(order, output=output)
    phase = str(order["phase"]).lower()
    if phase == "expired":
        raise typer.Exit(INVALID)
    # What the chain itself says is executed may still be taken back; so may what a node says.
    if phase not in _ENDED and not (phase == "executed" and order["final"]):
        raise typer.Exit(PENDING)


def _order_id(text: str) -> bytes:
    try:
        raw = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        raw = b""
    if len(raw) != 32:  # noqa: PLR2004  an id
        raise InputError(
            "{field}: must be {expected}",
            field="ORDER_ID",
            expected="0x and 64 hex digits",
            remedy="trace-node order show prints it",
            code="order.id",
        )
    return raw
