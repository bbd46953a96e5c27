"""The libraries that can serve SM2, in the order in which they are tried, and how one is chosen."""

import os
from collections.abc import Callable
from functools import cache
from importlib import import_module

from trace_node.crypto.backends.base import Sm2Backend
from trace_node.crypto.choice import Candidate, KnownAnswerError, NotOfferedError, choose
from trace_node.crypto.sm2_signature import parse_der

DEVELOPMENT_SETTING = "TN_CRYPTO_DEVELOPMENT"

# Name shown by doctor -> module. Signing skips a library that gives a ``signing_refusal``.
TABLE: tuple[tuple[str, str], ...] = (
    ("libcrypto", "trace_node.crypto.backends.libcrypto"),
    ("gmssl_pyx", "trace_node.crypto.backends.gmssl_pyx"),
    ("gmssl", "trace_node.crypto.backends.gmssl"),
)

# The signature example of GB/T 32918.5-2017 annex A. Its private key is public: a test value only.
KNOWN_SECRET = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
KNOWN_POINT = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
KNOWN_DIGEST = bytes.fromhex("f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640")
KNOWN_SIGNATURE = bytes.fromhex(
    "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)


def verifying_candidates() -> tuple[Candidate[Sm2Backend], ...]:
    """The candidates for verification."""
    return tuple(
        Candidate(name=name, load=_loader(module), check=check_verifying) for name, module in TABLE
    )


def signing_candidates() -> tuple[Candidate[Sm2Backend], ...]:
    """The candidates for signing and for making keys."""
    return tuple(
        Candidate(name=name, load=_loader(module), check=_check_may_sign) for name, module in TABLE
    )


@cache
def verifying_backend() -> tuple[str, Sm2Backend]:
    """Name and library that verifies in this process.

    Raises:
        NoProviderError: None gives the known answers.
    """
    return choose("SM2 verification", verifying_candidates())


@cache
def signing_backend() -> tuple[str, Sm2Backend]:
    """Name and library that signs in this process.

    Raises:
        NoProviderError: None gives the known answers and may sign.
    """
    return choose("SM2 signing", signing_candidates())


def check_verifying(backend: Sm2Backend) -> None:
    """Compare verification with the example of the standard, and with the example spoilt.

    Raises:
        KnownAnswerError: An answer differs.
    """
    key = backend.verifying_key(KNOWN_POINT)
    if not key.verify(KNOWN_DIGEST, KNOWN_SIGNATURE):
        raise KnownAnswerError("refuses the signature of GB/T 32918.5 annex A")
    if key.verify(KNOWN_DIGEST[::-1], KNOWN_SIGNATURE):
        raise KnownAnswerError("accepts the signature of GB/T 32918.5 annex A over another digest")


def check_signing(backend: Sm2Backend) -> None:
    """Check key derivation by the example of the standard, and a new signature by verifying it.

    Raises:
        KnownAnswerError: An answer differs.
    """
    check_verifying(backend)
    if backend.public_point(KNOWN_SECRET) != KNOWN_POINT:
        raise KnownAnswerError("gives another public key than GB/T 32918.5 annex A")
    signing_key = backend.signing_key(KNOWN_SECRET, KNOWN_POINT)
    first, second = (signing_key.sign(KNOWN_DIGEST) for _ in range(2))
    if parse_der(first) == parse_der(second):
        raise KnownAnswerError("two signatures of one digest used the same nonce")
    for signature in (first, second):
        if not backend.verifying_key(KNOWN_POINT).verify(KNOWN_DIGEST, signature):
            raise KnownAnswerError("its own signature does not verify")


def development_allowed() -> bool:
    """Whether the operator lets libraries sign whose timing depends on the key."""
    return os.environ.get(DEVELOPMENT_SETTING, "") == "1"


def _check_may_sign(backend: Sm2Backend) -> None:
    if backend.signing_refusal and not development_allowed():
        raise NotOfferedError(
            f"{backend.signing_refusal}; {DEVELOPMENT_SETTING}=1 allows it for development"
        )
    check_signing(backend)


def _loader(module: str) -> Callable[[], Sm2Backend]:
    def load() -> Sm2Backend:
        backend: Sm2Backend = import_module(module).load()
        return backend

    return load
