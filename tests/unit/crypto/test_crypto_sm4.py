"""SM4-GCM over both libraries: known answers, Wycheproof, and refusals."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_node.crypto import sm4
from trace_node.crypto.choice import KnownAnswerError, probe
from trace_node.crypto.errors import DecryptionError, ParameterError

LIBRARIES = {candidate.name: probe(candidate).found for candidate in sm4.CANDIDATES}


@pytest.fixture(params=LIBRARIES)
def cipher(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> sm4.Cipher:
    found = LIBRARIES[request.param]
    assert found is not None, f"{request.param} must work on the test machine"
    monkeypatch.setattr(sm4, "_cipher", lambda: found)
    return found


def test_both_libraries_are_covered() -> None:
    assert list(LIBRARIES) == ["cryptography", "gmssl_pyx"]


@pytest.mark.usefixtures("cipher")
def test_the_example_of_rfc_8998() -> None:
    arguments = {"key": sm4.KNOWN_KEY, "nonce": sm4.KNOWN_NONCE, "associated": sm4.KNOWN_ASSOCIATED}
    assert sm4.encrypt(**arguments, plaintext=sm4.KNOWN_PLAINTEXT) == sm4.KNOWN_SEALED
    assert sm4.decrypt(**arguments, sealed=sm4.KNOWN_SEALED) == sm4.KNOWN_PLAINTEXT


@pytest.mark.vectors
@pytest.mark.usefixtures("cipher")
def test_wycheproof_sm4_gcm(vectors_dir: Path) -> None:
    suite = json.loads((vectors_dir / "sm/sm4_gcm_test.json").read_text("utf-8"))
    counts = {"valid": 0, "invalid": 0, "other nonce": 0}
    for group in suite["testGroups"]:
        for case in group["tests"]:
            key, nonce, aad, message, ciphertext, tag = (
                bytes.fromhex(case[name]) for name in ("key", "iv", "aad", "msg", "ct", "tag")
            )
            arguments = {"key": key, "nonce": nonce, "associated": aad}
            if group["ivSize"] != 96:
                for call in (
                    lambda a=arguments, m=message: sm4.encrypt(**a, plaintext=m),
                    lambda a=arguments, c=ciphertext + tag: sm4.decrypt(**a, sealed=c),
                ):
                    with pytest.raises(ParameterError) as caught:
                        call()
                    assert caught.value.reason == "input.parameter.nonce_length"
                counts["other nonce"] += 1
            elif case["result"] == "valid":
                assert sm4.encrypt(**arguments, plaintext=message) == ciphertext + tag
                assert sm4.decrypt(**arguments, sealed=ciphertext + tag) == message
                counts["valid"] += 1
            else:
                with pytest.raises(DecryptionError):
                    sm4.decrypt(**arguments, sealed=ciphertext + tag)
                counts["invalid"] += 1
    assert counts == {"valid": 38, "invalid": 27, "other nonce": 39}


@pytest.mark.usefixtures("cipher")
@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 1000])
def test_every_altered_part_is_refused(length: int) -> None:
    key, nonce = sm4.new_key(), sm4.new_nonce()
    sealed = sm4.encrypt(key=key, nonce=nonce, plaintext=bytes(length), associated=b"name")
    good = {"key": key, "nonce": nonce, "sealed": sealed, "associated": b"name"}
    assert sm4.decrypt(**good) == bytes(length)
    for name, value in good.items():
        for position in {0, len(value) // 2, len(value) - 1}:
            altered = bytearray(value)
            altered[position] ^= 1
            with pytest.raises(DecryptionError) as caught:
                sm4.decrypt(**{**good, name: bytes(altered)})
            assert caught.value.reason == "integrity.decryption.tag"


@pytest.mark.usefixtures("cipher")
@pytest.mark.parametrize("length", [0, 15])
def test_less_than_a_tag_is_refused(length: int) -> None:
    with pytest.raises(DecryptionError) as caught:
        sm4.decrypt(key=bytes(16), nonce=bytes(12), sealed=bytes(length))
    assert caught.value.reason == "integrity.decryption.truncated"


@pytest.mark.parametrize("length", [0, 8, 11, 13, 16])
def test_other_nonces_are_refused_on_purpose(length: int) -> None:
    with pytest.raises(ParameterError) as caught:
        sm4.encrypt(key=bytes(16), nonce=bytes(length), plaintext=b"")
    assert caught.value.reason == "input.parameter.nonce_length"


@pytest.mark.parametrize("length", [0, 15, 24, 32])
def test_other_keys_are_refused(length: int) -> None:
    with pytest.raises(ParameterError) as caught:
        sm4.encrypt(key=bytes(length), nonce=bytes(12), plaintext=b"")
    assert caught.value.reason == "input.parameter.key_length"


@given(plaintext=st.binary(max_size=100), associated=st.binary(max_size=40))
def test_both_libraries_write_the_same_bytes(plaintext: bytes, associated: bytes) -> None:
    key, nonce = b"k" * 16, b"n" * 12
    written = {
        cipher.seal(key, nonce, plaintext, associated) for cipher in LIBRARIES.values() if cipher
    }
    assert len(written) == 1


def test_a_wrong_library_is_passed_over() -> None:
    good = LIBRARIES["cryptography"]
    assert good is not None
    for wrong in (
        SimpleNamespace(seal=lambda *_: b"", unseal=good.unseal),
        SimpleNamespace(seal=good.seal, unseal=lambda *_: None),
        SimpleNamespace(seal=good.seal, unseal=lambda *_: sm4.KNOWN_PLAINTEXT),
    ):
        with pytest.raises(KnownAnswerError):
            sm4.check(wrong)


def test_keys_and_nonces_are_random() -> None:
    assert (
        len({sm4.new_key() for _ in range(50)}) == len({sm4.new_nonce() for _ in range(50)}) == 50
    )
