"""What a connector offers to the poller, whatever the protocol behind it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from trace_node.errors import InputError


class RegisterTable(StrEnum):
    """The four Modbus tables, by telegraf's names; each has one reading function, and no other."""

    COIL = "coil"
    DISCRETE = "discrete"
    HOLDING = "holding"
    INPUT = "input"

    @property
    def function(self) -> int:
        """Modbus function code that reads the table, 1 to 4."""
        return _FUNCTIONS[self]

    @property
    def holds_bits(self) -> bool:
        """Whether an address of the table is one bit, not 16."""
        return self in {RegisterTable.COIL, RegisterTable.DISCRETE}

    @property
    def most(self) -> int:
        """Greatest number of addresses one request may ask for (Modbus specification)."""
        return MOST_BITS if self.holds_bits else MOST_WORDS


_FUNCTIONS: Final = {
    RegisterTable.COIL: 1,
    RegisterTable.DISCRETE: 2,
    RegisterTable.HOLDING: 3,
    RegisterTable.INPUT: 4,
}
READING_FUNCTIONS: Final = frozenset(_FUNCTIONS.values())
MOST_WORDS: Final = 125
MOST_BITS: Final = 2000
LAST_ADDRESS: Final = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpEndpoint:
    """A Modbus endpoint on the network.

    Attributes:
        host: Name or address.
        port: 1 to 65,535.
        rtu_frames: Whether RTU frames travel over the connection (serial gateways).
    """

    host: str
    port: int
    rtu_frames: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialEndpoint:
    """A serial port with Modbus RTU.

    Attributes:
        path: Device file.
        baud_rate: Bits per second.
        data_bits: 7 or 8.
        parity: ``N``, ``E`` or ``O``.
        stop_bits: 1 or 2.
    """

    path: str
    baud_rate: int
    data_bits: int
    parity: str
    stop_bits: int


Endpoint = TcpEndpoint | SerialEndpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """How to behave on a line.

    Attributes:
        endpoint: Where the line is.
        timeout_ms: How long to wait for a connection or an answer.
        pause_after_connect_ms: Pause before the first request of a connection.
        pause_between_requests_ms: Pause before each further request.
        quiet_ms: Silence after a time-out on RTU with the port closed, at least 500: a late answer
            must die out, or it would be taken for the answer to the next request.
    """

    endpoint: Endpoint
    timeout_ms: int
    pause_after_connect_ms: int = 0
    pause_between_requests_ms: int = 0
    quiet_ms: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRequest:
    """One read request.

    Args:
        unit: Modbus unit (slave) id, 0 to 255.
        table: Table to read.
        address: First address, from 0.
        count: Number of addresses, at least 1, at most what the table allows.

    Raises:
        InputError: A number is outside its range.
    """

    unit: int
    table: RegisterTable
    address: int
    count: int

    def __post_init__(self) -> None:
        if not 0 <= self.unit <= 255:  # noqa: PLR2004 - one byte on the wire
            raise InputError("{field}: must be 0 to 255", field="unit")
        if not 1 <= self.count <= self.table.most:
            raise InputError(
                "{field}: must be 1 to {most} for the table {table}",
                field="count",
                most=self.table.most,
                table=self.table.value,
            )
        if not 0 <= self.address <= LAST_ADDRESS + 1 - self.count:
            raise InputError("{field}: addresses end at {last}", field="address", last=LAST_ADDRESS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One answered request: the evidence and what it carries.

    Attributes:
        sent: Exact bytes of the request.
        received: Exact bytes that came back.
        payload: The data bytes of the answer: two per word, or packed bits.
        at: Wall clock when the answer was complete.
        round_trip_ns: From sending to the complete answer, in nanoseconds.
    """

    sent: bytes
    received: bytes
    payload: bytes
    at: datetime
    round_trip_ns: int


class ReadingSource(Protocol):
    """A line to meters: opened once, asked block by block, one request at a time."""

    async def read(self, request: BlockRequest) -> Exchange:
        """Ask for one block, opening the line first if it is closed.

        Raises:
            ReadError: No answer, an exception answer, or one that does not fit the request.
        """

    async def close(self) -> None:
        """Close the line; a later ``read`` opens it again."""
