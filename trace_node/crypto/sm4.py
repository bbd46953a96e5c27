"""SM4-GCM (GB/T 32907-2016 in the mode of RFC 8998), for secrets and archives.

Nonces have 96 bits and nothing else: other lengths pass through GHASH, where a rare collision gives
the authentication key away, and nobody needs them. One key must never see one nonce twice.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Cipher:
    """SM4-GCM (分组密码) by one library.

    Args:
        seal: Takes key, nonce, plaintext and associated data; returns ciphertext and tag.
        unseal: Takes key, nonce, sealed bytes and associated data; ``None`` when they do not fit.
    """

    seal: Callable[[bytes, bytes, bytes, bytes], bytes]
    unseal: Callable[[bytes, bytes, bytes, bytes], bytes | None]


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


def _from_cryptography() -> Cipher:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 -- loaded in its turn
    from cryptography.hazmat.primitives import ciphers  # noqa: PLC0415 -- same
    from cryptography.hazmat.primitives.ciphers import algorithms, modes  # noqa: PLC0415 -- same

    def seal(key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
        running = ciphers.Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
        running.authenticate_additional_data(associated)
        return running.update(plaintext) + running.finalize() + running.tag

    def unseal(key: bytes, nonce: bytes, sealed: bytes, associated: bytes) -> bytes | None:
        mode = modes.GCM(nonce, sealed[-TAG_SIZE:])
        running = ciphers.Cipher(algorithms.SM4(key), mode).decryptor()
        running.authenticate_additional_data(associated)
        try:
            return running.update(sealed[:-TAG_SIZE]) + running.finalize()
        except InvalidTag:
            return None

    return Cipher(seal=seal, unseal=unseal)


def _from_gmssl_pyx() -> Cipher:
    import gmssl_pyx  # noqa: PLC0415 -- an optional library, loaded in its turn

    def seal(key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
        sealed, tag = gmssl_pyx.sm4_gcm_encrypt(key, nonce, associated, plaintext)
        return bytes(sealed) + bytes(tag)

    def unseal(key: bytes, nonce: bytes, sealed: bytes, associated: bytes) -> bytes | None:
        try:
            return bytes(
                gmssl_pyx.sm4_gcm_decrypt(
                    key, nonce, associated, sealed[:-TAG_SIZE], sealed[-TAG_SIZE:]
                )
            )
        except gmssl_pyx.InvalidValueError:  # with a tag of 16 bytes: it does not match
            return None

    return Cipher(seal=seal, unseal=unseal)


CANDIDATES: tuple[Candidate[Cipher], ...] = (
    Candidate(name="cryptography", load=_from_cryptography, check=check),
    Candidate(name="gmssl_pyx", load=_from_gmssl_pyx, check=check),
)


@cache
def _chosen() -> tuple[str, Cipher]:
    return choose("SM4-GCM", CANDIDATES)


def _cipher() -> Cipher:
    return _chosen()[1]
