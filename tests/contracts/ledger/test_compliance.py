"""Obligations, surrender, CCER offset, carry-over, forced compliance and the end of a period."""

from itertools import count
from typing import Any

import pytest
from support.evm import sender
from support.ledger import (
    REGISTRY_1,
    REGISTRY_2,
    REGULATOR_1,
    REGULATOR_2,
    VERIFIER,
    Ledger,
    Parties,
    event_args,
)
from support.ledger_copies import Prepared
from support.ledger_orders import (
    CAP,
    DAY,
    NONE,
    AccountKind,
    Admission,
    Hold,
    Instrument,
    Kind,
    Order,
    Place,
    Role,
    digest,
)

LEAF = digest("leaf")
_years = count(3_000)


class Case:
    """An enterprise with an obligation in a year of its own, and an admitted class."""

    def __init__(
        self, ledger: Ledger, *, tonnes: int = 10_000, deadline_in: int = 30 * DAY
    ) -> None:
        self.ledger = ledger
        self.parties = Parties(ledger)
        self.organisation = self.parties.seller_organisation
        self.holding, self.class_id = self.parties.seller, self.parties.class_id
        self.year = next(_years)
        self.deadline = ledger.engine.now + deadline_in
        ledger.common_rules(self.year, deadline=self.deadline)
        ledger.admit(self.class_id, self.year, Admission.ALLOWANCE)
        self.obligation = ledger.oblige(self.organisation, self.year, tonnes)

    def add_ccer(self, admission: Admission, quantity: int = 1_000) -> "Case":
        ledger = self.ledger
        self.ccer = ledger.open(self.organisation, AccountKind.CCER)
        ledger.do(ledger.access, "bindAccount", self.ccer, self.holding, by=REGISTRY_1)
        self.ccer_class = ledger.register(f"CCER {self.ccer}", Instrument.CCER, 2024)
        ledger.admit(self.ccer_class, self.year, admission)
        self.ccer_lot = ledger.issue(self.ccer, self.ccer_class, quantity)
        return self

    def order(self, kind: Kind, source: int, *parts: tuple[int, int], **fields: Any) -> Order:
        return Order(
            **({"kind": kind, "source": source, "subject": self.obligation} | fields), parts=parts
        )

    def surrender(self, lot: int, quantity: int, **fields: Any) -> Order:
        return self.order(Kind.SURRENDER, self.holding, (lot, quantity), **fields)

    def offset(self, kind: Kind, *parts: tuple[int, int], **fields: Any) -> Order:
        return self.order(kind, self.ccer, *parts, **fields)

    def freeze(self, quantity: int) -> int:
        """Freeze CCER units for the obligation; gives their lot."""
        order = self.offset(Kind.OFFSET_FREEZE, (self.ccer_lot, quantity))
        self.ledger.propose(order)
        (lot,) = self.ledger.split_of(order)
        self.ledger.approve(order)
        self.ledger.execute(order)
        return lot

    def refused_at_execution(self, order: Order) -> Any:
        self.ledger.propose(order)
        self.ledger.approve(order)
        refusal = self.ledger.execute_refused(order)
        self.ledger.cancel(order)
        return refusal

    @property
    def outstanding(self) -> int:
        return int(self.ledger.obligations.functions.outstanding(self.obligation).call())


def with_ccer(ledger: Ledger, *, admission: Admission = Admission.OFFSET, **fields: int) -> Case:
    """The same with CCER units in an account that is bound to it."""
    return Case(ledger, **fields).add_ccer(admission)


# The obligation.


def test_a_figure_is_verified_by_one_and_confirmed_by_another(prepared: Prepared) -> None:
    case = prepared(Case)
    ledger = case.ledger
    book = ledger.obligations
    arguments = (case.organisation, case.year, 1, 9_000, LEAF)
    for caller in (REGULATOR_1, REGISTRY_1):
        refusal = ledger.refused(book, "proposeRecord", *arguments, by=caller)
        assert refusal == ("NotOfficer", (caller.address,))
    sent = ledger.do(book, "proposeRecord", *arguments, by=VERIFIER)
    record = event_args(sent, "RecordProposed")["record"]
    assert case.outstanding == 10_000
    refusal = ledger.refused(book, "confirmRecord", record, by=VERIFIER)
    assert refusal == ("NotOfficer", (VERIFIER.address,))
    ledger.do(book, "confirmRecord", record, by=REGULATOR_1)
    assert case.outstanding == 9_000
    refusal = ledger.refused(book, "confirmRecord", record, by=REGULATOR_1)
    assert refusal == ("AlreadyConfirmed", (record,))
    assert ledger.refused(book, "confirmRecord", 99_999, by=REGULATOR_1) == (
        "UnknownRecord",
        (99_999,),
    )


def test_what_an_officer_proposed_dies_with_its_office(own_ledger: Ledger) -> None:
    ledger, book = own_ledger, own_ledger.obligations
    organisation = ledger.organisation()
    account = ledger.open(organisation, AccountKind.HOLDING)
    ledger.common_rules(2025)
    sent = ledger.do(book, "proposeRecord", organisation, 2025, 1, 5, LEAF, by=VERIFIER)
    record = event_args(sent, "RecordProposed")["record"]
    sent = ledger.do(book, "proposeCarryOver", organisation, 2025, 0, 5, LEAF, by=REGISTRY_1)
    claim = event_args(sent, "CarryOverProposed")["claim"]
    key = (account, sender("key of a dismissed officer").address, 1, LEAF)
    sent = ledger.do(ledger.access, "proposeKey", *key, by=REGISTRY_1)
    change = event_args(sent, "KeyChangeProposed")["changeId"]
    ledger.appoint({VERIFIER: Role.VERIFIER, REGISTRY_1: Role.REGISTRY}, grant=False)
    for contract, act, number, proposer in (
        (book, "confirmRecord", record, VERIFIER),
        (book, "confirmCarryOver", claim, REGISTRY_1),
        (ledger.access, "approveKey", change, REGISTRY_1),
    ):
        refusal = ledger.refused(contract, act, number, by=REGULATOR_1)
        assert refusal == ("NotOfficer", (proposer.address,))


def test_an_older_figure_does_not_come_back(prepared: Prepared) -> None:
    case = prepared(Case)
    ledger = case.ledger
    arguments = (case.organisation, case.year, 1, 9_000, LEAF)
    sent = ledger.do(ledger.obligations, "proposeRecord", *arguments, by=VERIFIER)
    old = event_args(sent, "RecordProposed")["record"]
    ledger.oblige(case.organisation, case.year, 8_000)
    refusal = ledger.refused(ledger.obligations, "confirmRecord", old, by=REGULATOR_1)
    assert refusal == ("StaleRecord", (old, old + 1))


def test_each_sector_has_its_own_obligation(prepared: Prepared) -> None:
    case = prepared(Case)
    ledger = case.ledger
    steel = ledger.oblige(case.organisation, case.year, 5_000, sector=2)
    assert steel != case.obligation
    assert case.outstanding == 10_000
    ids = ledger.obligations.functions.obligationId
    assert ids(case.organisation, case.year, 2).call() == steel
    assert ids(case.organisation, case.year, 3).call() == 0


def test_bad_figures_are_refused(prepared: Prepared) -> None:
    case = prepared(Case)
    ledger = case.ledger
    good = {"organisation": case.organisation, "year": case.year, "sector": 1, "t": 5, "leaf": LEAF}
    for change, expected in (
        ({"organisation": 99_999}, ("UnknownOrganisation", (99_999,))),
        ({"leaf": NONE}, ("NoDigest", ())),
        ({"t": 10**12 + 1}, ("AmountTooLarge", (10**12 + 1,))),
    ):
        arguments = (good | change).values()
        refusal = ledger.refused(ledger.obligations, "proposeRecord", *arguments, by=VERIFIER)
        assert refusal == expected


def test_an_obligation_needs_the_rule_of_its_year(prepared: Prepared) -> None:
    case = prepared(Case)
    ledger = case.ledger
    arguments = (case.organisation, 2_999, 1, 5, LEAF)
    sent = ledger.do(ledger.obligations, "proposeRecord", *arguments, by=VERIFIER)
    record = event_args(sent, "RecordProposed")["record"]
    refusal = ledger.refused(ledger.obligations, "confirmRecord", record, by=REGULATOR_1)
    assert refusal == ("UnknownRule", (CAP, 2_999))


# Surrender.


def test_a_surrender_pays_the_obligation(prepared: Prepared) -> None:
    case = prepared(Case)
    ledger = case.ledger
    lot = case.parties.lot(6_000)
    order = case.surrender(lot, 4_000)
    ledger.propose(order)
    (part,) = ledger.split_of(order)
    ledger.approve(order)
    ledger.execute(order)
    assert case.outstanding == 6_000
    assert ledger.lot(part)["place"] == Place.SURRENDERED
    totals = ledger.class_of(case.class_id)
    assert (totals["held"], totals["surrendered"]) == (2_000, 4_000)


def test_nobody_surrenders_more_than_is_owed(prepared: Prepared) -> None:
    case = prepared(Case)
    lot = case.parties.lot(10_001)
    refusal = case.refused_at_execution(case.surrender(lot, 10_001))
    assert refusal == ("ExceedsObligation", (case.obligation, 10_000, 10_001))
    assert case.outstanding == 10_000


def test_a_surrender_for_another_enterprise_is_refused(prepared: Prepared) -> None:
    case = prepared(Case)
    ledger = case.ledger
    lot = ledger.issue(case.parties.buyer, case.class_id, 10)
    order = case.order(Kind.SURRENDER, case.parties.buyer, (lot, 10))
    expected = ("ObligationOfAnother", (case.obligation, case.organisation))
    assert case.refused_at_execution(order) == expected
    unknown = case.surrender(case.parties.lot(), 1, subject=99_999)
    assert ledger.propose_refused(unknown) == ("UnknownObligation", (99_999,))


def test_a_class_that_is_not_admitted_pays_nothing(prepared: Prepared) -> None:
    case = prepared(Case)
    ledger = case.ledger
    old = ledger.register(f"CEA old {case.year}", Instrument.ALLOWANCE, 2019)
    lot = ledger.issue(case.holding, old, 10)
    rule = ledger.rules.functions.admissionRule(old).call()
    assert ledger.propose_refused(case.surrender(lot, 10)) == ("UnknownRule", (rule, case.year))
    ledger.admit(old, case.year, Admission.NO)
    assert ledger.propose_refused(case.surrender(lot, 10)) == ("NotAdmissible", (old, case.year))
    ledger.rule(rule, case.year, 99)
    assert ledger.propose_refused(case.surrender(lot, 10)) == ("NotAdmissible", (old, case.year))


def test_rule_expired_or_not_yet_valid(prepared: Prepared) -> None:
    case = prepared(Case)
    ledger = case.ledger
    now = ledger.engine.now
    lot = case.parties.lot(10)
    rule = ledger.rules.functions.admissionRule(case.class_id).call()
    for name, valid, limit in (
        ("RuleExpired", (0, now - DAY), now - DAY),
        ("RuleNotYetValid", (now + DAY, now + 2 * DAY), now + DAY),
    ):
        year = next(_years)
        ledger.common_rules(year)
        obligation = ledger.oblige(case.organisation, year, 100)
        ledger.rule(rule, year, Admission.ALLOWANCE, valid=valid)
        order = case.surrender(lot, 10, subject=obligation)
        assert ledger.propose_refused(order) == (name, (rule, year, limit))


def test_a_rule_that_ends_meanwhile_stops_the_order(prepared: Prepared) -> None:
    case = prepared(Case)
    ledger = case.ledger
    year, now = next(_years), ledger.engine.now
    ledger.common_rules(year)
    obligation = ledger.oblige(case.organisation, year, 100)
    rule = ledger.rules.functions.admissionRule(case.class_id).call()
    ledger.rule(rule, year, Admission.ALLOWANCE, valid=(0, now + DAY))
    order = case.surrender(case.parties.lot(10), 10, subject=obligation)
    ledger.propose(order)
    ledger.approve(order)
    ledger.engine.advance(2 * DAY)
    assert ledger.execute_refused(order) == ("RuleExpired", (rule, year, now + DAY))


def test_a_draft_rule_settles_nothing(prepared: Prepared) -> None:
    case = prepared(Case)
    ledger = case.ledger
    year = next(_years)
    ledger.rule(CAP, year, 500, draft=True)
    arguments = (case.organisation, year, 1, 5, LEAF)
    sent = ledger.do(ledger.obligations, "proposeRecord", *arguments, by=VERIFIER)
    record = event_args(sent, "RecordProposed")["record"]
    refusal = ledger.refused(ledger.obligations, "confirmRecord", record, by=REGULATOR_1)
    assert refusal == ("RuleIsDraft", (CAP, year, 1))


def test_a_late_surrender_says_so(prepared: Prepared) -> None:
    case = prepared(Case, deadline_in=DAY)
    ledger = case.ledger
    lots = [case.parties.lot(10), case.parties.lot(10)]
    late = []
    for lot in lots:
        sent = ledger.run(case.surrender(lot, 10))
        (event,) = ledger.events(ledger.obligations, sent, "Surrendered")
        late.append((event["late"], event["total"]))
        ledger.engine.advance(2 * DAY)
    assert late == [(False, 10), (True, 20)]


def test_the_registry_takes_a_surrender_back(prepared: Prepared) -> None:
    case = prepared(Case)
    ledger = case.ledger
    lot = case.parties.lot(100)
    ledger.run(case.surrender(lot, 100))
    order = case.order(
        Kind.CORRECT_RESTORE,
        case.holding,
        (lot, 30),
        to=case.holding,
        registry_number=digest("not made"),
    )
    ledger.run(order)
    assert case.outstanding == 9_930
    assert ledger.class_of(case.class_id)["surrendered"] == 70
    assert ledger.balance(case.holding, case.class_id) == (30, 0, 0, 0)


# Forced compliance.


def test_forced_compliance_takes_from_the_provincial_account_alone(prepared: Prepared) -> None:
    case = prepared(Case)
    ledger = case.ledger
    provincial = ledger.open(case.organisation, AccountKind.PROVINCIAL)
    lot = ledger.issue(provincial, case.class_id, 12_000)
    own = case.parties.lot(50)
    taken = case.order(Kind.FORCED_SURRENDER, case.holding, (own, 50))
    refusal = ledger.propose_refused(taken)
    assert refusal == ("WrongAccountKind", (case.holding, AccountKind.HOLDING))
    ledger.run(case.order(Kind.FORCED_SURRENDER, provincial, (lot, 10_000)))
    assert case.outstanding == 0
    # The rest is released, to the enterprise and to nobody else.
    rest = case.order(Kind.ALLOCATE, provincial, (lot, 2_000), to=case.parties.buyer)
    expected = ("AnotherOrganisation", (case.parties.buyer, case.parties.buyer_organisation))
    assert ledger.propose_refused(rest) == expected
    ledger.run(rest.but(to=case.holding, order_id=digest(f"release {lot}")))
    assert ledger.balance(case.holding, case.class_id)[0] == 2_050


def test_forced_compliance_pays_no_other_enterprises_obligation(prepared: Prepared) -> None:
    case = prepared(Case)
    ledger = case.ledger
    provincial = ledger.open(case.parties.buyer_organisation, AccountKind.PROVINCIAL)
    lot = ledger.issue(provincial, case.class_id, 10)
    order = case.order(Kind.FORCED_SURRENDER, provincial, (lot, 10))
    ledger.propose(order)
    ledger.approve(order)
    expected = ("ObligationOfAnother", (case.obligation, case.organisation))
    assert ledger.execute_refused(order) == expected


# CCER offset.


def test_the_offset_goes_its_five_steps(prepared: Prepared) -> None:
    case = prepared(with_ccer)
    ledger = case.ledger
    lot = case.freeze(500)
    steps = [(Place.FROZEN, Hold.OFFSET, 10_000)]
    for kind in (Kind.OFFSET_PENDING, Kind.OFFSET_USE, Kind.OFFSET_CANCEL):
        ledger.run(case.offset(kind, (lot, 500)))
        found = ledger.lot(lot)
        steps.append((found["place"], found["hold"], case.outstanding))
    assert steps[1:] == [
        (Place.PENDING, Hold.OFFSET, 10_000),
        (Place.PENDING, Hold.USED, 9_500),
        (Place.CANCELLED, Hold.USED, 9_500),
    ]
    found = ledger.obligation(case.obligation)
    assert (found["cap"], found["offsetReserved"], found["offsetUsed"]) == (500, 500, 500)
    assert ledger.class_of(case.ccer_class)["cancelled"] == 500


def test_old_ccer_is_cancelled_first(prepared: Prepared) -> None:
    case = prepared(with_ccer, admission=Admission.OFFSET_CANCELLED_FIRST)
    ledger = case.ledger
    lot = case.freeze(500)
    refusal = ledger.propose_refused(case.offset(Kind.OFFSET_PENDING, (lot, 500)))
    assert refusal == ("NotAdmissible", (case.ccer_class, case.year))
    ledger.run(case.offset(Kind.OFFSET_CANCEL, (lot, 500)))
    assert (ledger.lot(lot)["hold"], case.outstanding) == (Hold.OFFSET, 10_000)
    ledger.run(case.offset(Kind.OFFSET_USE, (lot, 500)))
    assert (ledger.lot(lot)["place"], case.outstanding) == (Place.CANCELLED, 9_500)
    refusal = ledger.propose_refused(case.offset(Kind.OFFSET_RELEASE, (lot, 500)))
    assert refusal == ("WrongPlace", (lot, Place.CANCELLED))


def test_no_step_of_the_offset_is_skipped(prepared: Prepared) -> None:
    case = prepared(with_ccer)
    ledger = case.ledger
    lot = case.freeze(500)
    for kind, expected in (
        (Kind.OFFSET_FREEZE, ("WrongPlace", (lot, Place.FROZEN))),
        (Kind.OFFSET_USE, ("WrongPlace", (lot, Place.FROZEN))),
        (Kind.OFFSET_CANCEL, ("NotAdmissible", (case.ccer_class, case.year))),
    ):
        assert ledger.propose_refused(case.offset(kind, (lot, 500))) == expected
    ledger.run(case.offset(Kind.OFFSET_PENDING, (lot, 500)))
    unused = ("WrongHold", (lot, Hold.OFFSET, case.obligation))
    assert ledger.propose_refused(case.offset(Kind.OFFSET_CANCEL, (lot, 500))) == unused
    ledger.run(case.offset(Kind.OFFSET_USE, (lot, 500)))
    used = ("WrongHold", (lot, Hold.USED, case.obligation))
    assert ledger.propose_refused(case.offset(Kind.OFFSET_USE, (lot, 500))) == used
    thaw = Order(kind=Kind.UNFREEZE, source=case.ccer, parts=((lot, 500),))
    assert ledger.propose_refused(thaw)[0] == "WrongPlace"


@pytest.mark.parametrize("tonnes", [10_000, 10_019, 9_999, 19, 20])
def test_cap_exceeded_by_one_tonne(prepared: Prepared, tonnes: int) -> None:
    """cap = floor(500 x O / 10,000): 500, 500, 499, 0, 1."""
    cap = tonnes // 20
    case = prepared(with_ccer, tonnes=tonnes)
    ledger = case.ledger
    over = case.offset(Kind.OFFSET_FREEZE, (case.ccer_lot, cap + 1))
    expected = ("OffsetCapExceeded", (case.obligation, cap, cap + 1))
    assert case.refused_at_execution(over) == expected
    if cap:
        lots = ledger.lots.functions.lotCount().call()
        exact = case.offset(Kind.OFFSET_FREEZE, (lots, cap))
        ledger.run(exact)
        assert ledger.obligation(case.obligation)["offsetReserved"] == cap


def test_two_freezes_share_one_cap(prepared: Prepared) -> None:
    case = prepared(with_ccer)
    case.freeze(300)
    over = case.offset(Kind.OFFSET_FREEZE, (case.ccer_lot, 201))
    assert case.refused_at_execution(over) == (
        "OffsetCapExceeded",
        (case.obligation, 500, 501),
    )
    case.freeze(200)


def test_a_revision_downwards_makes_an_excess(prepared: Prepared) -> None:
    """Unused units are released; used ones above the new cap do not count any more."""
    case = prepared(with_ccer)
    ledger = case.ledger
    used, unused = case.freeze(300), case.freeze(200)
    for kind in (Kind.OFFSET_PENDING, Kind.OFFSET_USE):
        ledger.run(case.offset(kind, (used, 300)))
    arguments = (case.organisation, case.year, 1, 4_000, LEAF)
    sent = ledger.do(ledger.obligations, "proposeRecord", *arguments, by=VERIFIER)
    record = event_args(sent, "RecordProposed")["record"]
    sent = ledger.do(ledger.obligations, "confirmRecord", record, by=REGULATOR_1)
    confirmed = event_args(sent, "RecordConfirmed")
    assert (confirmed["cap"], confirmed["excess"]) == (200, 300)
    assert case.outstanding == 4_000 - 200
    ledger.run(case.offset(Kind.OFFSET_PENDING, (unused, 200)))
    over = case.offset(Kind.OFFSET_USE, (unused, 200))
    ledger.propose(over)
    ledger.approve(over)
    refusal = ledger.execute_refused(over)
    assert refusal == ("OffsetCapExceeded", (case.obligation, 200, 500))
    ledger.cancel(over)
    both = sorted([(used, 100), (unused, 200)])
    ledger.run(case.offset(Kind.OFFSET_RELEASE, *both))
    found = ledger.obligation(case.obligation)
    assert found["offsetReserved"] == found["offsetUsed"] == 200
    assert case.outstanding == 3_800


def test_released_units_are_free(prepared: Prepared) -> None:
    case = prepared(with_ccer)
    ledger = case.ledger
    lot = case.freeze(500)
    ledger.run(case.offset(Kind.OFFSET_RELEASE, (lot, 500)))
    assert ledger.obligation(case.obligation)["offsetReserved"] == 0
    found = ledger.lot(lot)
    assert (found["place"], found["hold"], found["subject"]) == (Place.REGISTRY, Hold.NONE, 0)


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (Kind.OFFSET_PENDING,),
        (Kind.OFFSET_PENDING, Kind.OFFSET_USE),
        (Kind.OFFSET_PENDING, Kind.OFFSET_USE, Kind.OFFSET_CANCEL),
    ],
)
def test_the_registry_takes_an_offset_back_at_any_step(
    prepared: Prepared, steps: tuple[Kind, ...]
) -> None:
    case = prepared(with_ccer)
    ledger = case.ledger
    lot = case.freeze(500)
    for kind in steps:
        ledger.run(case.offset(kind, (lot, 500)))
    kind = Kind.CORRECT_RESTORE if Kind.OFFSET_CANCEL in steps else Kind.CORRECT_MOVE
    number = digest("refused by the registry")
    ledger.run(case.offset(kind, (lot, 200), to=case.ccer, registry_number=number))
    found = ledger.obligation(case.obligation)
    used = 300 if Kind.OFFSET_USE in steps else 0
    assert (found["offsetReserved"], found["offsetUsed"]) == (300, used)
    assert case.outstanding == 10_000 - used
    assert ledger.balance(case.ccer, case.ccer_class)[0] == 700


def test_units_set_aside_for_one_obligation_serve_no_other(prepared: Prepared) -> None:
    case = prepared(with_ccer)
    ledger = case.ledger
    lot = case.freeze(500)
    other = ledger.oblige(case.organisation, case.year, 10_000, sector=2)
    for kind in (Kind.OFFSET_PENDING, Kind.OFFSET_RELEASE):
        order = case.offset(kind, (lot, 500), subject=other)
        assert ledger.propose_refused(order) == (
            "WrongHold",
            (lot, Hold.OFFSET, case.obligation),
        )


def test_an_unbound_ccer_account_offsets_nothing(prepared: Prepared) -> None:
    case = prepared(with_ccer)
    ledger = case.ledger
    account = ledger.open(case.organisation, AccountKind.CCER)
    lot = ledger.issue(account, case.ccer_class, 10)
    order = case.order(Kind.OFFSET_FREEZE, account, (lot, 10))
    assert ledger.propose_refused(order) == ("AccountNotBound", (account,))


def test_an_allowance_is_no_offset_and_an_offset_no_allowance(prepared: Prepared) -> None:
    case = prepared(with_ccer, admission=Admission.ALLOWANCE)
    ledger = case.ledger
    order = case.offset(Kind.OFFSET_FREEZE, (case.ccer_lot, 10))
    assert ledger.propose_refused(order) == ("NotAdmissible", (case.ccer_class, case.year))
    ledger.admit(case.class_id, case.year, Admission.OFFSET)
    surrender = case.surrender(case.parties.lot(10), 10)
    assert ledger.propose_refused(surrender) == ("NotAdmissible", (case.class_id, case.year))


def test_no_offset_is_used_beyond_what_is_owed(prepared: Prepared) -> None:
    case = prepared(with_ccer)
    ledger = case.ledger
    lot = case.freeze(500)
    ledger.run(case.offset(Kind.OFFSET_PENDING, (lot, 500)))
    ledger.run(case.surrender(case.parties.lot(9_501), 9_501))
    order = case.offset(Kind.OFFSET_USE, (lot, 500))
    ledger.propose(order)
    ledger.approve(order)
    assert ledger.execute_refused(order) == ("ExceedsObligation", (case.obligation, 499, 500))


# Carry-over.


def _carry(case: Case, *, sold: int, held: int) -> int:
    arguments = (case.organisation, case.year, sold, held, LEAF)
    ledger = case.ledger
    sent = ledger.do(ledger.obligations, "proposeCarryOver", *arguments, by=REGISTRY_1)
    claim = int(event_args(sent, "CarryOverProposed")["claim"])
    ledger.do(ledger.obligations, "confirmCarryOver", claim, by=REGULATOR_1)
    return claim


@pytest.mark.parametrize(
    ("sold", "held", "limit"),
    [
        (0, 50_000, 10_000),  # 10,000 + 1.5 x 0
        (20_001, 50_000, 40_001),  # 10,000 + 30,001.5, floored
        (20_001, 40_000, 40_000),  # not more than is held
        (10**12, 10**12, 10**12),
    ],
)
def test_the_limit_of_a_carry_over(prepared: Prepared, sold: int, held: int, limit: int) -> None:
    case = prepared(Case)
    ledger = case.ledger
    _carry(case, sold=sold, held=held)
    found = ledger.obligations.functions.carryOverLimit(case.organisation, case.year).call()
    assert found[1] == limit


def test_a_carry_over_is_a_conversion(prepared: Prepared) -> None:
    case = prepared(Case)
    ledger = case.ledger
    target = ledger.register(f"CEA{case.year}", Instrument.ALLOWANCE, case.year)
    lot = case.parties.lot(30_000)
    _carry(case, sold=0, held=30_000)
    order = case.order(Kind.CARRY_OVER, case.holding, (lot, 10_000), subject=target)
    ledger.propose(order)
    (old,) = ledger.split_of(order)
    ledger.approve(order)
    ledger.execute(order)
    assert ledger.lot(old)["place"] == Place.CONVERTED
    totals = ledger.class_of(case.class_id)
    assert (totals["held"], totals["converted"]) == (20_000, 10_000)
    new = ledger.lot(ledger.lots.functions.lotCount().call())
    assert (new["classId"], new["firstSerial"], new["quantity"]) == (target, 1, 10_000)
    over = case.order(Kind.CARRY_OVER, case.holding, (lot, 1), subject=target)
    expected = ("CarryOverExceeded", (case.organisation, case.year, 10_000, 10_001))
    assert case.refused_at_execution(over) == expected


def test_the_registry_takes_a_conversion_back(prepared: Prepared) -> None:
    """The new units are removed, the old ones restored, and the limit is free again."""
    case = prepared(Case)
    ledger = case.ledger
    target = ledger.register(f"CEA{case.year}", Instrument.ALLOWANCE, case.year)
    lot = case.parties.lot(8_000)
    _carry(case, sold=0, held=8_000)
    ledger.run(case.order(Kind.CARRY_OVER, case.holding, (lot, 8_000), subject=target))
    new = ledger.lots.functions.lotCount().call()
    number = digest("refused by the registry")
    cancellation = case.parties.cancellation
    ledger.run(
        case.order(
            Kind.CORRECT_REMOVE,
            case.holding,
            (new, 8_000),
            to=cancellation,
            registry_number=number,
        )
    )
    ledger.run(
        case.order(
            Kind.CORRECT_RESTORE,
            case.holding,
            (lot, 8_000),
            to=case.holding,
            registry_number=number,
        )
    )
    totals = ledger.class_of(case.class_id)
    assert (totals["held"], totals["converted"]) == (8_000, 0)
    limit = ledger.obligations.functions.carryOverLimit(case.organisation, case.year)
    assert limit.call()[2] == 0
    ledger.run(case.order(Kind.CARRY_OVER, case.holding, (lot, 8_000), subject=target))


def test_without_a_confirmed_claim_nothing_is_carried_over(prepared: Prepared) -> None:
    case = prepared(Case)
    ledger = case.ledger
    target = ledger.register(f"CEA{case.year}", Instrument.ALLOWANCE, case.year)
    lot = case.parties.lot(10)
    order = case.order(Kind.CARRY_OVER, case.holding, (lot, 10), subject=target)
    assert case.refused_at_execution(order) == ("NoCarryOver", (case.organisation, case.year))


def test_only_older_allowances_are_carried_over(prepared: Prepared) -> None:
    case = prepared(with_ccer)
    ledger = case.ledger
    lot = case.parties.lot(10)
    for target, expected in (
        (case.class_id, ("WrongClass", (lot, case.class_id))),
        (case.ccer_class, ("UnknownClass", (case.ccer_class,))),
        (99_999, ("UnknownClass", (99_999,))),
    ):
        order = case.order(Kind.CARRY_OVER, case.holding, (lot, 10), subject=target)
        assert ledger.propose_refused(order) == expected


def test_a_claim_takes_the_registry_and_the_regulator(prepared: Prepared) -> None:
    case = prepared(Case)
    ledger = case.ledger
    book = ledger.obligations
    arguments = (case.organisation, case.year, 0, 5, LEAF)
    refusal = ledger.refused(book, "proposeCarryOver", *arguments, by=REGULATOR_1)
    assert refusal == ("NotOfficer", (REGULATOR_1.address,))
    sent = ledger.do(book, "proposeCarryOver", *arguments, by=REGISTRY_1)
    claim = event_args(sent, "CarryOverProposed")["claim"]
    for caller in (REGISTRY_1, REGISTRY_2):
        refusal = ledger.refused(book, "confirmCarryOver", claim, by=caller)
        assert refusal == ("NotOfficer", (caller.address,))
    later = _carry(case, sold=0, held=7)
    refusal = ledger.refused(book, "confirmCarryOver", claim, by=REGULATOR_1)
    assert refusal == ("StaleRecord", (claim, later))
    for number, expected in ((later, "AlreadyConfirmed"), (99_999, "UnknownRecord")):
        refusal = ledger.refused(book, "confirmCarryOver", number, by=REGULATOR_1)
        assert refusal == (expected, (number,))
    for change in ((case.organisation, case.year, 10**12 + 1, 0, LEAF),):
        refusal = ledger.refused(book, "proposeCarryOver", *change, by=REGISTRY_1)
        assert refusal == ("AmountTooLarge", (10**12 + 1,))


# The end of a period.


def test_a_period_is_closed_by_two_after_its_deadline(prepared: Prepared) -> None:
    case = prepared(with_ccer, deadline_in=DAY)
    ledger = case.ledger
    book = ledger.obligations
    refusal = ledger.refused(book, "closePeriod", case.year, by=REGULATOR_1)
    assert refusal == ("DeadlineNotPassed", (case.year, case.deadline))
    ledger.engine.advance(2 * DAY)
    ledger.do(book, "closePeriod", case.year, by=REGULATOR_1)
    closed = book.functions.periodClosed(case.year)
    assert not closed.call()
    refusal = ledger.refused(book, "closePeriod", case.year, by=REGULATOR_1)
    assert refusal == ("ApproverIsProposer", (REGULATOR_1.address,))
    ledger.do(book, "closePeriod", case.year, by=REGULATOR_2)
    assert closed.call()
    period_closed = ("PeriodClosed", (case.year,))
    assert ledger.refused(book, "closePeriod", case.year, by=REGULATOR_2) == period_closed
    # What is owed stays owed and can still be paid; nothing new begins.
    assert case.outstanding == 10_000
    ledger.run(case.surrender(case.parties.lot(10), 10))
    assert case.outstanding == 9_990
    offset = case.offset(Kind.OFFSET_FREEZE, (case.ccer_lot, 1))
    assert case.refused_at_execution(offset) == period_closed
    arguments = (case.organisation, case.year, 7, 5, LEAF)
    refusal = ledger.refused(book, "proposeRecord", *arguments, by=VERIFIER)
    assert refusal == period_closed
    # A changed verification result is a new record all the same.
    ledger.oblige(case.organisation, case.year, 9_000)
    assert case.outstanding == 8_990
