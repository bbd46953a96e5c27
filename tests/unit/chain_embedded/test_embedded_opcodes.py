"""The fast opcodes against those of py-evm: the same programs, the same end."""

from pathlib import Path
from typing import Any

import pytest
from eth.chains.base import MiningChain
from eth.consensus.noproof import NoProofConsensus
from eth.db.atomic import AtomicDB
from eth.vm.forks.prague import PragueVM
from eth.vm.forks.prague.opcodes import PRAGUE_OPCODES
from hypothesis import example, given
from hypothesis import strategies as st

from chain.embedded.machine import BLOCK_GAS_LIMIT, Genesis, open_machine, write_genesis
from chain.embedded.opcodes import OPCODES
from chain.embedded.storage import Storage

FAST = sorted(code for code in OPCODES if OPCODES[code] is not PRAGUE_OPCODES[code])
EDGES = [0, 1, 2, 31, 32, 33, 255, 256, 257, 2**255, 2**256 - 1, 2**256 - 2, 2**64]
RARE = [0x03, 0x10, 0x14, 0x15, 0x19, 0x33, 0x35, 0x36, 0x53, 0x58, 0x59, 0x5A, 0x5F, 0xFE]
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
def machines(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    storage = Storage(Path(tmp_path_factory.mktemp("opcodes")) / "chain.db")
    with storage.transaction():
        write_genesis(storage, Genesis(chain_id=1, time=0))
    return open_machine(storage, chain_id=1).get_vm(), _original()


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


@pytest.mark.parametrize("code", [0x01, 0x02, 0x16, 0x17, 0x18, 0x1B, 0x1C, 0x51, 0x52], ids=hex)
def test_edge_values(machines: tuple[Any, Any], code: int) -> None:
    for first in EDGES:
        for second in EDGES:
            pushed = b"".join(b"\x7f" + each.to_bytes(32, "big") for each in (second, first))
            program = pushed + bytes([code])
            assert _end(machines[0], program, 10**5) == _end(machines[1], program, 10**5)


def test_values_left_as_bytes_by_other_opcodes_are_numbers(machines: tuple[Any, Any]) -> None:
    for code in (0x01, 0x16, 0x18, 0x52):  # CALLER and CALLDATALOAD push bytes
        program = bytes.fromhex("333335") + bytes([code]) + RETURN_ALL
        assert _end(machines[0], program, 10**5) == _end(machines[1], program, 10**5)
