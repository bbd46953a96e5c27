"""Values in Modbus registers: byte and word order, integers and IEEE 754, exactly to decimals.

Nothing here computes with binary floats: a FLOAT32 is taken apart into its integer mantissa and
exponent, multiplied by the scale, and rounded once, half to even, to the decimals of the meter
register. An integer must come out exactly; a scale that would need rounding is refused when the
point list is loaded.

Byte orders are telegraf's: with the bytes of the value from the highest as ``A B C D``, the name
gives the order on the wire. For one word ``ABCD`` and ``CDAB`` are high byte first, the others low.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from collectors.errors import DecodeError
from trace_node.errors import InputError

MOST_DIGITS: Final = 18  # a scaled value fits a signed 64-bit integer of a database
MOST_DECIMALS: Final = 9
_BOUND: Final = 10**MOST_DIGITS


class ByteOrder(StrEnum):
    """Order of bytes and words of a value on the wire."""

    ABCD = "ABCD"
    DCBA = "DCBA"
    BADC = "BADC"
    CDAB = "CDAB"


class DataType(StrEnum):
    """How the bits of a value are read, by telegraf's names."""

    BIT = "BIT"
    INT8L = "INT8L"
    INT8H = "INT8H"
    UINT8L = "UINT8L"
    UINT8H = "UINT8H"
    INT16 = "INT16"
    UINT16 = "UINT16"
    INT32 = "INT32"
    UINT32 = "UINT32"
    INT64 = "INT64"
    UINT64 = "UINT64"
    FLOAT16 = "FLOAT16"
    FLOAT32 = "FLOAT32"
    FLOAT64 = "FLOAT64"

    @property
    def words(self) -> int:
        """Number of 16-bit words it takes, 1 to 4."""
        return _WORDS.get(self, 1)

    @property
    def is_float(self) -> bool:
        """Whether it is an IEEE 754 number."""
        return self in _FLOATS

    @property
    def is_part(self) -> bool:
        """Whether it is a part of a word."""
        return self in _PARTS

    @property
    def is_signed(self) -> bool:
        """Whether it is a signed integer."""
        return self.value.startswith("INT")


@dataclass(frozen=True, slots=True, kw_only=True)
class FloatForm:
    """Widths of the parts of an IEEE 754 number, in bits."""

    exponent_bits: int
    mantissa_bits: int


_WORDS: Final = {
    **dict.fromkeys((DataType.INT32, DataType.UINT32, DataType.FLOAT32), 2),
    **dict.fromkeys((DataType.INT64, DataType.UINT64, DataType.FLOAT64), 4),
}
_FLOATS: Final = {
    DataType.FLOAT16: FloatForm(exponent_bits=5, mantissa_bits=10),
    DataType.FLOAT32: FloatForm(exponent_bits=8, mantissa_bits=23),
    DataType.FLOAT64: FloatForm(exponent_bits=11, mantissa_bits=52),
}
_PARTS: Final = frozenset(
    {DataType.BIT, DataType.INT8L, DataType.INT8H, DataType.UINT8L, DataType.UINT8H}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueForm:
    """How the value of one meter register is written in Modbus registers.

    Args:
        data_type: Its type.
        order: Byte and word order.
        scale: Factor from the raw number to the value in its unit; not zero.
        decimals: Number of decimals of the value, 0 to 9.
        bit: For ``BIT`` in a table of words: which bit, 0 (lowest) to 15.
        absent: Raw numbers by which the meter says that it has no value.

    Raises:
        InputError: The scale of an integer has more decimals than ``decimals``, so that values
            would have to be rounded.
    """

    data_type: DataType
    order: ByteOrder
    scale: Decimal
    decimals: int
    bit: int = 0
    absent: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if not self.data_type.is_float and self.factor.denominator != 1:
            raise InputError(
                "{field}: values of scale {scale} do not fit into {decimals} decimals",
                field="decimals",
                scale=str(self.scale),
                decimals=self.decimals,
                remedy="give as many decimals as the scale has",
            )

    @property
    def factor(self) -> Fraction:
        """From the raw number to the value counted in units of its last decimal."""
        return Fraction(self.scale) * Fraction(10**self.decimals)


Decoder = Callable[[bytes], Decimal]


def decoder(form: ValueForm) -> Decoder:
    """Prepare the function that reads values of this form from their bytes on the wire.

    The function takes ``2 * form.data_type.words`` bytes (one byte, 0 or 1, for a bit of a bit
    table) and returns a ``Decimal`` with exactly ``form.decimals`` decimals.
    It raises ``DecodeError`` with ``absent``, ``not_a_number``, ``infinite`` or ``too_large``.
    """
    factor, decimals, absent = form.factor, form.decimals, form.absent
    if form.data_type.is_float:
        layout, times, parts = _FLOATS[form.data_type], factor.numerator, factor.denominator

        def decode_float(wire: bytes) -> Decimal:
            bits = int.from_bytes(in_order(wire, form.order), "big")
            if bits in absent:
                raise _absent(bits)
            mantissa, power = _float_parts(bits, layout)
            over, under = (mantissa << power, parts) if power >= 0 else (mantissa, parts << -power)
            return _placed(_divided(over * times, under), decimals)

        return decode_float
    whole, order, signed = factor.numerator, form.order, form.data_type.is_signed
    if form.data_type.is_part:

        def decode_part(wire: bytes) -> Decimal:
            number = _part(int.from_bytes(in_order(wire, order), "big"), form)
            if number in absent:
                raise _absent(number)
            return _placed(number * whole, decimals)

        return decode_part

    def decode_integer(wire: bytes) -> Decimal:
        number = int.from_bytes(in_order(wire, order), "big", signed=signed)
        if number in absent:
            raise _absent(number)
        return _placed(number * whole, decimals)

    return decode_integer


def in_order(wire: bytes, order: ByteOrder) -> bytes:
    """The bytes of a value from the highest to the lowest; the same call goes back to the wire."""
    if order is ByteOrder.ABCD:
        return wire
    if order is ByteOrder.DCBA:
        return wire[::-1]
    if order is ByteOrder.CDAB and len(wire) == 4:  # noqa: PLR2004 - the common case, quickly
        return wire[2:] + wire[:2]
    words = [wire[start : start + 2] for start in range(0, len(wire), 2)]
    if order is ByteOrder.CDAB:
        return b"".join(reversed(words))
    return b"".join(word[::-1] for word in words)


def _part(word: int, form: ValueForm) -> int:
    if form.data_type is DataType.BIT:
        return word >> form.bit & 1
    high = form.data_type in {DataType.INT8H, DataType.UINT8H}
    byte = word >> 8 if high else word & 0xFF
    return byte - 256 if form.data_type.is_signed and byte >= 128 else byte  # noqa: PLR2004


def _float_parts(bits: int, layout: FloatForm) -> tuple[int, int]:
    """Mantissa and power of two, whose product is exactly the IEEE 754 number.

    Raises:
        DecodeError: It is not a number, or infinite.
    """
    mantissa = bits & (1 << layout.mantissa_bits) - 1
    exponent = bits >> layout.mantissa_bits & (1 << layout.exponent_bits) - 1
    negative = bits >> layout.mantissa_bits + layout.exponent_bits
    if exponent == (1 << layout.exponent_bits) - 1:
        if mantissa:
            raise DecodeError("the meter sends a value that is not a number", why="not_a_number")
        raise DecodeError("the meter sends an infinite value", why="infinite")
    if exponent:
        mantissa |= 1 << layout.mantissa_bits
    else:
        exponent = 1
    power = exponent - ((1 << layout.exponent_bits - 1) - 1) - layout.mantissa_bits
    return (-mantissa if negative else mantissa), power


def _divided(over: int, under: int) -> int:
    """The integer nearest to ``over / under``, half to even; ``under`` is above 0."""
    quotient, rest = divmod(over, under)
    return quotient + (2 * rest > under or (2 * rest == under and quotient & 1))


def _placed(number: int, decimals: int) -> Decimal:
    """``number`` with its last ``decimals`` digits behind the point.

    Raises:
        DecodeError: It has more than 18 digits.
    """
    if not -_BOUND < number < _BOUND:
        raise DecodeError("the value has more than {digits} digits", why="too_large", digits=18)
    return Decimal(number).scaleb(-decimals)


def _absent(number: int) -> DecodeError:
    return DecodeError(
        "the meter says by {number} that it has no value", why="absent", number=number
    )


def encode(value: Decimal, form: ValueForm) -> bytes:
    """Write ``value`` as a meter would, for simulated meters: the inverse of the decoder.

    An integer wraps round at the end of its type; a part of a word is placed in a word of zeros.

    Args:
        value: The value in its unit.
        form: How it is written.
    """
    number = int(value / form.scale)
    if form.data_type.is_float:
        letter = {DataType.FLOAT16: "e", DataType.FLOAT32: "f", DataType.FLOAT64: "d"}
        packed = struct.pack(f">{letter[form.data_type]}", value / form.scale)
        return in_order(packed, form.order)
    if form.data_type is DataType.BIT:
        number = (number & 1) << form.bit
    elif form.data_type.is_part:
        high = form.data_type in {DataType.INT8H, DataType.UINT8H}
        number = (number & 0xFF) << (8 if high else 0)
    length = 2 * form.data_type.words
    return in_order((number % (1 << 8 * length)).to_bytes(length, "big"), form.order)
