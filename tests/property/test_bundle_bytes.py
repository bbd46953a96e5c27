"""No byte of a bundle can be changed: canonical form or file digest refuses each."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.bundle_defects import good_file

from trace_node.errors import InputError, IntegrityError
from trace_node.tlog.bundle import bundle_from_file, format_bundle
from trace_node.tlog.bundle_errors import BundleDigestError, BundleFormatError
from trace_node.tlog.bundle_file import read_bundle_file

GOOD = good_file()
REFUSALS = {"input.canonical", "input.canonical.repeated_key", "bundle.digest", "bundle.version",
            "bundle.form", "input"}  # fmt: skip


def _refusal(raw: bytes) -> str:
    try:
        read_bundle_file(raw).require_digest()
    except (InputError, IntegrityError) as fault:
        return fault.reason
    return ""


def test_the_right_file_is_accepted() -> None:
    assert _refusal(GOOD) == ""


@pytest.mark.parametrize("bit", range(8))
def test_every_flipped_bit_is_refused(bit: int) -> None:
    for place in range(len(GOOD)):
        changed = bytearray(GOOD)
        changed[place] ^= 1 << bit
        assert _refusal(bytes(changed)) in REFUSALS, place


def test_every_missing_byte_is_refused() -> None:
    for place in range(len(GOOD)):
        assert _refusal(GOOD[:place] + GOOD[place + 1 :]) in REFUSALS, place
        assert _refusal(GOOD[:place]) in REFUSALS, place


@given(st.integers(0, len(GOOD)), st.binary(min_size=1, max_size=4))
def test_any_inserted_bytes_are_refused(place: int, more: bytes) -> None:
    changed = GOOD[:place] + more + GOOD[place:]
    assert changed == GOOD or _refusal(changed) in REFUSALS


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_with_an_error_of_ours(raw: bytes) -> None:
    assert _refusal(raw) in REFUSALS


KEYS = st.text(st.characters(max_codepoint=127), max_size=8)  # others never get so far
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
    max_leaves=5,
)


@given(st.data())
def test_a_member_of_another_kind_is_refused_by_its_name(data: st.DataObject) -> None:
    """Whatever stands in a member, the reader refuses it with an error or takes it as it is."""
    file = read_bundle_file(GOOD)
    members = json.loads(GOOD)
    name = data.draw(st.sampled_from(sorted(members.keys() - {"digest", "type"})))
    value = data.draw(JSON_VALUES)
    members[name] = value
    changed = type(file)(type=file.type, members=members, digest=file.digest)
    fault = None
    try:
        bundle = bundle_from_file(changed)
    except BundleFormatError as caught:
        fault = caught
    if fault is None:
        assert json.loads(format_bundle(bundle)).get(name) == value
    else:
        assert name in str(fault.params["field"])


def test_reading_and_writing_are_inverse() -> None:
    assert format_bundle(bundle_from_file(read_bundle_file(GOOD))) == GOOD


def test_the_digest_error_is_an_integrity_error() -> None:
    with pytest.raises(BundleDigestError) as caught:
        read_bundle_file(GOOD.replace(b'"block_number":1', b'"block_number":2')).require_digest()
    assert caught.value.remedy
