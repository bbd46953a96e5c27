"""The restricted JSON in which everything that is hashed or signed is written."""

import json
import math

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from trace_node import canonical_json
from trace_node.canonical_json import CanonicalFormError
from trace_node.errors import TooLargeError

KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-canonical_json.MAX_INTEGER, canonical_json.MAX_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_bytes_equal_an_independent_rfc_8785_encoder(value: object) -> None:
    assert canonical_json.encode(value) == rfc8785.dumps(value)


@given(VALUES)
def test_what_is_written_is_read_back(value: object) -> None:
    assert canonical_json.decode(canonical_json.encode(value)) == value


@given(VALUES)
def test_every_other_spelling_of_the_same_value_is_refused(value: object) -> None:
    canonical = canonical_json.encode(value)
    for other in (canonical + b" ", json.dumps(value, indent=1).encode()):
        if other != canonical:
            with pytest.raises(CanonicalFormError):
                canonical_json.decode(other)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        pytest.param(b'{"a":1,"a":1}', "input.canonical.repeated_key", id="repeated-key"),
        pytest.param(b'{"b":1,"a":1}', "input.canonical", id="unsorted-keys"),
        pytest.param(b'{"a":1.5}', "input.canonical", id="float"),
        pytest.param(b'{"a":9007199254740992}', "input.canonical", id="integer-2-to-the-53"),
        pytest.param(b'{"a":"\\u0041"}', "input.canonical", id="needless-escape"),
        pytest.param('{"é":1}'.encode(), "input.canonical", id="non-ascii-key"),
        pytest.param(b'{"a":1}\n', "input.canonical", id="trailing-newline"),
        pytest.param(b'{"a":1}{}', "input.canonical", id="second-value"),
        pytest.param(b"[" * 40 + b"]" * 40, "input.canonical", id="too-deep"),
        pytest.param(b'"\xff"', "input.canonical", id="not-utf-8"),
        pytest.param(b"", "input.canonical", id="empty"),
    ],
)
def test_refused_for_its_own_reason(raw: bytes, code: str) -> None:
    with pytest.raises(CanonicalFormError) as caught:
        canonical_json.decode(raw)
    assert caught.value.reason == code
    assert caught.value.message


def test_size_is_bounded_before_parsing() -> None:
    with pytest.raises(TooLargeError):
        canonical_json.decode(b"x" * 11, max_bytes=10)


@pytest.mark.parametrize("value", [1.0, math.nan, {1: 2}, {"a": b"bytes"}, "\ud800", 2**53])
def test_values_outside_the_profile_are_not_written(value: object) -> None:
    with pytest.raises(CanonicalFormError):
        canonical_json.encode(value)


def test_an_object_is_required_where_one_is_asked_for() -> None:
    with pytest.raises(CanonicalFormError):
        canonical_json.decode_object(b"[]")
