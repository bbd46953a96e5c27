"""Names and base64url: one spelling for one value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_node.errors import InputError
from trace_node.ids import from_base64url, require_name, to_base64url


@given(st.binary(max_size=80))
def test_base64url_round_trip(raw: bytes) -> None:
    assert from_base64url(to_base64url(raw), size=len(raw), field="salt") == raw


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("AA==", id="padding"),
        pytest.param("AB", id="unused-bits-set"),
        pytest.param("A", id="impossible-length"),
        pytest.param("A+/A", id="standard-alphabet"),
        pytest.param("AAAA\n", id="newline"),
        pytest.param("AAé", id="non-ascii"),
    ],
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        from_base64url(text, size=None, field="salt")
    assert caught.value.field == "salt"


def test_length_is_checked() -> None:
    with pytest.raises(InputError, match="holds 3 bytes, must hold 16"):
        from_base64url("AAAA", size=16, field="salt")


@pytest.mark.parametrize("text", ["", ".a", "a b", "a" * 65, "ä", "a\n"])
def test_names_are_plain(text: str) -> None:
    with pytest.raises(InputError):
        require_name(text, field="device")
    assert require_name("kiln-1.main:A", field="device") == "kiln-1.main:A"
