"""Values in registers: byte orders, signs, parts of words, floats to exact decimals."""

import math
import struct
from decimal import Decimal

import pytest

from collectors.codecs.registers import (
    ByteOrder,
    DataType,
    ValueForm,
    decoder,
    encode,
    in_order,
)
from collectors.errors import DecodeError
from trace_node.errors import InputError


def form(
    data_type: str,
    *,
    order: str = "ABCD",
    scale: str = "1",
    decimals: int = 0,
    bit: int = 0,
    absent: frozenset[int] = frozenset(),
) -> ValueForm:
    return ValueForm(
        data_type=DataType(data_type),
        order=ByteOrder(order),
        scale=Decimal(scale),
        decimals=decimals,
        bit=bit,
        absent=absent,
    )


def decoded(wire: str, **options: object) -> str:
    return f"{decoder(form(**options))(bytes.fromhex(wire)):f}"


@pytest.mark.parametrize(
    ("order", "wire"),
    [("ABCD", "0a0b0c0d"), ("DCBA", "0d0c0b0a"), ("BADC", "0b0a0d0c"), ("CDAB", "0c0d0a0b")],
)
def test_byte_orders_of_two_words(order: str, wire: str) -> None:
    assert decoded(wire, data_type="UINT32", order=order) == str(0x0A0B0C0D)


@pytest.mark.parametrize(
    ("order", "wire"),
    [
        ("ABCD", "0102030405060708"),
        ("DCBA", "0807060504030201"),
        ("BADC", "0201040306050807"),
        ("CDAB", "0708050603040102"),
    ],
)
def test_byte_orders_of_four_words(order: str, wire: str) -> None:
    expected = 0x0102030405060708
    assert decoded(wire, data_type="UINT64", order=order) == str(expected)


@pytest.mark.parametrize(
    ("order", "wire"), [("ABCD", "0102"), ("CDAB", "0102"), ("DCBA", "0201"), ("BADC", "0201")]
)
def test_byte_orders_of_one_word(order: str, wire: str) -> None:
    assert decoded(wire, data_type="UINT16", order=order) == str(0x0102)


@pytest.mark.parametrize("order", list(ByteOrder))
def test_every_order_is_its_own_inverse(order: ByteOrder) -> None:
    for length in (2, 4, 8):
        wire = bytes(range(length))
        assert in_order(in_order(wire, order), order) == wire


@pytest.mark.parametrize(
    ("data_type", "wire", "value"),
    [
        ("INT16", "8000", "-32768"),
        ("UINT16", "8000", "32768"),
        ("INT32", "ffffffff", "-1"),
        ("INT64", "ffffffffffffff9c", "-100"),
        ("INT8L", "01ff", "-1"),
        ("INT8H", "ff01", "-1"),
        ("UINT8L", "01ff", "255"),
        ("UINT8H", "ff01", "255"),
    ],
)
def test_signs_and_parts(data_type: str, wire: str, value: str) -> None:
    assert decoded(wire, data_type=data_type) == value


@pytest.mark.parametrize("bit", range(16))
def test_single_bits(bit: int) -> None:
    assert decoded(f"{1 << bit:04x}", data_type="BIT", bit=bit) == "1"
    assert decoded(f"{0xFFFF ^ 1 << bit:04x}", data_type="BIT", bit=bit) == "0"


def test_the_value_has_the_decimals_of_the_meter_register() -> None:
    assert decoded("0000000a", data_type="UINT32", scale="0.01", decimals=2) == "0.10"
    assert decoded("0000000a", data_type="UINT32", scale="100", decimals=0) == "1000"
    assert decoded("0000000a", data_type="UINT32", scale="0.5", decimals=3) == "5.000"
    assert decoded("fff6", data_type="INT16", scale="-0.1", decimals=1) == "1.0"


@pytest.mark.parametrize(
    ("number", "decimals", "text"),
    [
        (1.1, 2, "1.10"),
        (0.0, 3, "0.000"),
        (-0.0, 3, "0.000"),
        (-0.004, 2, "0.00"),
        (-0.006, 2, "-0.01"),
        (123456.78, 2, "123456.78"),
        (0.5, 0, "0"),
        (1.5, 0, "2"),
        (2.5, 0, "2"),
        (1e-45, 9, "0.000000000"),
    ],
)
def test_float32_is_rounded_once_half_to_even(number: float, decimals: int, text: str) -> None:
    wire = struct.pack(">f", number).hex()
    assert decoded(wire, data_type="FLOAT32", decimals=decimals) == text


def test_a_double_keeps_every_digit_that_fits() -> None:
    wire = struct.pack(">d", 9007199254740991.0).hex()
    assert decoded(wire, data_type="FLOAT64", decimals=2) == "9007199254740991.00"


def test_the_scale_is_applied_before_rounding() -> None:
    wire = struct.pack(">f", 1234.5678).hex()
    assert decoded(wire, data_type="FLOAT32", scale="0.001", decimals=4) == "1.2346"


def test_every_half_float_agrees_with_the_standard_library() -> None:
    decode = decoder(form("FLOAT16", decimals=9))
    for bits in range(65_536):
        wire = bits.to_bytes(2, "big")
        (number,) = struct.unpack(">e", wire)
        if math.isfinite(number):
            assert abs(decode(wire) - Decimal(number)) <= Decimal("5e-10")
        else:
            with pytest.raises(DecodeError):
                decode(wire)


@pytest.mark.parametrize(
    ("wire", "data_type", "why"),
    [
        ("7fc00000", "FLOAT32", "not_a_number"),
        ("ff800000", "FLOAT32", "infinite"),
        ("7f7fffff", "FLOAT32", "too_large"),
        ("ffffffffffffffff", "UINT64", "too_large"),
        ("7ff0000000000000", "FLOAT64", "infinite"),
    ],
)
def test_what_is_no_value_says_why(wire: str, data_type: str, why: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decoded(wire, data_type=data_type)
    assert caught.value.why == why


@pytest.mark.parametrize(("data_type", "wire"), [("UINT16", "ffff"), ("FLOAT32", "0000ffff")])
def test_a_number_that_means_no_value_is_no_value(data_type: str, wire: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decoded(wire, data_type=data_type, absent=frozenset({0xFFFF}))
    assert caught.value.why == "absent"


def test_an_integer_is_never_rounded() -> None:
    with pytest.raises(InputError) as caught:
        form("UINT16", scale="0.01", decimals=1)
    assert "decimals" in caught.value.message


def test_a_simulated_counter_wraps_like_a_real_one() -> None:
    kwh = form("UINT16", scale="0.1", decimals=1)
    assert encode(Decimal("6553.6"), kwh) == b"\x00\x00"
