"""Gather fields into requests, and compute the time they take on the bus.

``max_insert`` (telegraf's name): fields of one table, sorted by address, share a request as long as
the hole between them is small enough and the request does not grow beyond its bound.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from collectors.runtime.config import DeviceConfig, FieldConfig, LineConfig, Optimization
from collectors.source import BlockRequest, RegisterTable, SerialEndpoint

BITS_PER_BYTE: Final = 11  # start bit, 8 data bits, parity or second stop bit, stop bit
REQUEST_BYTES: Final = 8  # RTU: unit, function, address, count, CRC
ANSWER_BYTES: Final = 5  # RTU: unit, function, byte count, CRC
SILENT_CHARACTERS: Final = 7  # 3.5 characters before the request and before the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A field of a block.

    Attributes:
        field: The field.
        start: First address of the field, counted from the block's.
    """

    field: FieldConfig
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One request and the fields its answer holds.

    Attributes:
        request: What to ask.
        members: The fields, by address.
        clock_start: Place of the meter's clock in the block; None without one.
        window_start: Places of the row number and the last row's number; None without a window.
    """

    request: BlockRequest
    members: tuple[Member, ...]
    clock_start: int | None = None
    window_start: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """A stretch of addresses that must be read; ``field`` is None for clock and window."""

    table: RegisterTable
    address: int
    length: int
    field: FieldConfig | None

    @property
    def end(self) -> int:
        return self.address + self.length


def plan_blocks(device: DeviceConfig) -> tuple[Block, ...]:
    """The requests of one cycle of a device, by table and address.

    A meter with a clock or a window of rows has all its fields in one request if that is possible;
    the reader of the point list refuses the others.
    """
    spans = sorted(_spans(device), key=lambda span: (span.table.function, span.address))
    groups: list[list[_Span]] = []
    for span in spans:
        if groups and _joins(groups[-1], span, device):
            groups[-1].append(span)
        else:
            groups.append([span])
    return tuple(_block(group, device) for group in groups)


def cycle_time_us(device: DeviceConfig, line: LineConfig) -> int:
    """Microseconds one cycle of the device keeps its line busy when all goes well.

    On a serial line ``11 bits * bytes / baud rate`` for request, answer and the silence around
    them, plus reply delay and pause; on a network only reply delay and pause.
    """
    endpoint = line.link.endpoint
    total = 0
    for block in plan_blocks(device):
        total += 1_000 * (line.reply_delay_ms + line.link.pause_between_requests_ms)
        if isinstance(endpoint, SerialEndpoint):
            request = block.request
            data = (request.count + 7) // 8 if request.table.holds_bits else 2 * request.count
            characters = REQUEST_BYTES + ANSWER_BYTES + data + SILENT_CHARACTERS
            total += -(-characters * BITS_PER_BYTE * 1_000_000 // endpoint.baud_rate)
    return total


def _spans(device: DeviceConfig) -> list[_Span]:
    spans = [
        _Span(table=item.table, address=item.address, length=item.length, field=item)
        for item in device.fields
    ]
    if device.clock:
        clock = device.clock
        spans.append(
            _Span(table=clock.table, address=clock.address, length=clock.length, field=None)
        )
    if device.window:
        window = device.window
        spans += [
            _Span(table=window.table, address=address, length=2, field=None)
            for address in (window.row, window.last)
        ]
    return spans


def _joins(group: Sequence[_Span], span: _Span, device: DeviceConfig) -> bool:
    """Whether ``span`` may share the request of ``group``."""
    first, end = group[0], max(item.end for item in group)
    if span.table is not first.table:
        return False
    if span.address < end:
        return True  # parts of one word
    together = device.clock is not None or device.window is not None
    if device.optimization is Optimization.NONE and not together:
        return False
    most = first.table.most if first.table.holds_bits else device.most_words
    hole = span.address - end
    return span.end - first.address <= most and (together or hole <= device.most_fill)


def _block(group: Sequence[_Span], device: DeviceConfig) -> Block:
    table, start = group[0].table, group[0].address
    end = max(span.end for span in group)
    clock, window = device.clock, device.window
    places = {span.address for span in group if span.field is None}
    return Block(
        request=BlockRequest(unit=device.unit, table=table, address=start, count=end - start),
        members=tuple(
            Member(field=span.field, start=span.address - start) for span in group if span.field
        ),
        clock_start=clock.address - start if clock and clock.address in places else None,
        window_start=(window.row - start, window.last - start)
        if window and {window.row, window.last} <= places
        else None,
    )
