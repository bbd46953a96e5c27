"""Private keys as PKCS#8 (RFC 5958): SM2 as an ECPrivateKey (RFC 5915), Ed25519 as RFC 8410.

BLS12-381 has no registered identifier; its keys are 32 bytes under an identifier of the UUID arc
2.25, which anyone may take. Every key carries its id as the attribute localKeyId (RFC 2985), so
that a damaged file is not taken for another key.
"""

from trace_node.crypto import bls, ed25519, sm2
from trace_node.crypto.der import (
    BIT_STRING,
    CONTEXT_0,
    CONTEXT_1,
    OCTET_STRING,
    SEQUENCE,
    SET,
    Reader,
    element,
    integer,
    object_id,
)
from trace_node.crypto.errors import KeyFormatError

AnyPrivateKey = sm2.PrivateKey | ed25519.PrivateKey | bls.PrivateKey

_EC_PUBLIC_KEY = object_id("1.2.840.10045.2.1")
_SM2_CURVE = object_id("1.2.156.10197.1.301")
_ED25519 = object_id("1.3.101.112")
_BLS12_381 = object_id("2.25.29561353309823515671046435045053908027")
_LOCAL_KEY_ID = object_id("1.2.840.113549.1.9.21")
_EC_PRIVATE_KEY_VERSION = 1


def encode(key: AnyPrivateKey) -> bytes:
    """Write ``key`` as PrivateKeyInfo, an SM2 key with its public point."""
    if isinstance(key, sm2.PrivateKey):
        algorithm = element(SEQUENCE, _EC_PUBLIC_KEY, _SM2_CURVE)
        point = element(CONTEXT_1, element(BIT_STRING, b"\0", key.public.point))
        version = integer(_EC_PRIVATE_KEY_VERSION)
        secret = element(SEQUENCE, version, element(OCTET_STRING, key.secret), point)
    else:
        name = _ED25519 if isinstance(key, ed25519.PrivateKey) else _BLS12_381
        algorithm = element(SEQUENCE, name)
        secret = element(OCTET_STRING, key.secret)
    key_id = element(OCTET_STRING, bytes.fromhex(key.public.key_id))
    attributes = element(CONTEXT_0, element(SEQUENCE, _LOCAL_KEY_ID, element(SET, key_id)))
    return element(SEQUENCE, integer(0), algorithm, element(OCTET_STRING, secret), attributes)


def decode(raw: bytes) -> AnyPrivateKey:
    """Read PrivateKeyInfo.

    A public point beside an SM2 key must be the one that belongs to it.

    Raises:
        KeyFormatError: Not DER, another algorithm or curve, a number out of range, or a public
            point that belongs to another key.
    """
    outer = Reader(raw, what="private key")
    info = outer.inside(SEQUENCE)
    outer.end()
    _require_version(info.integer(), 0)
    algorithm = info.inside(SEQUENCE)
    secret = Reader(info.content(OCTET_STRING), what="private key")
    key_id = _local_key_id(info.inside(CONTEXT_0)) if info.at(CONTEXT_0) else None
    info.end()
    key = _decode_key(algorithm, secret)
    if key_id is not None and key_id != bytes.fromhex(key.public.key_id):
        raise _mismatch("{field}: does not belong to the key id beside it: the file is damaged")
    return key


def _decode_key(algorithm: Reader, secret: Reader) -> AnyPrivateKey:
    name = algorithm.object_id()
    if name == _EC_PUBLIC_KEY:
        if algorithm.object_id() != _SM2_CURVE:
            raise _unknown("{field}: a curve other than sm2p256v1")
        algorithm.end()
        return _decode_sm2(secret)
    algorithm.end()
    number = secret.content(OCTET_STRING)
    secret.end()
    if name == _ED25519:
        return ed25519.PrivateKey(number)
    if name == _BLS12_381:
        return bls.PrivateKey(number)
    raise _unknown("{field}: an algorithm other than SM2, Ed25519 and BLS12-381")


def _local_key_id(attributes: Reader) -> bytes | None:
    """Return the id that ``encode`` writes, if there is one.

    Other attributes are refused, because a damaged localKeyId would look like one of them.
    """
    found = None
    while attributes.at(SEQUENCE):
        attribute = attributes.inside(SEQUENCE)
        if attribute.object_id() != _LOCAL_KEY_ID:
            raise _unknown("{field}: an attribute other than localKeyId")
        values = attribute.inside(SET)
        attribute.end()
        found = values.content(OCTET_STRING)
        values.end()
    attributes.end()
    return found


def _decode_sm2(reader: Reader) -> sm2.PrivateKey:
    private = reader.inside(SEQUENCE)
    reader.end()
    _require_version(private.integer(), _EC_PRIVATE_KEY_VERSION)
    key = sm2.PrivateKey.from_secret(private.content(OCTET_STRING))
    if private.at(CONTEXT_0) and private.inside(CONTEXT_0).object_id() != _SM2_CURVE:
        raise _unknown("{field}: a curve other than sm2p256v1")
    if private.at(CONTEXT_1):
        named = private.inside(CONTEXT_1).content(BIT_STRING)
        if named != b"\0" + key.public.point:
            raise _mismatch("{field}: does not belong to the point beside it: the file is damaged")
    private.end()
    return key


def _require_version(found: int, expected: int) -> None:
    if found != expected:
        raise KeyFormatError(
            "{field}: version {found}, must be {expected}",
            field="private key",
            found=found,
            expected=expected,
            code="input.key.version",
        )


def _mismatch(template: str) -> KeyFormatError:
    return KeyFormatError(template, field="private key", code="input.key.mismatch")


def _unknown(template: str) -> KeyFormatError:
    return KeyFormatError(template, field="private key", code="input.key.algorithm")
