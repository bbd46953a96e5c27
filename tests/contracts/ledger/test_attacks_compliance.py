"""Attacks on what is owed: the cap in both directions, double surrender, carry-over, arrears, the end."""

from itertools import count
from typing import Any

import pytest
from support.ledger import (
    REGISTRY_1,
    REGULATOR_1,
    REGULATOR_2,
    RELAY,
    VERIFIER,
    Ledger,
    Parties,
    event_args,
)
from support.ledger_copies import Prepared
from support.ledger_orders import (
    DAY,
    AccountKind,
    Admission,
    Hold,
    Instrument,
    Kind,
    Order,
    OrderState,
    Place,
    digest,
)

LEAF = digest("leaf")
NUMBER = digest("statement of the registry")
_years = count(7_000)


class Enterprise:
    """One that owes 10,000 t in a year of its own, and has CCER units."""

    def __init__(self, ledger: Ledger, *, admission: Admission = Admission.OFFSET) -> None:
        self.ledger = ledger
        self.parties = Parties(ledger)
        self.number = self.parties.seller_organisation
        self.holding, self.class_id = self.parties.seller, self.parties.class_id
        self.year = next(_years)
        ledger.common_rules(self.year, deadline=ledger.engine.now + 30 * DAY)
        ledger.admit(self.class_id, self.year, Admission.ALLOWANCE)
        self.obligation = self.owe(10_000)
        self.ccer = ledger.open(self.number, AccountKind.CCER)
        ledger.do(ledger.access, "bindAccount", self.ccer, self.holding, by=REGISTRY_1)
        self.ccer_class = ledger.register(f"CCER {self.ccer}", Instrument.CCER, 2024)
        ledger.admit(self.ccer_class, self.year, admission)
        self.lot = ledger.issue(self.ccer, self.ccer_class, 2_000)

    def owe(self, tonnes: int) -> int:
        return self.ledger.oblige(self.number, self.year, tonnes)

    def order(self, kind: Kind, *parts: tuple[int, int], **fields: Any) -> Order:
        common = {"kind": kind, "source": self.ccer, "subject": self.obligation}
        return Order(**(common | fields), parts=parts)

    def surrender(self, lot: int, quantity: int) -> Order:
        return self.order(Kind.SURRENDER, (lot, quantity), source=self.holding)

    def take(self, order: Order) -> int:
        """Carry an order out; gives the lot of its one part."""
        self.ledger.propose(order)
        (lot,) = self.ledger.split_of(order)
        self.ledger.approve(order)
        self.ledger.execute(order)
        return lot

    def freeze(self, quantity: int) -> int:
        return self.take(self.order(Kind.OFFSET_FREEZE, (self.lot, quantity)))

    def at_execution(self, order: Order) -> Any:
        """What an order is refused with that was rightly proposed and approved."""
        self.ledger.propose(order)
        self.ledger.approve(order)
        refusal = self.ledger.execute_refused(order)
        self.ledger.cancel(order, by=REGULATOR_1)
        return refusal

    @property
    def outstanding(self) -> int:
        return int(self.ledger.obligations.functions.outstanding(self.obligation).call())


@pytest.mark.parametrize(("tonnes", "cap"), [(9_999, 499), (10_019, 500), (10_020, 501), (39, 1)])
def test_the_cap_after_a_revision_is_exact_to_the_tonne(
    prepared: Prepared, tonnes: int, cap: int
) -> None:
    case = prepared(Enterprise)
    ledger = case.ledger
    case.owe(tonnes)
    over = case.order(Kind.OFFSET_FREEZE, (case.lot, cap + 1))
    assert case.at_execution(over) == ("OffsetCapExceeded", (case.obligation, cap, cap + 1))
    found = ledger.obligation(case.obligation)
    assert (found["cap"], found["offsetReserved"]) == (cap, 0)


def test_the_cap_comes_and_goes_with_the_figure(prepared: Prepared) -> None:
    """Used units above a lowered cap do not count; they count again when the figure rises again."""
    case = prepared(Enterprise)
    ledger = case.ledger
    lot = case.freeze(500)
    for kind in (Kind.OFFSET_PENDING, Kind.OFFSET_USE):
        ledger.run(case.order(kind, (lot, 500)))
    owed = []
    for tonnes in (4_000, 10_000, 20_000, 0):
        case.owe(tonnes)
        owed.append(case.outstanding)
    assert owed == [3_800, 9_500, 19_500, 0]
    case.owe(20_000)
    case.freeze(500)
    over = case.order(Kind.OFFSET_FREEZE, (case.lot, 1))
    assert case.at_execution(over)[0] == "OffsetCapExceeded"


def test_a_freeze_in_flight_meets_the_revised_cap(prepared: Prepared) -> None:
    """Proposed and approved under the old figure, executed under the new one."""
    case = prepared(Enterprise)
    ledger = case.ledger
    order = case.order(Kind.OFFSET_FREEZE, (case.lot, 500))
    ledger.propose(order)
    ledger.approve(order)
    case.owe(9_999)
    refusal = ledger.execute_refused(order)
    assert refusal == ("OffsetCapExceeded", (case.obligation, 499, 500))


def test_an_excess_is_released_not_cancelled(prepared: Prepared) -> None:
    """Old CCER is cancelled before it is used: above the cap it would be destroyed for nothing."""
    case = prepared(Enterprise, admission=Admission.OFFSET_CANCELLED_FIRST)
    ledger = case.ledger
    lot = case.freeze(500)
    case.owe(4_000)
    whole = case.order(Kind.OFFSET_CANCEL, (lot, 500))
    assert ledger.propose_refused(whole) == ("OffsetCapExceeded", (case.obligation, 200, 500))
    ledger.run(case.order(Kind.OFFSET_RELEASE, (lot, 300)))
    ledger.run(case.order(Kind.OFFSET_CANCEL, (lot, 200)))
    ledger.run(case.order(Kind.OFFSET_USE, (lot, 200)))
    assert case.outstanding == 3_800


def test_units_no_longer_admitted_are_not_used(prepared: Prepared) -> None:
    """The rule ends while they are pending, as when a project turns out to be a fraud."""
    case = prepared(Enterprise)
    ledger = case.ledger
    lot = case.freeze(500)
    ledger.run(case.order(Kind.OFFSET_PENDING, (lot, 500)))
    waiting = case.order(Kind.OFFSET_USE, (lot, 500))
    ledger.propose(waiting)
    ledger.approve(waiting)
    ledger.admit(case.ccer_class, case.year, Admission.NO)
    expected = ("NotAdmissible", (case.ccer_class, case.year))
    assert ledger.execute_refused(waiting) == expected
    ledger.cancel(waiting)
    assert ledger.propose_refused(case.order(Kind.OFFSET_USE, (lot, 500))) == expected
    ledger.run(case.order(Kind.OFFSET_RELEASE, (lot, 500)))
    assert (ledger.lot(lot)["place"], case.outstanding) == (Place.REGISTRY, 10_000)


def test_frozen_ccer_outlives_another_binding(prepared: Prepared) -> None:
    """The account is bound elsewhere while units are frozen: they stay for their obligation."""
    case = prepared(Enterprise)
    ledger = case.ledger
    lot = case.freeze(500)
    other = ledger.open(case.number, AccountKind.HOLDING)
    ledger.do(ledger.access, "bindAccount", case.ccer, other, by=REGISTRY_1)
    found = ledger.lot(lot)
    assert (found["hold"], found["subject"]) == (Hold.OFFSET, case.obligation)
    for kind in (Kind.OFFSET_PENDING, Kind.OFFSET_USE, Kind.OFFSET_CANCEL):
        ledger.run(case.order(kind, (lot, 500)))
    assert case.outstanding == 9_500


def test_units_set_aside_take_no_other_way(prepared: Prepared) -> None:
    """At each step, every other kind that could take a lot of the account refuses it."""
    case = prepared(Enterprise)
    ledger = case.ledger
    other = ledger.open(ledger.organisation(), AccountKind.CCER)
    case.parties.allow(case.ccer, other)
    lot = case.freeze(500)
    ways: dict[Kind, dict[str, Any]] = {
        Kind.LISTED: {"to": other, "subject": 0},
        Kind.MOVE: {"to": case.ccer, "subject": Place.TRADING},
        Kind.PLEDGE: {"to": case.parties.buyer, "subject": 0},
        Kind.CANCEL: {"to": case.parties.cancellation, "reason": LEAF, "commitment": LEAF},
        Kind.FREEZE: {"reason": LEAF},
        Kind.UNFREEZE: {},
        Kind.OFFSET_FREEZE: {},
    }
    for step in (Kind.OFFSET_PENDING, Kind.OFFSET_USE, Kind.OFFSET_CANCEL, None):
        for kind, fields in ways.items():
            refusal = ledger.propose_refused(case.order(kind, (lot, 500), **fields))
            assert refusal[0] in {"WrongPlace", "WrongHold"}, (step, kind.name)
        if step is not None:
            ledger.run(case.order(step, (lot, 500)))


def test_nothing_is_surrendered_twice(prepared: Prepared) -> None:
    case = prepared(Enterprise)
    ledger = case.ledger
    lot = case.parties.lot(6_000)
    first = case.surrender(lot, 6_000)
    ledger.run(first)
    assert not ledger.run(first).events
    again = ledger.propose_refused(case.surrender(lot, 1))
    assert again == ("WrongPlace", (lot, Place.SURRENDERED))
    assert case.outstanding == 4_000


def test_two_surrenders_race_for_the_last_tonne(prepared: Prepared) -> None:
    """Both were proposed and approved while 10,000 were owed; the later one takes nothing."""
    case = prepared(Enterprise)
    ledger = case.ledger
    lots = [case.parties.lot(10_000) for _ in range(2)]
    orders = [case.surrender(lot, 10_000) for lot in lots]
    for order in orders:
        ledger.propose(order)
        ledger.approve(order)
    ledger.execute(orders[0])
    refusal = ledger.execute_refused(orders[1])
    assert refusal == ("ExceedsObligation", (case.obligation, 0, 10_000))
    assert ledger.lot(lots[1])["place"] == Place.REGISTRY
    assert ledger.obligation(case.obligation)["surrendered"] == 10_000


def test_the_province_surrenders_before_it_releases(prepared: Prepared) -> None:
    """The rest goes to the enterprise only when the obligation that is named is met."""
    case = prepared(Enterprise)
    ledger = case.ledger
    provincial = ledger.open(case.number, AccountKind.PROVINCIAL)
    lot, rest = (ledger.issue(provincial, case.class_id, each) for each in (10_000, 2_000))
    release = case.order(Kind.ALLOCATE, (rest, 2_000), source=provincial, to=case.holding)
    expected: Any = ("ObligationOpen", (case.obligation, 10_000))
    assert case.at_execution(release) == expected
    unnamed = release.but(subject=0, order_id=digest(f"unnamed {lot}"))
    assert case.at_execution(unnamed) == ("UnknownObligation", (0,))
    foreign = ledger.oblige(case.parties.buyer_organisation, case.year, 0)
    other = release.but(subject=foreign, order_id=digest(f"foreign {lot}"))
    expected = ("ObligationOfAnother", (foreign, case.parties.buyer_organisation))
    assert case.at_execution(other) == expected
    ledger.run(case.order(Kind.FORCED_SURRENDER, (lot, 10_000), source=provincial))
    ledger.run(release.but(order_id=digest(f"rest of {lot}")))
    assert ledger.balance(case.holding, case.class_id) == (2_000, 0, 0, 0)


def test_a_conversion_is_not_made_twice(prepared: Prepared) -> None:
    """Neither of the same units nor above the limit by two orders that wait side by side."""
    case = prepared(Enterprise)
    ledger = case.ledger
    target = ledger.register(f"CEA{case.year}", Instrument.ALLOWANCE, case.year)
    lots = [case.parties.lot(600) for _ in range(2)]
    claim = (case.number, case.year, 0, 1_000, LEAF)
    sent = ledger.do(ledger.obligations, "proposeCarryOver", *claim, by=REGISTRY_1)
    number = event_args(sent, "CarryOverProposed")["claim"]
    ledger.do(ledger.obligations, "confirmCarryOver", number, by=REGULATOR_1)
    orders = [
        case.order(Kind.CARRY_OVER, (lot, 600), source=case.holding, subject=target) for lot in lots
    ]
    for order in orders:
        ledger.propose(order)
        ledger.approve(order)
    ledger.execute(orders[0])
    exceeded = ("CarryOverExceeded", (case.number, case.year, 1_000, 1_200))
    assert ledger.execute_refused(orders[1]) == exceeded
    again = case.order(Kind.CARRY_OVER, (lots[0], 1), source=case.holding, subject=target)
    assert ledger.propose_refused(again) == ("WrongPlace", (lots[0], Place.CONVERTED))
    assert ledger.class_of(target)["nextSerial"] == 601
    new = ledger.lots.functions.lotCount().call()
    into_itself = case.order(Kind.CARRY_OVER, (new, 1), source=case.holding, subject=target)
    assert ledger.propose_refused(into_itself) == ("WrongClass", (new, target))


def test_an_arrear_outlives_the_period(prepared: Prepared) -> None:
    case = prepared(Enterprise)
    ledger = case.ledger
    owed = Order(
        kind=Kind.CLAW_BACK,
        source=case.holding,
        to=case.parties.issuance,
        subject=case.class_id,
        quantity=70,
    )
    sent = ledger.run(owed)
    (opened,) = ledger.events(ledger.obligations, sent, "ArrearOpened")
    assert opened["quantity"] == 70
    ledger.engine.advance(40 * DAY)
    for regulator in (REGULATOR_1, REGULATOR_2):
        ledger.do(ledger.obligations, "closePeriod", case.year, by=regulator)
    lot = case.parties.lot(100)
    payment = case.order(
        Kind.SETTLE_ARREAR,
        (lot, 70),
        source=case.holding,
        to=case.parties.issuance,
        subject=opened["arrear"],
    )
    ledger.run(payment)
    assert ledger.obligations.functions.arrearOf(opened["arrear"]).call()[2] == 0
    more = case.order(
        Kind.SETTLE_ARREAR,
        (lot, 1),
        source=case.holding,
        to=case.parties.issuance,
        subject=opened["arrear"],
    )
    assert case.at_execution(more) == ("ExceedsArrear", (opened["arrear"], 0, 1))


def test_a_claw_back_beyond_the_holding_counts_what_is_held_once(prepared: Prepared) -> None:
    """Frozen units are not at disposal: they stay, and what is missing is owed."""
    case = prepared(Enterprise)
    ledger = case.ledger
    frozen, free = case.parties.lot(40), case.parties.lot(60)
    ledger.run(Order(kind=Kind.FREEZE, source=case.holding, parts=((frozen, 40),), reason=LEAF))
    sent = ledger.run(
        Order(
            kind=Kind.CLAW_BACK,
            source=case.holding,
            to=case.parties.issuance,
            subject=case.class_id,
            quantity=100,
            parts=((free, 60),),
        )
    )
    (opened,) = ledger.events(ledger.obligations, sent, "ArrearOpened")
    assert opened["quantity"] == 40
    assert ledger.balance(case.holding, case.class_id) == (0, 0, 40, 0)


def test_what_the_province_holds_is_clawed_back_too(prepared: Prepared) -> None:
    """Pre-allocated to the provincial account, and the final allocation is lower."""
    case = prepared(Enterprise)
    ledger = case.ledger
    provincial = ledger.open(case.number, AccountKind.PROVINCIAL)
    lot = ledger.issue(provincial, case.class_id, 500)
    own = case.parties.lot(100)
    order = Order(
        kind=Kind.CLAW_BACK,
        source=provincial,
        to=case.parties.issuance,
        subject=case.class_id,
        quantity=600,
        parts=((lot, 500),),
    )
    sent = ledger.run(order)
    (opened,) = ledger.events(ledger.obligations, sent, "ArrearOpened")
    assert (opened["organisation"], opened["quantity"]) == (case.number, 100)
    assert ledger.lot(lot)["account"] == case.parties.issuance
    assert ledger.lot(own)["account"] == case.holding


def test_after_the_end_a_figure_is_revised_and_units_come_free(prepared: Prepared) -> None:
    """Closed, then revised downwards: the excess is released, and nothing new is frozen."""
    case = prepared(Enterprise)
    ledger = case.ledger
    lot = case.freeze(500)
    ledger.engine.advance(40 * DAY)
    for regulator in (REGULATOR_1, REGULATOR_2):
        ledger.do(ledger.obligations, "closePeriod", case.year, by=regulator)
    arguments = (case.number, case.year, 1, 4_000, LEAF)
    sent = ledger.do(ledger.obligations, "proposeRecord", *arguments, by=VERIFIER)
    record = event_args(sent, "RecordProposed")["record"]
    sent = ledger.do(ledger.obligations, "confirmRecord", record, by=REGULATOR_1)
    assert event_args(sent, "RecordConfirmed")["excess"] == 300
    ledger.run(case.order(Kind.OFFSET_RELEASE, (lot, 300)))
    new = case.order(Kind.OFFSET_FREEZE, (case.lot, 1))
    assert case.at_execution(new) == ("PeriodClosed", (case.year,))
    assert ledger.obligation(case.obligation)["offsetReserved"] == 200


def test_a_closed_account_is_left_by_correction_only(prepared: Prepared) -> None:
    case = prepared(Enterprise)
    ledger = case.ledger
    lot = case.parties.lot(10)
    order = case.surrender(lot, 10)
    ledger.propose(order)
    ledger.approve(order)
    ledger.do(ledger.access, "freezeAccount", case.holding, LEAF, by=REGULATOR_1)
    ledger.do(ledger.access, "closeAccount", case.holding, LEAF, by=REGISTRY_1)
    assert ledger.execute_refused(order) == ("AccountIsClosed", (case.holding,))
    ledger.cancel(order)
    assert ledger.status(order)["state"] == OrderState.CANCELLED
    successor = ledger.open(case.number, AccountKind.HOLDING)
    correction = Order(
        kind=Kind.CORRECT_MOVE,
        source=case.holding,
        to=successor,
        parts=((lot, 10),),
        registry_number=NUMBER,
    )
    ledger.run(correction)
    assert ledger.lot(lot)["account"] == successor
    refusal = ledger.refused(ledger.access, "thawAccount", case.holding, LEAF, by=REGULATOR_2)
    assert refusal[0] == "WrongAccountStatus"
    assert ledger.refused(ledger.orders, "execute", order.tuple, by=RELAY)[0] == "OrderClosed"
