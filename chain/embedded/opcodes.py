"""The opcodes that hashing consists of, with gas and logic in one function.

py-evm spends most of the time of an SM3 proof on calls between its own small functions. These do
exactly what its opcodes do (Yellow Paper, appendix H.2) in a third of the time, on the same
stack, memory and gas meter; everything rare is left to py-evm. A property test runs random programs
both ways.
"""

from collections.abc import Callable
from typing import Final, Protocol

from eth.abc import OpcodeAPI
from eth.exceptions import FullStack, InsufficientStack, OutOfGas
from eth.vm.code_stream import CodeStream
from eth.vm.forks.prague.opcodes import PRAGUE_OPCODES
from eth.vm.gas_meter import GasMeter
from eth.vm.memory import Memory
from eth.vm.stack import Stack


class Machine(Protocol):
    """What an opcode touches of py-evm's ``BaseComputation``."""

    _gas_meter: GasMeter
    _stack: Stack
    _memory: Memory
    code: CodeStream

    def extend_memory(self, start_position: int, size: int) -> None:
        """Grow the memory to the end of a range and pay for it."""


OpcodeFunction = Callable[[Machine], None]

_WORD: Final = 32
_MASK: Final = 2**256 - 1
_BITS: Final = 256
_MOST_VALUES: Final = 1024
_BASE, _VERY_LOW, _LOW = 2, 3, 5


def _pay(computation: Machine, cost: int) -> list[int | bytes]:
    """Take the gas and give the values of the stack."""
    meter = computation._gas_meter  # noqa: SLF001  as the opcodes of py-evm do
    remaining = meter.gas_remaining - cost
    if remaining < 0:
        raise OutOfGas(f"needed {cost}, remaining {meter.gas_remaining}")
    meter.gas_remaining = remaining
    return computation._stack.values  # noqa: SLF001


def _number(value: int | bytes) -> int:
    return value if isinstance(value, int) else int.from_bytes(value, "big")


def _binary(logic: Callable[[int, int], int], cost: int) -> OpcodeFunction:
    """An opcode that replaces the two topmost values by one below 2**256."""

    def run(computation: Machine) -> None:
        values = _pay(computation, cost)
        try:
            first, second = values.pop(), values[-1]
        except IndexError:
            raise InsufficientStack("wanted 2 stack items") from None
        values[-1] = logic(_number(first), _number(second))

    return run


def _push(size: int) -> OpcodeFunction:
    def run(computation: Machine) -> None:
        values = _pay(computation, _VERY_LOW)
        if len(values) >= _MOST_VALUES:
            raise FullStack("stack limit reached")
        code = computation.code
        place = code.program_counter
        code.program_counter = place + size
        raw = code._raw_code_bytes[place : place + size]  # noqa: SLF001  its read() copies the same
        missing = size - len(raw)
        values.append(int.from_bytes(raw, "big") << 8 * missing)

    return run


def _duplicate(place: int) -> OpcodeFunction:
    def run(computation: Machine) -> None:
        values = _pay(computation, _VERY_LOW)
        if len(values) >= _MOST_VALUES:
            raise FullStack("stack limit reached")
        try:
            values.append(values[-place])
        except IndexError:
            raise InsufficientStack(f"wanted {place} stack items") from None

    return run


def _swap(place: int) -> OpcodeFunction:
    below = -place - 1

    def run(computation: Machine) -> None:
        values = _pay(computation, _VERY_LOW)
        try:
            values[-1], values[below] = values[below], values[-1]
        except IndexError:
            raise InsufficientStack(f"wanted {place + 1} stack items") from None

    return run


def _pop(computation: Machine) -> None:
    try:
        _pay(computation, _BASE).pop()
    except IndexError:
        raise InsufficientStack("wanted 1 stack item") from None


def _load(computation: Machine) -> None:
    values = _pay(computation, _VERY_LOW)
    try:
        place = _number(values[-1])
    except IndexError:
        raise InsufficientStack("wanted 1 stack item") from None
    content = _memory(computation, place)
    values[-1] = int.from_bytes(content[place : place + _WORD], "big")


def _store(computation: Machine) -> None:
    values = _pay(computation, _VERY_LOW)
    try:
        place, value = _number(values.pop()), _number(values.pop())
    except IndexError:
        raise InsufficientStack("wanted 2 stack items") from None
    content = _memory(computation, place)
    content[place : place + _WORD] = value.to_bytes(_WORD, "big")


def _memory(computation: Machine, place: int) -> bytearray:
    """The memory, extended and paid for until one word from ``place`` fits."""
    memory = computation._memory  # noqa: SLF001
    if place + _WORD > len(memory._bytes):  # noqa: SLF001
        computation.extend_memory(place, _WORD)
    return memory._bytes  # noqa: SLF001


def _with_fast_ones() -> dict[int, OpcodeFunction | OpcodeAPI]:
    fast: dict[int, OpcodeFunction] = {
        0x01: _binary(lambda a, b: (a + b) & _MASK, _VERY_LOW),
        0x02: _binary(lambda a, b: (a * b) & _MASK, _LOW),
        0x16: _binary(lambda a, b: a & b, _VERY_LOW),
        0x17: _binary(lambda a, b: a | b, _VERY_LOW),
        0x18: _binary(lambda a, b: a ^ b, _VERY_LOW),
        0x1B: _binary(lambda n, a: (a << n) & _MASK if n < _BITS else 0, _VERY_LOW),
        0x1C: _binary(lambda n, a: a >> n if n < _BITS else 0, _VERY_LOW),
        0x50: _pop,
        0x51: _load,
        0x52: _store,
    }
    fast |= {0x60 + size - 1: _push(size) for size in range(1, 33)}
    fast |= {0x80 + place - 1: _duplicate(place) for place in range(1, 17)}
    fast |= {0x90 + place - 1: _swap(place) for place in range(1, 17)}
    for code, function in fast.items():
        # py-evm shows this name when its tracing is on.
        setattr(function, "mnemonic", PRAGUE_OPCODES[code].mnemonic)  # noqa: B010  a function has none
    return {**PRAGUE_OPCODES, **fast}


OPCODES: Final = _with_fast_ones()
