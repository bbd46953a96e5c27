"""The state of the ledger rebuilt by an outside reader who has nothing but the contracts' events."""

import re
from dataclasses import dataclass, field
from typing import Any

from support.ledger import Ledger
from support.ledger_orders import NONE, Hold, Instrument, OrderState, Place
from web3.contract import Contract

# Events of which no state follows but who did it: what they propose is told again when it takes effect.
UNREAD = {
    "RoleChangeProposed",
    "RoleChangeApproved",
    "RoleChangeWithdrawn",
    "UnpauseProposed",
    "KeyChangeProposed",
    "KeyChangeWithdrawn",
    "RuleProposalWithdrawn",
    "PeriodCloseProposed",
}


class GapError(AssertionError):
    """An event is missing: the endpoint has truncated its answer."""


@dataclass
class Replay:
    """Reads events from block to block, and nothing else."""

    ledger: Ledger
    next_block: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    lots: dict[int, list[Any]] = field(default_factory=dict)
    classes: dict[int, tuple[Instrument, int]] = field(default_factory=dict)
    orders: dict[bytes, list[Any]] = field(default_factory=dict)
    obligations: dict[int, list[int]] = field(default_factory=dict)
    records: dict[int, Any] = field(default_factory=dict)
    arrears: dict[int, list[int]] = field(default_factory=dict)
    claims: dict[int, Any] = field(default_factory=dict)
    limits: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    allowed: set[tuple[int, int]] = field(default_factory=set)
    offices: dict[str, int] = field(default_factory=dict)
    rights: dict[tuple[int, str], int] = field(default_factory=dict)
    accounts: dict[int, list[Any]] = field(default_factory=dict)
    serials: dict[int, int] = field(default_factory=dict)
    numbers: dict[int, bytes] = field(default_factory=dict)
    bindings: dict[int, bytes] = field(default_factory=dict)
    proposals: dict[int, Any] = field(default_factory=dict)
    rules: dict[tuple[bytes, int, int], Any] = field(default_factory=dict)
    closed_years: set[int] = field(default_factory=set)
    paused: bool = False
    final_state: bytes = NONE

    def catch_up(self, *, drop: int | None = None) -> "Replay":
        """Apply all new events, in order; ``drop`` leaves one out, as a bad endpoint would."""
        found = []
        for contract in self.ledger.contracts:
            found += self._logs(contract)
        found.sort(key=lambda each: each[0])
        for place, (_, contract, name, args) in enumerate(found):
            if place != drop:
                self._apply(contract, name, args)
        self.next_block = self.ledger.engine.web3.eth.block_number + 1
        for contract in self.ledger.contracts:
            if self.counts.get(contract.address, 0) != contract.functions.eventCount().call():
                raise GapError(contract.address)
        return self

    def _logs(self, contract: Contract) -> list[tuple[tuple[int, int], Contract, str, Any]]:
        by_topic = {event.topic: event for event in contract.events}
        filtered: Any = {"address": contract.address, "fromBlock": self.next_block}
        logs = self.ledger.engine.web3.eth.get_logs(filtered)
        found = []
        for log in logs:
            event = by_topic["0x" + log["topics"][0].hex()]
            args = dict(event.process_log(log)["args"])
            place = (log["blockNumber"], log["logIndex"])
            found.append((place, contract, event.event_name, args))
        return found

    def _apply(self, contract: Contract, name: str, args: dict[str, Any]) -> None:
        expected = self.counts.get(contract.address, 0) + 1
        if args["sequence"] != expected:
            raise GapError(f"{name}: number {args['sequence']}, expected {expected}")
        self.counts[contract.address] = expected
        handler = getattr(self, "_on" + re.sub("([A-Z])", r"_\1", name).lower(), None)
        if handler is None:
            assert name in UNREAD, name
        else:
            handler(args)

    # Offices, accounts, keys.

    def _on_role_set(self, args: Any) -> None:
        self.offices[args["officer"]] = args["role"]

    def _on_account_opened(self, args: Any) -> None:
        self.accounts[args["account"]] = [args["organisation"], args["kind"], 1, 0]

    def _on_account_status_set(self, args: Any) -> None:
        self.accounts[args["account"]][2] = args["status"]

    def _on_account_bound(self, args: Any) -> None:
        self.accounts[args["account"]][3] = args["boundTo"]

    def _on_key_set(self, args: Any) -> None:
        self.rights[args["account"], args["key"]] = args["rights"]

    def _on_organisation_bound(self, args: Any) -> None:
        self.bindings[args["organisation"]] = args["binding"]

    def _on_paused(self, args: Any) -> None:
        self.paused = bool(args["administrator"])

    def _on_unpaused(self, args: Any) -> None:
        self.paused = not args["administrator"]

    # Rules.

    def _on_rule_proposed(self, args: Any) -> None:
        self.proposals[args["proposalId"]] = dict(args["content"])

    def _on_draft_release_proposed(self, args: Any) -> None:
        self.proposals[args["proposalId"]] = None

    def _on_rule_added(self, args: Any) -> None:
        content = self.proposals[args["proposalId"]]
        self.rules[args["ruleId"], args["year"], args["version"]] = content

    def _on_draft_released(self, args: Any) -> None:
        self.rules[args["ruleId"], args["year"], args["version"]]["released"] = True

    # Lots.

    def _on_class_registered(self, args: Any) -> None:
        self.classes[args["classId"]] = (Instrument(args["instrument"]), args["vintage"])
        self.serials[args["classId"]] = 1

    def _on_lot_issued(self, args: Any) -> None:
        class_id, first = args["classId"], args["firstSerial"]
        assert first == self.serials[class_id]
        self.serials[class_id] += args["quantity"]
        place = (args["account"], class_id, Place.REGISTRY, Hold.NONE, 0)
        self.lots[args["lotId"]] = [*place, first, args["quantity"], 0]
        self.numbers[args["lotId"]] = args["registryNumber"]

    def _on_lot_split(self, args: Any) -> None:
        lot = self.lots[args["lotId"]]
        self.lots[args["newLotId"]] = [*lot[:6], args["quantity"], 0]
        self.numbers[args["newLotId"]] = self.numbers[args["lotId"]]
        lot[5] += args["quantity"]
        lot[6] -= args["quantity"]

    def _on_lot_moved(self, args: Any) -> None:
        lot = self.lots[args["lotId"]]
        lot[0], lot[4] = args["account"], args["subject"]
        lot[2], lot[3] = Place(args["place"]), Hold(args["hold"])

    def _on_lot_numbered(self, args: Any) -> None:
        self.numbers[args["lotId"]] = args["registryNumber"]

    # Orders.

    def _on_ledger_closed(self, args: Any) -> None:
        self.final_state = args["stateDigest"]

    def _on_order_proposed(self, args: Any) -> None:
        lots = tuple(args["lots"])
        state = (args["number"], OrderState.PROPOSED, args["initiator"], "", 0, NONE)
        self.orders[args["orderId"]] = [*state, lots]
        for lot in lots:
            self.lots[lot][7] = args["number"]

    def _on_order_approved(self, args: Any) -> None:
        order = self.orders[args["orderId"]]
        order[1] = OrderState.APPROVED
        order[3:5] = [args["approver"], args["executableAt"]]

    def _on_order_ended(self, args: Any) -> None:
        order = self.orders[args["orderId"]]
        for lot in order[6]:
            self.lots[lot][7] = 0
        order[1], order[6] = OrderState(args["state"]), ()

    def _on_order_confirmed(self, args: Any) -> None:
        self.orders[args["orderId"]][5] = args["registryNumber"]

    def _on_counterparty_set(self, args: Any) -> None:
        pair = (args["account"], args["counterparty"])
        (self.allowed.add if args["allowed"] else self.allowed.discard)(pair)

    # Obligations.

    def _on_record_proposed(self, args: Any) -> None:
        self.records[args["record"]] = args["content"]

    def _on_record_confirmed(self, args: Any) -> None:
        content = self.records[args["record"]]
        figure = [content["organisation"], content["year"], content["tonnes"], args["cap"]]
        handed_in = self.obligations.get(args["obligation"], [0] * 7)[4:]
        self.obligations[args["obligation"]] = figure + handed_in

    def _on_surrendered(self, args: Any) -> None:
        self.obligations[args["obligation"]][4] = args["total"]

    def _on_surrender_restored(self, args: Any) -> None:
        self.obligations[args["obligation"]][4] = args["total"]

    def _on_offset_reserved(self, args: Any) -> None:
        self.obligations[args["obligation"]][5] = args["total"]

    def _on_offset_released(self, args: Any) -> None:
        self.obligations[args["obligation"]][5:7] = [args["total"], args["used"]]

    def _on_offset_used(self, args: Any) -> None:
        self.obligations[args["obligation"]][6] = args["used"]

    def _on_arrear_opened(self, args: Any) -> None:
        content = [args["organisation"], args["classId"], args["quantity"]]
        self.arrears[args["arrear"]] = content

    def _on_arrear_settled(self, args: Any) -> None:
        self.arrears[args["arrear"]][2] = args["open"]

    def _on_period_ended(self, args: Any) -> None:
        self.closed_years.add(args["year"])

    def _on_carry_over_proposed(self, args: Any) -> None:
        self.claims[args["claim"]] = args["content"]

    def _on_carry_over_confirmed(self, args: Any) -> None:
        content = self.claims[args["claim"]]
        key = (content["organisation"], content["year"])
        self.limits[key] = [args["limit"], self.limits.get(key, [0, 0])[1]]

    def _on_carry_over_used(self, args: Any) -> None:
        self.limits[args["organisation"], args["year"]][1] = args["used"]

    def _on_carry_over_restored(self, args: Any) -> None:
        self.limits[args["organisation"], args["year"]][1] = args["used"]

    def snapshot(self) -> dict[str, Any]:
        return {
            "lots": {each: tuple(content) for each, content in self.lots.items()},
            "classes": dict(self.classes),
            "orders": {each: tuple(content) for each, content in self.orders.items()},
            "obligations": {each: tuple(content) for each, content in self.obligations.items()},
            "arrears": {each: tuple(content) for each, content in self.arrears.items()},
            "limits": {each: tuple(content) for each, content in self.limits.items()},
            "allowed": frozenset(self.allowed),
        }


def contract_snapshot(ledger: Ledger, replay: Replay) -> dict[str, Any]:
    """What the contracts themselves say, asked for each thing of which the events told."""
    obligations = {each: ledger.obligation(each) for each in replay.obligations}
    return {
        "lots": {each: _lot(ledger.lot(each)) for each in replay.lots},
        "classes": {
            each: (Instrument(content["instrument"]), content["vintage"])
            for each, content in ((each, ledger.class_of(each)) for each in replay.classes)
        },
        "orders": {
            each: _order(ledger.orders.functions.orderOf(each).call()) for each in replay.orders
        },
        "obligations": {
            each: (
                owed["organisation"],
                owed["year"],
                owed["tonnes"],
                owed["cap"],
                owed["surrendered"],
                owed["offsetReserved"],
                owed["offsetUsed"],
            )
            for each, owed in obligations.items()
        },
        "arrears": {
            each: tuple(ledger.obligations.functions.arrearOf(each).call())
            for each in replay.arrears
        },
        "limits": {
            each: tuple(ledger.obligations.functions.carryOverLimit(*each).call()[1:])
            for each in replay.limits
        },
        "allowed": frozenset(
            pair
            for pair in replay.allowed
            if ledger.orders.functions.counterpartyAllowed(*pair).call()
        ),
    }


def _lot(content: dict[str, Any]) -> tuple[Any, ...]:
    return (
        content["account"],
        content["classId"],
        Place(content["place"]),
        Hold(content["hold"]),
        content["subject"],
        content["firstSerial"],
        content["quantity"],
        content["order"],
    )


def _order(content: Any) -> tuple[Any, ...]:
    _, number, _, state, executable_at, initiator, approver, confirmation, lots = content
    shown = "" if int(approver, 16) == 0 else approver
    return number, OrderState(state), initiator, shown, executable_at, confirmation, tuple(lots)
