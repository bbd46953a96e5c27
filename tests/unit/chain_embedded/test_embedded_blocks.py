"""Translated runs of code against py-evm: the same programs, the same end."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eth.chains.base import MiningChain
from eth.consensus.noproof import NoProofConsensus
from eth.db.atomic import AtomicDB
from eth.vm.forks.prague import PragueVM
from hypothesis import example, given
from hypothesis import strategies as st

from chain.embedded import program
from chain.embedded.blocks import MOST_STEPS, TRANSLATED
from chain.embedded.kept import Kept
from chain.embedded.machine import BLOCK_GAS_LIMIT, Genesis, open_machine, write_genesis
from chain.embedded.storage import Storage

FAST = sorted(TRANSLATED)
BINARY = [code for code in FAST if 0x01 <= code <= 0x1C] + [0x35, 0x51, 0x52, 0x56, 0x57]
EDGES = [0, 1, 2, 31, 32, 33, 255, 256, 257, 2**255, 2**256 - 1, 2**256 - 2, 2**64]
RARE = [0x05, 0x0A, 0x0B, 0x1A, 0x1D, 0x20, 0x37, 0x39, 0x53, 0x58, 0x59, 0x5A, 0xFE]
RETURN_ALL = bytes.fromhex("595ff3")  # MSIZE PUSH0 RETURN
CALLER = bytes(19) + b"\x07"


def _original() -> Any:
    rules = PragueVM.configure(__name__="PlainVM", consensus_class=NoProofConsensus)
    chain = MiningChain.configure(
        __name__="Plain", vm_configuration=((0, rules),), chain_id=1
    ).from_genesis(
        AtomicDB(),
        {"difficulty": 0, "gas_limit": BLOCK_GAS_LIMIT, "timestamp": 0, "base_fee_per_gas": 0},
    )
    return chain.get_vm()


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Any]]:
    """The embedded chain's, which translates at once, and py-evm's own."""
    storage = Storage(Path(tmp_path_factory.mktemp("opcodes")) / "chain.db")
    with storage.transaction():
        write_genesis(storage, Genesis(chain_id=1, time=0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "HOT_RUNS", 0)
        program.PROGRAMS.clear()
        yield open_machine(storage, chain_id=1).get_vm(), _original()
    program.PROGRAMS.clear()


def _push_16(number: int) -> bytes:
    return b"\x61" + number.to_bytes(2, "big")


def _end(vm: Any, code: bytes, gas: int) -> tuple[Any, ...]:
    computation = vm.execute_bytecode(
        origin=CALLER,
        gas_price=0,
        gas=gas,
        to=bytes(20),
        sender=CALLER,
        value=0,
        data=bytes(range(64)),
        code=code,
    )
    error = type(getattr(computation, "_error", None))
    if computation.is_error and not computation.output:
        # Stack and memory of code that failed are gone: no transaction can see them.
        return computation.get_gas_remaining(), error
    values = [
        value if isinstance(value, int) else int.from_bytes(value, "big")
        for value in computation._stack.values
    ]
    return (
        computation.output,
        computation.get_gas_remaining(),
        error,
        values,
        bytes(computation._memory._bytes),
    )


@st.composite
def programs(draw: st.DrawFn) -> bytes:
    """A few values on the stack, then opcodes of which most are fast ones."""
    words = st.sampled_from(EDGES) | st.integers(0, 2**256 - 1) | st.integers(0, 700)
    program = bytearray()
    for word in draw(st.lists(words, max_size=18)):
        size = max(1, (word.bit_length() + 7) // 8)
        program += bytes([0x5F + size]) + word.to_bytes(size, "big")
    for code in draw(st.lists(st.sampled_from(FAST + RARE), max_size=40)):
        program.append(code)
        if 0x60 <= code <= 0x7F:
            program += draw(words).to_bytes(32, "big")[-(code - 0x5F) :]
    cut = draw(st.integers(0, 8))
    return bytes(program[: len(program) - cut]) if cut > 4 else bytes(program) + RETURN_ALL


@given(program=programs(), gas=st.sampled_from([0, 20, 100, 10**6]) | st.integers(0, 400))
def test_random_programs_end_alike(machines: tuple[Any, Any], program: bytes, gas: int) -> None:
    assert _end(machines[0], program, gas) == _end(machines[1], program, gas)


# py-evm warns of SELFDESTRUCT by a plain warning; both machines carry it out all the same.
@pytest.mark.filterwarnings("ignore:SELFDESTRUCT opcode:DeprecationWarning")
@example(noise=b"\xff")
@given(noise=st.binary(max_size=60))
def test_noise_ends_alike(machines: tuple[Any, Any], noise: bytes) -> None:
    assert _end(machines[0], noise, 10**5) == _end(machines[1], noise, 10**5)


@pytest.mark.parametrize("code", FAST, ids=hex)
def test_each_opcode_at_every_depth_of_the_stack(machines: tuple[Any, Any], code: int) -> None:
    for depth in [*range(19), 1022, 1023, 1024]:
        pushes = b"".join(b"\x61" + (depth - place).to_bytes(2, "big") for place in range(depth))
        for tail in (b"", bytes(range(32))):
            program = pushes + bytes([code]) + tail
            assert _end(machines[0], program, 10**5) == _end(machines[1], program, 10**5)


@pytest.mark.parametrize("code", BINARY, ids=hex)
def test_edge_values(machines: tuple[Any, Any], code: int) -> None:
    for first in EDGES:
        for second in EDGES:
            pushed = b"".join(b"\x7f" + each.to_bytes(32, "big") for each in (second, first))
            program = pushed + bytes([code])
            assert _end(machines[0], program, 10**5) == _end(machines[1], program, 10**5)


def test_values_left_as_bytes_by_other_opcodes_are_numbers(machines: tuple[Any, Any]) -> None:
    for code in BINARY:  # COINBASE pushes bytes, and so does BLOCKHASH
        program = bytes.fromhex("4141") + bytes([code]) + RETURN_ALL
        assert _end(machines[0], program, 10**5) == _end(machines[1], program, 10**5)


@st.composite
def jumping(draw: st.DrawFn) -> bytes:
    """Pieces that begin at places that can be jumped to, and end by jumping somewhere."""
    pieces = draw(st.integers(1, 6))
    program = bytearray()
    for _ in range(pieces):
        body = draw(st.lists(st.sampled_from([c for c in FAST if c < 0x56] + [0x5A, 0x80, 0x91])))
        program += b"\x5b" + b"".join(b"\x60" + bytes([draw(st.integers(0, 90))]) for _ in body[:5])
        program += bytes(body)
        target = draw(st.integers(0, 90) | st.sampled_from([0, 1, 2]))
        end = draw(
            st.sampled_from(["60{0:02x}56", "60{0:02x}57", "3660{0:02x}57", "5a60{0:02x}57"])
        )
        program += bytes.fromhex(end.format(target))
    return bytes(program) + RETURN_ALL


@example(program=bytes.fromhex("5b600056"), gas=10**4)  # for ever round, until the gas ends
@example(program=bytes.fromhex("6003565b600a905b80600190036005575b"), gas=10**4)
@example(program=bytes.fromhex("6004605b56"), gas=10**4)  # a destination within a PUSH
@given(program=jumping(), gas=st.sampled_from([10**4, 10**5]) | st.integers(0, 2000))
def test_programs_that_jump_end_alike(machines: tuple[Any, Any], program: bytes, gas: int) -> None:
    assert _end(machines[0], program, gas) == _end(machines[1], program, gas)


def test_long_runs_go_on_in_the_next_function(machines: tuple[Any, Any]) -> None:
    code = bytes.fromhex("6001") + bytes.fromhex("80600301") * MOST_STEPS + RETURN_ALL
    found = program.PROGRAMS.of(code)
    assert _end(machines[0], code, 10**5) == _end(machines[1], code, 10**5)
    assert sum(callable(run) for run in found.runs.values()) > 3


def test_code_past_its_bound_is_left_to_py_evm(
    machines: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "MOST_STEPS", 1)
    code = bytes.fromhex("600157005b600260075756") + RETURN_ALL
    assert _end(machines[0], code, 10**5) == _end(machines[1], code, 10**5)
    code = bytes.fromhex("6001600055" * 3) + RETURN_ALL
    assert _end(machines[0], code, 10**5) == _end(machines[1], code, 10**5)
    assert sum(callable(run) for run in program.PROGRAMS.of(code).runs.values()) == 1


def test_a_run_is_translated_when_it_was_met_often(machines: tuple[Any, Any]) -> None:
    code = bytes.fromhex("60aa60bb0160005260206000f3")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "HOT_RUNS", 3)
        ends = [_end(machines[0], code, 10**5) for _ in range(3)]
        assert not callable(program.PROGRAMS.of(code).runs[0])
        ends += [_end(machines[0], code, 10**5) for _ in range(2)]
        assert callable(program.PROGRAMS.of(code).runs[0])
    assert ends == [_end(machines[1], code, 10**5)] * 5


def test_what_is_kept_is_bounded_and_what_was_used_last_stays(
    machines: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Kept(program.Program, 50_000)
    monkeypatch.setattr(program, "PROGRAMS", kept)
    often = bytes.fromhex("60aa60bb0160005260206000f3")
    first = kept.of(often)
    for number in range(100):
        code = _push_16(number) + bytes.fromhex("80600301") * 40 + RETURN_ALL
        assert _end(machines[0], code, 10**5) == _end(machines[1], code, 10**5)
        assert kept.of(often) is first
        assert kept.taken <= 50_000
    assert kept.of(_push_16(0)) is kept.of(_push_16(0))
    kept.clear()
    assert kept.of(often) is not first


def test_a_program_that_gave_way_while_it_ran_ends_well() -> None:
    kept = Kept(program.Program, 1)
    code = bytes.fromhex("60aa60bb0160005260206000f3")
    running = kept.of(code)
    kept.of(b"\x00")
    before = kept.taken
    for met in range(program.HOT_RUNS + 1):
        running.heat(0, met)
    assert callable(running.runs[0])
    assert kept.taken == before


def test_what_a_program_is_said_to_take_is_no_less_than_it_takes() -> None:
    codes = {
        "destinations": b"\x5b" * 20_000,
        "loads": b"\x51" * 5_000,
        "call data": b"\x35" * 5_000,
        "stores": bytes.fromhex("5f355f52") * 2_000,
        "sums": bytes.fromhex("8001") * 2_000,
        "values": (b"\x7f" + b"\xaa" * 32 + b"\x01") * 300,
    }
    for code in codes.values():
        kept = Kept(program.Program, 2**30)
        tracemalloc.start()
        made = kept.of(code)
        for _ in range(2):
            for place, run in list(made.runs.items()):
                if isinstance(run, int):
                    made.heat(place, program.HOT_RUNS)
        taken, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert taken <= 1.1 * kept.taken
