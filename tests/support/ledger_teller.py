"""The events that the ledger's contracts would emit for what the slow model did, told from outside.

A ``Teller`` looks at the model before and after an act and says what a contract would have said; it
knows nothing of how the mirror reads events. Some things the model does not know (rules, offices,
pauses, closed years, numbers of lots) it makes up itself, with the state they lead to.
"""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

from support.ledger_model import Model
from support.ledger_model_state import ModelLot, ModelOrder
from support.ledger_orders import Hold, Kind, Order, OrderState, Place, digest

from trace_node.quota.ledger import access_events as access
from trace_node.quota.ledger import kinds
from trace_node.quota.ledger import lots_events as lots
from trace_node.quota.ledger import obligations_events as obligations
from trace_node.quota.ledger import orders_events as orders
from trace_node.quota.ledger import rules_events as rules
from trace_node.quota.ledger.kinds import Book
from trace_node.quota.ledger.order import Order as SignedOrder
from trace_node.quota.ledger.order import Part

ISSUING = {Kind.ISSUE, Kind.PRE_ALLOCATE, Kind.CARRY_OVER}
Told = tuple[Book, Any]


def address(text: str) -> bytes:
    """An address as it is on the chain."""
    return bytes.fromhex(text[2:]) if text.startswith("0x") else bytes(20)


def officer(name: str) -> bytes:
    return digest(name)[:20]


def signed(order: Order) -> SignedOrder:
    """An order of the model as the product knows it."""
    return SignedOrder(
        chain_id=order.chain_id,
        order_id=order.order_id,
        kind=kinds.Kind(order.kind),
        source=order.source,
        target=order.to,
        subject=order.subject,
        parts=tuple(Part(lot=lot, quantity=quantity) for lot, quantity in order.parts),
        quantity=order.quantity,
        commitment=order.commitment,
        registry_number=order.registry_number,
        reason=order.reason,
        not_before=order.not_before,
        deadline=order.deadline,
    )


@dataclass
class Extras:
    """What the model does not know, as the made-up events leave it."""

    numbers: dict[int, bytes] = field(default_factory=dict)  # registry numbers of lots
    records: dict[int, int] = field(default_factory=dict)  # obligation: its record
    claims: dict[tuple[int, int], int] = field(default_factory=dict)
    versions: dict[tuple[bytes, int, int], rules.RuleVersion] = field(default_factory=dict)
    offices: dict[bytes, int] = field(default_factory=dict)
    years: set[int] = field(default_factory=set)
    paused: bool = False
    record_count: int = 0
    claim_count: int = 0
    change_count: int = 0
    proposal_count: int = 0


class Teller:
    """Tells what happened since it last looked."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.before = Model()
        self.extras = Extras()
        self.sequences: Counter[Book] = Counter()
        self.issued: Counter[int] = Counter()  # units, by class
        self._told: list[Told] = []

    def tell(self) -> list[Told]:
        """Events with their numbers, in an order in which the contracts could emit them."""
        self._told = []
        self._parties()
        self._figures()
        for order_id, order in sorted(self.model.orders.items(), key=lambda each: each[1].number):
            self._order(order, self.before.orders.get(order_id))
        self.before = deepcopy(self.model)
        return self._told

    def say(self, book: Book, kind: Any, /, **content: Any) -> None:
        """Add one event under the next number of its contract."""
        self.sequences[book] += 1
        self._told.append((book, kind(sequence=self.sequences[book], **content)))

    # Organisations, accounts, keys.

    def _parties(self) -> None:
        model, before = self.model, self.before
        known = {each.organisation for each in before.accounts.values()}
        for number, account in model.accounts.items():
            if account.organisation not in known:
                known.add(account.organisation)
                binding = digest(f"organisation {account.organisation}")
                content = {"organisation": account.organisation, "binding": binding}
                self.say(Book.ACCESS, access.OrganisationBound, **content)
            old = before.accounts.get(number)
            if old is None:
                self._open(number)
            if account.bound and not (old and old.bound):
                self.say(Book.ACCESS, access.AccountBound, account=number, bound_to=number - 2)
            if account.status != (old.status if old else "active"):
                status = kinds.AccountStatus[account.status.upper()]
                told = {"status": status, "officer": officer("regulator"), "reason": digest("why")}
                self.say(Book.ACCESS, access.AccountStatusSet, account=number, **told)
        for (number, key), rights in model.rights.items():
            if before.rights.get((number, key), 0) != rights:
                self._set_key(number, address(key), rights)

    def _open(self, number: int) -> None:
        account = self.model.accounts[number]
        content = {"kind": kinds.AccountKind(account.kind), "delay": account.delay}
        content |= {"organisation": account.organisation, "registry_number": bytes(32)}
        self.say(Book.ACCESS, access.AccountOpened, account=number, **content)

    def _set_key(self, account: int, key: bytes, rights: int) -> None:
        self.extras.change_count += 1
        content = {"change_id": self.extras.change_count, "account": account, "key": key}
        content |= {"rights": rights}
        by = {"proposer": officer("registry"), "binding": digest("binding")}
        self.say(Book.ACCESS, access.KeyChangeProposed, **content, **by)
        self.say(Book.ACCESS, access.KeySet, **content, approver=officer("regulator"))

    # Figures and limits.

    def _figures(self) -> None:
        for number, owed in self.model.obligations.items():
            old = self.before.obligations.get(number)
            if old is None or (old.tonnes, old.cap) != (owed.tonnes, owed.cap):
                self._confirm_figure(number)
        for key, (limit, _) in self.model.limits.items():
            if key not in self.before.limits:
                self._grant(key, limit)

    def _confirm_figure(self, obligation: int) -> None:
        owed, extras = self.model.obligations[obligation], self.extras
        extras.record_count += 1
        record = extras.records[obligation] = extras.record_count
        content = obligations.EmissionRecord(
            organisation=owed.organisation,
            year=owed.year,
            sector=1,
            confirmed=False,
            tonnes=owed.tonnes,
            verifier=officer("verifier"),
            leaf=digest(f"leaf {record}"),
        )
        self.say(Book.OBLIGATIONS, obligations.RecordProposed, record=record, content=content)
        told = {"cap": owed.cap, "cap_version": 1, "excess": max(0, owed.reserved - owed.cap)}
        told |= {"record": record, "regulator": officer("regulator")}
        self.say(Book.OBLIGATIONS, obligations.RecordConfirmed, obligation=obligation, **told)

    def _grant(self, key: tuple[int, int], limit: int) -> None:
        self.extras.claim_count += 1
        claim = self.extras.claims[key] = self.extras.claim_count
        content = obligations.CarryOver(
            organisation=key[0],
            year=key[1],
            confirmed=False,
            net_sold=0,
            holding=limit,
            officer=officer("registry"),
            leaf=digest(f"claim {claim}"),
        )
        self.say(Book.OBLIGATIONS, obligations.CarryOverProposed, claim=claim, content=content)
        told = {"limit": limit, "base_version": 1, "multiplier_version": 1}
        by = {"regulator": officer("regulator")}
        self.say(Book.OBLIGATIONS, obligations.CarryOverConfirmed, claim=claim, **told, **by)

    # Orders.

    def _order(self, order: ModelOrder, old: ModelOrder | None) -> None:
        content, state = order.content, old.state if old else OrderState.NONE
        order_id = content.order_id
        taken = list(old.lots) if old else self._take(content)
        if old is None:
            told = {"number": order.number, "initiator": address(order.initiator)}
            told |= {"content_hash": digest(repr(content)), "content": signed(content)}
            lots_taken = tuple(taken)
            self.say(Book.ORDERS, orders.OrderProposed, order_id=order_id, lots=lots_taken, **told)
            state = OrderState.PROPOSED
        if state is OrderState.PROPOSED and order.approver:
            told = {"approver": address(order.approver), "executable_at": order.executable_at}
            self.say(Book.ORDERS, orders.OrderApproved, order_id=order_id, **told)
        if order.state >= OrderState.EXECUTED > state:
            executed = order.state is OrderState.EXECUTED
            if executed:
                self._execute(content, taken)
            quantity = sum(self.model.lots[lot].quantity for lot in taken) if executed else 0
            told = {"state": kinds.OrderState(order.state), "by": officer("relay")}
            self.say(Book.ORDERS, orders.OrderEnded, order_id=order_id, quantity=quantity, **told)
        if any(order.confirmation) and not (old and any(old.confirmation)):
            told = {"registry_number": order.confirmation, "officer": officer("registry")}
            self.say(Book.ORDERS, orders.OrderConfirmed, order_id=order_id, **told)

    def _take(self, order: Order) -> list[int]:
        """The lots that a new order reserved: whole ones, and parts cut off as new ones."""
        taken = []
        for lot, quantity in order.parts:
            whole = self.before.lots[lot]
            if quantity == whole.quantity:
                taken.append(lot)
                continue
            part = next(
                number
                for number, each in self.model.lots.items()
                if number not in self.before.lots
                and (each.class_id, each.first) == (whole.class_id, whole.first)
            )
            self.say(Book.LOTS, lots.LotSplit, lot_id=lot, new_lot_id=part, quantity=quantity)
            self.extras.numbers[part] = self.extras.numbers.get(lot, bytes(32))
            taken.append(part)
        return taken

    def _execute(self, order: Order, taken: list[int]) -> None:
        order_id, kind = order.order_id, Kind(order.kind)
        if kind is Kind.OFFSET_RELEASE or kind >= Kind.CORRECT_MOVE:
            for number in taken:
                self._took_back(number)
        self._settled(order, sum(self.model.lots[lot].quantity for lot in taken))
        for number in taken:
            lot = self.model.lots[number]
            where = {"account": lot.account, "subject": lot.subject, "lot_id": number}
            where |= {"place": kinds.Place(lot.place), "hold": kinds.Hold(lot.hold)}
            self.say(Book.LOTS, lots.LotMoved, order_id=order_id, **where)
        if kind is Kind.REGISTER_CLASS:
            self._register(order)
        if kind in ISSUING:
            self._issue(order)
        if kind is Kind.SET_COUNTERPARTY:
            told = {"account": order.source, "counterparty": order.to}
            allowed = bool(order.quantity)
            self.say(
                Book.ORDERS, orders.CounterpartySet, order_id=order_id, allowed=allowed, **told
            )

    def _register(self, order: Order) -> None:
        registered = [
            number
            for number, (_, _, code) in self.model.classes.items()
            if code == order.registry_number
        ]
        content = {"code": order.registry_number, "record": order.reason, "vintage": order.quantity}
        content |= {"class_id": registered[0], "instrument": kinds.Instrument(order.subject)}
        self.say(Book.LOTS, lots.ClassRegistered, order_id=order.order_id, **content)

    def _issue(self, order: Order) -> None:
        """Serials of a class go on where they ended, so that tells which lot is the new one."""
        first = self.issued[order.subject] + 1
        number, lot = next(
            (number, each)
            for number, each in self.model.lots.items()
            if (each.class_id, each.first) == (order.subject, first)
        )
        self.issued[order.subject] += lot.quantity
        self.extras.numbers[number] = order.registry_number
        content = {"class_id": lot.class_id, "first_serial": first, "quantity": lot.quantity}
        content |= {"account": order.source if order.kind == Kind.CARRY_OVER else order.to}
        content |= {"lot_id": number, "registry_number": order.registry_number}
        self.say(Book.LOTS, lots.LotIssued, order_id=order.order_id, **content)

    def _settled(self, order: Order, total: int) -> None:
        """What is owed, set aside or carried over changes by what was taken."""
        kind, model = Kind(order.kind), self.model
        book = Book.OBLIGATIONS
        if kind in {Kind.SURRENDER, Kind.FORCED_SURRENDER}:
            owed = model.obligations[order.subject]
            told = {"quantity": total, "total": owed.surrendered, "deadline_version": 1}
            self.say(book, obligations.Surrendered, obligation=order.subject, late=False, **told)
        elif kind is Kind.OFFSET_FREEZE:
            told = {"quantity": total, "total": model.obligations[order.subject].reserved}
            self.say(book, obligations.OffsetReserved, obligation=order.subject, **told)
        elif kind is Kind.OFFSET_USE:
            told = {"quantity": total, "used": model.obligations[order.subject].used}
            self.say(book, obligations.OffsetUsed, obligation=order.subject, **told)
        elif kind is Kind.SETTLE_ARREAR:
            told = {"quantity": total, "open": model.arrears[order.subject][2]}
            self.say(book, obligations.ArrearSettled, arrear=order.subject, **told)
        elif kind is Kind.CLAW_BACK and order.quantity > total:
            number = len(self.before.arrears) + 1
            organisation, class_id, tonnes = model.arrears[number]
            told = {"organisation": organisation, "class_id": class_id, "quantity": tonnes}
            self.say(book, obligations.ArrearOpened, arrear=number, **told)
        elif kind is Kind.CARRY_OVER:
            organisation = model.accounts[order.source].organisation
            year = model.classes[order.subject][1]
            told = {"quantity": total, "used": model.limits[organisation, year][1]}
            self.say(book, obligations.CarryOverUsed, organisation=organisation, year=year, **told)

    def _took_back(self, number: int) -> None:
        """A lot that comes back from where it was handed in, set aside or converted."""
        lot = self.model.lots[number]
        old = self.before.lots.get(number) or self._origin(lot)
        book = Book.OBLIGATIONS
        if old.place is Place.SURRENDERED:
            total = self.model.obligations[old.subject].surrendered
            told = {"quantity": lot.quantity, "total": total}
            self.say(book, obligations.SurrenderRestored, obligation=old.subject, **told)
        elif old.place is Place.CONVERTED:
            organisation = self.model.accounts[old.account].organisation
            year = self.model.classes[old.subject][1]
            used = self.model.limits[organisation, year][1]
            told = {"quantity": lot.quantity, "used": used, "year": year}
            self.say(book, obligations.CarryOverRestored, organisation=organisation, **told)
        elif old.hold in {Hold.OFFSET, Hold.USED}:
            owed = self.model.obligations[old.subject]
            told = {"quantity": lot.quantity, "total": owed.reserved, "used": owed.used}
            self.say(book, obligations.OffsetReleased, obligation=old.subject, **told)

    def _origin(self, lot: ModelLot) -> ModelLot:
        """The lot that a new one was cut from, as it was before."""
        return next(
            each
            for each in self.before.lots.values()
            if each.class_id == lot.class_id
            and each.first <= lot.first < each.first + each.quantity
        )

    # What the model does not know.

    def make_up(self, chance: Random) -> list[Told]:
        """One or two events of the other kinds."""
        self._told = []
        kind = chance.choice([self._rule, self._office, self._pause, self._year, self._number])
        kind(chance)
        return self._told

    def _rule(self, chance: Random) -> None:
        extras = self.extras
        extras.proposal_count += 1
        proposal, rule_id = extras.proposal_count, chance.choice([b"a", b"b"]).ljust(32, b"\0")
        place = {"rule_id": rule_id, "year": 2025}
        draft = chance.random() < 0.5
        content = rules.RuleVersion(
            number=chance.choice([500, 2**100]),
            valid_from=0,
            valid_to=chance.choice([2**64 - 1, 2_000_000_000]),
            digest=digest("rule"),
            draft=draft,
            released=False,
        )
        by = {"proposer": officer("regulator")}
        self.say(
            Book.RULES, rules.RuleProposed, proposal_id=proposal, content=content, **by, **place
        )
        if chance.random() < 0.3:
            told = {"proposal_id": proposal, "officer": officer("regulator")}
            self.say(Book.RULES, rules.RuleProposalWithdrawn, **told)
            return
        version = 1 + sum(key[0] == rule_id for key in extras.versions)
        told = {"version": version, "approver": officer("regulator 2")}
        self.say(Book.RULES, rules.RuleAdded, proposal_id=proposal, **place, **told)
        extras.versions[rule_id, 2025, version] = content
        if draft:
            extras.proposal_count += 1
            release = {"proposal_id": extras.proposal_count, "version": version}
            self.say(
                Book.RULES,
                rules.DraftReleaseProposed,
                evidence=digest("e"),
                **release,
                **by,
                **place,
            )
            approver = officer("regulator 2")
            self.say(Book.RULES, rules.DraftReleased, approver=approver, **release, **place)

    def _office(self, chance: Random) -> None:
        extras = self.extras
        extras.change_count += 1
        who, change = officer(f"officer {chance.randrange(4)}"), {"change_id": extras.change_count}
        role = kinds.Role(chance.randrange(6))
        asked = {"officer": who, "role": role, "grant": True, "proposer": officer("administrator")}
        self.say(Book.ACCESS, access.RoleChangeProposed, reason=digest("why"), **asked, **change)
        self.say(Book.ACCESS, access.RoleSet, officer=who, role=role, **change)
        extras.offices[who] = role

    def _pause(self, _chance: Random) -> None:
        told = {"administrator": officer("administrator"), "reason": digest("why")}
        if self.extras.paused:
            self.say(Book.ACCESS, access.UnpauseProposed, **told)
        kind = access.Unpaused if self.extras.paused else access.Paused
        self.say(Book.ACCESS, kind, **told)
        self.extras.paused = not self.extras.paused

    def _year(self, chance: Random) -> None:
        year, by = chance.choice([2021, 2022, 2023]), {"regulator": officer("regulator")}
        if year not in self.extras.years:
            self.say(Book.OBLIGATIONS, obligations.PeriodCloseProposed, year=year, **by)
            self.say(Book.OBLIGATIONS, obligations.PeriodEnded, year=year, **by)
            self.extras.years.add(year)

    def _number(self, chance: Random) -> None:
        lot = chance.choice(list(self.before.lots))
        number = self.extras.numbers[lot] = digest(f"number {chance.random()}")
        told = {"registry_number": number, "officer": officer("registry")}
        self.say(Book.LOTS, lots.LotNumbered, lot_id=lot, **told)
