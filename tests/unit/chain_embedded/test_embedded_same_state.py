"""Random contracts that call, create, store, log and fail: translated code against plain py-evm.

Two chains with the same block 0 get the same transactions; their blocks (with state root, gas, bloom
and receipts root), receipts and return data must be the same bytes.
"""

from collections.abc import Callable
from typing import Any, Final

import pytest
import rlp
from eth.chains.base import MiningChain
from eth.consensus.noproof import NoProofConsensus
from eth.db.atomic import AtomicDB
from eth.vm.forks.prague import PragueVM
from eth_keys.datatypes import PrivateKey
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chain.embedded import program
from chain.embedded.blocks import TRANSLATED
from chain.embedded.machine import BLOCK_GAS_LIMIT, _chain_class

KEY: Final = PrivateKey(b"\x01" * 32)
ADDRESSES: Final = [bytes(19) + bytes([0xA0 + place]) for place in range(3)]
DELEGATED: Final = bytes(19) + b"\xd7"  # an account that runs the code of the first (EIP-7702)
IDENTITY: Final = bytes(19) + b"\x04"  # a precompile
NOBODY: Final = bytes(19) + b"\xff"
CALL, CALLCODE, DELEGATECALL, STATICCALL, CREATE, CREATE2 = 0xF1, 0xF2, 0xF4, 0xFA, 0xF0, 0xF5
PURE: Final = sorted(code for code in TRANSLATED if code < 0x51 and code not in (0x30, 0x33))
WORDS: Final = st.sampled_from([0, 1, 31, 32, 255, 256, 2**64, 2**255, 2**256 - 1])


def _push(number: int) -> bytes:
    size = max(1, (number.bit_length() + 7) // 8)
    return bytes([0x5F + size]) + number.to_bytes(size, "big")


def _with(*numbers: int, opcode: int) -> bytes:
    """An opcode after its values, the topmost first."""
    return b"".join(_push(number) for number in reversed(numbers)) + bytes([opcode])


SMALL: Final = st.integers(0, 3)
PLACES: Final = st.integers(0, 100) | st.sampled_from([2**12, 2**16, 2**64, 2**256 - 1])
SIZES: Final = st.integers(0, 70)


@st.composite
def _calls(draw: st.DrawFn) -> bytes:
    """A call, and what is left of it in storage: whether it went well, and its answer."""
    kind = draw(st.sampled_from([CALL, CALLCODE, DELEGATECALL, STATICCALL]))
    target = draw(st.sampled_from([*ADDRESSES, DELEGATED, IDENTITY, NOBODY]))
    gas = draw(st.sampled_from([0, 700, 5_000, 30_000, 10**6]))
    value = [0] if kind in (CALL, CALLCODE) else []
    ranges = [draw(PLACES), draw(SIZES), draw(PLACES), draw(SIZES)]
    call = _with(gas, int.from_bytes(target, "big"), *value, *ranges, opcode=kind)
    after = draw(st.sampled_from(["50", "600055", "3d5f5f3e50", "3d60205f3e50", "3d600155600255"]))
    return call + bytes.fromhex(after)


@st.composite
def _creations(draw: st.DrawFn) -> bytes:
    """A contract made of one random word, or of the creator's own code, and then called."""
    if draw(st.booleans()):
        deployed = draw(st.binary(min_size=1, max_size=20))
        # PUSH of the code, MSTORE, RETURN of its bytes
        initial = bytes([0x5F + len(deployed)]) + deployed + bytes.fromhex("5f52")
        initial += _with(32 - len(deployed), len(deployed), opcode=0xF3)
        initial = initial.ljust(32, b"\0")[:32]
        prepared = b"\x7f" + initial + bytes.fromhex("5f52")
        size = 32
    else:
        size = draw(st.integers(0, 64))
        prepared = _with(0, draw(PLACES), size, opcode=0x39)  # CODECOPY
    salt = [draw(SMALL)] if draw(st.booleans()) else []
    made = _with(0, 0, size, *salt, opcode=CREATE2 if salt else CREATE)
    call = bytes.fromhex("5f5f5f5f5f") + bytes.fromhex("855af1") + bytes.fromhex("600155600255")
    return prepared + made + (call if draw(st.booleans()) else bytes.fromhex("600355"))


@st.composite
def _effects(draw: st.DrawFn) -> bytes:
    """What is left to py-evm: storage, logs, hashes, copies."""
    options: list[Callable[[], bytes]] = [
        lambda: _with(draw(SMALL), draw(WORDS), opcode=0x55),
        lambda: bytes([0x60, draw(SMALL), 0x55]),  # SSTORE of what is on the stack
        lambda: _with(draw(SMALL), opcode=0x54),
        lambda: _with(draw(SMALL), draw(WORDS), opcode=0x5D) + _with(draw(SMALL), opcode=0x5C),
        lambda: _with(draw(PLACES), draw(SIZES), *([7] * (n := draw(SMALL))), opcode=0xA0 + n),
        lambda: _with(draw(PLACES), draw(SIZES), opcode=0x20),
        lambda: _with(draw(PLACES), draw(PLACES), draw(SIZES), opcode=0x5E),
        lambda: _with(draw(PLACES), draw(PLACES), draw(SIZES), opcode=0x37),
        lambda: _with(draw(PLACES), draw(WORDS), opcode=0x53),
        lambda: bytes([draw(st.sampled_from([0x58, 0x59, 0x5A, 0x41, 0x32, 0x47]))]),
    ]
    return draw(st.sampled_from(options))()


@st.composite
def _sums(draw: st.DrawFn) -> bytes:
    """A translated run."""
    pushed = st.one_of(WORDS.map(_push), st.sampled_from([b"\x32", b"\x41", b"\x30", b"\x33"]))
    values = b"".join(draw(st.lists(pushed, min_size=1, max_size=4)))
    opcodes = bytes(draw(st.lists(st.sampled_from([*PURE, 0x80, 0x81, 0x90, 0x91]), max_size=8)))
    memory = draw(
        st.sampled_from(["", "5f52", "602052", "5f51", "604151", "7f" + "20" * 32 + "52"])
    )
    return values + opcodes + bytes.fromhex(memory)


ENDS: Final = [
    *("00", "60405ff3", "60205ffd", "fe", "5fff", "5f56", "5b5f56", "59", "605b56", "6001600157"),
    *("7f", "61ff", "5b60018001805b57", "INTO A PUSH"),
]


@st.composite
def codes(draw: st.DrawFn) -> bytes:
    """Pieces, some of which are jumped over or come round again, and an end."""
    made = bytearray(b"\x5b")
    for _ in range(draw(st.integers(0, 7))):
        piece = draw(st.one_of(_sums(), _sums(), _effects(), _calls(), _creations()))
        match draw(st.integers(0, 4)):
            case 0:  # jumped over on a condition
                condition = draw(st.sampled_from(["36", "5a", "34", "5f", "6001", "5f54"]))
                over = len(made) + len(condition) // 2 + 4 + len(piece)
                made += bytes.fromhex(condition) + b"\x61" + over.to_bytes(2, "big") + b"\x57"
                made += piece + b"\x5b"
            case 1:  # back to anywhere, unless the gas has run low
                back = draw(st.integers(0, len(made)))
                made += piece + bytes.fromhex("5a620186a01160") + bytes([back & 0xFF, 0x57])
            case _:
                made += piece
    end = draw(st.sampled_from(ENDS))
    if end == "INTO A PUSH":  # a jump to the JUMPDEST that is the value of the PUSH after it
        end = f"61{len(made) + 5:04x}56605b00"
    return bytes(made) + bytes.fromhex(end)


def _plain() -> type[MiningChain]:
    rules = PragueVM.configure(__name__="PlainVM", consensus_class=NoProofConsensus)
    return MiningChain.configure(
        __name__="EmbeddedChain", vm_configuration=((0, rules),), chain_id=1
    )


def _history(kind: type[MiningChain], contracts: list[bytes], sent: list[tuple[Any, ...]]) -> Any:
    """Blocks, receipts and answers of the transactions, each in a block of its own."""
    account = {"balance": 0, "nonce": 1, "storage": {0: 5, 1: 2**255}}
    state = {
        address: {**account, "code": code}
        for address, code in zip(ADDRESSES, contracts, strict=True)
    }
    state[DELEGATED] = {**account, "code": b"\xef\x01\x00" + ADDRESSES[0]}
    chain = kind.from_genesis(
        AtomicDB(),
        {"difficulty": 0, "gas_limit": BLOCK_GAS_LIMIT, "timestamp": 0, "base_fee_per_gas": 0},
        state,
    )
    found = []
    for nonce, (to, gas, data) in enumerate(sent):
        unsigned = chain.create_unsigned_transaction(
            nonce=nonce, gas_price=0, gas=gas, to=to, value=0, data=data
        )
        chain.header = chain.create_header_from_parent(
            chain.get_canonical_head(), timestamp=nonce + 1, gas_limit=BLOCK_GAS_LIMIT
        )
        made, receipts, computations = chain.mine_all([unsigned.as_signed_transaction(KEY, 1)])
        found.append(
            (
                rlp.encode(made.imported_block),
                [rlp.encode(receipt) for receipt in receipts],
                [each.output for each in computations],
                [type(getattr(each, "_error", None)) for each in computations],
                [each.get_gas_used() for each in computations],
            )
        )
    return found


TRANSACTIONS: Final = st.lists(
    st.tuples(
        st.sampled_from([*ADDRESSES, DELEGATED]),
        st.sampled_from([150_000, 400_000]) | st.integers(25_000, 90_000),
        st.binary(max_size=70),
    ),
    min_size=1,
    max_size=3,
)
# Calls itself with what is left less 6,000 gas, then all again: depth of calls, and the 63/64 rule.
NESTED: Final = bytes.fromhex("5b5f5f5f5f5f306117705a03f15f5f5f5f5f305af1600055")
# Counts to a thousand, or until the gas ends.
LOOP: Final = bytes.fromhex("5f5b600101806103e81160015760005500")
INTO_A_PUSH: Final = bytes.fromhex("5b600556605b00")


@pytest.mark.filterwarnings("ignore:SELFDESTRUCT opcode:DeprecationWarning")
@pytest.mark.parametrize("hot_runs", [0, 1])
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@example(
    contracts=[NESTED, LOOP, INTO_A_PUSH],
    sent=[(ADDRESSES[0], 400_000, b""), *[(ADDRESSES[n], 50_000, b"") for n in (1, 2)]],
)
@given(contracts=st.lists(codes(), min_size=3, max_size=3), sent=TRANSACTIONS)
def test_histories_are_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch,
    hot_runs: int,
    contracts: list[bytes],
    sent: list[tuple[Any, ...]],
) -> None:
    monkeypatch.setattr(program, "HOT_RUNS", hot_runs)
    program.PROGRAMS.clear()
    assert _history(_chain_class(1), contracts, sent) == _history(_plain(), contracts, sent)
