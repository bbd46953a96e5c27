"""What a meter writes is what is read, in every type, order and scale; random bytes do no harm."""

import math
import struct
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.codecs.registers import ByteOrder, DataType, ValueForm, decoder, encode
from collectors.errors import DecodeError

WHOLE = [kind for kind in DataType if not kind.is_float]
RANGES = {
    DataType.BIT: (0, 1),
    **{
        kind: (-(1 << kind_bits - 1), (1 << kind_bits - 1) - 1)
        if kind.is_signed
        else (0, (1 << kind_bits) - 1)
        for kind in WHOLE
        if kind is not DataType.BIT
        for kind_bits in [8 if kind.is_part else 16 * kind.words]
    },
}


@st.composite
def whole_values(draw: st.DrawFn) -> tuple[ValueForm, Decimal]:
    kind = draw(st.sampled_from(WHOLE))
    least, most = RANGES[kind]
    bound = 10**16
    number = draw(st.integers(max(least, -bound), min(most, bound)))
    places = draw(st.integers(0, 2))
    form = ValueForm(
        data_type=kind,
        order=draw(st.sampled_from(ByteOrder)),
        scale=Decimal(1).scaleb(-places),
        decimals=places,
        bit=draw(st.integers(0, 15)) if kind is DataType.BIT else 0,
    )
    return form, Decimal(number).scaleb(-places)


@given(whole_values())
def test_whole_numbers_come_back_exactly(case: tuple[ValueForm, Decimal]) -> None:
    form, value = case
    got = decoder(form)(encode(value, form))
    assert str(got) == str(value)


@given(
    st.sampled_from(ByteOrder),
    st.floats(width=32, allow_nan=False, allow_infinity=False, min_value=-1e8, max_value=1e8),
    st.integers(0, 6),
)
def test_float32_is_the_nearest_decimal(order: ByteOrder, number: float, decimals: int) -> None:
    form = ValueForm(data_type=DataType.FLOAT32, order=order, scale=Decimal(1), decimals=decimals)
    got = decoder(form)(encode(Decimal(number), form))
    assert abs(got - Decimal(number)) <= Decimal(5).scaleb(-decimals - 1)
    assert got.as_tuple().exponent == -decimals


@given(st.sampled_from(DataType), st.sampled_from(ByteOrder), st.integers(0, 9), st.data())
def test_any_bytes_are_a_value_or_say_why_not(
    kind: DataType, order: ByteOrder, decimals: int, data: st.DataObject
) -> None:
    wire = data.draw(st.binary(min_size=2 * kind.words, max_size=2 * kind.words))
    form = ValueForm(data_type=kind, order=order, scale=Decimal(1), decimals=decimals)
    reason = ""
    try:
        value = decoder(form)(wire)
    except DecodeError as error:
        reason = error.why
    if reason:
        assert reason in {"not_a_number", "infinite", "too_large"}
    else:
        assert value.as_tuple().exponent == -decimals
        assert len(value.as_tuple().digits) <= 18


@given(
    st.sampled_from([(DataType.FLOAT16, "e"), (DataType.FLOAT32, "f"), (DataType.FLOAT64, "d")]),
    st.binary(min_size=8, max_size=8),
    st.decimals(
        allow_nan=False, allow_infinity=False, min_value="0.0001", max_value=1000, places=4
    ),
    st.integers(0, 6),
)
def test_a_float_is_rounded_once_from_its_exact_value(
    kind: tuple[DataType, str], wire: bytes, scale: Decimal, decimals: int
) -> None:
    data_type, letter = kind
    wire = wire[: 2 * data_type.words]
    (number,) = struct.unpack(f">{letter}", wire)
    form = ValueForm(data_type=data_type, order=ByteOrder.ABCD, scale=scale, decimals=decimals)
    exact = Fraction(number) * Fraction(scale) if math.isfinite(number) else None
    if exact is None or abs(round(exact, decimals)) >= 10 ** (18 - decimals):
        with pytest.raises(DecodeError):
            decoder(form)(wire)
        return
    got = decoder(form)(wire)
    assert Fraction(got) == round(exact, decimals)
    assert got.as_tuple().exponent == -decimals
