"""AccessRegistry: offices take two administrators and a delay, and officers never trade."""

from typing import Any

import pytest
from eth_account.signers.local import LocalAccount
from support.evm import Sent, sender
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
    deploy,
    event_args,
    initiator_key,
)
from support.ledger_engines import TimedEngine
from support.ledger_orders import DAY, NONE, ROLE_DELAY, ZERO, AccountKind, Role, digest

REASON = digest("reason")
LIFE = 30 * DAY


@pytest.fixture
def access(ledger: Ledger) -> "Access":
    return Access(ledger)


class Access:
    """Short ways to call the registry."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.contract = ledger.access

    def do(self, name: str, *args: Any, by: LocalAccount) -> Sent:
        return self.ledger.do(self.contract, name, *args, by=by)

    def refused(self, name: str, *args: Any, by: LocalAccount) -> tuple[str, tuple[Any, ...]]:
        return self.ledger.refused(self.contract, name, *args, by=by)

    def propose(
        self,
        officer: LocalAccount,
        role: Role = Role.REGULATOR,
        *,
        grant: bool = True,
        by: LocalAccount = ADMIN_1,
    ) -> int:
        sent = self.do("proposeRole", officer.address, role, grant, REASON, by=by)
        return event_args(sent, "RoleChangeProposed")["changeId"]

    def approved(
        self, officer: LocalAccount, role: Role = Role.REGULATOR, *, grant: bool = True
    ) -> int:
        change = self.propose(officer, role, grant=grant)
        self.do("approveRole", change, by=ADMIN_2)
        return change

    def role(self, officer: LocalAccount) -> Role:
        return Role(self.contract.functions.roleOf(officer.address).call())

    def later(self, seconds: int = ROLE_DELAY + 60) -> None:
        self.ledger.engine.advance(seconds)


def test_an_office_takes_two_administrators_and_the_delay(access: Access) -> None:
    officer = sender("newly appointed")
    change = access.propose(officer)
    assert access.refused("executeRole", change, by=RELAY) == ("ChangeNotOpen", (change,))
    sent = access.do("approveRole", change, by=ADMIN_2)
    executable_at = event_args(sent, "RoleChangeApproved")["executableAt"]
    assert access.refused("executeRole", change, by=RELAY) == ("TooEarly", (executable_at,))
    assert access.role(officer) is Role.NONE
    access.later()
    sent = access.do("executeRole", change, by=RELAY)
    args = event_args(sent, "RoleSet")
    assert (args["officer"], args["role"]) == (officer.address, Role.REGULATOR)
    assert access.role(officer) is Role.REGULATOR
    assert access.refused("executeRole", change, by=RELAY) == ("ChangeNotOpen", (change,))


def test_one_administrator_alone_does_nothing(access: Access) -> None:
    change = access.propose(sender("never appointed"))
    assert access.refused("approveRole", change, by=ADMIN_1) == (
        "ApproverIsProposer",
        (ADMIN_1.address,),
    )


@pytest.mark.parametrize("caller", [REGULATOR_1, REGISTRY_1, VERIFIER, RELAY])
def test_only_administrators_change_offices(access: Access, caller: LocalAccount) -> None:
    expected = ("NotOfficer", (caller.address,))
    arguments = (sender("friend").address, Role.REGULATOR, True, REASON)
    assert access.refused("proposeRole", *arguments, by=caller) == expected
    change = access.propose(sender("somebody"))
    assert access.refused("approveRole", change, by=caller) == expected
    assert access.refused("withdrawRole", change, by=caller) == expected
    assert access.refused("pause", REASON, by=caller) == expected
    assert access.refused("unpause", REASON, by=caller) == expected


def test_an_administrator_grants_itself_nothing(access: Access) -> None:
    for role in (Role.REGULATOR, Role.ADMINISTRATOR):
        arguments = (ADMIN_1.address, role, True, REASON)
        name, args = access.refused("proposeRole", *arguments, by=ADMIN_1)
        # It holds an office already, and one address holds one office.
        assert (name, args) == ("AlreadyOfficer", (ADMIN_1.address, Role.ADMINISTRATOR))
        name, _ = access.refused("proposeRole", *arguments, by=ADMIN_2)
        assert name == "AlreadyOfficer"


def test_a_dismissed_administrator_profits_from_nothing_it_proposed(own_ledger: Ledger) -> None:
    access = Access(own_ledger)
    friend = sender("friend of a dismissed administrator")
    dismissal = access.propose(ADMIN_1, Role.ADMINISTRATOR, grant=False, by=ADMIN_2)
    access.do("approveRole", dismissal, by=ADMIN_3)
    change = access.approved(friend)
    access.later()
    access.do("executeRole", dismissal, by=RELAY)
    expected = ("NotHolder", (ADMIN_1.address, Role.ADMINISTRATOR))
    assert access.refused("executeRole", change, by=RELAY) == expected
    # Nor does it profit from what it approves: a grant to the approver is refused.
    back = access.propose(ADMIN_1, Role.REGULATOR, by=ADMIN_2)
    assert access.refused("approveRole", back, by=ADMIN_1)[0] == "NotOfficer"


def test_an_approver_does_not_appoint_itself(own_ledger: Ledger) -> None:
    """A grant to an address that has become administrator meanwhile is not approved by it."""
    access = Access(own_ledger)
    riser = sender("riser")
    change = access.propose(riser, Role.REGULATOR)
    promotion = access.approved(riser, Role.ADMINISTRATOR)
    access.later()
    access.do("executeRole", promotion, by=RELAY)
    assert access.refused("approveRole", change, by=riser) == ("SelfBenefit", (riser.address,))
    access.do("approveRole", change, by=ADMIN_2)
    access.later()
    expected = ("AlreadyOfficer", (riser.address, Role.ADMINISTRATOR))
    assert access.refused("executeRole", change, by=RELAY) == expected


def test_two_administrators_always_remain(own_ledger: Ledger) -> None:
    access = Access(own_ledger)
    for officer, others in ((ADMIN_3, (ADMIN_1, ADMIN_2)), (ADMIN_2, (ADMIN_1, ADMIN_2))):
        change = access.propose(officer, Role.ADMINISTRATOR, grant=False, by=others[0])
        access.do("approveRole", change, by=others[1])
        access.later()
        if officer is ADMIN_3:
            access.do("executeRole", change, by=RELAY)
            assert access.contract.functions.administratorCount().call() == 2
        else:
            refusal = access.refused("executeRole", change, by=RELAY)
            assert refusal == ("TooFewAdministrators", ())


def test_an_approval_lapses(access: Access) -> None:
    change = access.approved(sender("appointed too late"))
    access.later(ROLE_DELAY + LIFE + 60)
    assert access.refused("executeRole", change, by=RELAY) == ("ChangeLapsed", (change,))


def test_any_administrator_stops_a_change(access: Access) -> None:
    for stage in ("proposed", "approved"):
        change = access.propose(sender(f"stopped when {stage}"))
        if stage == "approved":
            access.do("approveRole", change, by=ADMIN_2)
        access.do("withdrawRole", change, by=ADMIN_3)
        access.later()
        for name in ("approveRole", "executeRole", "withdrawRole"):
            assert access.refused(name, change, by=ADMIN_2)[0] == "ChangeNotOpen"


def test_an_office_ends(own_ledger: Ledger) -> None:
    access = Access(own_ledger)
    change = access.approved(REGULATOR_2, grant=False)
    access.later()
    access.do("executeRole", change, by=RELAY)
    assert access.role(REGULATOR_2) is Role.NONE
    arguments = (REGULATOR_2.address, Role.REGULATOR, False, REASON)
    expected = ("NotHolder", (REGULATOR_2.address, Role.REGULATOR))
    assert access.refused("proposeRole", *arguments, by=ADMIN_1) == expected


def test_nonsense_is_refused(access: Access) -> None:
    nobody = (RELAY.address, Role.NONE, True, REASON)
    assert access.refused("proposeRole", *nobody, by=ADMIN_1) == ("NoRole", ())
    zero = (ZERO, Role.REGULATOR, True, REASON)
    assert access.refused("proposeRole", *zero, by=ADMIN_1) == ("ZeroAddress", ())
    for name in ("approveRole", "executeRole", "withdrawRole"):
        assert access.refused(name, 99_999, by=ADMIN_1) == ("ChangeNotOpen", (99_999,))


@pytest.mark.parametrize(
    ("administrators", "delay"),
    [([ADMIN_1], 60), ([], 60), ([ADMIN_1, ADMIN_2], 0), ([ADMIN_1, ADMIN_1], 60)],
)
def test_a_registry_starts_with_two_administrators_and_a_delay(
    timed_engine: TimedEngine, administrators: list[LocalAccount], delay: int
) -> None:
    with pytest.raises(AssertionError):
        deploy(timed_engine, "AccessRegistry", [each.address for each in administrators], delay)


def test_an_officer_is_no_key(ledger: Ledger, access: Access) -> None:
    account = ledger.open(ledger.organisation(), AccountKind.HOLDING)
    for officer in (REGULATOR_1, REGISTRY_1, VERIFIER, ADMIN_1):
        arguments = (account, officer.address, 1, REASON)
        expected = ("RoleConflict", (officer.address,))
        assert access.refused("proposeKey", *arguments, by=REGISTRY_1) == expected


def test_a_key_is_no_officer(ledger: Ledger, access: Access) -> None:
    account = ledger.open(ledger.organisation(), AccountKind.HOLDING)
    key = initiator_key(account)
    arguments = (key.address, Role.EXCHANGE, True, REASON)
    expected = ("RoleConflict", (key.address,))
    assert access.refused("proposeRole", *arguments, by=ADMIN_1) == expected
    # Without any rights left it may be appointed.
    ledger.set_key(account, key, 0)
    access.propose(key, Role.EXCHANGE)


def test_the_conflict_is_seen_however_the_two_are_interleaved(
    ledger: Ledger, access: Access
) -> None:
    account = ledger.open(ledger.organisation(), AccountKind.HOLDING)
    both = sender(f"officer and key of {account}")
    appointment = access.approved(both)
    ledger.set_key(account, both, 1)
    access.later()
    assert access.refused("executeRole", appointment, by=RELAY)[0] == "RoleConflict"
    ledger.set_key(account, both, 0)
    sent = access.do("proposeKey", account, both.address, 1, REASON, by=REGISTRY_1)
    access.do("executeRole", appointment, by=RELAY)
    change = event_args(sent, "KeyChangeProposed")["changeId"]
    assert access.refused("approveKey", change, by=REGULATOR_1)[0] == "RoleConflict"


def test_a_key_takes_two_officers(ledger: Ledger, access: Access) -> None:
    account = ledger.open(ledger.organisation(), AccountKind.HOLDING)
    key = sender(f"key of {account}")
    sent = access.do("proposeKey", account, key.address, 3, digest("binding"), by=REGISTRY_1)
    change = event_args(sent, "KeyChangeProposed")["changeId"]
    rights = access.contract.functions.rightsOf(account, key.address)
    assert rights.call() == 0
    expected = ("ApproverIsProposer", (REGISTRY_1.address,))
    assert access.refused("approveKey", change, by=REGISTRY_1) == expected
    for caller in (ADMIN_1, VERIFIER, RELAY):
        assert access.refused("approveKey", change, by=caller)[0] == "NotOfficer"
    access.do("approveKey", change, by=REGISTRY_2)
    assert rights.call() == 3
    assert access.refused("approveKey", change, by=REGISTRY_2) == ("ChangeNotOpen", (change,))


def test_a_change_of_a_key_is_withdrawn(ledger: Ledger, access: Access) -> None:
    account = ledger.open(ledger.organisation(), AccountKind.HOLDING)
    key = sender(f"withdrawn key of {account}")
    sent = access.do("proposeKey", account, key.address, 3, REASON, by=REGISTRY_1)
    change = event_args(sent, "KeyChangeProposed")["changeId"]
    access.do("withdrawKey", change, by=REGULATOR_1)
    assert access.refused("approveKey", change, by=REGISTRY_2) == ("ChangeNotOpen", (change,))
    assert access.refused("withdrawKey", change, by=REGISTRY_2) == ("ChangeNotOpen", (change,))


def test_bad_keys_are_refused(ledger: Ledger, access: Access) -> None:
    account = ledger.open(ledger.organisation(), AccountKind.HOLDING)
    other = ledger.open(ledger.organisation(), AccountKind.HOLDING)
    issuance = ledger.open(ledger.organisation(), AccountKind.ISSUANCE)
    key, friend = initiator_key(other), sender("a friend")
    organisation = access.contract.functions.organisationOf(key.address).call()
    cases = {
        "UnknownAccount": (99_999, friend.address, 1),
        "UnknownRights": (account, friend.address, 4),
        "ZeroAddress": (account, ZERO, 1),
        "WrongAccountKind": (issuance, friend.address, 1),
    }
    for error, arguments in cases.items():
        assert access.refused("proposeKey", *arguments, REASON, by=REGISTRY_1)[0] == error
    expected = ("KeyOfAnotherOrganisation", (key.address, organisation))
    assert access.refused("proposeKey", account, key.address, 1, REASON, by=REGISTRY_1) == expected
    arguments = (account, friend.address, 1, REASON)
    assert access.refused("proposeKey", *arguments, by=REGULATOR_1)[0] == "NotOfficer"


def test_accounts_need_an_organisation_a_kind_and_the_registry(
    ledger: Ledger, access: Access
) -> None:
    organisation = ledger.organisation()
    unknown = (99_999, AccountKind.HOLDING, 0, NONE)
    expected = ("UnknownOrganisation", (99_999,))
    assert access.refused("openAccount", *unknown, by=REGISTRY_1) == expected
    kindless = (organisation, AccountKind.NONE, 0, NONE)
    assert access.refused("openAccount", *kindless, by=REGISTRY_1)[0] == "WrongAccountKind"
    good = (organisation, AccountKind.HOLDING, 0, NONE)
    assert access.refused("openAccount", *good, by=REGULATOR_1)[0] == "NotOfficer"
    assert access.refused("registerOrganisation", NONE, by=REGISTRY_1) == ("NoDigest", ())
    assert access.refused("bindOrganisation", 99_999, REASON, by=REGISTRY_1) == expected
    access.do("bindOrganisation", organisation, REASON, by=REGISTRY_1)
    assert access.contract.functions.bindingOf(organisation).call() == REASON


def test_an_account_is_thawed_by_another_regulator(ledger: Ledger, access: Access) -> None:
    account = ledger.open(ledger.organisation(), AccountKind.HOLDING)
    assert access.refused("thawAccount", account, REASON, by=REGULATOR_2)[0] == (
        "WrongAccountStatus"
    )
    access.do("freezeAccount", account, REASON, by=REGULATOR_1)
    assert access.refused("freezeAccount", account, REASON, by=REGULATOR_2)[0] == (
        "WrongAccountStatus"
    )
    expected = ("ApproverIsProposer", (REGULATOR_1.address,))
    assert access.refused("thawAccount", account, REASON, by=REGULATOR_1) == expected
    access.do("thawAccount", account, REASON, by=REGULATOR_2)


def test_only_a_frozen_account_is_closed(ledger: Ledger, access: Access) -> None:
    account = ledger.open(ledger.organisation(), AccountKind.HOLDING)
    assert access.refused("closeAccount", account, REASON, by=REGISTRY_1)[0] == (
        "WrongAccountStatus"
    )
    access.do("freezeAccount", account, REASON, by=REGULATOR_1)
    access.do("closeAccount", account, REASON, by=REGISTRY_1)
    assert access.refused("thawAccount", account, REASON, by=REGULATOR_2)[0] == (
        "WrongAccountStatus"
    )
    assert access.refused("freezeAccount", 99_999, REASON, by=REGULATOR_1) == (
        "UnknownAccount",
        (99_999,),
    )


def test_a_ccer_account_is_bound_within_its_organisation(ledger: Ledger, access: Access) -> None:
    organisation = ledger.organisation()
    holding = ledger.open(organisation, AccountKind.HOLDING)
    ccer = ledger.open(organisation, AccountKind.CCER)
    foreign = ledger.open(ledger.organisation(), AccountKind.HOLDING)
    access.do("bindAccount", ccer, holding, by=REGISTRY_1)
    assert access.refused("bindAccount", ccer, foreign, by=REGISTRY_1)[0] == "AnotherOrganisation"
    assert access.refused("bindAccount", ccer, ccer, by=REGISTRY_1)[0] == "WrongAccountKind"
    assert access.refused("bindAccount", holding, holding, by=REGISTRY_1)[0] == "WrongAccountKind"


def test_a_pause_is_lifted_by_two(own_ledger: Ledger) -> None:
    access = Access(own_ledger)
    assert access.refused("unpause", REASON, by=ADMIN_1) == ("NotPaused", ())
    access.do("pause", REASON, by=ADMIN_3)
    assert access.refused("pause", REASON, by=ADMIN_1) == ("AlreadyPaused", ())
    access.do("unpause", REASON, by=ADMIN_3)
    expected = ("ApproverIsProposer", (ADMIN_3.address,))
    assert access.refused("unpause", REASON, by=ADMIN_3) == expected
    assert access.contract.functions.paused().call()
    access.do("unpause", REASON, by=ADMIN_1)
    assert not access.contract.functions.paused().call()
    # A later pause starts anew: nobody has agreed to lift it yet.
    access.do("pause", REASON, by=ADMIN_1)
    access.do("unpause", REASON, by=ADMIN_1)
    assert access.contract.functions.paused().call()
