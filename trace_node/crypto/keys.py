"""Key files: one private key each, PEM, encrypted under a passphrase, mode 0600."""

import base64
import binascii
import re
from pathlib import Path
from typing import TypeVar

from trace_node.crypto import bls, ed25519, pbes2, pkcs8, secret_file, sm2
from trace_node.crypto.errors import KeyFileError, KeyFormatError, ParameterError
from trace_node.crypto.pkcs8 import AnyPrivateKey

MIN_PASSPHRASE = 8

_PEM = re.compile(
    rb"-----BEGIN ENCRYPTED PRIVATE KEY-----\r?\n"
    rb"([A-Za-z0-9+/=\r\n]+)"
    rb"-----END ENCRYPTED PRIVATE KEY-----\r?\n?"
)
_LINE_SIZE = 64

# Ids of the keys that a printed private number gives on sm2p256v1: anybody can sign with them. They
# are kept as ids so that no private key stands here.
PUBLISHED_KEY_IDS: frozenset[str] = frozenset(
    (
        "e6a4f9765fca89e8b7d64019b900d57c",  # GB/T 32918.5, signature and encryption
        "46452538a559fa42509afeab77d8f958",  # GB/T 32918.5, key exchange, side A
        "968fb6d7c185b0c99d9a0c63541c07ce",  # GB/T 32918.5, key exchange, side B
        "049f529404cdc4ed888af36438d99d81",  # GB/T 32918.2, Fp-256
        "3e105a6a6b07a382fad7d1bbd14e7d29",  # GB/T 32918.2, F2m-257
        "4d9999e9c7137147d1109a5d33737094",  # GB/T 32918.3, Fp-256, side A
        "89949f04d959693cb3dd18f639501eee",  # GB/T 32918.3, Fp-256, side B
        "b8bcaf696d3707fd61812cb013a588c0",  # GB/T 32918.4, Fp-256
        "c8f109b640e66e984985077563f9c56d",  # GB/T 32918.4, F2m-257
        "459e0b4d16befaf8312354f17007edcb",  # the README of gmssl, copied into many programs
    )
)

_Kind = TypeVar("_Kind", sm2.PrivateKey, ed25519.PrivateKey, bls.PrivateKey)


def generate() -> sm2.PrivateKey:
    """Make a new SM2 key; ``ed25519.generate`` and ``bls.generate`` make the others.

    Raises:
        NoProviderError: No library may sign.
    """
    return sm2.generate()


def save(
    path: Path | str, key: AnyPrivateKey, passphrase: str, *, scrypt_n: int = pbes2.SCRYPT_N
) -> None:
    """Write ``key`` to a new file, encrypted; on return it is on the disk.

    Args:
        path: The file.
        key: The key.
        passphrase: At least 8 characters.
        scrypt_n: Cost of a guess, a power of two; see ``pbes2.encrypt``.

    Raises:
        ParameterError: The passphrase has fewer than 8 characters.
        KeyFormatError: The key stands in a published example.
        KeyFileError: The file exists.
        OSError: The directory is missing or cannot be written.
    """
    if len(passphrase) < MIN_PASSPHRASE:
        raise ParameterError(
            "{field}: must have at least {bound} characters",
            field="passphrase",
            bound=MIN_PASSPHRASE,
            remedy="set a longer one in TN_PASSPHRASE",
            code="input.parameter.passphrase",
        )
    if isinstance(key, sm2.PrivateKey):
        require_unpublished(key.public)
    encoded = base64.b64encode(_encrypted(key, passphrase, scrypt_n))
    lines = (encoded[at : at + _LINE_SIZE] for at in range(0, len(encoded), _LINE_SIZE))
    secret_file.create(
        Path(path),
        b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n%s\n-----END ENCRYPTED PRIVATE KEY-----\n"
        % b"\n".join(lines),
    )


def _encrypted(key: AnyPrivateKey, passphrase: str, scrypt_n: int) -> bytes:
    return pbes2.encrypt(pkcs8.encode(key), _octets(passphrase), scrypt_n=scrypt_n)


def load(path: Path | str, passphrase: str) -> sm2.PrivateKey:
    """Read an SM2 key from its file.

    Raises:
        KeyFileError: Missing, open to others, not encrypted PEM, the passphrase is wrong, or a key
            of another algorithm.
        KeyFormatError: What is inside is no key, or stands in a published example.
    """
    return load_as(sm2.PrivateKey, path, passphrase)


def load_as(kind: type[_Kind], path: Path | str, passphrase: str) -> _Kind:
    """Read a key of the given kind (``sm2.PrivateKey`` and so on) from its file.

    Raises:
        KeyFileError: See ``load``.
        KeyFormatError: See ``load``.
    """
    key = load_any(path, passphrase)
    if not isinstance(key, kind):
        raise KeyFileError(
            "{path}: holds a key of the algorithm {found}, expected {expected}",
            field="path",
            path=path,
            found=_algorithm(type(key)),
            expected=_algorithm(kind),
            remedy="check which key file is meant",
            code="config.key_file.algorithm",
        )
    return key


def load_any(path: Path | str, passphrase: str) -> AnyPrivateKey:
    """Read a key of whatever algorithm the file holds.

    Raises:
        KeyFileError: See ``load``.
        KeyFormatError: See ``load``.
    """
    encrypted = _unwrap(Path(path), secret_file.read(Path(path)))
    try:
        key = _decode(pbes2.decrypt(encrypted, _octets(passphrase)))
    except KeyFileError as error:
        if error.reason != "config.key_file.passphrase":
            raise
        raise KeyFileError(
            "{path}: the passphrase is wrong, or the key file is damaged",
            field="path",
            path=path,
            remedy="set TN_PASSPHRASE to the one the file was made with; else restore the file from"
            " a backup",
            code=error.reason,
        ) from error
    if isinstance(key, sm2.PrivateKey):
        require_unpublished(key.public)
    return key


def require_unpublished(public: sm2.PublicKey) -> None:
    """Refuse a key whose private half is printed in a standard or a manual.

    Raises:
        KeyFormatError: It is.
    """
    if public.key_id in PUBLISHED_KEY_IDS:
        raise KeyFormatError(
            "{field}: the private key of {key} has been published: anybody can sign with it",
            field="key",
            key=public.key_id,
            remedy="make a key of your own: trace-node keys generate",
            code="input.key.published",
        )


def _octets(passphrase: str) -> bytes:
    try:
        return passphrase.encode()
    except UnicodeEncodeError:  # an environment variable may hold any bytes
        # From None: the encoding error carries the passphrase itself.
        raise ParameterError(
            "{field}: must be Unicode text",
            field="passphrase",
            remedy="set it in UTF-8",
            code="input.parameter.passphrase",
        ) from None


def _unwrap(path: Path, pem: bytes) -> bytes:
    matched = _PEM.fullmatch(pem)
    if matched is None:
        raise KeyFileError(
            "{path}: must hold one PEM block ENCRYPTED PRIVATE KEY and nothing else",
            field="path",
            path=path,
            remedy="encrypt it: openssl pkcs8 -topk8 -scrypt -v2 aes-256-cbc -in KEY -out NEW",
            code="config.key_file.pem",
        )
    try:
        return base64.b64decode(b"".join(matched[1].split()), validate=True)
    except binascii.Error as error:
        raise KeyFileError(
            "{path}: its PEM block is not base64",
            field="path",
            path=path,
            remedy="restore it from a backup",
            code="config.key_file.pem",
        ) from error


def _decode(plain: bytes) -> AnyPrivateKey:
    try:
        return pkcs8.decode(plain)
    except KeyFormatError as error:
        if error.reason != "input.key.der":
            raise
        # One wrong passphrase in 256 passes the check of the padding and ends here.
        raise KeyFileError(pbes2.WRONG, code="config.key_file.passphrase") from error


def _algorithm(kind: type[AnyPrivateKey]) -> str:
    names: dict[type[AnyPrivateKey], str] = {
        sm2.PrivateKey: sm2.ALGORITHM,
        ed25519.PrivateKey: ed25519.ALGORITHM,
        bls.PrivateKey: bls.ALGORITHM,
    }
    return names[kind]
