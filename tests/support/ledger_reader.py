"""A second reader of the ledger's events, written from docs/spec/allowance-registry.md alone.

It shares no line with ``ledger_replay``, and keeps one dictionary a thing, in the words of the contracts' getters.
"""

# Handlers and their arguments bear the names that the ABI gives to events and parameters.
# ruff: noqa: N802, N803

from collections import defaultdict
from typing import Any

from web3.contract import Contract

ZERO_ADDRESS, ZERO_WORD = "0x" + "00" * 20, bytes(32)
REGISTRY, SURRENDERED, CANCELLED, CONVERTED = 1, 5, 6, 7
PLACES = {1: 0, 2: 1, 3: 2, 4: 3}  # place of a held lot -> word of the balance
EXECUTED, CANCELLED_ORDER = 3, 4


class Reader:
    """The whole state, of events alone."""

    def __init__(self) -> None:
        self.lots: dict[int, dict[str, Any]] = {}
        self.classes: dict[int, dict[str, Any]] = {}
        self.orders: dict[bytes, dict[str, Any]] = {}
        self.contents: dict[bytes, dict[str, Any]] = {}
        self.allowed: dict[tuple[int, int], bool] = {}
        self.obligations: dict[int, dict[str, int]] = {}
        self.records: dict[int, dict[str, Any]] = {}
        self.claims: dict[int, dict[str, Any]] = {}
        self.limits: dict[tuple[int, int], dict[str, int]] = {}
        self.arrears: dict[int, dict[str, int]] = {}
        self.accounts: dict[int, dict[str, Any]] = {}
        self.rights: dict[tuple[int, str], int] = {}
        self.roles: dict[str, int] = {}
        self.role_changes: dict[int, dict[str, Any]] = {}
        self.key_changes: dict[int, dict[str, Any]] = {}
        self.final_state = ZERO_WORD

    def read(self, contracts: tuple[Contract, ...]) -> "Reader":
        """Every event there is, in the order of the chain; numbers without a gap."""
        found = []
        for contract in contracts:
            topics = {event.topic: event for event in contract.events}
            filtered: Any = {"address": contract.address, "fromBlock": 0}
            for log in contract.w3.eth.get_logs(filtered):
                event = topics["0x" + log["topics"][0].hex()]
                place = (log["blockNumber"], log["logIndex"])
                found.append((place, contract.address, event.event_name, event.process_log(log)))
        last: dict[str, int] = defaultdict(int)
        for _, address, name, log in sorted(found, key=lambda each: each[0]):
            arguments = dict(log["args"])
            last[address] += 1
            assert arguments.pop("sequence") == last[address]
            handler = getattr(self, name, None)
            if handler is not None:
                handler(**{f"{key}_" if key == "by" else key: arguments[key] for key in arguments})
        for contract in contracts:
            assert contract.functions.eventCount().call() == last[contract.address]
        return self

    # "Lots and classes" of the page.

    def ClassRegistered(self, **event: Any) -> None:
        names = ("instrument", "vintage", "code", "record")
        self.classes[event["classId"]] = {each: event[each] for each in names}

    def LotIssued(self, **event: Any) -> None:
        names = ("account", "classId", "firstSerial", "quantity", "registryNumber")
        free = {"place": REGISTRY, "hold": 0, "subject": 0, "order": 0}
        self.lots[event["lotId"]] = {each: event[each] for each in names} | free

    def LotSplit(self, lotId: int, newLotId: int, quantity: int) -> None:
        old = self.lots[lotId]
        self.lots[newLotId] = old | {"quantity": quantity}
        old["firstSerial"] += quantity
        old["quantity"] -= quantity

    def LotMoved(self, lotId: int, orderId: bytes, **ends: Any) -> None:
        assert orderId in self.orders
        self.lots[lotId] |= ends | {"order": 0}

    def LotNumbered(self, lotId: int, registryNumber: bytes, officer: str) -> None:
        assert officer in self.roles
        self.lots[lotId]["registryNumber"] = registryNumber

    # "Orders".

    def OrderProposed(self, **event: Any) -> None:
        self.contents[event["orderId"]] = dict(event["content"])
        self.orders[event["orderId"]] = {
            "contentHash": event["contentHash"],
            "number": event["number"],
            "kind": event["content"]["kind"],
            "state": 1,
            "executableAt": 0,
            "initiator": event["initiator"],
            "approver": ZERO_ADDRESS,
            "confirmation": ZERO_WORD,
            "lots": list(event["lots"]),
        }
        for lot in event["lots"]:
            self.lots[lot]["order"] = event["number"]

    def OrderApproved(self, orderId: bytes, **how: Any) -> None:
        self.orders[orderId] |= {"state": 2} | how

    def OrderEnded(self, orderId: bytes, state: int, by_: str, quantity: int) -> None:
        order, content = self.orders[orderId], self.contents[orderId]
        reserved = sum(self.lots[lot]["quantity"] for lot in order["lots"])
        if state == EXECUTED and content["parts"]:
            assert quantity == reserved
        if state == CANCELLED_ORDER:
            assert by_ != ZERO_ADDRESS
        for lot in order["lots"]:
            self.lots[lot]["order"] = 0
        order |= {"state": state, "lots": []}

    def OrderConfirmed(self, orderId: bytes, registryNumber: bytes, officer: str) -> None:
        assert officer in self.roles
        self.orders[orderId]["confirmation"] = registryNumber

    def CounterpartySet(self, account: int, counterparty: int, **event: Any) -> None:
        self.allowed[account, counterparty] = event["allowed"]

    def LedgerClosed(self, stateDigest: bytes, orderId: bytes) -> None:
        assert orderId in self.orders
        self.final_state = stateDigest

    # "Obligations, arrears, carry-over, the end of a period".

    def RecordProposed(self, record: int, content: Any) -> None:
        self.records[record] = dict(content)

    def RecordConfirmed(self, record: int, obligation: int, **event: Any) -> None:
        content = self.records[record]
        content["confirmed"] = True
        before = {"surrendered": 0, "offsetReserved": 0, "offsetUsed": 0}
        names = ("organisation", "year", "sector", "tonnes")
        self.obligations[obligation] = (
            before
            | self.obligations.get(obligation, {})
            | {each: content[each] for each in names}
            | {"record": record, "cap": event["cap"], "capVersion": event["capVersion"]}
        )
        found = self.obligations[obligation]
        assert event["excess"] == max(0, found["offsetReserved"] - found["cap"])

    def _count(self, obligation: int, name: str, change: int, total: int) -> None:
        """The quantity and the new total that an event tells must agree."""
        self.obligations[obligation][name] += change
        assert self.obligations[obligation][name] == total

    def Surrendered(self, obligation: int, quantity: int, total: int, **_: Any) -> None:
        self._count(obligation, "surrendered", quantity, total)

    def SurrenderRestored(self, obligation: int, quantity: int, total: int) -> None:
        self._count(obligation, "surrendered", -quantity, total)

    def OffsetReserved(self, obligation: int, quantity: int, total: int) -> None:
        self._count(obligation, "offsetReserved", quantity, total)

    def OffsetReleased(self, obligation: int, quantity: int, total: int, used: int) -> None:
        self._count(obligation, "offsetReserved", -quantity, total)
        assert used <= self.obligations[obligation]["offsetUsed"]
        self.obligations[obligation]["offsetUsed"] = used

    def OffsetUsed(self, obligation: int, quantity: int, used: int) -> None:
        self._count(obligation, "offsetUsed", quantity, used)

    def ArrearOpened(self, arrear: int, **event: Any) -> None:
        event["open"] = event.pop("quantity")
        self.arrears[arrear] = event

    def ArrearSettled(self, arrear: int, quantity: int, open: int) -> None:  # noqa: A002 (its name in the ABI)
        assert self.arrears[arrear]["open"] - quantity == open
        self.arrears[arrear]["open"] = open

    def CarryOverProposed(self, claim: int, content: Any) -> None:
        self.claims[claim] = dict(content)

    def CarryOverConfirmed(self, claim: int, limit: int, **_: Any) -> None:
        content = self.claims[claim]
        content["confirmed"] = True
        key = (content["organisation"], content["year"])
        used = self.limits.get(key, {"used": 0})["used"]
        self.limits[key] = {"claim": claim, "limit": limit, "used": used}

    def CarryOverUsed(self, organisation: int, year: int, quantity: int, used: int) -> None:
        assert self.limits[organisation, year]["used"] + quantity == used
        self.limits[organisation, year]["used"] = used

    def CarryOverRestored(self, organisation: int, year: int, quantity: int, used: int) -> None:
        assert self.limits[organisation, year]["used"] - quantity == used
        self.limits[organisation, year]["used"] = used

    # "Offices".

    def RoleSet(self, officer: str, role: int, changeId: int) -> None:
        self.roles[officer] = role
        if changeId:
            self.role_changes[changeId]["state"] = 3

    def RoleChangeProposed(self, changeId: int, reason: bytes, **event: Any) -> None:
        assert reason is not None
        open_ = {"state": 1, "executableAt": 0, "approver": ZERO_ADDRESS}
        self.role_changes[changeId] = event | open_

    def RoleChangeApproved(self, changeId: int, **how: Any) -> None:
        self.role_changes[changeId] |= {"state": 2} | how

    def RoleChangeWithdrawn(self, changeId: int, administrator: str) -> None:
        assert self.roles[administrator] == 1
        self.role_changes[changeId]["state"] = 4

    def AccountOpened(self, account: int, **event: Any) -> None:
        self.accounts[account] = event | {"boundTo": 0, "status": 1}

    def AccountBound(self, account: int, boundTo: int) -> None:
        self.accounts[account]["boundTo"] = boundTo

    def AccountStatusSet(self, account: int, status: int, **_: Any) -> None:
        self.accounts[account]["status"] = status

    def KeyChangeProposed(self, changeId: int, **event: Any) -> None:
        self.key_changes[changeId] = event | {"state": 1}

    def KeyChangeWithdrawn(self, changeId: int, officer: str) -> None:
        assert officer in self.roles
        self.key_changes[changeId]["state"] = 4

    def KeySet(self, account: int, key: str, rights: int, changeId: int, **_: Any) -> None:
        self.rights[account, key] = rights
        self.key_changes[changeId]["state"] = 3

    # What follows, and the comparison.

    def totals(self, class_id: int) -> dict[str, int]:
        """Counted lot by lot."""
        own = [lot for lot in self.lots.values() if lot["classId"] == class_id]
        ends = {SURRENDERED: "surrendered", CANCELLED: "cancelled", CONVERTED: "converted"}
        found = dict.fromkeys(["held", *ends.values()], 0)
        for lot in own:
            found[ends.get(lot["place"], "held")] += lot["quantity"]
        return found | {"nextSerial": 1 + sum(lot["quantity"] for lot in own)}

    def balance(self, account: int, class_id: int) -> list[int]:
        """By place, counted lot by lot."""
        found = [0, 0, 0, 0]
        for lot in self.lots.values():
            if (lot["account"], lot["classId"]) == (account, class_id) and lot["place"] in PLACES:
                found[PLACES[lot["place"]]] += lot["quantity"]
        return found
