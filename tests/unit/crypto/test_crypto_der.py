"""The small DER reader and writer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_node.crypto import der
from trace_node.crypto.errors import KeyFormatError


def reader(raw: bytes) -> der.Reader:
    return der.Reader(raw, what="test")


@given(content=st.binary(max_size=300))
def test_an_element_comes_back(content: bytes) -> None:
    reading = reader(der.element(der.OCTET_STRING, content))
    assert reading.at(der.OCTET_STRING)
    assert reading.content(der.OCTET_STRING) == content
    reading.end()


@given(number=st.integers(0, 2**300))
def test_an_integer_comes_back(number: int) -> None:
    assert reader(der.integer(number)).integer() == number


@given(raw=st.binary(max_size=40))
def test_noise_is_refused_with_the_part_s_own_error(raw: bytes) -> None:
    for read in (
        lambda item: item.content(der.SEQUENCE),
        lambda item: item.integer(),
        lambda item: item.object_id(),
    ):
        try:
            read(reader(raw))
        except KeyFormatError as error:
            known = error.reason
        else:
            known = "read"
        assert known in ("input.key.der", "read")


@pytest.mark.parametrize(
    ("dotted", "expected"),
    [
        ("1.2.156.10197.1.301", "06082a811ccf5501822d"),
        ("1.2.840.113549.1.5.13", "06092a864886f70d01050d"),
        ("1.3.101.112", "06032b6570"),
        ("2.16.840.1.101.3.4.1.42", "060960864801650304012a"),
    ],
)
def test_object_ids_are_written_as_the_standard_says(dotted: str, expected: str) -> None:
    assert der.object_id(dotted).hex() == expected


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("", "expected the tag"),
        ("04", "ends inside"),
        ("0402aa", "ends inside"),
        ("048100", "shortest"),
        ("04817faa", "shortest"),
        ("0482007f", "shortest"),
        ("0480", "not supported"),
        ("0483000001aa", "not supported"),
        ("04820100aa", "ends inside"),
        ("0581", "expected the tag"),
    ],
)
def test_each_defect_is_named(raw: str, words: str) -> None:
    with pytest.raises(KeyFormatError, match=words):
        reader(bytes.fromhex(raw)).content(der.OCTET_STRING)


@pytest.mark.parametrize("raw", ["0200", "0201ff", "02020001", "0202ff80"])
def test_integers_are_positive_and_in_shortest_form(raw: str) -> None:
    with pytest.raises(KeyFormatError, match="integer"):
        reader(bytes.fromhex(raw)).integer()


def test_what_follows_is_noticed() -> None:
    reading = reader(der.integer(1) + b"\0")
    assert reading.integer() == 1
    with pytest.raises(KeyFormatError, match="follow"):
        reading.end()


def test_readers_nest() -> None:
    inner: Any = reader(der.element(der.SEQUENCE, der.integer(1), der.integer(2))).inside(
        der.SEQUENCE
    )
    assert (inner.integer(), inner.integer()) == (1, 2)
    inner.end()
