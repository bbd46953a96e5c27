"""SM4-GCM by GmSSL 3 through gmssl_pyx.

The library refuses an empty message, whose tag authenticates the associated data alone (GMAC). That
one case is computed here from NIST SP 800-38D, over the library's block cipher.
"""

import hmac
from typing import Any

TAG_SIZE = 16

_BLOCK_SIZE = 16
_REDUCTION = 0xE1 << 120  # x^128 + x^7 + x^2 + x + 1, bits reversed (SP 800-38D clause 6.3)


class GmsslPyxCipher:
    """SM4-GCM by gmssl_pyx."""

    def __init__(self, library: Any) -> None:  # noqa: ANN401 -- the library has no usable types
        self._library = library

    def seal(self, key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
        """Return ciphertext and tag."""
        if not plaintext:
            return self._tag_of_nothing(key, nonce, associated)
        ciphertext, tag = self._library.sm4_gcm_encrypt(key, nonce, associated, plaintext)
        return bytes(ciphertext) + bytes(tag)

    def unseal(self, key: bytes, nonce: bytes, sealed: bytes, associated: bytes) -> bytes | None:
        """Return the plaintext, or ``None`` when the tag does not fit."""
        ciphertext, tag = sealed[:-TAG_SIZE], sealed[-TAG_SIZE:]
        if not ciphertext:
            expected = self._tag_of_nothing(key, nonce, associated)
            return b"" if hmac.compare_digest(expected, tag) else None
        try:
            return bytes(self._library.sm4_gcm_decrypt(key, nonce, associated, ciphertext, tag))
        except self._library.InvalidValueError:
            return None  # the sizes are right, so it is the tag that does not fit

    def _tag_of_nothing(self, key: bytes, nonce: bytes, associated: bytes) -> bytes:
        subkey = int.from_bytes(self._encrypt_block(key, bytes(_BLOCK_SIZE)), "big")
        lengths = (8 * len(associated)).to_bytes(8, "big") + bytes(8)
        padded = associated + bytes(-len(associated) % _BLOCK_SIZE) + lengths
        total = 0
        for start in range(0, len(padded), _BLOCK_SIZE):
            block = int.from_bytes(padded[start : start + _BLOCK_SIZE], "big")
            total = _multiply(total ^ block, subkey)
        mask = int.from_bytes(self._encrypt_block(key, nonce + b"\0\0\0\1"), "big")
        return (total ^ mask).to_bytes(TAG_SIZE, "big")

    def _encrypt_block(self, key: bytes, block: bytes) -> bytes:
        # Counter mode over zeros yields the encrypted counter block itself.
        return bytes(self._library.sm4_ctr_encrypt(key, block, bytes(_BLOCK_SIZE)))


def _multiply(left: int, right: int) -> int:
    """Multiply in GF(2^128) as SP 800-38D clause 6.3 numbers the bits."""
    product = 0
    for position in range(127, -1, -1):
        if left >> position & 1:
            product ^= right
        right = right >> 1 ^ (_REDUCTION if right & 1 else 0)
    return product


def load() -> GmsslPyxCipher:
    """Import the library.

    Raises:
        ImportError: It is not installed.
    """
    import gmssl_pyx  # noqa: PLC0415 -- an optional library, loaded in its turn

    return GmsslPyxCipher(gmssl_pyx)
