"""A whole allowance ledger on an engine: contracts, officers, accounts, rules, and short ways to act."""

from copy import copy
from itertools import count
from typing import Any

from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address
from support.evm import Sent, decode_events, sender
from support.ledger_engines import TimedEngine
from support.ledger_orders import (
    BASE,
    CAP,
    DAY,
    DEADLINE,
    MULTIPLIER,
    NONE,
    ROLE_DELAY,
    START,
    ZERO,
    AccountKind,
    Admission,
    Instrument,
    Kind,
    Order,
    Place,
    Role,
    digest,
    sign,
)
from web3.contract import Contract

from chain.artifacts import load

FOR_EVER = START + 10_000_000_000
ADMIN_1, ADMIN_2, ADMIN_3 = (sender(f"administrator {n}") for n in (1, 2, 3))
REGULATOR_1, REGULATOR_2 = sender("regulator 1"), sender("regulator 2")
REGISTRY_1, REGISTRY_2 = sender("registry 1"), sender("registry 2")
EXCHANGE, VERIFIER = sender("exchange"), sender("verifier")
RELAY = sender("relay")
OFFICERS = {
    REGULATOR_1: Role.REGULATOR,
    REGULATOR_2: Role.REGULATOR,
    REGISTRY_1: Role.REGISTRY,
    REGISTRY_2: Role.REGISTRY,
    EXCHANGE: Role.EXCHANGE,
    VERIFIER: Role.VERIFIER,
}
_numbers = count(1)

# Who signs which kind: initiator and approver; "key" is a key of the account the lots are in.
KEYS, PLEDGEES = ("key", "key"), ("key of to", "key of to")
SIGNERS: dict[Kind, tuple[str, str]] = {
    Kind.REGISTER_CLASS: ("registry", "regulator"),
    Kind.PRE_ALLOCATE: ("regulator", "regulator"),
    Kind.ISSUE: ("regulator", "regulator"),
    Kind.ALLOCATE: ("regulator", "regulator"),
    Kind.CLAW_BACK: ("regulator", "regulator"),
    Kind.SETTLE_ARREAR: KEYS,
    Kind.LISTED: KEYS,
    Kind.BLOCK: KEYS,
    Kind.AUCTION: KEYS,
    Kind.PRIMARY_AUCTION: ("exchange", "regulator"),
    Kind.SET_COUNTERPARTY: KEYS,
    Kind.MOVE: KEYS,
    Kind.FREEZE: ("regulator", "regulator"),
    Kind.UNFREEZE: ("regulator", "regulator"),
    Kind.PLEDGE: KEYS,
    Kind.UNPLEDGE: PLEDGEES,
    Kind.SURRENDER: KEYS,
    Kind.FORCED_SURRENDER: ("regulator", "regulator"),
    Kind.OFFSET_FREEZE: KEYS,
    Kind.OFFSET_PENDING: ("registry", "regulator"),
    Kind.OFFSET_USE: ("key", "regulator"),
    Kind.OFFSET_CANCEL: ("registry", "regulator"),
    Kind.OFFSET_RELEASE: ("key", "registry"),
    Kind.CANCEL: KEYS,
    Kind.CARRY_OVER: ("key", "regulator"),
    Kind.CORRECT_MOVE: ("registry", "regulator"),
    Kind.CORRECT_REMOVE: ("registry", "regulator"),
    Kind.CORRECT_RESTORE: ("registry", "regulator"),
    Kind.CLOSE_LEDGER: ("regulator", "regulator"),
}
_OFFICES = {
    "regulator": (REGULATOR_1, REGULATOR_2),
    "registry": (REGISTRY_1, REGISTRY_2),
    "exchange": (EXCHANGE, EXCHANGE),
}


def deploy(engine: TimedEngine, name: str, *args: Any, account: LocalAccount = RELAY) -> Contract:
    """Put a contract of the ledger on the engine."""
    artifact = load(name)
    (constructor,) = (item for item in artifact.abi if item["type"] == "constructor")
    types = [each["type"] for each in constructor["inputs"]]
    encoded = engine.web3.codec.encode(types, args)
    return engine.deploy(artifact.abi, artifact.bytecode + encoded, account=account)


def initiator_key(account: int) -> LocalAccount:
    """The key with the right to initiate for an account of ``Ledger.open``."""
    return sender(f"initiator of account {account}")


def approver_key(account: int) -> LocalAccount:
    """The key with the right to approve for an account of ``Ledger.open``."""
    return sender(f"approver of account {account}")


class Ledger:
    """The five contracts and whoever acts on them."""

    def __init__(self, engine: TimedEngine, *, deployer: LocalAccount = RELAY) -> None:
        self.engine = engine
        self.deployer = deployer
        administrators = [ADMIN_1.address, ADMIN_2.address, ADMIN_3.address]
        self.access = self.deploy("AccessRegistry", administrators, ROLE_DELAY)
        self.rules = self.deploy("RuleBook", self.access.address)
        self.orders = self.deploy_orders(self.access.address, self.rules.address, ZERO)
        self.lots = self._book("LotBook", "lotBook")
        self.obligations = self._book("ObligationBook", "obligations")

    def on(self, engine: TimedEngine) -> "Ledger":
        """The same contracts on an engine that has a copy of the chain."""
        found = copy(self)
        found.engine = engine
        for name in ("access", "rules", "orders", "lots", "obligations"):
            contract = getattr(self, name)
            bound = engine.web3.eth.contract(address=contract.address, abi=contract.abi)
            setattr(found, name, bound)
        return found

    @property
    def contracts(self) -> tuple[Contract, ...]:
        return self.access, self.rules, self.lots, self.obligations, self.orders

    def deploy_orders(self, access: str, rules: str, predecessor: str) -> Contract:
        """An AllowanceRegistry, which makes its two books."""
        return self.deploy("AllowanceRegistry", access, rules, predecessor)

    def deploy(self, name: str, *args: Any) -> Contract:
        return deploy(self.engine, name, *args, account=self.deployer)

    def _book(self, name: str, function: str) -> Contract:
        address = self.orders.functions[function]().call()
        return self.engine.web3.eth.contract(address=address, abi=load(name).abi)

    # What anybody does.

    def do(self, contract: Contract, name: str, *args: Any, by: LocalAccount) -> Sent:
        """Call a function that succeeds."""
        sent = self.engine.send(contract, name, *args, account=by)
        assert sent.status == 1, self.engine.refusal(contract, name, *args, account=by)
        return sent

    def refused(self, contract: Contract, name: str, *args: Any, by: LocalAccount) -> Any:
        """Call a function that is refused; gives the name of the error and its arguments."""
        sent = self.engine.send(contract, name, *args, account=by)
        assert (sent.status, sent.raw["logs"]) == (0, [])
        error, values = self.engine.refusal(contract, name, *args, account=by)
        return error, tuple(
            to_checksum_address(each) if isinstance(each, str) else each for each in values
        )

    # Officers, organisations, accounts.

    def appoint(self, officers: dict[LocalAccount, Role], *, grant: bool = True) -> None:
        """Grant offices by two administrators, or end them."""
        reason = digest("appointment")
        changes = []
        for officer, role in officers.items():
            arguments = (officer.address, role, grant, reason)
            sent = self.do(self.access, "proposeRole", *arguments, by=ADMIN_1)
            changes.append(event_args(sent, "RoleChangeProposed")["changeId"])
            self.do(self.access, "approveRole", changes[-1], by=ADMIN_2)
        self.engine.advance(ROLE_DELAY + 60)
        for change in changes:
            self.do(self.access, "executeRole", change, by=RELAY)

    def organisation(self) -> int:
        binding = digest(f"binding {next(_numbers)}")
        sent = self.do(self.access, "registerOrganisation", binding, by=REGISTRY_1)
        return int(event_args(sent, "OrganisationBound")["organisation"])

    def open(self, organisation: int, kind: AccountKind, *, delay: int = 0) -> int:
        """An account, with a key each to initiate and to approve where its kind has keys."""
        arguments = (organisation, kind, delay, NONE)
        sent = self.do(self.access, "openAccount", *arguments, by=REGISTRY_1)
        account = int(event_args(sent, "AccountOpened")["account"])
        if kind in (AccountKind.HOLDING, AccountKind.COMPLIANCE, AccountKind.CCER):
            self.set_key(account, initiator_key(account), 1)
            self.set_key(account, approver_key(account), 2)
        return account

    def set_key(self, account: int, key: LocalAccount, rights: int) -> None:
        arguments = (account, key.address, rights, digest("binding"))
        sent = self.do(self.access, "proposeKey", *arguments, by=REGISTRY_1)
        change = event_args(sent, "KeyChangeProposed")["changeId"]
        self.do(self.access, "approveKey", change, by=REGULATOR_1)

    # Rules and obligations.

    def rule(
        self,
        rule_id: bytes,
        year: int,
        number: int,
        *,
        valid: tuple[int, int] = (0, FOR_EVER),
        draft: bool = False,
    ) -> None:
        """A number in force by two regulators."""
        arguments = (rule_id, year, number, digest("rule record"), *valid, draft)
        sent = self.do(self.rules, "proposeRule", *arguments, by=REGULATOR_1)
        proposal = event_args(sent, "RuleProposed")["proposalId"]
        self.do(self.rules, "approve", proposal, by=REGULATOR_2)

    def admit(self, class_id: int, year: int, admission: Admission) -> None:
        rule_id = self.rules.functions.admissionRule(class_id).call()
        self.rule(rule_id, year, admission)

    def common_rules(self, year: int, *, deadline: int = START + 30 * DAY) -> None:
        """Cap 5 %, the deadline, carry-over of 10,000 + 1.5 x net sold."""
        for rule_id, number in ((CAP, 500), (DEADLINE, deadline)):
            self.rule(rule_id, year, number)
        for rule_id, number in ((BASE, 10_000), (MULTIPLIER, 15_000)):
            self.rule(rule_id, year, number)

    def oblige(self, organisation: int, year: int, tonnes: int, *, sector: int = 1) -> int:
        """An obligation, or its revision."""
        arguments = (organisation, year, sector, tonnes, digest("leaf of a verified figure"))
        sent = self.do(self.obligations, "proposeRecord", *arguments, by=VERIFIER)
        record = event_args(sent, "RecordProposed")["record"]
        sent = self.do(self.obligations, "confirmRecord", record, by=REGULATOR_1)
        return int(event_args(sent, "RecordConfirmed")["obligation"])

    # Orders.

    def signers(self, order: Order) -> tuple[LocalAccount, LocalAccount]:
        """Who rightly initiates and approves an order."""
        found = []
        for step, who in enumerate(SIGNERS[Kind(order.kind)]):
            if who in _OFFICES:
                found.append(_OFFICES[who][step])
            else:
                account = order.source if who == "key" else order.to
                found.append((initiator_key, approver_key)[step](account))
        return found[0], found[1]

    def arguments(
        self, order: Order, signer: LocalAccount, about: str = "Order"
    ) -> tuple[Any, ...]:
        return order.tuple, signer.address, sign(order, signer, self.orders.address, about=about)

    def propose(self, order: Order, *, by: LocalAccount | None = None) -> Sent:
        arguments = self.arguments(order, by or self.signers(order)[0])
        return self.do(self.orders, "propose", *arguments, by=RELAY)

    def approve(self, order: Order, *, by: LocalAccount | None = None) -> Sent:
        arguments = self.arguments(order, by or self.signers(order)[1], "Approval")
        return self.do(self.orders, "approve", *arguments, by=RELAY)

    def execute(self, order: Order) -> Sent:
        return self.do(self.orders, "execute", order.tuple, by=RELAY)

    def cancel(self, order: Order, *, by: LocalAccount | None = None) -> Sent:
        arguments = self.arguments(order, by or self.signers(order)[0], "Cancellation")
        return self.do(self.orders, "cancel", *arguments, by=RELAY)

    def submission(self, order: Order) -> tuple[Any, ...]:
        """The arguments of ``submit``, rightly signed."""
        initiator, approver = self.signers(order)
        _, *proposal = self.arguments(order, initiator)
        _, *approval = self.arguments(order, approver, "Approval")
        return order.tuple, *proposal, *approval

    def run(self, order: Order) -> Sent:
        """Propose, approve and execute, in one transaction."""
        return self.do(self.orders, "submit", *self.submission(order), by=RELAY)

    def propose_refused(self, order: Order, *, by: LocalAccount | None = None) -> Any:
        arguments = self.arguments(order, by or self.signers(order)[0])
        return self.refused(self.orders, "propose", *arguments, by=RELAY)

    def approve_refused(self, order: Order, *, by: LocalAccount | None = None) -> Any:
        arguments = self.arguments(order, by or self.signers(order)[1], "Approval")
        return self.refused(self.orders, "approve", *arguments, by=RELAY)

    def execute_refused(self, order: Order) -> Any:
        return self.refused(self.orders, "execute", order.tuple, by=RELAY)

    def register(self, code: str, instrument: Instrument, vintage: int) -> int:
        """A class of instruments; gives its id."""
        name = code.encode().ljust(32, b"\0")
        self.run(
            Order(
                kind=Kind.REGISTER_CLASS,
                subject=instrument,
                quantity=vintage,
                registry_number=name,
                reason=digest(f"record of {code}"),
            )
        )
        return int(self.lots.functions.classWithCode(name).call())

    def issue(self, account: int, class_id: int, quantity: int) -> int:
        """New units; gives the lot."""
        self.run(Order(kind=Kind.ISSUE, to=account, subject=class_id, quantity=quantity))
        return int(self.lots.functions.lotCount().call())

    def split_of(self, order: Order) -> list[int]:
        """The lots that an open order reserves."""
        return list(self.orders.functions.orderOf(order.order_id).call()[-1])

    def lot(self, lot_id: int) -> dict[str, Any]:
        return self._struct(self.lots, "lotOf", lot_id)

    def class_of(self, class_id: int) -> dict[str, Any]:
        return self._struct(self.lots, "classOf", class_id)

    def balance(self, account: int, class_id: int) -> tuple[int, int, int, int]:
        """By place: registry, trading, frozen, pending."""
        return tuple(self.lots.functions.balanceOf(account, class_id).call())

    def obligation(self, obligation: int) -> dict[str, Any]:
        return self._struct(self.obligations, "obligationOf", obligation)

    def status(self, order: Order) -> dict[str, Any]:
        return self._struct(self.orders, "orderOf", order.order_id)

    @staticmethod
    def events(contract: Contract, sent: Sent, name: str) -> list[dict[str, Any]]:
        """Arguments of the events of this name that a book emitted in a transaction."""
        found = decode_events(contract, sent.raw)
        return [args for each, args in found if each == name]

    @staticmethod
    def _struct(contract: Contract, name: str, *args: Any) -> dict[str, Any]:
        (item,) = (each for each in contract.abi if each.get("name") == name)
        names = [each["name"] for each in item["outputs"][0]["components"]]
        return dict(zip(names, contract.functions[name](*args).call(), strict=True))


def event_args(sent: Sent, name: str) -> dict[str, Any]:
    """Arguments of the one event of this name."""
    (found,) = (args for each, args in sent.events if each == name)
    return found


def ready(engine: TimedEngine, *, deployer: LocalAccount = RELAY) -> Ledger:
    """A ledger with all its officers."""
    ledger = Ledger(engine, deployer=deployer)
    ledger.appoint(OFFICERS)
    return ledger


class Parties:
    """Two enterprises that may trade with each other, the regulator's accounts, and a class."""

    def __init__(self, ledger: Ledger, *, code: str = "CEA") -> None:
        self.ledger = ledger
        self.seller_organisation, self.buyer_organisation, regulator = (
            ledger.organisation() for _ in range(3)
        )
        self.seller = ledger.open(self.seller_organisation, AccountKind.HOLDING)
        self.buyer = ledger.open(self.buyer_organisation, AccountKind.HOLDING)
        self.issuance = ledger.open(regulator, AccountKind.ISSUANCE)
        self.cancellation = ledger.open(regulator, AccountKind.CANCELLATION)
        self.class_id = ledger.register(f"{code} {next(_numbers)}", Instrument.ALLOWANCE, 2025)
        self.allow(self.seller, self.buyer)

    def allow(self, account: int, counterparty: int, *, allowed: bool = True) -> None:
        """Put a counterparty on the allow-list of an account, or off."""
        quantity = int(allowed)
        self.ledger.run(
            Order(kind=Kind.SET_COUNTERPARTY, source=account, to=counterparty, quantity=quantity)
        )

    def lot(self, quantity: int = 1_000, *, trading: bool = False) -> int:
        """A lot of the seller, in the registry or in trading."""
        lot_id = self.ledger.issue(self.seller, self.class_id, quantity)
        if trading:
            self.ledger.run(
                Order(
                    kind=Kind.MOVE,
                    source=self.seller,
                    to=self.seller,
                    subject=Place.TRADING,
                    parts=((lot_id, quantity),),
                )
            )
        return lot_id

    def sale(self, *parts: tuple[int, int], **fields: Any) -> Order:
        """A listed agreement from the seller to the buyer."""
        return Order(
            **({"kind": Kind.LISTED, "source": self.seller, "to": self.buyer} | fields),
            parts=parts,
        )
