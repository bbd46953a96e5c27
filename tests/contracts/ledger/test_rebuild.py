"""An outside reader who has only the events knows offices, accounts, keys, rules and references too."""

from support.evm import sender
from support.ledger import (
    ADMIN_1,
    ADMIN_2,
    OFFICERS,
    REGISTRY_1,
    REGULATOR_1,
    REGULATOR_2,
    Ledger,
    Parties,
    event_args,
)
from support.ledger_orders import CAP, DAY, AccountKind, Kind, Order, Place, Role, digest
from support.ledger_replay import Replay

REASON = digest("reason")


def _story(ledger: Ledger) -> Parties:
    """Something of everything that is not a balance, an order or an obligation."""
    parties = Parties(ledger)
    ledger.set_key(parties.seller, sender("a further key"), 3)
    ledger.do(ledger.access, "freezeAccount", parties.buyer, REASON, by=REGULATOR_1)
    ccer = ledger.open(parties.seller_organisation, AccountKind.CCER)
    ledger.do(ledger.access, "bindAccount", ccer, parties.seller, by=REGISTRY_1)
    organisation = parties.buyer_organisation
    ledger.do(ledger.access, "bindOrganisation", organisation, REASON, by=REGISTRY_1)
    ledger.common_rules(2024, deadline=ledger.engine.now - DAY)
    ledger.rule(CAP, 2024, 700, draft=True)
    sent = ledger.do(ledger.rules, "proposeRelease", CAP, 2024, 2, REASON, by=REGULATOR_1)
    proposal = event_args(sent, "DraftReleaseProposed")["proposalId"]
    ledger.do(ledger.rules, "approve", proposal, by=REGULATOR_2)
    for regulator in (REGULATOR_1, REGULATOR_2):
        ledger.do(ledger.obligations, "closePeriod", 2024, by=regulator)
    lot = parties.lot(100)
    ledger.do(ledger.lots, "numberLot", lot, REASON, by=REGISTRY_1)
    move = Order(
        kind=Kind.MOVE,
        source=parties.seller,
        to=parties.seller,
        subject=Place.TRADING,
        parts=((lot, 40),),
    )
    ledger.run(move)
    ledger.run(Order(kind=Kind.CLOSE_LEDGER, registry_number=REASON))
    ledger.do(ledger.access, "pause", REASON, by=ADMIN_1)
    return parties


def test_the_rest_of_the_state_follows_from_events_too(own_ledger: Ledger) -> None:
    ledger = own_ledger
    _story(ledger)
    replay = Replay(ledger).catch_up()
    access = ledger.access.functions
    officers = {each.address: role for each, role in OFFICERS.items()}
    assert officers.items() <= replay.offices.items()
    assert replay.offices[ADMIN_2.address] == Role.ADMINISTRATOR
    for officer, role in replay.offices.items():
        assert access.roleOf(officer).call() == role
    for (account, key), rights in replay.rights.items():
        assert access.rightsOf(account, key).call() == rights
    for account, (organisation, kind, status, bound) in replay.accounts.items():
        found = access.accountOf(account).call()
        assert tuple(found[:4]) == (organisation, bound, kind, status)
    for organisation, binding in replay.bindings.items():
        assert access.bindingOf(organisation).call() == binding
    assert len(replay.rules) == 5
    for (rule_id, year, version), content in replay.rules.items():
        found = ledger.rules.functions.versionOf(rule_id, year, version).call()
        assert tuple(found) == tuple(content.values())
    for lot, number in replay.numbers.items():
        assert ledger.lot(lot)["registryNumber"] == number
    assert set(replay.numbers.values()) == {REASON}
    assert replay.paused
    assert access.paused().call()
    assert replay.closed_years == {2024}
    assert replay.final_state == ledger.orders.functions.finalState().call() == REASON
