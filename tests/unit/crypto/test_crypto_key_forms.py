"""The forms inside a key file: PKCS#8, and its encryption by PBES2."""

import pytest
from support.crypto_keys import KEYS

from trace_node.crypto import pbes2, pkcs8
from trace_node.crypto.der import (
    BIT_STRING,
    CONTEXT_0,
    CONTEXT_1,
    NULL,
    OCTET_STRING,
    SEQUENCE,
    SET,
    element,
    integer,
    object_id,
)
from trace_node.crypto.errors import KeyFormatError

EC = object_id("1.2.840.10045.2.1")
SM2_CURVE = object_id("1.2.156.10197.1.301")
P256 = object_id("1.2.840.10045.3.1.7")
ED = object_id("1.3.101.112")
GOOD = KEYS["SM2"]


def private_info(
    *,
    version: int = 0,
    algorithm: bytes = EC + SM2_CURVE,
    secret: bytes = GOOD.secret,
    point: bytes | None = None,
    ec_version: int = 1,
    curve: bytes = b"",
    end: bytes = b"",
) -> bytes:
    public = b"" if point is None else element(CONTEXT_1, element(BIT_STRING, b"\0" + point))
    ec = element(SEQUENCE, integer(ec_version), element(OCTET_STRING, secret), curve, public)
    return element(
        SEQUENCE,
        integer(version),
        element(SEQUENCE, algorithm),
        element(OCTET_STRING, ec),
        end,
    )


OTHER_ATTRIBUTE = element(
    CONTEXT_0, element(SEQUENCE, object_id("2.5.29.15"), element(SET, element(NULL)))
)


class TestPrivateKeyInfo:
    def test_forms_of_other_tools_are_read(self) -> None:
        for raw in (
            private_info(),
            private_info(point=GOOD.public.point),
            private_info(curve=element(CONTEXT_0, SM2_CURVE), point=GOOD.public.point),
            private_info(end=element(CONTEXT_0)),
        ):
            assert pkcs8.decode(raw).public == GOOD.public

    @pytest.mark.parametrize(
        ("raw", "reason"),
        [
            (private_info(version=1), "version"),
            (private_info(ec_version=2), "version"),
            (private_info(algorithm=EC + P256), "algorithm"),
            (private_info(curve=element(CONTEXT_0, P256)), "algorithm"),
            (private_info(algorithm=object_id("1.2.840.113549.1.1.1")), "der"),
            (
                element(
                    SEQUENCE,
                    integer(0),
                    element(SEQUENCE, object_id("1.3.101.110")),
                    element(OCTET_STRING, element(OCTET_STRING, bytes(32))),
                ),
                "algorithm",
            ),
            (private_info(algorithm=EC + SM2_CURVE + element(NULL)), "der"),
            (private_info(point=KEYS["SM2"].public.point[:-1] + b"\0"), "mismatch"),
            (private_info(secret=bytes(32)), "range"),
            (private_info(secret=bytes(31)), "length"),
            (private_info() + b"\0", "der"),
            (private_info()[:-1], "der"),
            (b"", "der"),
            (private_info(end=element(OCTET_STRING)), "der"),
            (private_info(end=OTHER_ATTRIBUTE), "algorithm"),
            (
                element(
                    SEQUENCE,
                    integer(0),
                    element(SEQUENCE, ED),
                    element(OCTET_STRING, element(OCTET_STRING, bytes(33))),
                ),
                "length",
            ),
        ],
    )
    def test_each_defect_has_its_own_reason(self, raw: bytes, reason: str) -> None:
        with pytest.raises(KeyFormatError) as caught:
            pkcs8.decode(raw)
        assert caught.value.reason == f"input.key.{reason}"

    @pytest.mark.parametrize("name", KEYS)
    def test_another_key_id_beside_it_means_damage(self, name: str) -> None:
        raw = pkcs8.encode(KEYS[name])
        key_id = bytes.fromhex(KEYS[name].public.key_id)
        with pytest.raises(KeyFormatError) as caught:
            pkcs8.decode(raw.replace(key_id, bytes(16)))
        assert caught.value.reason == "input.key.mismatch"


PBES2 = object_id("1.2.840.113549.1.5.13")
SCRYPT = object_id("1.3.6.1.4.1.11591.4.11")
PBKDF2 = object_id("1.2.840.113549.1.5.12")
AES = element(SEQUENCE, object_id("2.16.840.1.101.3.4.1.42"), element(OCTET_STRING, bytes(16)))
SALT = element(OCTET_STRING, bytes(16))
SHA256 = element(SEQUENCE, object_id("1.2.840.113549.2.9"), element(NULL))
SHA1 = element(SEQUENCE, object_id("1.2.840.113549.2.7"), element(NULL))


def encrypted_info(
    kdf: bytes, *, cipher: bytes = AES, scheme: bytes = PBES2, data: bytes = bytes(16)
) -> bytes:
    parameters = element(SEQUENCE, kdf, cipher)
    return element(SEQUENCE, element(SEQUENCE, scheme, parameters), element(OCTET_STRING, data))


def scrypt(n: int, r: int, p: int, *more: bytes) -> bytes:
    return element(
        SEQUENCE, SCRYPT, element(SEQUENCE, SALT, integer(n), integer(r), integer(p), *more)
    )


def pbkdf2(iterations: int, *more: bytes) -> bytes:
    return element(SEQUENCE, PBKDF2, element(SEQUENCE, SALT, integer(iterations), *more))


class TestEncryption:
    @pytest.mark.parametrize(
        ("raw", "words"),
        [
            (encrypted_info(scrypt(2**21, 8, 1)), "above 256 MiB"),
            (encrypted_info(scrypt(2**40, 8, 1)), "above 256 MiB"),
            (encrypted_info(scrypt(1000, 8, 1)), "unsound scrypt costs"),
            (encrypted_info(scrypt(1, 8, 1)), "unsound scrypt costs"),
            (encrypted_info(scrypt(0, 8, 1)), "unsound scrypt costs"),
            (encrypted_info(scrypt(16, 0, 1)), "unsound scrypt costs"),
            (encrypted_info(scrypt(16, 8, 0)), "unsound scrypt costs"),
            (encrypted_info(scrypt(16, 8, 17)), "unsound scrypt costs"),
            # RFC 7914: n below 2^(16 r), which OpenSSL reports as a lack of memory.
            (encrypted_info(scrypt(2**17, 1, 1)), "OpenSSL refuses"),
            (encrypted_info(scrypt(16, 8, 1, integer(16))), "key length"),
            (encrypted_info(pbkdf2(999, SHA256)), "iterations"),
            (encrypted_info(pbkdf2(10**9, SHA256)), "iterations"),
            (encrypted_info(pbkdf2(2048, SHA1)), "without HMAC-SHA-256"),
            (encrypted_info(pbkdf2(2048, integer(16), SHA256)), "key length"),
            (encrypted_info(element(SEQUENCE, PBES2, element(SEQUENCE, SALT))), "derivation"),
            (encrypted_info(scrypt(16, 8, 1), scheme=PBKDF2), "other than PBES2"),
            (encrypted_info(scrypt(16, 8, 1), data=b""), "broken blocks"),
            (encrypted_info(scrypt(16, 8, 1), data=bytes(17)), "broken blocks"),
            (
                encrypted_info(
                    scrypt(16, 8, 1),
                    cipher=element(SEQUENCE, object_id("2.16.840.1.101.3.4.1.2"), SALT),
                ),
                "other than AES-256-CBC",
            ),
            (
                encrypted_info(
                    scrypt(16, 8, 1),
                    cipher=AES.replace(b"\x04\x10" + bytes(16), b"\x04\x08" + bytes(8)).replace(
                        bytes((AES[1],)), bytes((AES[1] - 8,)), 1
                    ),
                ),
                "not 16 bytes",
            ),
        ],
    )
    def test_what_is_not_supported_is_refused_before_it_costs_anything(
        self, raw: bytes, words: str
    ) -> None:
        with pytest.raises(KeyFormatError) as caught:
            pbes2.decrypt(raw, b"passphrase")
        assert caught.value.reason == "input.key.encryption"
        assert words in caught.value.message
        assert "openssl pkcs8" in caught.value.remedy

    @pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 150])
    def test_every_length_comes_back(self, length: int) -> None:
        plain = bytes(range(length))
        assert pbes2.decrypt(pbes2.encrypt(plain, b"secret", scrypt_n=2), b"secret") == plain
