"""SM2 keys, ids, Z_A and the errors of the public calls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_node.crypto import sm2, sm2_signature
from trace_node.crypto.backends import KNOWN_POINT, KNOWN_SECRET, KNOWN_SIGNATURE
from trace_node.crypto.curve import N
from trace_node.crypto.errors import (
    KeyFormatError,
    NoProviderError,
    ParameterError,
    ProviderFailureError,
    SignatureError,
)
from trace_node.crypto.signer import Signer
from trace_node.crypto.sm3 import sm3

PUBLIC = sm2.PublicKey.from_point(KNOWN_POINT)


def test_the_key_id_is_the_first_half_of_sm3_over_the_point() -> None:
    assert PUBLIC.key_id == sm3(KNOWN_POINT).hex()[:32] == "e6a4f9765fca89e8b7d64019b900d57c"
    assert PUBLIC.fingerprint == "sm3:" + sm3(KNOWN_POINT).hex()


def test_public_keys_are_values() -> None:
    assert sm2.PublicKey.from_point(bytearray(KNOWN_POINT)) == PUBLIC
    assert len({PUBLIC, sm2.PublicKey(KNOWN_POINT)}) == 1


def test_a_private_key_is_a_signer() -> None:
    signer: Signer = sm2.generate()
    sm2.verify(signer.public, b"m", signer.sign(b"m"))


def test_the_text_form_of_a_private_key_does_not_hold_its_number() -> None:
    key = sm2.generate()
    assert "secret" not in repr(key)
    assert repr(key.secret) not in repr(key)
    assert key.secret.hex() not in repr(key)


@pytest.mark.parametrize("secret", [b"", b"\1" * 31, b"\1" * 33])
def test_a_private_key_has_32_bytes(secret: bytes) -> None:
    with pytest.raises(KeyFormatError) as caught:
        sm2.PrivateKey.from_secret(secret)
    assert caught.value.reason == "input.key.length"


@pytest.mark.parametrize("number", [0, N - 1, N, N + 1, 2**256 - 1])
def test_a_private_key_lies_between_1_and_n_minus_2(number: int) -> None:
    with pytest.raises(KeyFormatError) as caught:
        sm2.PrivateKey.from_secret(number.to_bytes(32, "big"))
    assert caught.value.reason == "input.key.range"


def test_generated_keys_differ_and_are_in_range() -> None:
    numbers = {int.from_bytes(sm2.generate().secret, "big") for _ in range(20)}
    assert len(numbers) == 20
    assert all(1 <= number <= N - 2 for number in numbers)


@pytest.mark.parametrize("user_id", [b"", b"x" * 8192])
def test_the_user_id_is_bounded(user_id: bytes) -> None:
    key = sm2.PrivateKey.from_secret(KNOWN_SECRET)
    for call in (
        lambda: key.sign(b"m", user_id=user_id),
        lambda: sm2.verify(PUBLIC, b"m", KNOWN_SIGNATURE, user_id=user_id),
        lambda: sm2.z_value(PUBLIC, user_id=user_id),
    ):
        with pytest.raises(ParameterError) as caught:
            call()
        assert caught.value.reason == "input.parameter.user_id"
        assert caught.value.field == "user_id"
        assert "1234567812345678" in caught.value.remedy


def test_a_library_that_breaks_down_says_nothing_about_the_signature(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Broken:
        def verify(self, _digest: bytes, _signature: bytes) -> bool:
            raise ProviderFailureError("out of memory")

    monkeypatch.setattr(sm2, "_verifying_key", lambda _point: Broken())
    with pytest.raises(ProviderFailureError):
        sm2.verify(PUBLIC, b"message digest", KNOWN_SIGNATURE)


def test_a_malformed_signature_of_a_library_does_not_leave_the_house(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Wrong:
        def sign(self, _digest: bytes) -> bytes:
            return KNOWN_SIGNATURE + b"\0"

    key = sm2.generate()
    monkeypatch.setattr(key, "_signing_key", Wrong())
    with pytest.raises(SignatureError):
        key.sign(b"m")


def test_without_a_provider_nothing_is_said_about_the_signature(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> None:
        raise NoProviderError("none")

    monkeypatch.setattr(sm2, "verifying_backend", refuse)
    sm2._verifying_key.cache_clear()
    with pytest.raises(NoProviderError):
        sm2.verify(PUBLIC, b"message digest", KNOWN_SIGNATURE)
    monkeypatch.undo()
    sm2.verify(PUBLIC, b"message digest", KNOWN_SIGNATURE)


class TestForms:
    number = st.integers(1, N - 1)

    @given(r=number, s=number)
    def test_both_forms_hold_the_same_pair(self, r: int, s: int) -> None:
        if (r + s) % N == 0:
            return
        der = sm2_signature.encode_der(r, s)
        assert len(der) <= sm2_signature.MAX_DER_SIZE
        assert sm2_signature.parse_der(der) == (r, s)
        raw = sm2.der_to_raw(der)
        assert raw == r.to_bytes(32, "big") + s.to_bytes(32, "big")
        assert sm2.raw_to_der(raw) == der

    @given(der=st.binary(max_size=80))
    def test_what_is_accepted_has_one_spelling(self, der: bytes) -> None:
        try:
            pair = sm2_signature.parse_der(der)
        except SignatureError:
            return
        assert sm2_signature.encode_der(*pair) == der

    @given(r=number, s=number, data=st.data())
    def test_a_spelling_altered_anywhere_is_another_pair_or_refused(
        self, r: int, s: int, data: st.DataObject
    ) -> None:
        der = bytearray(sm2_signature.encode_der(r, s))
        der[data.draw(st.integers(0, len(der) - 1))] ^= data.draw(st.integers(1, 255))
        try:
            pair = sm2_signature.parse_der(bytes(der))
        except SignatureError:
            return
        assert pair != (r, s)
        assert sm2_signature.encode_der(*pair) == der

    @pytest.mark.parametrize("length", [0, 63, 65, 72])
    def test_a_raw_signature_has_64_bytes(self, length: int) -> None:
        with pytest.raises(SignatureError) as caught:
            sm2.raw_to_der(b"\1" * length)
        assert caught.value.reason == "integrity.signature.length"

    def test_a_raw_signature_is_in_range(self) -> None:
        for raw, reason in (
            (bytes(64), "range"),
            (b"\xff" * 64, "range"),
            ((1).to_bytes(32, "big") + (N - 1).to_bytes(32, "big"), "sum"),
        ):
            with pytest.raises(SignatureError) as caught:
                sm2.raw_to_der(raw)
            assert caught.value.reason == f"integrity.signature.{reason}"
