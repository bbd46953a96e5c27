"""What the commands about orders know of a ledger: from its record, or from a node."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from trace_node.errors import InputError

if TYPE_CHECKING:
    from chain.ledger_record import LedgerDeployment
    from trace_node.canonical_json import JsonObject
    from trace_node.quota.ledger.kinds import Kind
    from trace_node.quota.ledger.lot_choice import Candidate

PAGE = 500
_INSTRUMENT_OF = {
    "SURRENDER": "ALLOWANCE",
    "FORCED_SURRENDER": "ALLOWANCE",
    "CARRY_OVER": "ALLOWANCE",
}


def deployment_of(ledger: Path | None, home: Path | None) -> "LedgerDeployment":
    """The record of a ledger: the file given, or that of a node's home.

    Raises:
        ConfigError: It is missing or damaged.
    """
    from api import settings as settings_module
    from api.home import Home
    from chain.ledger_record import read_ledger

    return read_ledger(ledger or Home(settings_module.load(home=home).home).ledger)


def recorded_ledger(ledger: Path | None, home: Path | None) -> tuple[int, bytes]:
    """Chain id, and 20-byte address of the AllowanceRegistry, of a recorded ledger."""
    from trace_node.quota.ledger.kinds import Book

    found = deployment_of(ledger, home)
    return found.chain_id, found.contracts[Book.ORDERS].address


def lots_of_node(
    node: str,
    *,
    kind: "Kind",
    account: int,
    class_id: int | None,
    token: str,
    there_already: int = 0,
) -> "list[Candidate]":
    """The lots that a node knows in an account and an order of this kind may take.

    Lots in the place ``there_already`` are left out: a move to it would do nothing with them.
    Which vintages a rule admits only the contract says; with a class, no other is taken.
    """
    from trace_node.quota.ledger.lot_choice import Candidate
    from trace_node.quota.ledger.shapes import SHAPES

    shape = SHAPES[kind]
    balances = ask(node, "LedgerBalanceQuery", {"account": account}, token=token)
    (row,) = balances["accounts"]
    wanted = _INSTRUMENT_OF.get(kind.name)
    vintages = {
        each["class_id"]: each["vintage"]
        for each in row["balances"]
        if (class_id is None or each["class_id"] == class_id)
        and (wanted is None or each["instrument"] == wanted)
    }
    holds = {hold.name for hold in shape.holds}
    found = []
    for place in (each for each in shape.places if each != there_already):
        for lot in _all_lots(node, account=account, place=place.name, token=token):
            free = lot["reserved_by"] is None and lot["hold"] in holds
            if free and lot["class_id"] in vintages:
                found.append(
                    Candidate(
                        lot=lot["lot"],
                        vintage=vintages[lot["class_id"]],
                        quantity=lot["quantity"],
                    )
                )
    return found


def ask(node: str, name: str, body: "JsonObject", *, token: str) -> Any:  # noqa: ANN401  JSON
    """Ask a node; its refusals are in the reader's language.

    Raises:
        InputError: No token was given.
        TraceNodeError: What the node refused, or that it gives no answer.
    """
    from api.i18n import of_environment
    from api.node_client import ask_node

    if not token:
        raise InputError(
            "{field}: the node needs a token",
            field="--token",
            remedy="give the token that its operator issued, or set TN_TOKEN",
            code="input.choice",
        )
    return ask_node(node, name, body, token=token, language=of_environment())


def _all_lots(node: str, *, account: int, place: str, token: str) -> list[Any]:
    found: list[Any] = []
    after = 0
    while True:
        query: JsonObject = {"account": account, "place": place, "after": after, "limit": PAGE}
        page = ask(node, "LedgerLotQuery", query, token=token)["lots"]
        found += page
        if len(page) < PAGE:
            return found
        after = page[-1]["lot"]
