"""One private key of each algorithm, and key files around them."""

import base64
from pathlib import Path

import pytest

from trace_node.crypto import bls, ed25519, keys, pbes2, sm2
from trace_node.crypto.pkcs8 import AnyPrivateKey

PASSPHRASE = "correct horse battery"  # noqa: S105 -- of test keys
KEYS: dict[str, AnyPrivateKey] = {
    "SM2": sm2.PrivateKey.from_secret(b"\x11" * 32),
    "Ed25519": ed25519.PrivateKey(b"\x22" * 32),
    "BLS": bls.PrivateKey(b"\x33" * 32),
}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cheap key derivation, for tests that are about something else."""
    for function in (keys.save, pbes2.encrypt):  # a default is bound when a function is made
        monkeypatch.setitem(function.__kwdefaults__, "scrypt_n", 2)
    monkeypatch.setattr(pbes2, "SCRYPT_P", 1)


def write(path: Path, content: bytes) -> Path:
    """Write a file that only its owner can reach."""
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def pem(der: bytes) -> bytes:
    """Put DER into the PEM block of a key file."""
    begin, end = (f"-----{word} ENCRYPTED PRIVATE KEY-----\n" for word in ("BEGIN", "END"))
    return begin.encode() + base64.encodebytes(der) + end.encode()


def sealed(plain: bytes) -> bytes:
    """Encrypt and wrap the plain bytes of a private key."""
    return pem(pbes2.encrypt(plain, PASSPHRASE.encode()))
