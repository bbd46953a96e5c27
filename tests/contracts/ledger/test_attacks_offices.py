"""Attacks on offices, keys, the pause and the closed ledger: each is refused by its own name."""

from typing import Any

from eth_account.signers.local import LocalAccount
from support.evm import sender
from support.ledger import (
    ADMIN_1,
    ADMIN_2,
    ADMIN_3,
    REGISTRY_1,
    REGISTRY_2,
    REGULATOR_1,
    REGULATOR_2,
    RELAY,
    VERIFIER,
    Ledger,
    Parties,
    approver_key,
    event_args,
    initiator_key,
)
from support.ledger_orders import (
    DAY,
    NONE,
    ROLE_DELAY,
    AccountKind,
    Kind,
    Order,
    Role,
    digest,
)

REASON = digest("reason")


def _change(ledger: Ledger, officer: LocalAccount, role: Role, *, grant: bool) -> int:
    """A change of office that two administrators have agreed to."""
    arguments = (officer.address, role, grant, REASON)
    sent = ledger.do(ledger.access, "proposeRole", *arguments, by=ADMIN_1)
    change = int(event_args(sent, "RoleChangeProposed")["changeId"])
    ledger.do(ledger.access, "approveRole", change, by=ADMIN_2)
    return change


def test_an_administrator_does_not_stop_its_own_dismissal(own_ledger: Ledger) -> None:
    """Else a single stolen key pauses for ever, and its two colleagues can do nothing about it."""
    ledger = own_ledger
    ledger.do(ledger.access, "pause", REASON, by=ADMIN_3)
    for stage in ("proposed", "approved"):
        arguments = (ADMIN_3.address, Role.ADMINISTRATOR, False, REASON)
        sent = ledger.do(ledger.access, "proposeRole", *arguments, by=ADMIN_1)
        change = event_args(sent, "RoleChangeProposed")["changeId"]
        if stage == "approved":
            ledger.do(ledger.access, "approveRole", change, by=ADMIN_2)
        refusal = ledger.refused(ledger.access, "withdrawRole", change, by=ADMIN_3)
        assert refusal == ("SelfBenefit", (ADMIN_3.address,))
    ledger.engine.advance(ROLE_DELAY + 60)
    ledger.do(ledger.access, "executeRole", change, by=RELAY)
    for administrator in (ADMIN_1, ADMIN_2):
        ledger.do(ledger.access, "unpause", REASON, by=administrator)
    assert not ledger.access.functions.paused().call()
    refusal = ledger.refused(ledger.access, "pause", REASON, by=ADMIN_3)
    assert refusal == ("NotOfficer", (ADMIN_3.address,))


def test_the_others_still_stop_a_dismissal(own_ledger: Ledger) -> None:
    change = _change(own_ledger, ADMIN_3, Role.ADMINISTRATOR, grant=False)
    own_ledger.do(own_ledger.access, "withdrawRole", change, by=ADMIN_2)
    refusal = own_ledger.refused(own_ledger.access, "executeRole", change, by=RELAY)
    assert refusal == ("ChangeNotOpen", (change,))


def test_an_old_appointment_brings_no_dismissed_officer_back(own_ledger: Ledger) -> None:
    """Appointed twice, as after a lost answer; dismissed; and the second one is still approved."""
    ledger = own_ledger
    officer = sender("appointed twice")
    changes = [_change(ledger, officer, Role.REGULATOR, grant=True) for _ in range(2)]
    ledger.engine.advance(ROLE_DELAY + 60)
    ledger.do(ledger.access, "executeRole", changes[0], by=RELAY)
    ledger.appoint({officer: Role.REGULATOR}, grant=False)
    lapsed = ("ChangeLapsed", (changes[1],))
    assert ledger.refused(ledger.access, "executeRole", changes[1], by=officer) == lapsed
    assert ledger.access.functions.roleOf(officer.address).call() == Role.NONE


def test_an_old_dismissal_ends_no_new_appointment(own_ledger: Ledger) -> None:
    ledger = own_ledger
    changes = [_change(ledger, REGULATOR_2, Role.REGULATOR, grant=False) for _ in range(2)]
    ledger.engine.advance(ROLE_DELAY + 60)
    ledger.do(ledger.access, "executeRole", changes[0], by=RELAY)
    ledger.appoint({REGULATOR_2: Role.REGULATOR})
    lapsed = ("ChangeLapsed", (changes[1],))
    assert ledger.refused(ledger.access, "executeRole", changes[1], by=RELAY) == lapsed
    assert ledger.access.functions.roleOf(REGULATOR_2.address).call() == Role.REGULATOR


def test_a_key_needs_the_record_that_binds_it(ledger: Ledger) -> None:
    """Without it nobody can tell whose signature an order carries."""
    account = ledger.open(ledger.organisation(), AccountKind.HOLDING)
    key = sender(f"unbound key of {account}").address
    refusal = ledger.refused(ledger.access, "proposeKey", account, key, 1, NONE, by=REGISTRY_1)
    assert refusal == ("NoDigest", ())
    ledger.do(ledger.access, "proposeKey", account, key, 0, NONE, by=REGISTRY_1)


def test_a_trader_appointed_meanwhile_trades_no_more(own_ledger: Ledger) -> None:
    """An order waits; its initiator gives up its key and takes an office: the order is dead."""
    ledger = own_ledger
    parties = Parties(ledger)
    trader = initiator_key(parties.seller)
    lot = parties.lot(10, trading=True)
    order = parties.sale((lot, 10), not_before=ledger.engine.now + DAY)
    ledger.run(order)
    ledger.set_key(parties.seller, trader, 0)
    change = _change(ledger, trader, Role.EXCHANGE, grant=True)
    ledger.engine.advance(DAY)
    ledger.do(ledger.access, "executeRole", change, by=RELAY)
    assert ledger.execute_refused(order) == ("NotAuthorised", (trader.address,))
    key = (parties.seller, trader.address, 1, REASON)
    refusal = ledger.refused(ledger.access, "proposeKey", *key, by=REGISTRY_1)
    assert refusal == ("RoleConflict", (trader.address,))


def test_an_officer_dismissed_meanwhile_orders_no_more(own_ledger: Ledger) -> None:
    ledger = own_ledger
    parties = Parties(ledger)
    issue = Order(
        kind=Kind.ISSUE,
        to=parties.seller,
        subject=parties.class_id,
        quantity=10,
        not_before=ledger.engine.now + DAY,
    )
    ledger.run(issue)
    change = _change(ledger, REGULATOR_2, Role.REGULATOR, grant=False)
    ledger.engine.advance(DAY)
    ledger.do(ledger.access, "executeRole", change, by=RELAY)
    assert ledger.execute_refused(issue) == ("NotAuthorised", (REGULATOR_2.address,))


def test_rights_over_one_account_are_rights_over_no_other(ledger: Ledger) -> None:
    """Two accounts of one organisation: a key of the one signs nothing for the other."""
    own = Parties(ledger)
    second = ledger.open(own.seller_organisation, AccountKind.HOLDING)
    lot = own.lot(10, trading=True)
    sale = own.sale((lot, 10))
    stranger = initiator_key(second)
    assert ledger.propose_refused(sale, by=stranger) == ("NotAuthorised", (stranger.address,))
    ledger.propose(sale)
    stranger = approver_key(second)
    assert ledger.approve_refused(sale, by=stranger) == ("NotAuthorised", (stranger.address,))


def test_an_initiator_of_two_accounts_is_not_its_own_approver(ledger: Ledger) -> None:
    """Rights that one address collects over several accounts do not add up to a second person."""
    own = Parties(ledger)
    second = ledger.open(own.seller_organisation, AccountKind.HOLDING)
    both = initiator_key(own.seller)
    ledger.set_key(second, both, 2)
    ledger.set_key(own.seller, both, 3)
    order = Order(kind=Kind.SET_COUNTERPARTY, source=own.seller, to=own.buyer, quantity=1)
    ledger.propose(order, by=both)
    assert ledger.approve_refused(order, by=both) == ("ApproverIsInitiator", (both.address,))


def _closed(ledger: Ledger) -> dict[str, tuple[Any, ...]]:
    """A closed ledger with open proposals, and the officers' calls that would still change it."""
    parties = Parties(ledger)
    organisation, year = parties.seller_organisation, 2025
    ledger.common_rules(year, deadline=ledger.engine.now - DAY)
    book = ledger.obligations
    record = (organisation, year, 1, 1_000, REASON)
    sent = ledger.do(book, "proposeRecord", *record, by=VERIFIER)
    number = event_args(sent, "RecordProposed")["record"]
    claim = (organisation, year, 0, 5, REASON)
    sent = ledger.do(book, "proposeCarryOver", *claim, by=REGISTRY_1)
    claimed = event_args(sent, "CarryOverProposed")["claim"]
    ledger.do(book, "closePeriod", year, by=REGULATOR_1)
    ledger.run(Order(kind=Kind.CLOSE_LEDGER, registry_number=digest("final state")))
    return {
        "proposeRecord": (VERIFIER, *record),
        "confirmRecord": (REGULATOR_1, number),
        "proposeCarryOver": (REGISTRY_2, *claim),
        "confirmCarryOver": (REGULATOR_1, claimed),
        "closePeriod": (REGULATOR_2, year),
    }


def test_nothing_changes_behind_the_final_state(own_ledger: Ledger) -> None:
    """A figure confirmed after the closing would make the signed digest of the state a lie."""
    calls = _closed(own_ledger)
    closed = ("LedgerIsClosed", (digest("final state"),))
    for name, (officer, *arguments) in calls.items():
        refusal = own_ledger.refused(own_ledger.obligations, name, *arguments, by=officer)
        assert refusal == closed, name
