"""From the data bytes of an answer to the values of a block's meter registers."""

from datetime import datetime
from typing import Final

from collectors.codecs.registers import Decoder, decoder
from collectors.errors import DecodeError
from collectors.runtime.config import ClockFormat, DeviceConfig, FieldConfig
from collectors.runtime.drafts import Shown, from_ms
from collectors.runtime.plan import Block
from trace_node.ids import RegisterId

# A meter clock outside is not set: 2000-01-01 to 2100-01-01, milliseconds since the epoch.
_FIRST_MS: Final = 946_684_800_000
_LAST_MS: Final = 4_102_444_800_000


class BlockDecoder:
    """Reads the answers to one request.

    Args:
        block: The request and the fields its answer holds.
        device: The device it belongs to.
    """

    def __init__(self, block: Block, device: DeviceConfig) -> None:
        self.block = block
        self._bits = block.request.table.holds_bits
        self._members: list[tuple[RegisterId, str, int, int, Decoder]] = [
            (
                member.field.name,
                member.field.meter_register.unit,
                member.start if self._bits else 2 * member.start,
                2 * member.field.form.data_type.words,
                decoder(member.field.form),
            )
            for member in block.members
        ]
        self._clock = device.clock

    @property
    def fields(self) -> tuple[FieldConfig, ...]:
        """The fields of the block."""
        return tuple(member.field for member in self.block.members)

    def values(self, payload: bytes) -> list[Shown]:
        """The value of each field, or why there is none.

        Args:
            payload: The data bytes of the answer; their length was checked.
        """
        shown: list[Shown] = []
        for name, unit, start, length, decode in self._members:
            if self._bits:
                wire = bytes([payload[start // 8] >> start % 8 & 1])
            else:
                wire = payload[start : start + length]
            try:
                shown.append(Shown(name, unit, decode(wire), None))
            except DecodeError as error:
                shown.append(Shown(name, unit, None, error.why))
        return shown

    def meter_time(self, payload: bytes) -> datetime | None:
        """The meter's clock; None if it has none or it is not set (before 2000, after 2100)."""
        start = self.block.clock_start
        if self._clock is None or start is None:
            return None
        number = int.from_bytes(payload[2 * start : 2 * (start + self._clock.length)], "big")
        milliseconds = number * 1000 if self._clock.clock_format is ClockFormat.UNIX_S else number
        return from_ms(milliseconds) if _FIRST_MS <= milliseconds < _LAST_MS else None

    def rows(self, payload: bytes) -> tuple[int, int] | None:
        """The number of the row shown and of the last row; None without a window."""
        if self.block.window_start is None:
            return None
        row, last = (
            int.from_bytes(payload[2 * start : 2 * start + 4], "big")
            for start in self.block.window_start
        )
        return row, last
