"""One suite over every library that can compute SM3."""

import hashlib
from typing import Any, Never

import gmalg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_node.crypto import sm3_providers
from trace_node.crypto.choice import Candidate, KnownAnswerError, choose, probe
from trace_node.crypto.errors import NoProviderError

BY_NAME = {candidate.name: candidate for candidate in sm3_providers.PROVIDERS}


def load(name: str) -> Any:
    result = probe(BY_NAME[name])
    assert result.found is not None, f"{name} must work on the test machine: {result.detail}"
    return result.found


@pytest.fixture(params=BY_NAME, scope="module")
def new(request: pytest.FixtureRequest) -> Any:
    return load(request.param)


def digest(new: Any, message: bytes) -> bytes:
    running = new()
    running.update(message)
    return running.digest()


def test_every_provider_is_named_in_the_table() -> None:
    assert list(BY_NAME) == [
        "hashlib",
        "hashlib (not for security)",
        "gmssl_pyx",
        "cryptography",
        "gmssl",
    ]


def test_the_examples_of_the_standard(new: Any) -> None:
    for message, expected in sm3_providers.KNOWN_ANSWERS:
        assert digest(new, message).hex() == expected


def test_a_copy_goes_its_own_way(new: Any) -> None:
    template = new()
    template.update(b"\x00")
    first, second = template.copy(), template.copy()
    first.update(b"a")
    second.update(b"b")
    assert first.digest() == gmalg_sm3(b"\x00a")
    assert second.digest() == gmalg_sm3(b"\x00b")
    assert template.digest() == gmalg_sm3(b"\x00")


def test_a_digest_does_not_end_the_computation(new: Any) -> None:
    running = new()
    running.update(b"ab")
    running.digest()
    running.update(b"c")
    assert running.digest().hex() == sm3_providers.KNOWN_ANSWERS[0][1]


def test_takes_any_bytes_like_object_without_changing_it(new: Any) -> None:
    message = bytearray(b"abc")
    running = new()
    running.update(message)
    running.digest()
    assert message == b"abc"


def test_agrees_with_an_independent_implementation_at_block_boundaries(new: Any) -> None:
    for length in (0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 121, 127, 128, 129, 300):
        message = bytes(range(256)) * 2
        assert digest(new, message[:length]) == gmalg_sm3(message[:length]), length


@given(parts=st.lists(st.binary(max_size=90), max_size=5))
def test_parts_hash_as_their_whole(parts: list[bytes]) -> None:
    whole = hashlib.new("sm3", b"".join(parts)).digest()
    for name in BY_NAME:
        running = load_once(name)()
        for part in parts:
            running.update(part)
        assert running.digest() == whole, name


def test_a_provider_with_a_wrong_answer_is_passed_over() -> None:
    wrong = Candidate(
        name="wrong", load=lambda: hashlib.new("sha256").copy, check=sm3_providers.check
    )
    name, _ = choose("SM3", [wrong, BY_NAME["hashlib"]])
    assert name == "hashlib"
    assert "KnownAnswerError" in probe(wrong).detail


def test_a_provider_whose_copies_share_state_is_passed_over() -> None:
    class Shared:
        def __init__(self) -> None:
            self.running = hashlib.new("sm3")

        def update(self, data: bytes) -> None:
            self.running.update(data)

        def digest(self) -> bytes:
            return self.running.digest()

        def copy(self) -> Any:
            return self

    with pytest.raises(KnownAnswerError):
        sm3_providers.check(Shared)


def test_none_passing_is_a_refusal_that_names_each_reason() -> None:
    def absent() -> Never:
        raise ImportError("no such library")

    wrong = Candidate(name="wrong", load=lambda: hashlib.sha256, check=sm3_providers.check)
    missing = Candidate(name="missing", load=absent, check=sm3_providers.check)
    with pytest.raises(NoProviderError) as caught:
        choose("SM3", [missing, wrong])
    assert caught.value.reason == "config.no_provider"
    assert "missing (ImportError: no such library)" in caught.value.message
    assert "wrong (KnownAnswerError" in caught.value.message
    assert "install" in caught.value.remedy


def gmalg_sm3(message: bytes) -> bytes:
    oracle = gmalg.SM3()
    oracle.update(message)
    return oracle.value()


_loaded = {}


def load_once(name: str) -> Any:
    if name not in _loaded:
        _loaded[name] = load(name)
    return _loaded[name]
