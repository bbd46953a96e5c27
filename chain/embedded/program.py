"""The code of a contract as the embedded chain runs it: analysed once, its hot runs translated.

py-evm makes a ``CodeStream`` for every call, and looks for the destinations of jumps in each anew.
Code never changes, so that both is done once for each code and kept.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, cast

from eth.exceptions import InvalidInstruction, InvalidJumpDestination, OutOfGas
from eth.vm.code_stream import CodeStream
from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.opcode_values import STOP
from eth.vm.stack import Stack
from typing_extensions import override

from chain.embedded.blocks import JUMPDEST, JUMPI, TRANSLATED, Block, push_size, translate
from chain.embedded.kept import Kept

HOT_RUNS = 4  # a translation costs as much as some tens of runs by py-evm
MOST_STEPS: Final = 40_000  # translated of one code, a second or so; the ledger takes 10,000
MOST_BYTES: Final = 64 * 2**20  # of all programs that are kept; a ledger and a registry take 4 MB
_PROGRAM_BYTES: Final = 1_000  # of an empty one
_PLACE_BYTES: Final = 160  # of a place where a run begins: an entry of two tables
_STEP_BYTES: Final = 320  # of one translated opcode; MLOAD, the longest, takes 318
_TRANSLATED: Final = frozenset(bytes([opcode]) for opcode in TRANSLATED)


class Program:
    """What is known of one code.

    Args:
        code: The code.
        grew: Is told of the bytes that each translation takes.

    Attributes:
        code: As given.
        starts: For each byte whether an opcode is there, not the value of a PUSH.
        destinations: Places where a jump may end.
        runs: For the first place of each straight run how often it was met, and then its function;
            ``None`` where py-evm takes each opcode.
    """

    def __init__(self, code: bytes, grew: Callable[["Program", int], None]) -> None:
        self.code = code
        self.starts = bytearray(len(code))
        self._grew = grew
        self._steps_left = MOST_STEPS
        self.runs: dict[int, int | Block | None] = {}
        place, begins = 0, True
        while place < len(code):
            opcode = code[place]
            self.starts[place] = 1
            if (begins or opcode == JUMPDEST) and opcode in TRANSLATED:
                self.runs[place] = 0
            begins = opcode == JUMPI or opcode not in TRANSLATED
            place += 1 + push_size(opcode)
        self.destinations = frozenset(
            place for place, start in enumerate(self.starts) if start and code[place] == JUMPDEST
        )

    @property
    def size(self) -> int:
        """About how many bytes it takes before anything is translated."""
        return _PROGRAM_BYTES + 2 * len(self.code) + _PLACE_BYTES * len(self.runs)

    def heat(self, place: int, met: int) -> Block | None:
        """Count one more run from ``place``; gives the function when it is worth it."""
        if met < HOT_RUNS:
            self.runs[place] = met + 1
            return None
        self.runs[place] = None
        found = (
            translate(self.code, place, destinations=self.destinations, refuse=refuse)
            if self._steps_left > 0
            else None
        )
        if found is None:
            return None
        self._steps_left -= found.steps
        self.runs[place] = found.block
        if found.after is not None and self.code[found.after : found.after + 1] in _TRANSLATED:
            self.runs.setdefault(found.after, 0)
        self._grew(self, _STEP_BYTES * found.steps)
        return found.block


PROGRAMS: Final = Kept(Program, MOST_BYTES)


def refuse(computation: Any, place: int) -> None:  # noqa: ANN401  py-evm's
    """Raise the error with which py-evm ends a jump to ``place``, which is no destination."""
    code = computation.code
    code.program_counter = place
    if code.peek() != JUMPDEST:
        raise InvalidJumpDestination("Invalid Jump Destination")
    raise InvalidInstruction("Jump resulted in invalid instruction")


class ProgramStream(CodeStream):
    """Hands py-evm the opcodes of a code, except those of hot runs, which it carries out itself.

    Args:
        computation: What runs the code.
        code: The code.
    """

    def __init__(self, computation: "EmbeddedComputation", code: bytes) -> None:
        super().__init__(code)
        self._computation = computation
        self._program = PROGRAMS.of(code)

    @override
    def is_valid_opcode(self, position: int) -> bool:
        """Whether an opcode is at ``position``."""
        return position < self._length_cache and bool(self._program.starts[position])

    @override
    def __iter__(self) -> Iterator[int]:
        code, runs = self._raw_code_bytes, self._program.runs
        computation = self._computation
        values = cast("Stack", computation._stack).values  # noqa: SLF001  as py-evm's opcodes do
        while self.program_counter < self._length_cache:
            place = self.program_counter
            block = runs.get(place)
            if isinstance(block, int):
                block = self._program.heat(place, block)
            if block is not None:
                found = block(computation, values)
                if found >= 0:
                    self.program_counter = found
                    continue
            self.program_counter = place + 1
            yield code[place]
        yield STOP


class EmbeddedComputation(PragueComputation):
    """py-evm's computation of Prague with its code in a ``ProgramStream``."""

    def __init__(self, *args: Any, **more: Any) -> None:  # noqa: ANN401  py-evm's
        super().__init__(*args, **more)
        self.code = ProgramStream(self, self.msg.code)

    @override
    def extend_memory(self, start_position: int, size: int) -> None:
        """As py-evm's, for what the stack can hold: any two numbers below 2**256.

        Raises:
            OutOfGas: The memory costs more than there is.
        """
        end = start_position + size
        before = len(self._memory)
        if size == 0 or end <= before:
            return
        words, words_before = (end + 31) // 32, before // 32
        fee = 3 * (words - words_before) + words**2 // 512 - words_before**2 // 512
        meter = self._gas_meter
        if fee > meter.gas_remaining:
            raise OutOfGas(f"memory of {words} words needs {fee}")
        meter.gas_remaining -= fee
        self._memory.extend(start_position, size)
