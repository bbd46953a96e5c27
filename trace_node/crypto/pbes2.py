"""Encryption of private keys under a passphrase: PBES2 (RFC 8018), scrypt (RFC 7914), AES-256-CBC.

The form is the standard EncryptedPrivateKeyInfo, so that ``openssl pkcs8`` opens a key file where
this program is not at hand. Written: scrypt. Read besides: PBKDF2 with HMAC-SHA-256, which
the OpenSSL command line writes. CBC has no tag; a damaged SM2 key is found because the public point
beside it must belong to it.
"""

import secrets
from collections.abc import Callable

from trace_node.crypto.der import (
    INTEGER,
    NULL,
    OCTET_STRING,
    SEQUENCE,
    Reader,
    element,
    integer,
    object_id,
)
from trace_node.crypto.errors import KeyFileError, KeyFormatError

WRONG = "the passphrase is wrong, or the key file is damaged"

_PBES2 = object_id("1.2.840.113549.1.5.13")
_PBKDF2 = object_id("1.2.840.113549.1.5.12")
_SCRYPT = object_id("1.3.6.1.4.1.11591.4.11")
_HMAC_SHA256 = object_id("1.2.840.113549.2.9")
_AES_256_CBC = object_id("2.16.840.1.101.3.4.1.42")

_KEY_SIZE = 32
_SALT_SIZE = 16
_BLOCK_SIZE = 16

# One of the equivalent choices of the OWASP password storage cheat sheet, the largest whose memory
# (16 MiB) OpenSSL's command line accepts: the file can be opened without this program.
SCRYPT_N = 2**14
SCRYPT_R = 8
SCRYPT_P = 5
_MAX_SCRYPT_MEMORY = 256 * 1024 * 1024
_MAX_SCRYPT_P = 16
_PBKDF2_ITERATIONS = range(1_000, 10_000_001)


def encrypt(plain: bytes, passphrase: bytes, *, scrypt_n: int = SCRYPT_N) -> bytes:
    """Return ``plain`` as an EncryptedPrivateKeyInfo.

    Args:
        plain: What is encrypted.
        passphrase: Opens it again.
        scrypt_n: Cost of a guess, a power of two; less than the default for keys that protect
            nothing.
    """
    salt, iv = secrets.token_bytes(_SALT_SIZE), secrets.token_bytes(_BLOCK_SIZE)
    key = _scrypt(passphrase, salt, n=scrypt_n, r=SCRYPT_R, p=SCRYPT_P)
    cost = (integer(number) for number in (scrypt_n, SCRYPT_R, SCRYPT_P))
    derivation = element(SEQUENCE, _SCRYPT, element(SEQUENCE, element(OCTET_STRING, salt), *cost))
    scheme = element(SEQUENCE, _AES_256_CBC, element(OCTET_STRING, iv))
    padding = _BLOCK_SIZE - len(plain) % _BLOCK_SIZE
    ciphertext = _aes_cbc(key, iv, plain + bytes((padding,)) * padding, decrypt=False)
    algorithm = element(SEQUENCE, _PBES2, element(SEQUENCE, derivation, scheme))
    return element(SEQUENCE, algorithm, element(OCTET_STRING, ciphertext))


def decrypt(raw: bytes, passphrase: bytes) -> bytes:
    """Return the plain bytes of an EncryptedPrivateKeyInfo.

    Raises:
        KeyFormatError: Not DER, another scheme, or costs outside the bounds.
        KeyFileError: The passphrase is wrong or the file is damaged.
    """
    outer = Reader(raw, what="key file")
    info = outer.inside(SEQUENCE)
    outer.end()
    algorithm = info.inside(SEQUENCE)
    ciphertext = info.content(OCTET_STRING)
    info.end()
    _require(
        algorithm.object_id() == _PBES2, "{field}: unsupported: an encryption other than PBES2"
    )
    parameters = algorithm.inside(SEQUENCE)
    algorithm.end()
    derive = _derivation(parameters.inside(SEQUENCE))
    scheme = parameters.inside(SEQUENCE)
    parameters.end()
    _require(
        scheme.object_id() == _AES_256_CBC, "{field}: unsupported: a cipher other than AES-256-CBC"
    )
    iv = scheme.content(OCTET_STRING)
    scheme.end()
    _require(len(iv) == _BLOCK_SIZE, "{field}: unsupported: an IV that is not 16 bytes long")
    _require(
        bool(ciphertext) and len(ciphertext) % _BLOCK_SIZE == 0,
        "{field}: unsupported: a ciphertext of broken blocks",
    )
    padded = _aes_cbc(derive(passphrase), iv, ciphertext, decrypt=True)
    padding = padded[-1]
    if not 1 <= padding <= _BLOCK_SIZE or padded[-padding:] != bytes((padding,)) * padding:
        raise KeyFileError(WRONG, code="config.key_file.passphrase")
    return padded[:-padding]


def _derivation(reader: Reader) -> Callable[[bytes], bytes]:
    name = reader.object_id()
    parameters = reader.inside(SEQUENCE)
    reader.end()
    salt = parameters.content(OCTET_STRING)
    if name == _SCRYPT:
        n, r, p = parameters.integer(), parameters.integer(), parameters.integer()
        _skip_key_length(parameters)
        parameters.end()
        _require(
            n > 1 and n & (n - 1) == 0 and r >= 1 and 1 <= p <= _MAX_SCRYPT_P,
            "{field}: unsupported: unsound scrypt costs",
        )
        _require(
            128 * n * r <= _MAX_SCRYPT_MEMORY, "{field}: unsupported: scrypt costs above 256 MiB"
        )
        return lambda passphrase: _scrypt(passphrase, salt, n=n, r=r, p=p)
    _require(name == _PBKDF2, "{field}: unsupported: a key derivation other than scrypt and PBKDF2")
    iterations = parameters.integer()
    _skip_key_length(parameters)
    function = parameters.inside(SEQUENCE)
    _require(
        function.object_id() == _HMAC_SHA256, "{field}: unsupported: PBKDF2 without HMAC-SHA-256"
    )
    function.content(NULL)
    parameters.end()
    _require(
        iterations in _PBKDF2_ITERATIONS,
        "{field}: unsupported: PBKDF2 iterations outside 1,000 to 10,000,000",
    )
    return lambda passphrase: _pbkdf2(passphrase, salt, iterations=iterations)


def _skip_key_length(parameters: Reader) -> None:
    if parameters.at(INTEGER):
        _require(
            parameters.integer() == _KEY_SIZE, "{field}: unsupported: a key length other than 32"
        )


def _require(condition: bool, template: str) -> None:  # noqa: FBT001 -- reads as a sentence
    if not condition:
        raise _unsupported(template)


def _unsupported(template: str) -> KeyFormatError:
    return KeyFormatError(
        template,
        field="key file",
        remedy="rewrite it: openssl pkcs8 -topk8 -scrypt -v2 aes-256-cbc -in KEY -out NEW",
        code="input.key.encryption",
    )


def _scrypt(passphrase: bytes, salt: bytes, *, n: int, r: int, p: int) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt  # noqa: PLC0415 -- when needed

    try:
        return Scrypt(salt=salt, length=_KEY_SIZE, n=n, r=r, p=p).derive(passphrase)
    except (ValueError, MemoryError) as error:  # OpenSSL calls costs that it refuses memory, too
        raise _unsupported("{field}: unsupported: scrypt costs that OpenSSL refuses") from error


def _pbkdf2(passphrase: bytes, salt: bytes, *, iterations: int) -> bytes:
    import hashlib  # noqa: PLC0415 -- rarely needed

    return hashlib.pbkdf2_hmac("sha256", passphrase, salt, iterations, _KEY_SIZE)


def _aes_cbc(key: bytes, iv: bytes, data: bytes, *, decrypt: bool) -> bytes:
    from cryptography.hazmat.primitives.ciphers import (  # noqa: PLC0415 -- when needed
        Cipher,
        algorithms,
        modes,
    )

    cipher = Cipher(algorithms.AES256(key), modes.CBC(iv))
    running = cipher.decryptor() if decrypt else cipher.encryptor()
    return running.update(data) + running.finalize()
