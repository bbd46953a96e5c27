"""One suite over both BLS libraries."""

from functools import cache
from typing import Any

import pytest

from trace_node.crypto import bls
from trace_node.crypto.backends.bls_base import FIELD, ORDER
from trace_node.crypto.choice import KnownAnswerError, probe
from trace_node.crypto.errors import KeyFormatError, ParameterError, SignatureError

NAMES = tuple(candidate.name for candidate in bls.CANDIDATES)
MESSAGE = b"a checkpoint"

# A point of the curve of G1 outside the subgroup of prime order: x = 4 (found by trying).
G1_OUTSIDE = (0x80 << 376 | 4).to_bytes(48, "big")


@cache
def load(name: str) -> Any:
    (candidate,) = (item for item in bls.CANDIDATES if item.name == name)
    result = probe(candidate)
    assert result.found is not None, f"{name} must work on the test machine: {result.detail}"
    return result.found


@pytest.fixture(params=NAMES)
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    found = load(request.param)
    monkeypatch.setattr(bls, "backend", lambda: found)
    return found


def key(number: int) -> bls.PrivateKey:
    return bls.PrivateKey(number.to_bytes(32, "big"))


def test_both_libraries_are_covered() -> None:
    assert NAMES == ("py_arkworks_bls12381", "py_ecc")


def test_a_key_signs_and_proves_its_possession(backend: Any) -> None:
    assert backend
    private = key(bls.KNOWN_SECRET)
    assert private.public.raw == bls.KNOWN_PUBLIC
    assert private.sign(bls.KNOWN_MESSAGE) == bls.KNOWN_SIGNATURE
    bls.verify(private.public, bls.KNOWN_MESSAGE, bls.KNOWN_SIGNATURE)
    proof = private.prove_possession()
    bls.verify_possession(private.public, proof)
    for call in (
        lambda: bls.verify(private.public, b"other", bls.KNOWN_SIGNATURE),
        lambda: bls.verify(key(5).public, bls.KNOWN_MESSAGE, bls.KNOWN_SIGNATURE),
        lambda: bls.verify(private.public, private.public.raw, proof),
        lambda: bls.verify_possession(private.public, private.sign(private.public.raw)),
    ):
        with pytest.raises(SignatureError) as caught:
            call()
        assert caught.value.reason == "integrity.signature.mismatch"


def test_a_quorum_folds_into_one_signature(backend: Any) -> None:
    assert backend
    privates = [key(number) for number in (11, 12, 13)]
    publics = [private.public for private in privates]
    folded = bls.aggregate([private.sign(MESSAGE) for private in privates])
    bls.fast_aggregate_verify(publics, MESSAGE, folded)
    bls.fast_aggregate_verify(publics[::-1], MESSAGE, folded)
    for keys, message in ((publics[:2], MESSAGE), ([*publics, key(14).public], MESSAGE)):
        with pytest.raises(SignatureError) as caught:
            bls.fast_aggregate_verify(keys, message, folded)
        assert caught.value.reason == "integrity.signature.mismatch"


def test_keys_that_cancel_out_verify_nothing(backend: Any) -> None:
    assert backend
    publics = [key(7).public, key(ORDER - 7).public]
    with pytest.raises(SignatureError) as caught:
        bls.fast_aggregate_verify(publics, MESSAGE, bls.KNOWN_SIGNATURE)
    assert caught.value.reason == "integrity.signature.mismatch"


def test_signatures_that_cancel_out_fold_into_nothing(backend: Any) -> None:
    assert backend
    with pytest.raises(SignatureError) as caught:
        bls.aggregate([key(7).sign(MESSAGE), key(ORDER - 7).sign(MESSAGE)])
    assert caught.value.reason == "integrity.signature.infinity"


def test_a_quorum_names_each_key_once(backend: Any) -> None:
    assert backend
    public = key(7).public
    for publics, reason in (
        ([], "key_count"),
        ([public] * 1025, "key_count"),
        ([public, public], "repeated_key"),
    ):
        with pytest.raises(ParameterError) as caught:
            bls.fast_aggregate_verify(publics, MESSAGE, bls.KNOWN_SIGNATURE)
        assert caught.value.reason == f"input.parameter.{reason}"
    with pytest.raises(ParameterError):
        bls.aggregate([])


def altered(raw: bytes, *, first: int | None = None, flags: int = 0) -> bytes:
    return bytes(((raw[0] if first is None else first) ^ flags,)) + raw[1:]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "length"),
        (bls.KNOWN_PUBLIC[:-1], "length"),
        (bls.KNOWN_PUBLIC + b"\0", "length"),
        (bytes(48), "form"),
        (altered(bls.KNOWN_PUBLIC, flags=0x80), "form"),
        (altered(bytes(48), first=0xC0), "infinity"),
        (altered(bytes(48), first=0xE0), "infinity"),
        (b"\xff" * 48, "infinity"),
        (altered(b"\xff" * 48, first=0x9F), "coordinate"),
        ((0x80 << 376 | FIELD).to_bytes(48, "big"), "coordinate"),
        (altered(bytes(47) + b"\1", first=0x80), "off_curve"),
        (G1_OUTSIDE, "off_curve"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(len(value)),
)
def test_each_unsound_public_key_has_its_own_reason(backend: Any, raw: bytes, reason: str) -> None:
    assert backend
    with pytest.raises(KeyFormatError) as caught:
        bls.PublicKey(raw)
    assert caught.value.reason == f"input.key.{reason}"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "length"),
        (bls.KNOWN_SIGNATURE[:-1], "length"),
        (bls.KNOWN_SIGNATURE + b"\0", "length"),
        (altered(bls.KNOWN_SIGNATURE, flags=0x80), "form"),
        (altered(bytes(96), first=0xC0), "infinity"),
        (altered(bytes(96), first=0xE0), "infinity"),
        (altered(b"\xff" * 96, first=0x9F), "coordinate"),
        (bls.KNOWN_SIGNATURE[:48] + b"\xff" * 48, "coordinate"),
        (bls.KNOWN_SIGNATURE[:48] + altered(bls.KNOWN_SIGNATURE[48:], flags=0x80), "coordinate"),
        (bls.KNOWN_SIGNATURE[:-1] + bytes((bls.KNOWN_SIGNATURE[-1] ^ 1,)), "off_curve"),
        (altered(bls.KNOWN_SIGNATURE, flags=0x20), "mismatch"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(len(value)),
)
def test_each_unsound_signature_has_its_own_reason(backend: Any, raw: bytes, reason: str) -> None:
    assert backend
    with pytest.raises(SignatureError) as caught:
        bls.verify(bls.PublicKey(bls.KNOWN_PUBLIC), bls.KNOWN_MESSAGE, raw)
    assert caught.value.reason == f"integrity.signature.{reason}"


@pytest.mark.parametrize("secret", [b"", bytes(32), bytes(31), ORDER.to_bytes(32, "big")])
def test_a_private_key_is_in_range(backend: Any, secret: bytes) -> None:
    assert backend
    with pytest.raises(KeyFormatError) as caught:
        bls.PrivateKey(secret)
    assert caught.value.reason == "input.key.range"


def test_the_libraries_agree() -> None:
    first, second = (load(name) for name in NAMES)
    secrets_ = (1, 2, ORDER - 1, 0x1234567890ABCDEF << 190)
    for secret in secrets_:
        assert first.public_key(secret) == second.public_key(secret)
        message = secret.to_bytes(32, "big")
        assert first.sign(secret, message, bls.SIGNATURE_TAG) == second.sign(
            secret, message, bls.SIGNATURE_TAG
        )
    signatures = [first.sign(secret, MESSAGE, bls.SIGNATURE_TAG) for secret in secrets_[1:]]
    assert first.aggregate(signatures) == second.aggregate(signatures)
    assert not first.is_public_key(G1_OUTSIDE)
    assert not second.is_public_key(G1_OUTSIDE)


def test_the_outside_point_lies_on_the_curve() -> None:
    cube = 4**3 + 4
    assert pow(cube, (FIELD - 1) // 2, FIELD) == 1


def test_a_library_with_another_answer_is_passed_over() -> None:
    good = load("py_arkworks_bls12381")

    class Gullible:
        def __getattr__(self, name: str) -> Any:
            return (lambda *_: True) if name == "verify" else getattr(good, name)

    with pytest.raises(KnownAnswerError, match="proof of possession"):
        bls.check(Gullible())


def test_generated_keys_differ_and_hide_their_number() -> None:
    first, second = bls.generate(), bls.generate()
    assert first.public != second.public
    assert first.secret.hex() not in repr(first)
    assert repr(first.secret) not in repr(first)
    assert len(first.public.key_id) == 32
