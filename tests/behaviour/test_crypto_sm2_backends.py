"""One suite over every library that can serve SM2, with gmalg as an outside judge.

Shows S4-3-4, S2-7.4-1.
"""

import json
import os
import threading
from pathlib import Path
from typing import Any

import gmalg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import crypto_backends
from support.crypto_backends import backend, sm2_cases

from trace_node.crypto import sm2
from trace_node.crypto.backends import KNOWN_DIGEST, KNOWN_POINT, KNOWN_SECRET, KNOWN_SIGNATURE
from trace_node.crypto.errors import SignatureError
from trace_node.crypto.sm2_signature import parse_der
from trace_node.errors import TraceNodeError

__all__ = ["backend"]

ONE_PER_BACKEND = settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
IDS = (b"1", sm2.DEFAULT_USER_ID, b"ALICE123@YAHOO.COM", b"x" * 300)


@pytest.fixture
def key(backend: Any) -> sm2.PrivateKey:
    assert backend
    return sm2.generate()


def test_every_library_of_the_table_is_covered() -> None:
    assert crypto_backends.NAMES == ("libcrypto", "gmssl_pyx", "gmssl")


def test_the_committed_set_covers_every_refusal() -> None:
    reasons = [case["reason"] for case in sm2_cases()]
    assert len(reasons) == 80
    assert reasons.count(None) == 11
    assert {reason for reason in reasons if reason} == {
        *(
            f"integrity.signature.{rule}"
            for rule in [
                "range",
                "sum",
                "truncated",
                "trailing",
                "length",
                "shortest",
                "negative",
                "der",
                "mismatch",
            ]
        ),
        *(f"input.key.{rule}" for rule in ["length", "form", "coordinate", "off_curve"]),
    }


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("case", sm2_cases(), ids=lambda case: case["name"])
def test_committed_signatures(case: dict[str, str]) -> None:
    def verify() -> None:
        public = sm2.PublicKey.from_point(bytes.fromhex(case["point"]))
        message, signature = bytes.fromhex(case["message"]), bytes.fromhex(case["signature"])
        sm2.verify(public, message, signature, user_id=bytes.fromhex(case["user_id"]))

    if case["reason"] is None:
        verify()
        return
    with pytest.raises(TraceNodeError) as caught:
        verify()
    assert caught.value.reason == case["reason"]


@pytest.mark.usefixtures("backend")
@pytest.mark.vectors
def test_signature_example_of_the_standard(vectors_dir: Path) -> None:
    known = json.loads((vectors_dir / "sm/gbt.json").read_text("utf-8"))
    (example,) = (c for c in known["sm2"] if c["kind"] == "sign" and "oid" in c)
    public = sm2.PublicKey.from_point(bytes.fromhex("04" + example["px"] + example["py"]))
    user_id, message = bytes.fromhex(example["id"]), bytes.fromhex(example["msg"])
    assert sm2.z_value(public, user_id=user_id).hex() == example["za"]
    assert sm2.digest(public, message, user_id=user_id).hex() == example["e"]
    sm2.verify(public, message, bytes.fromhex(example["sig_der"]), user_id=user_id)
    assert sm2.der_to_raw(bytes.fromhex(example["sig_der"])).hex() == example["r"] + example["s"]
    key = sm2.PrivateKey.from_secret(bytes.fromhex(example["d"]))
    assert key.public == public


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("user_id", IDS, ids=len)
def test_what_is_signed_verifies_here_and_by_an_outside_judge(
    key: sm2.PrivateKey, user_id: bytes
) -> None:
    message = b"a delivery"
    signature = key.sign(message, user_id=user_id)
    sm2.verify(key.public, message, signature, user_id=user_id)
    raw = sm2.der_to_raw(signature)
    judge = gmalg.SM2(pk=key.public.point, uid=user_id)
    assert judge.verify(message, raw[:32], raw[32:])


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("user_id", IDS, ids=len)
def test_what_an_outsider_signs_verifies_here(key: sm2.PrivateKey, user_id: bytes) -> None:
    signer = gmalg.SM2(sk=key.secret, pk=key.public.point, uid=user_id)
    r, s = (part.rjust(32, b"\0") for part in signer.sign(b"a delivery"))  # it leaves zeros out
    sm2.verify(key.public, b"a delivery", sm2.raw_to_der(r + s), user_id=user_id)


@pytest.mark.usefixtures("backend")
def test_what_one_library_signs_every_other_verifies(key: sm2.PrivateKey) -> None:
    signature = key.sign(b"a delivery")
    e = sm2.digest(key.public, b"a delivery")
    for name in crypto_backends.NAMES:
        verifying = crypto_backends.load(name).verifying_key(key.public.point)
        assert verifying.verify(e, signature), name
        assert not verifying.verify(e[::-1], signature), name


def test_every_library_computes_the_same_public_key(backend: Any) -> None:
    for secret in (1, 2, 3, 2**128, sm2.N - 3, sm2.N - 2):
        raw = secret.to_bytes(32, "big")
        point = backend.public_point(raw)
        assert point == b"\x04" + gmalg.SM2(sk=raw).generate_pk(raw)[1:]
        sm2.PublicKey.from_point(point)


@pytest.mark.usefixtures("backend")
@ONE_PER_BACKEND
@given(message=st.binary(max_size=300), user_id=st.binary(min_size=1, max_size=40))
def test_any_message_under_any_id_signs_and_verifies(message: bytes, user_id: bytes) -> None:
    key = _standing_key()
    signature = key.sign(message, user_id=user_id)
    sm2.verify(key.public, message, signature, user_id=user_id)
    with pytest.raises(SignatureError) as caught:
        sm2.verify(key.public, message + b"\0", signature, user_id=user_id)
    assert caught.value.reason == "integrity.signature.mismatch"


@pytest.mark.usefixtures("backend")
@ONE_PER_BACKEND
@given(data=st.data())
def test_any_flipped_bit_of_a_signature_is_refused(data: st.DataObject) -> None:
    good = next(case for case in sm2_cases() if case["reason"] is None)
    public = sm2.PublicKey.from_point(bytes.fromhex(good["point"]))
    message, user_id = bytes.fromhex(good["message"]), bytes.fromhex(good["user_id"])
    signature = bytearray.fromhex(good["signature"])
    sm2.verify(public, message, bytes(signature), user_id=user_id)
    position = data.draw(st.integers(0, len(signature) * 8 - 1))
    signature[position // 8] ^= 1 << position % 8
    with pytest.raises(SignatureError):
        sm2.verify(public, message, bytes(signature), user_id=user_id)


@pytest.mark.usefixtures("backend")
@ONE_PER_BACKEND
@given(noise=st.binary(max_size=80))
def test_noise_is_refused_with_the_part_s_own_error(noise: bytes) -> None:
    with pytest.raises(SignatureError):
        sm2.verify(_standing_key().public, b"m", noise)


@pytest.mark.usefixtures("backend")
def test_two_signatures_never_share_a_nonce(key: sm2.PrivateKey) -> None:
    e = sm2.digest(key.public, b"m")
    numbers = {parse_der(key.sign_digest(e))[0] for _ in range(8)}
    assert len(numbers) == 8


@pytest.mark.usefixtures("backend")
def test_nonces_differ_between_a_process_and_its_child(key: sm2.PrivateKey) -> None:
    e = sm2.digest(key.public, b"m")
    key.sign_digest(e)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, key.sign_digest(e))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reading, 100)
    os.close(reading)
    os.close(writing)
    assert parse_der(theirs)[0] != parse_der(key.sign_digest(e))[0]
    sm2.verify_digest(key.public, e, theirs)


@pytest.mark.usefixtures("backend")
def test_threads_share_a_key(key: sm2.PrivateKey) -> None:
    faults: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(3):
                message = bytes((number, turn))
                sm2.verify(key.public, message, key.sign(message))
        except BaseException as error:  # noqa: BLE001 -- handed to the main thread
            faults.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_the_library_itself_refuses_another_digest() -> None:
    for name in crypto_backends.NAMES:
        verifying = crypto_backends.load(name).verifying_key(KNOWN_POINT)
        assert verifying.verify(KNOWN_DIGEST, KNOWN_SIGNATURE)
        for bit in (0, 100, 255):
            other = (int.from_bytes(KNOWN_DIGEST, "big") ^ 1 << bit).to_bytes(32, "big")
            assert not verifying.verify(other, KNOWN_SIGNATURE), name


def _standing_key() -> sm2.PrivateKey:
    return sm2.PrivateKey.from_secret(KNOWN_SECRET)
