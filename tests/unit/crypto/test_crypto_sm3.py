"""SM3 and HMAC-SM3 as the rest of the product calls them.

Shows S4-3-3, S2-7.4-1.
"""

import hashlib
import hmac
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_node.crypto.sm3 import DIGEST_SIZE, hmac_sm3, new_sm3, provider_name, sm3


def test_the_first_example_of_the_standard() -> None:
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert len(sm3(b"")) == DIGEST_SIZE


def test_the_provider_is_named() -> None:
    assert provider_name() == "hashlib"


@given(prefix=st.binary(max_size=80), message=st.binary(max_size=200))
def test_a_template_with_a_prefix_hashes_prefix_and_message(prefix: bytes, message: bytes) -> None:
    running = new_sm3(prefix).copy()
    running.update(message)
    assert running.digest() == sm3(prefix + message)


@given(key=st.binary(max_size=200), message=st.binary(max_size=200))
def test_hmac_agrees_with_the_standard_library(key: bytes, message: bytes) -> None:
    assert hmac_sm3(key, message) == hmac.digest(key, message, lambda: hashlib.new("sm3"))


@pytest.mark.vectors
def test_sm3_vectors(vectors_dir: Path) -> None:
    known = json.loads((vectors_dir / "sm/gbt.json").read_text("utf-8"))
    assert len(known["sm3"]) == 6
    for case in known["sm3"]:
        assert sm3(bytes.fromhex(case["msg"])).hex() == case["digest"], case["name"]
    sweep = b"".join(sm3(bytes(range(length))) for length in range(131))
    assert sm3(sweep).hex() == known["sm3_length_sweep"]["digest"]


@pytest.mark.vectors
def test_wycheproof_hmac_sm3(vectors_dir: Path) -> None:
    suite = json.loads((vectors_dir / "sm/hmac_sm3_test.json").read_text("utf-8"))
    counts = {"valid": 0, "invalid": 0}
    for group in suite["testGroups"]:
        for case in group["tests"]:
            tag = hmac_sm3(bytes.fromhex(case["key"]), bytes.fromhex(case["msg"]))
            same = hmac.compare_digest(tag[: group["tagSize"] // 8], bytes.fromhex(case["tag"]))
            assert same is (case["result"] == "valid"), case["tcId"]
            counts[case["result"]] += 1
    assert counts == {"valid": 66, "invalid": 108}
