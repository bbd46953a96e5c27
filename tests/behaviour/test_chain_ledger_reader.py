"""State asked at one block, of endpoints that have forgotten it, fork, or know only their newest."""

from collections.abc import Callable
from typing import Any

import pytest
from support.ledger_rpc import ADDRESSES, LedgerRpc, error, hexed

from chain.errors import (
    ChainAnswerError,
    ContractRefusalError,
    RpcError,
    StaleEndpointError,
    StateGoneError,
)
from chain.ledger_reader import ChainLedgerReader
from trace_node.errors import UnavailableError
from trace_node.ports.ledger import BlockMark
from trace_node.quota.ledger.kinds import Book


@pytest.fixture
def rpc() -> LedgerRpc:
    rpc = LedgerRpc()
    rpc.mine(40, events=3)
    return rpc


def mark(rpc: LedgerRpc, number: int) -> BlockMark:
    block = rpc.blocks[number]
    return BlockMark(number=number, block_hash=block.hash, time=block.time)


def read(rpc: LedgerRpc, at: BlockMark, *, engine: str = "evm") -> Any:
    return ChainLedgerReader(rpc.connect(engine=engine), ADDRESSES).event_counts(at)


@pytest.mark.parametrize("number", [0, 1, 17, 40])
def test_the_counts_are_those_of_that_block(rpc: LedgerRpc, number: int) -> None:
    assert read(rpc, mark(rpc, number)) == rpc.blocks[number].counts


def test_the_newest_block(rpc: LedgerRpc) -> None:
    assert ChainLedgerReader(rpc.connect(), ADDRESSES).head() == mark(rpc, 40)


def test_state_that_was_dropped_is_told_with_a_remedy(rpc: LedgerRpc) -> None:
    rpc.states_kept = 5
    assert read(rpc, mark(rpc, 38)) == rpc.blocks[38].counts
    with pytest.raises(StateGoneError) as caught:
        read(rpc, mark(rpc, 17))
    assert isinstance(caught.value, UnavailableError)
    assert caught.value.reason == "chain.state_gone"
    assert caught.value.params["number"] == 17
    assert "archive" in caught.value.remedy


def test_an_error_that_has_another_reason_stays_what_it_is(rpc: LedgerRpc) -> None:
    rpc.alter = lambda method, _, result: error("too busy") if method == "eth_call" else result
    with pytest.raises(RpcError, match="too busy"):
        read(rpc, mark(rpc, 17))


def test_a_revert_is_told_as_one(rpc: LedgerRpc) -> None:
    reverted = {
        "error": {
            "code": 3,
            "message": "execution reverted",
            "data": "0x4e487b71" + "00" * 31 + "11",
        }
    }
    rpc.alter = lambda method, _, result: reverted if method == "eth_call" else result
    with pytest.raises(ContractRefusalError, match="panic 0x11"):
        read(rpc, mark(rpc, 17))


def while_reading(act: Callable[[], None]) -> Callable[[str, list[Any], Any], Any]:
    acts = [act]

    def alter(method: str, _params: list[Any], result: Any) -> Any:
        if method == "eth_call" and acts:
            acts.pop()()
        return result

    return alter


@pytest.mark.parametrize("engine", ["evm", "fisco"])
def test_a_block_that_is_replaced_meanwhile_is_not_answered_for(
    rpc: LedgerRpc, engine: str
) -> None:
    rpc.client = "fisco/v3"
    rpc.alter = while_reading(lambda: rpc.reorg(3, extra=0))
    with pytest.raises(StaleEndpointError):
        read(rpc, mark(rpc, 40), engine=engine)


def test_an_endpoint_that_lags_does_not_answer_for_it(rpc: LedgerRpc) -> None:
    rpc.lag = 4
    with pytest.raises(StaleEndpointError):
        read(rpc, mark(rpc, 39))


def test_an_engine_without_a_past_answers_for_its_newest_block_only(rpc: LedgerRpc) -> None:
    """FISCO BCOS ignores the block argument: what it says is of the newest block, whatever was asked."""
    rpc.client = "fisco/v3"
    assert read(rpc, mark(rpc, 40), engine="fisco") == rpc.blocks[40].counts
    with pytest.raises(StateGoneError):
        read(rpc, mark(rpc, 39), engine="fisco")
    rpc.alter = while_reading(lambda: rpc.mine(1))
    with pytest.raises(StateGoneError):
        read(rpc, mark(rpc, 40), engine="fisco")


@pytest.mark.parametrize("answer", ["0x" + "ff" * 32, "0x" + "00" * 31, "0x" + "00" * 64, "0x0", 7])
def test_an_answer_that_is_none_is_an_error(rpc: LedgerRpc, answer: Any) -> None:
    rpc.alter = lambda method, _, result: answer if method == "eth_call" else result
    with pytest.raises(ChainAnswerError):
        read(rpc, mark(rpc, 17))


def test_one_of_many_that_is_malformed_names_its_contract(rpc: LedgerRpc) -> None:
    def alter(method: str, params: list[Any], result: Any) -> Any:
        ours = method == "eth_call" and params[0]["to"] == hexed(ADDRESSES[Book.LOTS])
        return "0x" + "ff" * 32 if ours else result

    rpc.alter = alter
    with pytest.raises(ChainAnswerError) as caught:
        read(rpc, mark(rpc, 17))
    assert caught.value.params["contract"] == "LotBook"


def test_calls_are_asked_in_slices_and_the_endpoint_rests_between_them(rpc: LedgerRpc) -> None:
    """The counts of five contracts are one question; that of accounts is asked by two."""
    rested: list[float] = []
    client = rpc.connect()
    asked: list[int] = []
    reader = ChainLedgerReader(client, ADDRESSES, slice_size=2, rest=rested.append)
    whole = reader._calls.ask

    def count(calls: Any, at: BlockMark) -> list[bytes]:
        asked.append(len(calls))
        return [bytes(6 * 32) for _ in calls] if len(calls) < 5 else whole(calls, at)

    reader._calls.ask = count  # type: ignore[method-assign]
    found = reader.accounts([1, 2, 3, 4, 5], mark(rpc, 40))
    assert len(found) == 5
    assert asked == [2, 2, 1]
    assert len(rested) == 3
    assert all(seconds >= 0 for seconds in rested)
