"""SM4-GCM by ``cryptography``."""

from typing import Any

TAG_SIZE = 16


class CryptographyCipher:
    """SM4-GCM by ``cryptography``."""

    def __init__(self, *, ciphers: Any, invalid_tag: type[Exception]) -> None:  # noqa: ANN401 -- a module
        self._ciphers = ciphers
        self._invalid_tag = invalid_tag

    def seal(self, key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
        """Return ciphertext and tag."""
        running = self._cipher(key, self._ciphers.modes.GCM(nonce)).encryptor()
        running.authenticate_additional_data(associated)
        return bytes(running.update(plaintext) + running.finalize() + running.tag)

    def unseal(self, key: bytes, nonce: bytes, sealed: bytes, associated: bytes) -> bytes | None:
        """Return the plaintext, or ``None`` when the tag does not fit."""
        mode = self._ciphers.modes.GCM(nonce, sealed[-TAG_SIZE:])
        running = self._cipher(key, mode).decryptor()
        running.authenticate_additional_data(associated)
        try:
            return bytes(running.update(sealed[:-TAG_SIZE]) + running.finalize())
        except self._invalid_tag:
            return None

    def _cipher(self, key: bytes, mode: object) -> Any:  # noqa: ANN401 -- untyped through the module
        return self._ciphers.Cipher(self._ciphers.algorithms.SM4(key), mode)


def load() -> CryptographyCipher:
    """Import the library.

    Raises:
        ImportError: It is not installed.
    """
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 -- loaded in its turn
    from cryptography.hazmat.primitives import ciphers  # noqa: PLC0415 -- same

    return CryptographyCipher(ciphers=ciphers, invalid_tag=InvalidTag)
