"""Straight runs of EVM code, translated to Python functions (基本块翻译).

py-evm spends most of the time of a transaction on calls between its own small functions, one or
more for each opcode. A run of opcodes that only touch stack, memory and call data is the same work
every time: here it becomes one Python function, whose text is made of numbers and of the fixed
patterns below, never of anything in the code itself. What a function does is what the opcodes do
(Yellow Paper, appendix H.2), provided that its gas is there and the stack is neither too short nor
too full; where this is not so, it does nothing and py-evm takes the opcodes one by one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

Block = Callable[[Any, list[int | bytes]], int]
"""Runs on a computation and its stack's values; gives the next place, or -1 when it did nothing."""

MOST_STEPS: Final = 600  # of one function; what is longer goes on in another
STACK_LIMIT: Final = 1024
JUMP, JUMPI, JUMPDEST = 0x56, 0x57, 0x5B
_PUSH0, _PUSH32, _DUP1, _DUP16, _SWAP1, _SWAP16 = 0x5F, 0x7F, 0x80, 0x8F, 0x90, 0x9F
_MASK: Final = hex(2**256 - 1)
_SIGN: Final = hex(2**255)

# opcode: gas, values taken, and the value put back, of the values {0}, the topmost, and {1}
_VALUES: Final[dict[int, tuple[int, int, str]]] = {
    0x01: (3, 2, f"({{0}} + {{1}}) & {_MASK}"),
    0x02: (5, 2, f"({{0}} * {{1}}) & {_MASK}"),
    0x03: (3, 2, f"({{0}} - {{1}}) & {_MASK}"),
    0x04: (5, 2, "{0} // {1} if {1} else 0"),
    0x06: (5, 2, "{0} % {1} if {1} else 0"),
    0x10: (3, 2, "1 if {0} < {1} else 0"),
    0x11: (3, 2, "1 if {0} > {1} else 0"),
    0x12: (3, 2, f"1 if {{0}} ^ {_SIGN} < {{1}} ^ {_SIGN} else 0"),
    0x13: (3, 2, f"1 if {{0}} ^ {_SIGN} > {{1}} ^ {_SIGN} else 0"),
    0x14: (3, 2, "1 if {0} == {1} else 0"),
    0x15: (3, 1, "0 if {0} else 1"),
    0x16: (3, 2, "{0} & {1}"),
    0x17: (3, 2, "{0} | {1}"),
    0x18: (3, 2, "{0} ^ {1}"),
    0x19: (3, 1, f"{{0}} ^ {_MASK}"),
    0x1B: (3, 2, f"({{1}} << {{0}}) & {_MASK} if {{0}} < 256 else 0"),
    0x1C: (3, 2, "{1} >> {0} if {0} < 256 else 0"),
    0x30: (2, 0, "number(message.storage_address, 'big')"),
    0x33: (2, 0, "number(message.sender, 'big')"),
    0x34: (2, 0, "message.value"),
    0x35: (3, 1, "number(message.data_as_bytes[{0}:{0} + 32].ljust(32, b'\\0'), 'big')"),
    0x36: (2, 0, "len(message.data)"),
    0x3D: (2, 0, "len(computation.return_data)"),
}
_POP, _MLOAD, _MSTORE = 0x50, 0x51, 0x52
_GAS: Final[dict[int, int]] = {
    **{code: gas for code, (gas, _, _) in _VALUES.items()},
    _POP: 2,
    _MLOAD: 3,
    _MSTORE: 3,
    JUMP: 8,
    JUMPI: 10,
    JUMPDEST: 1,
    _PUSH0: 2,
    **dict.fromkeys(range(_PUSH0 + 1, _SWAP16 + 1), 3),
}
TRANSLATED: Final = frozenset(_GAS)


def push_size(opcode: int) -> int:
    """Bytes of the value that follows an opcode in the code."""
    return opcode - _PUSH0 if _PUSH0 < opcode <= _PUSH32 else 0


@dataclass(slots=True)
class _Value:
    """What is known of a value on the stack while the function is written.

    Attributes:
        name: The expression that gives it: a local name, or a constant.
        constant: The number, when it is known.
        is_number: It cannot be bytes; py-evm's own opcodes leave bytes where these are at hand.
    """

    name: str
    constant: int | None = None
    is_number: bool = True


def _constant(number: int) -> _Value:
    return _Value(hex(number), constant=number)


@dataclass
class _Writer:
    """Writes one function, following the code from its first place."""

    code: bytes
    destinations: frozenset[int]
    lines: list[str] = field(default_factory=list)
    stack: list[_Value] = field(default_factory=list)
    taken: list[_Value] = field(default_factory=list)  # values below, topmost first
    gas: int = 0
    highest: int = 0  # most values on the stack, over those at the beginning
    steps: int = 0
    names: int = 0
    memory: bool = False
    finished: bool = False
    after: int | None = None

    def source(self, place: int) -> str | None:
        """The text of the function from ``place``; ``None`` where nothing can be translated."""
        while not self.finished and self.steps < MOST_STEPS and place < len(self.code):
            opcode = self.code[place]
            if opcode not in TRANSLATED:
                break
            place = self._step(opcode, place)
        if self.steps == 0:
            return None
        if not self.finished:
            self.after = place
            self._leave(str(place))
        return "\n    ".join([*self._head(), *self.lines])

    def _head(self) -> list[str]:
        head = ["def block(computation, values):"]
        need, most = len(self.taken), STACK_LIMIT - self.highest
        if need:
            head.append(f"if len(values) < {need}: return -1")
        if self.highest > 0:
            head.append(f"if len(values) > {most}: return -1")
        head += [
            "meter = computation._gas_meter",
            f"remaining = meter.gas_remaining - {self.gas}",
            "if remaining < 0: return -1",
            "meter.gas_remaining = remaining",
            "message = computation.msg",
        ]
        if self.memory:
            head.append("memory = computation._memory._bytes")
        return head

    def _step(self, opcode: int, place: int) -> int:
        """Write one opcode; gives the place of the next."""
        self.steps += 1
        self.gas += _GAS[opcode]
        after = place + 1 + push_size(opcode)
        if opcode in _VALUES:
            self._compute(opcode)
        elif _PUSH0 <= opcode <= _PUSH32:
            raw = self.code[place + 1 : after].ljust(after - place - 1, b"\0")
            self.stack.append(_constant(int.from_bytes(raw, "big")))
        elif _DUP1 <= opcode <= _DUP16:
            self._reach(opcode - _DUP1 + 1)
            self.stack.append(self.stack[_DUP1 - opcode - 1])
        elif _SWAP1 <= opcode <= _SWAP16:
            self._reach(opcode - _SWAP1 + 2)
            below = _SWAP1 - opcode - 2
            self.stack[-1], self.stack[below] = self.stack[below], self.stack[-1]
        elif opcode == _POP:
            self._pop()
        elif opcode == _MLOAD:
            self._load()
        elif opcode == _MSTORE:
            self._store()
        elif opcode == JUMP:
            return self._jump(after)
        elif opcode == JUMPI:
            self._branch(after)
        self.highest = max(self.highest, len(self.stack) - len(self.taken))
        return after

    # -- the stack ---------------------------------------------------------------------------

    def _reach(self, depth: int) -> None:
        """Make the ``depth`` topmost values known."""
        while len(self.stack) < depth:
            value = _Value(f"s{len(self.taken)}", is_number=False)
            self.taken.append(value)
            self.stack.insert(0, value)
            self.lines.append(f"{value.name} = values[-{len(self.taken)}]")

    def _pop(self) -> _Value:
        self._reach(1)
        return self.stack.pop()

    def _pop_number(self) -> _Value:
        value = self._pop()
        if not value.is_number:
            # All places that hold this value share the object and the local.
            name = value.name
            self.lines.append(f"if type({name}) is not int: {name} = number({name}, 'big')")
            value.is_number = True
        return value

    def _push(self, expression: str) -> None:
        self.names += 1
        name = f"t{self.names}"
        self.lines.append(f"{name} = {expression}")
        self.stack.append(_Value(name))

    def _compute(self, opcode: int) -> None:
        _, count, pattern = _VALUES[opcode]
        self._push(pattern.format(*[self._pop_number().name for _ in range(count)]))

    def _extend(self, place: str) -> None:
        """Memory up to a word at ``place``; py-evm counts and takes the gas."""
        self.memory = True
        self.lines += [
            f"if {place} + 32 > len(memory):",
            f"    computation.extend_memory({place}, 32)",
            "    memory = computation._memory._bytes",
        ]

    def _load(self) -> None:
        place = self._pop_number().name
        self._extend(place)
        self._push(f"number(memory[{place}:{place} + 32], 'big')")

    def _store(self) -> None:
        place, value = self._pop_number().name, self._pop_number()
        self._extend(place)
        if value.constant is None:
            word = f"{value.name}.to_bytes(32, 'big')"
        else:
            word = repr(value.constant.to_bytes(32, "big"))
        self.lines.append(f"memory[{place}:{place} + 32] = {word}")

    # -- the end -----------------------------------------------------------------------------

    def _jump(self, after: int) -> int:
        """A known destination is followed at once; else the function ends with it."""
        value = self._pop_number()
        if value.constant is not None and value.constant in self.destinations:
            return value.constant
        self.lines.append(f"if {value.name} not in destinations: refuse(computation, {value.name})")
        self._leave(value.name)
        return after

    def _branch(self, after: int) -> None:
        target, condition = self._pop_number(), self._pop_number()
        if target.constant not in self.destinations:
            test = f"if {condition.name} and {target.name} not in destinations:"
            self.lines.append(f"{test} refuse(computation, {target.name})")
        self._leave(f"{target.name} if {condition.name} else {after}")

    def _leave(self, place: str) -> None:
        """Put the values back that changed and give the next place."""
        self.finished = True
        entry = self.taken[::-1]
        same = 0
        for old, new in zip(entry, self.stack, strict=False):
            if old is not new:
                break
            same += 1
        gone, new_ones = len(entry) - same, [value.name for value in self.stack[same:]]
        put = f"({', '.join(new_ones)},)" if new_ones else ""
        if gone and put:
            self.lines.append(f"values[-{gone}:] = {put}")
        elif gone:
            self.lines.append(f"del values[-{gone}:]")
        elif put:
            self.lines.append(f"values += {put}")
        self.lines.append(f"return {place}")


@dataclass(frozen=True, slots=True)
class Translation:
    """A run of opcodes as a function.

    Attributes:
        block: The function.
        steps: Opcodes in it.
        after: Where the code goes on straight; ``None`` after a jump.
    """

    block: Block
    steps: int
    after: int | None


def translate(
    code: bytes, place: int, *, destinations: frozenset[int], refuse: Callable[[Any, int], None]
) -> Translation | None:
    """The run that begins at ``place``, or ``None`` when py-evm must take it.

    Args:
        code: The code of a contract.
        place: Where in it an opcode is.
        destinations: Places of the code where a jump may end.
        refuse: Raises the error of a jump to another place.
    """
    writer = _Writer(code, destinations)
    source = writer.source(place)
    if source is None:
        return None
    made: dict[str, Any] = {
        "destinations": destinations,
        "refuse": refuse,
        "number": int.from_bytes,
    }
    exec(compile(source, "<EVM code>", "exec"), made)  # noqa: S102  of numbers and patterns above
    return Translation(made["block"], writer.steps, writer.after)
