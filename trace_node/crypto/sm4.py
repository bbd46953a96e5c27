"""SM4-GCM (GB/T 32907-2016 in the mode of RFC 8998), for secrets and archives.

Nonces have 96 bits and nothing else: other lengths pass through GHASH, where a rare collision gives
the authentication key away, and nobody needs them. One key must never see one nonce twice.
"""

import secrets
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Protocol

from trace_node.crypto.choice import Candidate, KnownAnswerError, choose
from trace_node.crypto.errors import DecryptionError, ParameterError

KEY_SIZE = 16
NONCE_SIZE = 12
TAG_SIZE = 16

# RFC 8998 appendix A.1.
KNOWN_KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")
KNOWN_NONCE = bytes.fromhex("00001234567800000000abcd")
KNOWN_ASSOCIATED = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
KNOWN_PLAINTEXT = bytes.fromhex(
    "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
    "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"
)
KNOWN_SEALED = bytes.fromhex(
    "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
    "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    "83de3541e4c2b58177e065a9bf7b62ec"
)
# The tag of nothing under the same inputs, on which OpenSSL and GmSSL's block cipher agree.
KNOWN_TAG_OF_NOTHING = bytes.fromhex("63aa7895a55f35dd693ea9e3f98bf3ff")


class Cipher(Protocol):
    """SM4-GCM (分组密码) by one library; sizes have been checked before."""

    def seal(self, key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
        """Return ciphertext and tag."""

    def unseal(self, key: bytes, nonce: bytes, sealed: bytes, associated: bytes) -> bytes | None:
        """Return the plaintext, or ``None`` when the tag does not fit."""


def new_key() -> bytes:
    """Return a new random 16-byte key."""
    return secrets.token_bytes(KEY_SIZE)


def new_nonce() -> bytes:
    """Return a new random 12-byte nonce; safe for up to 2^32 messages under one key."""
    return secrets.token_bytes(NONCE_SIZE)


def encrypt(*, key: bytes, nonce: bytes, plaintext: bytes, associated: bytes = b"") -> bytes:
    """Encrypt and authenticate ``plaintext``; returns it with its 16-byte tag at the end.

    Args:
        key: 16 bytes.
        nonce: 12 bytes, never used before with this key.
        plaintext: The secret.
        associated: Bytes that are authenticated but not part of the result.

    Raises:
        ParameterError: Key or nonce has another length.
        NoProviderError: No library serves SM4-GCM here.
    """
    _require_sizes(key, nonce)
    return _cipher().seal(key, nonce, plaintext, associated)


def decrypt(*, key: bytes, nonce: bytes, sealed: bytes, associated: bytes = b"") -> bytes:
    """Return the plaintext of what ``encrypt`` returned.

    Raises:
        ParameterError: Key or nonce has another length.
        DecryptionError: Key, nonce, associated data and sealed bytes do not belong together.
        NoProviderError: No library serves SM4-GCM here.
    """
    _require_sizes(key, nonce)
    if len(sealed) < TAG_SIZE:
        raise DecryptionError(
            "{field}: {length} bytes cannot hold a tag of {size}",
            field="ciphertext",
            length=len(sealed),
            size=TAG_SIZE,
            code="integrity.decryption.truncated",
        )
    plaintext = _cipher().unseal(key, nonce, sealed, associated)
    if plaintext is None:
        raise DecryptionError(
            "{field}: does not fit the ciphertext, key, nonce and associated data",
            field="tag",
            code="integrity.decryption.tag",
        )
    return plaintext


def check(cipher: Cipher) -> None:
    """Compare ``cipher`` with the example of RFC 8998.

    Raises:
        KnownAnswerError: It differs.
    """
    given = (KNOWN_KEY, KNOWN_NONCE)
    if cipher.seal(*given, KNOWN_PLAINTEXT, KNOWN_ASSOCIATED) != KNOWN_SEALED:
        raise KnownAnswerError("another ciphertext than RFC 8998 appendix A.1")
    if cipher.unseal(*given, KNOWN_SEALED, KNOWN_ASSOCIATED) != KNOWN_PLAINTEXT:
        raise KnownAnswerError("does not open the ciphertext of RFC 8998 appendix A.1")
    if cipher.unseal(*given, KNOWN_SEALED, KNOWN_ASSOCIATED + b"\0") is not None:
        raise KnownAnswerError("accepts other associated data")
    if cipher.seal(*given, b"", KNOWN_ASSOCIATED) != KNOWN_TAG_OF_NOTHING:
        raise KnownAnswerError("another tag of the empty message")
    if cipher.unseal(*given, KNOWN_TAG_OF_NOTHING, KNOWN_ASSOCIATED) != b"":
        raise KnownAnswerError("does not open the empty message")


def _require_sizes(key: bytes, nonce: bytes) -> None:
    for field, value, size in (("key", key, KEY_SIZE), ("nonce", nonce, NONCE_SIZE)):
        if len(value) != size:
            raise ParameterError(
                "{field}: must have {size} bytes, this has {length}",
                field=field,
                size=size,
                length=len(value),
                code=f"input.parameter.{field}_length",
            )


def _loader(module: str) -> Callable[[], Cipher]:
    def load() -> Cipher:
        cipher: Cipher = import_module(module).load()
        return cipher

    return load


CANDIDATES: tuple[Candidate[Cipher], ...] = (
    Candidate(
        name="cryptography",
        load=_loader("trace_node.crypto.backends.sm4_cryptography"),
        check=check,
    ),
    Candidate(
        name="gmssl_pyx", load=_loader("trace_node.crypto.backends.sm4_gmssl_pyx"), check=check
    ),
)


@cache
def _chosen() -> tuple[str, Cipher]:
    return choose("SM4-GCM", CANDIDATES)


def _cipher() -> Cipher:
    return _chosen()[1]
