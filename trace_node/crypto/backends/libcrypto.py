"""SM2 by OpenSSL's libcrypto, called through ctypes: the same library that serves hashlib.

``EVP_PKEY_sign`` and ``EVP_PKEY_verify`` take the digest e itself and add no Z_A of their own.
Each key is parsed once; a context is made for each call, because contexts must not be shared by
threads and ctypes releases the interpreter lock.
"""

import ctypes
import ctypes.util
import platform
from collections.abc import Iterator
from importlib.util import find_spec

from trace_node.crypto.curve import POINT_SIZE
from trace_node.crypto.errors import ProviderFailureError
from trace_node.crypto.sm2_signature import MAX_DER_SIZE

# SubjectPublicKeyInfo { id-ecPublicKey, sm2p256v1 (1.2.156.10197.1.301) } up to the point.
_SPKI_PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
# PKCS#8 around an ECPrivateKey (RFC 5915) without and with the public point.
_PKCS8_PREFIX = bytes.fromhex(
    "3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420"
)
_PKCS8_POINT_PREFIX = bytes.fromhex(
    "308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420"
)
_POINT_FIELD = bytes.fromhex("a144034200")

_POINTER = ctypes.c_void_p
_BYTES = ctypes.c_char_p
_SIZE = ctypes.c_size_t
_PROTOTYPES: dict[str, tuple[object, list[object]]] = {
    "d2i_AutoPrivateKey": (_POINTER, [_POINTER, _POINTER, ctypes.c_long]),
    "d2i_PUBKEY": (_POINTER, [_POINTER, _POINTER, ctypes.c_long]),
    "i2d_PUBKEY": (ctypes.c_int, [_POINTER, _POINTER]),
    "EVP_PKEY_free": (None, [_POINTER]),
    "EVP_PKEY_CTX_new": (_POINTER, [_POINTER, _POINTER]),
    "EVP_PKEY_CTX_free": (None, [_POINTER]),
    "EVP_PKEY_sign_init": (ctypes.c_int, [_POINTER]),
    "EVP_PKEY_sign": (ctypes.c_int, [_POINTER, _BYTES, _POINTER, _BYTES, _SIZE]),
    "EVP_PKEY_verify_init": (ctypes.c_int, [_POINTER]),
    "EVP_PKEY_verify": (ctypes.c_int, [_POINTER, _BYTES, _SIZE, _BYTES, _SIZE]),
    "ERR_clear_error": (None, []),
    "OpenSSL_version_num": (ctypes.c_ulong, []),
}

# CVE-2025-9231 and openssl#31133: signing time depends on the nonce on 64-bit ARM and RISC-V.
_TIMING_FIRST = 0x30200000
_TIMING_LAST = 0x3060001F
_TIMING_MACHINES = ("aarch64", "arm64", "riscv64")


class _Key:
    """Owns one parsed EVP_PKEY."""

    def __init__(self, library: ctypes.CDLL, pointer: int) -> None:
        self._library = library
        self._pointer = pointer

    def __del__(self) -> None:
        self._library.EVP_PKEY_free(self._pointer)

    def verify(self, digest: bytes, signature: bytes) -> bool:
        library = self._library
        context = library.EVP_PKEY_CTX_new(self._pointer, None)
        try:
            if not context or library.EVP_PKEY_verify_init(context) != 1:
                raise _failure(library, "EVP_PKEY_verify_init")
            outcome: int = library.EVP_PKEY_verify(
                context, signature, len(signature), digest, len(digest)
            )
        finally:
            library.EVP_PKEY_CTX_free(context)
        if outcome != 1:
            library.ERR_clear_error()
        if outcome < 0:
            raise _failure(library, "EVP_PKEY_verify")
        return outcome == 1

    def sign(self, digest: bytes) -> bytes:
        library = self._library
        signature = ctypes.create_string_buffer(MAX_DER_SIZE)
        length = _SIZE(MAX_DER_SIZE)
        context = library.EVP_PKEY_CTX_new(self._pointer, None)
        try:
            if not context or library.EVP_PKEY_sign_init(context) != 1:
                raise _failure(library, "EVP_PKEY_sign_init")
            outcome = library.EVP_PKEY_sign(
                context, signature, ctypes.byref(length), digest, len(digest)
            )
        finally:
            library.EVP_PKEY_CTX_free(context)
        if outcome != 1:
            raise _failure(library, "EVP_PKEY_sign")
        return signature.raw[: length.value]

    def public_point(self) -> bytes:
        encoded = ctypes.create_string_buffer(len(_SPKI_PREFIX) + POINT_SIZE)
        size = self._library.i2d_PUBKEY(self._pointer, None)
        if size != len(encoded):
            raise _failure(self._library, "i2d_PUBKEY")
        self._library.i2d_PUBKEY(
            self._pointer, ctypes.byref(ctypes.c_void_p(ctypes.addressof(encoded)))
        )
        return encoded.raw[-POINT_SIZE:]


class LibcryptoBackend:
    """SM2 by the libcrypto of this Python."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        for name, (result, arguments) in _PROTOTYPES.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments

    @property
    def signing_refusal(self) -> str:
        """Why this library should not sign outside development; empty when it may."""
        version: int = self._library.OpenSSL_version_num()
        if platform.machine().lower() not in _TIMING_MACHINES:
            return ""
        if not _TIMING_FIRST <= version <= _TIMING_LAST:
            return ""
        return "its signing time depends on the nonce on this processor (CVE-2025-9231)"

    def verifying_key(self, point: bytes) -> _Key:
        """Parse a 65-byte public point."""
        return self._parse(self._library.d2i_PUBKEY, _SPKI_PREFIX + point)

    def signing_key(self, secret: bytes, point: bytes) -> _Key:
        """Parse a 32-byte private key and its public point."""
        encoded = _PKCS8_POINT_PREFIX + secret + _POINT_FIELD + point
        return self._parse(self._library.d2i_AutoPrivateKey, encoded)

    def public_point(self, secret: bytes) -> bytes:
        """Compute the 65-byte public point of a 32-byte private key."""
        return self._parse(self._library.d2i_AutoPrivateKey, _PKCS8_PREFIX + secret).public_point()

    def _parse(self, function: "ctypes._NamedFuncPointer", encoded: bytes) -> _Key:
        buffer = ctypes.c_char_p(encoded)
        position = ctypes.cast(buffer, ctypes.c_void_p)
        pointer = function(None, ctypes.byref(position), len(encoded))
        if not pointer:
            raise _failure(self._library, function.__name__)
        return _Key(self._library, pointer)


def load() -> LibcryptoBackend:
    """Find a libcrypto with SM2.

    Raises:
        ImportError: There is none whose symbols can be reached.
    """
    for path in _paths():
        try:
            library = ctypes.CDLL(path)
        except OSError:
            continue
        if all(hasattr(library, name) for name in _PROTOTYPES):
            return LibcryptoBackend(library)
    raise ImportError("no libcrypto whose symbols can be reached through ctypes")


def _paths() -> Iterator[str]:
    # First the very library that hashlib uses; the search, which starts other programs, only after.
    module = find_spec("_hashlib")
    if module is not None and module.has_location and module.origin:
        yield module.origin
    found = ctypes.util.find_library("crypto")
    if found:
        yield found


def _failure(library: ctypes.CDLL, function: str) -> ProviderFailureError:
    library.ERR_clear_error()
    return ProviderFailureError("libcrypto: {function} failed", function=function)
