"""Random histories: the contracts, a slow model and a rebuild from events alone come to the same."""

import os

import pytest
from support.ledger import Ledger, ready
from support.ledger_campaign import Campaign
from support.ledger_draw import KINDS
from support.ledger_engines import TimedEngine
from support.ledger_model_state import HELD
from support.ledger_orders import Kind, Place
from support.ledger_replay import GapError, Replay, contract_snapshot

STEPS = int(os.environ.get("TN_LEDGER_STEPS", "120"))
EVERY = 30
FIRST, *OTHERS = (int(each) for each in os.environ.get("TN_LEDGER_SEEDS", "1,2,3").split(","))
SEEDS = [FIRST, *(pytest.param(seed, marks=pytest.mark.soak) for seed in OTHERS)]

# What random histories are expected to run into; what they do not is tested by name elsewhere.
COMMON = {
    "AccountFrozen",
    "AmountTooLarge",
    "ApproverIsInitiator",
    "CounterpartyNotAllowed",
    "InsufficientLot",
    "LotReserved",
    "LotsNotAscending",
    "NegativeAmount",
    "NoLots",
    "NotAdmissible",
    "NotAuthorised",
    "NotExpired",
    "NotInAccount",
    "OffsetCapExceeded",
    "OrderClosed",
    "OrderConflict",
    "OrderExpired",
    "OrderNotApproved",
    "QuantityMismatch",
    "TooEarly",
    "UnknownClass",
    "UnknownKind",
    "UnknownLot",
    "WrongAccountKind",
    "WrongChain",
    "WrongHold",
    "WrongPlace",
    "ZeroAmount",
}


def _counted(campaign: Campaign, class_id: int, *places: Place) -> int:
    return sum(
        lot.quantity
        for lot in campaign.model.lots.values()
        if lot.class_id == class_id and (not places or lot.place in places)
    )


def _check_totals(campaign: Campaign, ledger: Ledger) -> None:
    """The contract's counters against what is counted lot by lot; nothing made, nothing lost."""
    for class_id in campaign.model.classes:
        totals = ledger.class_of(class_id)
        issued = totals["nextSerial"] - 1
        assert issued == _counted(campaign, class_id)
        ends = ("surrendered", "cancelled", "converted")
        assert issued == totals["held"] + sum(totals[each] for each in ends)
        assert totals["held"] == _counted(campaign, class_id, *HELD)
        assert totals["surrendered"] == _counted(campaign, class_id, Place.SURRENDERED)
        assert totals["cancelled"] == _counted(campaign, class_id, Place.CANCELLED)
        assert totals["converted"] == _counted(campaign, class_id, Place.CONVERTED)
        balances = [ledger.balance(each, class_id) for each in campaign.model.accounts]
        for account, balance in zip(campaign.model.accounts, balances, strict=True):
            assert balance == campaign.model.balance(account, class_id)
        assert sum(map(sum, balances)) == totals["held"]


def _play(engine: TimedEngine, seed: int, steps: int) -> None:
    ledger = ready(engine)
    replay = Replay(ledger)
    campaign = Campaign(seed, ledger)
    for step in range(steps):
        campaign.step()
        campaign.check_invariants()
        if step % EVERY == 0:
            assert replay.catch_up().snapshot() == campaign.model.snapshot()
            _check_totals(campaign, ledger)
    expected = campaign.model.snapshot()
    assert replay.catch_up().snapshot() == expected
    assert Replay(ledger).catch_up().snapshot() == expected
    assert contract_snapshot(ledger, replay) == expected
    _check_totals(campaign, ledger)


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_embedded_chain_agrees_with_the_model(
    timed_embedded_engine: TimedEngine, seed: int
) -> None:
    _play(timed_embedded_engine, seed, STEPS)


@pytest.mark.anvil
@pytest.mark.timeout(1_800)
def test_anvil_agrees_with_the_model(timed_anvil_engine: TimedEngine) -> None:
    _play(timed_anvil_engine, 4, STEPS // 2)


def test_histories_reach_every_kind_and_the_common_refusals() -> None:
    """On the model alone, where thousands of steps take seconds: the generator draws what it should."""
    executed: set[Kind] = set()
    refusals: set[str] = set()
    for seed in range(12):
        campaign = Campaign(seed)
        for _ in range(600):
            campaign.step()
        campaign.check_invariants()
        executed |= set(campaign.executed)
        refusals |= set(campaign.refusals)
    assert executed == set(KINDS)
    assert refusals >= COMMON


def test_a_truncated_answer_is_noticed(own_ledger: Ledger) -> None:
    whole = Replay(own_ledger).catch_up()
    total = sum(whole.counts.values())
    for drop in (0, total // 2, total - 1):
        with pytest.raises(GapError):
            Replay(own_ledger).catch_up(drop=drop)
