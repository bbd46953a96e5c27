"""The ledger's events followed: complete by their numbers, whatever the endpoint leaves out."""

import contextlib
import random
from collections.abc import Callable
from typing import Any

import pytest
from support.ledger_rpc import ADDRESSES, STRANGER, LedgerRpc, hexed

from chain.errors import (
    ChainAnswerError,
    ChainConfigError,
    ChainUnavailableError,
    DeepReorgError,
    LogsIncompleteError,
    StaleEndpointError,
)
from chain.ledger_follower import ChainLedgerFollower
from trace_node.errors import InputError
from trace_node.ports.ledger import LedgerFollower, LedgerStep
from trace_node.quota.ledger.events import PlacedEvent
from trace_node.quota.ledger.kinds import Book

# A leap reads what is final; without a final block everything is walked.
LEAP, WALK = 0, 1_000
HOW = pytest.mark.parametrize("depth", [LEAP, WALK], ids=["leap", "walk"])


class Mirror:
    """What the mirror stores: events and the cursor, together; nothing final is taken back."""

    def __init__(self, follower: LedgerFollower) -> None:
        self.follower = follower
        self.cursor = follower.begin()
        self.events: list[PlacedEvent] = []
        self.final = 0

    def step(self) -> LedgerStep:
        step = self.follower.step(self.cursor)
        if step.undo_above is not None:
            assert step.undo_above >= min(self.final, max(e.block for e in self.events))
            assert not step.events
            self.events = [event for event in self.events if event.block <= step.undo_above]
        self.events += step.events
        self.cursor = step.cursor
        if not step.lagging:
            self.final = max(self.final, min(step.final, step.tip.number))
        return step

    def catch_up(self) -> None:
        for _ in range(400):
            step = self.step()
            if step.undo_above is None and step.tip.number >= step.height:
                return
        raise AssertionError("the follower does not come to an end")

    def found(self) -> list[tuple[Any, ...]]:
        return [
            (each.book, each.block, each.block_hash, each.time, each.index) for each in self.events
        ]


def follow(rpc: LedgerRpc, *, engine: str = "evm", depth: int = LEAP, **options: int) -> Mirror:
    client = rpc.connect(engine=engine, finality_depth=depth)
    return Mirror(ChainLedgerFollower(client, rpc.identity(), **options))


@HOW
@pytest.mark.parametrize("timed", [False, True])
def test_every_event_is_found_once_and_in_order(depth: int, timed: bool) -> None:
    rpc = LedgerRpc(timed=timed)
    rpc.mine(700)
    mirror = follow(rpc, depth=depth)
    mirror.catch_up()
    assert mirror.found() == rpc.truth()
    for book in Book:
        numbers = [each.content.sequence for each in mirror.events if each.book is book]
        assert numbers == list(range(1, rpc.blocks[-1].counts[book] + 1))
    step = mirror.step()
    tip = rpc.blocks[-1]
    assert (step.tip.number, step.tip.block_hash, step.tip.time) == (tip.number, tip.hash, tip.time)
    assert (step.height, step.final, step.events) == (tip.number, tip.number - depth, ())


def test_a_leap_reads_few_headers() -> None:
    rpc = LedgerRpc(timed=True)
    rpc.mine(20_000, events=0)
    rpc.mine(3, events=2)
    mirror = follow(rpc)
    mirror.catch_up()
    assert mirror.found() == rpc.truth()
    assert rpc.asked.count("eth_getBlockByNumber") < 150
    assert rpc.asked.count("eth_getLogs") < 40


@HOW
def test_a_cursor_carries_on_where_it_stopped(depth: int) -> None:
    rpc = LedgerRpc()
    mirror = follow(rpc, depth=depth)
    for _ in range(12):
        rpc.mine(3)
        mirror = Mirror(mirror.follower) if not mirror.events else mirror
        again = follow(rpc, depth=depth)
        again.cursor, again.events, again.final = mirror.cursor, mirror.events, mirror.final
        again.catch_up()
        assert again.found() == rpc.truth()
        mirror = again


@pytest.mark.parametrize("raw", [b"{}", b"x", b'{"blocks":[[1,"0x00",7]],"type":"chain-cursor@1"}'])
def test_a_damaged_cursor(raw: bytes) -> None:
    with pytest.raises(InputError):
        follow(LedgerRpc()).follower.step(raw)


# -- what endpoints leave out or add ---------------------------------------------------------


def altered(change: Callable[[list[Any]], list[Any]]) -> Callable[[str, list[Any], Any], Any]:
    def alter(method: str, _params: list[Any], result: Any) -> Any:
        return change(result) if method == "eth_getLogs" else result

    return alter


def without(rpc: LedgerRpc, block: int, index: int) -> Callable[[str, list[Any], Any], Any]:
    gone = rpc.log(rpc.blocks[block], index)
    return altered(lambda logs: [each for each in logs if each != gone])


@HOW
def test_logs_cut_off_without_an_error_are_completed(depth: int) -> None:
    rpc = LedgerRpc(log_window=3)
    rpc.mine(100)
    mirror = follow(rpc, depth=depth)
    mirror.catch_up()
    assert mirror.found() == rpc.truth()


@HOW
def test_a_range_that_is_too_wide_is_halved(depth: int) -> None:
    rpc = LedgerRpc(log_limit=7)
    rpc.mine(100)
    mirror = follow(rpc, depth=depth)
    mirror.catch_up()
    assert mirror.found() == rpc.truth()


@HOW
@pytest.mark.parametrize("index", [0, 2, 5])
def test_an_event_that_is_left_out_is_named(depth: int, index: int) -> None:
    rpc = LedgerRpc()
    rpc.mine(30, events=6)
    gone = rpc.blocks[20].logs[index]
    rpc.alter = without(rpc, 20, index)
    mirror = follow(rpc, depth=depth)
    before = mirror.cursor
    with pytest.raises(LogsIncompleteError) as caught:
        mirror.catch_up()
    error = caught.value
    names = {Book.ACCESS: "AccessRegistry", Book.RULES: "RuleBook", Book.LOTS: "LotBook"}
    names |= {Book.OBLIGATIONS: "ObligationBook", Book.ORDERS: "AllowanceRegistry"}
    assert error.reason == "chain.logs_incomplete"
    assert error.params["contract"] == names[gone.book]
    earlier = [log for block in rpc.blocks[:20] for log in block.logs] + rpc.blocks[20].logs[:index]
    missing = sum(log.book is gone.book for log in earlier) + 1
    assert error.params["expected"] == missing
    assert error.params["found"] == missing + 1
    assert (mirror.cursor, mirror.events) == (before, [])


@HOW
def test_the_newest_event_left_out_is_seen_by_the_count(depth: int) -> None:
    rpc = LedgerRpc()
    rpc.mine(30, events=6)
    last = rpc.blocks[-1]
    book = last.logs[-1].book
    rpc.alter = without(rpc, 30, 5)
    with pytest.raises(LogsIncompleteError) as caught:
        follow(rpc, depth=depth).catch_up()
    assert caught.value.params["expected"] == last.counts[book]
    assert caught.value.params["found"] == last.counts[book] - 1
    assert caught.value.params["number"] == 30


@HOW
def test_a_block_whose_events_are_all_left_out_is_completed(depth: int) -> None:
    """By its receipts, when the block alone is answered."""
    rpc = LedgerRpc()
    rpc.mine(30, events=2)

    def alter(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getLogs" and params[0]["fromBlock"] != params[0]["toBlock"]:
            return [each for each in result if each["blockNumber"] != hex(17)]
        return result

    rpc.alter = alter
    mirror = follow(rpc, depth=depth)
    mirror.catch_up()
    assert mirror.found() == rpc.truth()


def test_without_a_bloom_receipts_are_compared() -> None:
    rpc = LedgerRpc(client="FISCO-BCOS/3.16.4", bloom=False, log_window=10)
    rpc.mine(60)
    mirror = follow(rpc, engine="fisco")
    mirror.catch_up()
    assert mirror.found() == rpc.truth()
    number = next(block.number for block in rpc.blocks if len(block.logs) > 2)
    rpc.alter = without(rpc, number, 1)
    with pytest.raises(LogsIncompleteError):
        follow(rpc, engine="fisco").catch_up()


@HOW
def test_an_event_told_twice_stops_it(depth: int) -> None:
    rpc = LedgerRpc()
    rpc.mine(30, events=3)
    rpc.alter = altered(lambda logs: [*logs, logs[4]])
    with pytest.raises(ChainAnswerError) as caught:
        follow(rpc, depth=depth).catch_up()
    assert caught.value.reason == "chain.event_twice"


@HOW
def test_an_event_told_twice_at_two_places_stops_it(depth: int) -> None:
    rpc = LedgerRpc()
    rpc.mine(30, events=3)
    rpc.alter = altered(lambda logs: [*logs, logs[4] | {"logIndex": "0x63"}])
    with pytest.raises(LogsIncompleteError) as caught:
        follow(rpc, depth=depth).catch_up()
    assert caught.value.params["found"] < caught.value.params["expected"]


@HOW
def test_the_order_of_an_answer_does_not_matter(depth: int) -> None:
    rpc = LedgerRpc()
    rpc.mine(60)
    rpc.alter = altered(lambda logs: random.Random(len(logs)).sample(logs, len(logs)))
    mirror = follow(rpc, depth=depth)
    mirror.catch_up()
    assert mirror.found() == rpc.truth()


@HOW
@pytest.mark.parametrize(
    "change",
    [
        {"address": hexed(STRANGER)},
        {"address": hexed(ADDRESSES[Book.RULES])},
        {"topics": [hexed(b"x" * 32)]},
        {"topics": []},
        {"data": "0x"},
        {"data": "0x0"},
        {"blockHash": "0x00"},
        {"logIndex": None},
    ],
)
def test_an_event_that_is_not_the_ledgers_stops_it(depth: int, change: dict[str, Any]) -> None:
    rpc = LedgerRpc()
    rpc.mine(10)
    rpc.mine(1, events=1)
    log = rpc.blocks[-1].logs[0]
    if log.book is Book.RULES and change.get("address") == hexed(ADDRESSES[Book.RULES]):
        change = {"address": hexed(ADDRESSES[Book.LOTS])}
    rpc.alter = altered(lambda logs: [*logs[:-1], logs[-1] | change] if logs else logs)
    mirror = follow(rpc, depth=depth)
    with pytest.raises(ChainAnswerError):
        mirror.catch_up()
    assert not mirror.events


def test_events_of_another_range_stop_a_leap() -> None:
    rpc = LedgerRpc()
    rpc.mine(10, events=1)
    outside = rpc.log(rpc.blocks[3], 0) | {"blockNumber": hex(4_000)}
    rpc.alter = altered(lambda logs: [*logs, outside])
    with pytest.raises(ChainAnswerError):
        follow(rpc).catch_up()


# -- the state of past blocks is gone --------------------------------------------------------


@pytest.mark.parametrize("kept", [1, 5, 128])
def test_an_endpoint_without_old_state_is_walked_to_the_end(kept: int) -> None:
    rpc = LedgerRpc(states_kept=kept)
    rpc.mine(600)
    mirror = follow(rpc)
    mirror.catch_up()
    assert mirror.found() == rpc.truth()


def test_what_it_leaves_out_shows_by_the_next_number() -> None:
    rpc = LedgerRpc(states_kept=5)
    rpc.mine(600, events=2)
    rpc.alter = without(rpc, 300, 1)
    with pytest.raises(LogsIncompleteError):
        follow(rpc).catch_up()


# -- the chain is put back -------------------------------------------------------------------


@pytest.mark.parametrize("depth", [1, 5, 12])
def test_blocks_that_were_not_final_are_taken_back(depth: int) -> None:
    rpc = LedgerRpc()
    rpc.mine(40)
    mirror = follow(rpc, depth=12)
    mirror.catch_up()
    rpc.reorg(depth)
    step = mirror.step()
    assert step.undo_above == 40 - depth
    assert mirror.found() == [each for each in rpc.truth() if each[1] <= 40 - depth]
    assert (step.tip.number, step.tip.block_hash) == (40 - depth, rpc.blocks[40 - depth].hash)
    mirror.catch_up()
    assert mirror.found() == rpc.truth()


@pytest.mark.parametrize(("depth", "replaced"), [(12, 13), (12, 30), (0, 1), (0, 5), (1_000, 65)])
def test_below_that_nothing_is_taken_back(depth: int, replaced: int) -> None:
    rpc = LedgerRpc()
    rpc.mine(100)
    mirror = follow(rpc, depth=depth)
    mirror.catch_up()
    before = list(mirror.events)
    rpc.reorg(replaced)
    with pytest.raises(DeepReorgError) as caught:
        mirror.step()
    assert caught.value.reason == "chain.deep_reorg"
    assert mirror.events == before


def test_what_was_final_when_it_was_applied_stays_so_while_it_catches_up() -> None:
    rpc = LedgerRpc()
    rpc.mine(600)
    mirror = follow(rpc, depth=12)
    assert mirror.step().tip.number == mirror.final == 256
    del rpc.blocks[mirror.final :]
    rpc.salt += 1
    rpc.mine(700)
    with pytest.raises(DeepReorgError):
        mirror.step()


def test_a_chain_that_one_process_makes_does_not_lag_it_was_put_back() -> None:
    rpc = LedgerRpc(client="trace-node-embedded/v1")
    rpc.mine(40)
    mirror = follow(rpc, engine="embedded")
    mirror.catch_up()
    del rpc.blocks[30:]
    with pytest.raises(DeepReorgError):
        mirror.step()


def test_an_endpoint_that_lags_takes_nothing_back() -> None:
    rpc = LedgerRpc()
    rpc.mine(40)
    mirror = follow(rpc, depth=12)
    mirror.catch_up()
    rpc.lag = 5
    step = mirror.step()
    assert step.lagging
    assert (step.undo_above, step.events, step.tip.number) == (None, (), 40)
    assert mirror.found() == rpc.truth()


@HOW
def test_a_chain_that_changes_while_it_is_read_is_asked_again(depth: int) -> None:
    rpc = LedgerRpc()
    rpc.mine(40, events=1)
    once = [lambda: rpc.reorg(20)]

    def alter(method: str, _params: list[Any], result: Any) -> Any:
        if method == "eth_getBlockByNumber" and result["number"] == hex(35) and once:
            once.pop()()
        return result

    mirror = follow(rpc, depth=depth)
    rpc.alter = alter
    with pytest.raises(StaleEndpointError):
        mirror.catch_up()
    assert not mirror.events
    mirror.catch_up()
    assert mirror.found() == rpc.truth()


@pytest.mark.parametrize("change", [{"chain_id": 5}, {"salt": 9}])
def test_an_address_that_comes_to_lead_to_another_chain(change: dict[str, int]) -> None:
    rpc = LedgerRpc()
    rpc.mine(20)
    mirror = follow(rpc)
    mirror.catch_up()
    other = LedgerRpc(**({"chain_id": 1337} | change))
    if "salt" in change:
        other.blocks[0].hash = b"g" * 32
    other.mine(30)
    rpc.blocks, rpc.chain_id = other.blocks, other.chain_id
    with pytest.raises(ChainConfigError) as caught:
        mirror.step()
    assert caught.value.reason in {"chain.wrong_chain_id", "chain.wrong_genesis"}


# -- everything at once ----------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(60))
def test_whatever_happens_it_ends_with_the_chains_events(seed: int) -> None:
    rng = random.Random(seed)
    rpc = LedgerRpc(seed=seed, timed=rng.random() < 0.5)
    depth = rng.choice([3, 12])
    mirror = follow(rpc, depth=depth)
    for _ in range(60):
        move = rng.choice(["mine", "mine", "reorg", "lag", "fail", "cut", "forget", "step", "step"])
        if move == "mine":
            rpc.mine(rng.randrange(1, 30))
        elif move == "reorg" and len(rpc.blocks) > 2 * depth:
            rpc.reorg(rng.randrange(1, depth + 1))
        elif move == "lag":
            rpc.lag = rng.randrange(4)
        elif move == "fail":
            rpc.failing = rng.randrange(1, 4)
        elif move == "cut":
            rpc.log_window = rng.choice([None, 1, 2, 5])
        elif move == "forget":
            rpc.states_kept = rng.choice([None, 1, 8])
        with contextlib.suppress(ChainUnavailableError):
            mirror.step()
    rpc.lag = rpc.failing = 0
    mirror.catch_up()
    assert mirror.found() == rpc.truth()
    rebuilt = follow(rpc, depth=depth)
    rebuilt.catch_up()
    assert rebuilt.events == mirror.events
