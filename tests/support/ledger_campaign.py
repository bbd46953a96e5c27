"""Random orders, approvals, cancellations and corrections, sent to the contracts and to the model."""

import random
from collections import Counter
from typing import Any

from eth_account.signers.local import LocalAccount
from support.evm import CHAIN_ID, sender
from support.ledger import (
    EXCHANGE,
    OFFICERS,
    REGISTRY_1,
    REGISTRY_2,
    REGULATOR_1,
    REGULATOR_2,
    RELAY,
    SIGNERS,
    Ledger,
    approver_key,
    initiator_key,
)
from support.ledger_draw import Draw
from support.ledger_model import Model
from support.ledger_model_state import ModelAccount, ModelObligation, ModelOrder, RefusedError
from support.ledger_orders import (
    DAY,
    HOUR,
    START,
    AccountKind,
    Admission,
    Hold,
    Instrument,
    Kind,
    Order,
    OrderState,
    Place,
    Role,
    digest,
    sign,
)

KEYED = (AccountKind.HOLDING, AccountKind.COMPLIANCE, AccountKind.CCER)
OPEN = (OrderState.PROPOSED, OrderState.APPROVED)
STRANGER = sender("a stranger to the ledger")
OFFICES = {
    "regulator": (REGULATOR_1, REGULATOR_2),
    "registry": (REGISTRY_1, REGISTRY_2),
    "exchange": (EXCHANGE, EXCHANGE),
}


class Campaign:
    """One random history; without a ledger it is played on the model alone."""

    def __init__(self, seed: int, ledger: Ledger | None = None) -> None:
        self.random = random.Random(seed)
        self.seed = seed
        self.ledger = ledger
        self.model = Model()
        self.now = START
        self.executed: Counter[Kind] = Counter()
        self.refusals: Counter[str] = Counter()
        self.number = 0
        self.draw = Draw(self.random, self.model)
        self._set_up()

    # The world in which it plays.

    def _set_up(self) -> None:
        names = {Role.REGULATOR: "regulator", Role.REGISTRY: "registry", Role.EXCHANGE: "exchange"}
        for officer, role in OFFICERS.items():
            self.model.offices[officer.address] = names.get(role, "verifier")
        for organisation in (1, 2):
            if self.ledger:
                assert self.ledger.organisation() == organisation
            for kind in (*KEYED, AccountKind.PROVINCIAL):
                self._open(organisation, kind)
            self._bind(len(self.model.accounts) - 1)
        self._open(1, AccountKind.ISSUANCE)
        self._open(1, AccountKind.CANCELLATION)
        self._register_classes()
        if self.ledger:
            self.ledger.common_rules(2025)
        for organisation in (1, 2):
            self.oblige(organisation, 4_000)
            self.model.limits[organisation, 2025] = [500, 0]
            if self.ledger:
                self._limit(organisation, 500)

        ccer, provincial, issuance = (
            self.draw.account((each,))
            for each in (AccountKind.CCER, AccountKind.PROVINCIAL, AccountKind.ISSUANCE)
        )
        for to, class_id in ((1, 1), (1, 2), (ccer, 3), (ccer, 4), (provincial, 2), (issuance, 2)):
            self._issue(to, class_id, 1_000)

    def _register_classes(self) -> None:
        classes = [
            ("CEA24", Instrument.ALLOWANCE, 2024, Admission.ALLOWANCE),
            ("CEA25", Instrument.ALLOWANCE, 2025, Admission.ALLOWANCE),
            ("CCER new", Instrument.CCER, 2024, Admission.OFFSET),
            ("CCER old", Instrument.CCER, 2015, Admission.OFFSET_CANCELLED_FIRST),
            ("fund", Instrument.OTHER, 2025, Admission.NO),
        ]
        for class_id, (code, instrument, vintage, admission) in enumerate(classes, start=1):
            self._register(code, instrument, vintage)
            self.model.admissions[class_id, 2025] = admission
            if self.ledger:
                self.ledger.admit(class_id, 2025, admission)

    def _issue(self, to: int, class_id: int, quantity: int) -> None:
        order = Order(
            kind=Kind.ISSUE,
            to=to,
            subject=class_id,
            quantity=quantity,
            order_id=self._order_id(),
        )
        self.propose(order, REGULATOR_1)
        self.approve(order, REGULATOR_2)
        self.execute(order)

    def _open(self, organisation: int, kind: AccountKind) -> None:
        account = len(self.model.accounts) + 1
        self.model.accounts[account] = ModelAccount(organisation, kind)
        if kind in KEYED:
            self.model.rights[account, initiator_key(account).address] = 1
            self.model.rights[account, approver_key(account).address] = 2
        if self.ledger:
            assert self.ledger.open(organisation, kind) == account

    def _bind(self, ccer: int) -> None:
        self.model.accounts[ccer].bound = True
        if self.ledger:
            holding = ccer - 2
            self.ledger.do(self.ledger.access, "bindAccount", ccer, holding, by=REGISTRY_1)

    def _register(self, code: str, instrument: Instrument, vintage: int) -> None:
        order = Order(
            kind=Kind.REGISTER_CLASS,
            subject=instrument,
            quantity=vintage,
            registry_number=code.encode().ljust(32, b"\0"),
            order_id=self._order_id(),
        )
        self.propose(order, REGISTRY_1)
        self.approve(order, REGULATOR_1)
        self.execute(order)
        assert len(self.model.classes) == self.executed[Kind.REGISTER_CLASS]

    def _limit(self, organisation: int, limit: int) -> None:
        assert self.ledger
        arguments = (organisation, 2025, 0, limit, digest("leaf"))
        book = self.ledger.obligations
        self.ledger.do(book, "proposeCarryOver", *arguments, by=REGISTRY_1)
        self.ledger.do(book, "confirmCarryOver", organisation, by=REGULATOR_1)

    def oblige(self, organisation: int, tonnes: int) -> None:
        """A verified figure, or its revision."""
        cap = tonnes * 500 // 10_000
        known = self.model.obligations.setdefault(
            organisation, ModelObligation(organisation, 2025, tonnes, cap)
        )
        known.tonnes, known.cap = tonnes, cap
        if self.ledger:
            assert self.ledger.oblige(organisation, 2025, tonnes) == organisation

    def _order_id(self) -> bytes:
        self.number += 1
        return digest(f"order {self.number} of campaign {self.seed}")

    # Each act is done on both, and comes to the same.

    def _both(self, act: str, order: Order, *signed: tuple[str, LocalAccount]) -> None:
        error = None
        if self.ledger:
            arguments: list[Any] = [order.tuple]
            for about, signer in signed:
                signature = sign(order, signer, self.ledger.orders.address, about=about)
                arguments += [signer.address, signature]
            error = self._send(act, arguments)
        before = self._executed_already(order)
        try:
            self._on_model(act, order, [signer.address for _, signer in signed])
        except RefusedError as refusal:
            told: str | None = refusal.name
        else:
            told = None
        if self.ledger:
            assert error == told, f"{act} {order}: the chain says {error}, the model {told}"
        if told:
            self.refusals[told] += 1
        elif self._executed_already(order) and not before:
            self.executed[Kind(order.kind)] += 1
            self._check_cap(order)

    def _check_cap(self, order: Order) -> None:
        """A later revision may lower the cap; what was just frozen or used was below it."""
        if order.kind == Kind.OFFSET_FREEZE:
            owed = self.model.obligations[order.subject]
            assert owed.reserved <= owed.cap == owed.tonnes * 500 // 10_000
        if order.kind == Kind.OFFSET_USE:
            owed = self.model.obligations[order.subject]
            assert owed.used <= owed.cap

    def _executed_already(self, order: Order) -> bool:
        known = self.model.orders.get(order.order_id)
        return known is not None and known.state is OrderState.EXECUTED

    def _send(self, act: str, arguments: list[Any]) -> str | None:
        assert self.ledger
        engine, contract = self.ledger.engine, self.ledger.orders
        sent = engine.send(contract, act, *arguments, account=RELAY)
        self.now = int(engine.web3.eth.get_block(sent.raw["blockNumber"])["timestamp"])
        if sent.status == 1:
            return None
        return engine.refusal(contract, act, *arguments, account=RELAY)[0]

    def _on_model(self, act: str, order: Order, signers: list[str]) -> None:
        if act == "submit":
            self.model.submit(order, *signers, self.now)
        elif act == "propose":
            self.model.propose(order, *signers, self.now)
        elif act == "approve":
            self.model.approve(order, *signers, self.now)
        elif act == "execute":
            self.model.execute(order, self.now)
        elif act == "cancel":
            self.model.cancel(order, *signers)
        else:
            self.model.expire(order, self.now)

    def submit(self, order: Order, initiator: LocalAccount, approver: LocalAccount) -> None:
        self._both("submit", order, ("Order", initiator), ("Approval", approver))

    def propose(self, order: Order, signer: LocalAccount) -> None:
        self._both("propose", order, ("Order", signer))

    def approve(self, order: Order, signer: LocalAccount) -> None:
        self._both("approve", order, ("Approval", signer))

    def execute(self, order: Order) -> None:
        self._both("execute", order)

    def cancel(self, order: Order, signer: LocalAccount) -> None:
        self._both("cancel", order, ("Cancellation", signer))

    def expire(self, order: Order) -> None:
        self._both("expire", order)

    # What happens next is drawn by lot.

    def step(self) -> None:
        """One random act."""
        orders = list(self.model.orders.values())
        open_orders = [order for order in orders if order.state in OPEN]
        drawn = self.random.random()
        if open_orders and drawn < 0.35:
            self._go_on(self.random.choice(open_orders))
        elif drawn < 0.40:
            self._let_time_pass(self.random.choice([HOUR, HOUR, 2 * DAY]))
        elif drawn < 0.43:
            frozen = [each for each, found in self._accounts if found.status == "frozen"]
            self._freeze_or_thaw(self.random.choice(frozen or [each for each, _ in self._accounts]))
        elif drawn < 0.44:
            self._change_key(self.random.choice([1, 2, 3, 5]))
        elif drawn < 0.46:
            organisation = self.random.choice([1, 2])
            self.oblige(organisation, self.random.choice([0, 500, 4_000, 4_019]))
        elif orders and drawn < 0.48:
            self._confirm(self.random.choice(orders))
        elif orders and drawn < 0.50:
            self._disturb(self.random.choice(orders).content)
        else:
            order = self.draw.order(self.now, self._order_id())
            if self.random.random() < 0.5:
                self.submit(order, self._signer(order, 0), self._signer(order, 1))
            else:
                self.propose(order, self._signer(order, 0))

    @property
    def _accounts(self) -> list[tuple[int, ModelAccount]]:
        return list(self.model.accounts.items())

    def _go_on(self, known: ModelOrder) -> None:
        order, drawn = known.content, self.random.random()
        if drawn < 0.08:
            self.cancel(order, self._signer(order, self.random.choice([0, 1])))
        elif drawn < 0.12:
            self.expire(order)
        elif known.state is OrderState.PROPOSED and drawn < 0.95:
            self.approve(order, self._signer(order, 1))
        else:
            self.execute(order)

    def _disturb(self, order: Order) -> None:
        """Something said again, something said otherwise, something for another chain."""
        changed = self.random.choice(
            [order, order.but(reason=digest("other")), order.but(chain_id=CHAIN_ID + 1)]
        )
        act = self.random.choice(["propose", "approve", "execute", "expire"])
        if act == "propose":
            self.propose(changed, self._signer(changed, 0))
        elif act == "approve":
            self.approve(changed, self._signer(changed, 1))
        elif act == "execute":
            self.execute(changed)
        else:
            self.expire(changed)

    def _let_time_pass(self, seconds: int) -> None:
        self.now += seconds
        if self.ledger:
            self.ledger.engine.advance(seconds)
            self.now = self.ledger.engine.now

    def _freeze_or_thaw(self, number: int) -> None:
        account = self.model.accounts[number]
        frozen = account.status == "frozen"
        account.status = "active" if frozen else "frozen"
        if self.ledger:
            act, officer = ("thaw", REGULATOR_2) if frozen else ("freeze", REGULATOR_1)
            arguments = (number, digest("reason"))
            self.ledger.do(self.ledger.access, f"{act}Account", *arguments, by=officer)

    def _change_key(self, account: int) -> None:
        """A key loses its right, or has it again; most of the time it has."""
        key = approver_key(account)
        rights = 0 if self.model.rights[account, key.address] and self.random.random() < 0.4 else 2
        self.model.rights[account, key.address] = rights
        if self.ledger:
            self.ledger.set_key(account, key, rights)

    def _confirm(self, known: ModelOrder) -> None:
        number = digest(self.random.choice(["number 1", "number 2"]))
        try:
            self.model.confirm(known.content, number, REGISTRY_1.address)
        except RefusedError as refusal:
            told: str | None = refusal.name
            self.refusals[refusal.name] += 1
        else:
            told = None
        if self.ledger:
            arguments = (known.content.order_id, number)
            engine, contract = self.ledger.engine, self.ledger.orders
            sent = engine.send(contract, "confirm", *arguments, account=REGISTRY_1)
            assert (sent.status == 1) == (told is None)
            if told:
                refusal_name = engine.refusal(contract, "confirm", *arguments, account=REGISTRY_1)
                assert refusal_name[0] == told

    def _signer(self, order: Order, step: int) -> LocalAccount:
        who = SIGNERS[Kind(order.kind)][step] if order.kind in list(Kind)[1:] else "regulator"
        if self.random.random() < 0.04:
            return self.random.choice([STRANGER, REGULATOR_1, REGISTRY_1, initiator_key(1)])
        if step == 1 and self.random.random() < 0.05:
            return self._signer(order, 0)
        if who in OFFICES:
            return OFFICES[who][step]
        return (initiator_key, approver_key)[step](order.source if who == "key" else order.to)

    # What must hold at any time.

    def check_invariants(self) -> None:
        model = self.model
        for class_id in model.classes:
            ranges = sorted(
                (lot.first, lot.quantity) for lot in model.lots.values() if lot.class_id == class_id
            )
            expected = 1
            for first, quantity in ranges:  # without an overlap and without a gap
                assert first == expected
                assert quantity > 0
                expected = first + quantity
        reserved = {lot: order.number for order in model.orders.values() for lot in order.lots}
        assert reserved == {each: lot.order for each, lot in model.lots.items() if lot.order}
        for number, owed in model.obligations.items():
            ccer = [
                lot
                for lot in model.lots.values()
                if lot.subject == number and lot.hold in {Hold.OFFSET, Hold.USED}
            ]
            assert owed.reserved == sum(lot.quantity for lot in ccer)
            assert owed.used == sum(lot.quantity for lot in ccer if lot.hold is Hold.USED)
            assert owed.surrendered == sum(
                lot.quantity
                for lot in model.lots.values()
                if lot.place is Place.SURRENDERED and lot.subject == number
            )
