"""The libraries that can compute SM3, in the order in which they are tried.

``hashlib`` is first: the idiom ``template.copy()``, ``update``, ``digest`` costs 0.6 µs for a short
message. The pure-Python gmssl is last: 590 times slower, but present on every machine.
"""

import hashlib
from collections.abc import Callable
from typing import Protocol, Self

from trace_node.crypto.choice import Candidate, KnownAnswerError

# GB/T 32905 examples 1 and 2, the empty message, and one digest over all lengths 0 to 130, which
# crosses every padding boundary of two blocks. Each was computed by OpenSSL and by gmalg.
KNOWN_ANSWERS = (
    (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    (b"", "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"),
)
SWEEP_LENGTHS = range(131)
SWEEP_ANSWER = "b338f9a6c55da25117f49feaa12daa24d8a959568942955740c4cfdfbe6ed99c"


class Sm3Hash(Protocol):
    """A running SM3 computation (杂凑), shaped like the objects of ``hashlib``."""

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""

    def digest(self) -> bytes:
        """The 32-byte digest of everything taken in so far; more may follow."""

    def copy(self) -> Self:
        """An independent computation that begins in the same state."""


NewSm3 = Callable[[], Sm3Hash]


class _OneShotHash:
    """Gives a library that only hashes whole messages the shape of ``hashlib``."""

    def __init__(self, function: Callable[[bytes], bytes], parts: tuple[bytes, ...] = ()) -> None:
        self._function = function
        self._parts = list(parts)

    def update(self, data: bytes, /) -> None:
        self._parts.append(bytes(data))

    def digest(self) -> bytes:
        return self._function(b"".join(self._parts))

    def copy(self) -> "_OneShotHash":
        return _OneShotHash(self._function, tuple(self._parts))


def _from_hashlib() -> NewSm3:
    return hashlib.new("sm3").copy


def _from_hashlib_not_for_security() -> NewSm3:
    # Under OpenSSL's fips=yes this flag is what lets an algorithm outside FIPS 140 through.
    return hashlib.new("sm3", usedforsecurity=False).copy


def _from_gmssl_pyx() -> NewSm3:
    import gmssl_pyx  # noqa: PLC0415 -- an optional library, loaded only when its turn comes

    return lambda: _OneShotHash(gmssl_pyx.sm3_hash)


class _CryptographyHash:
    """``cryptography`` finishes a hash only once, so every digest is taken from a copy."""

    def __init__(self, running: "_Finishing") -> None:
        self._running = running

    def update(self, data: bytes, /) -> None:
        self._running.update(data)

    def digest(self) -> bytes:
        return self._running.copy().finalize()

    def copy(self) -> "_CryptographyHash":
        return _CryptographyHash(self._running.copy())


class _Finishing(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def finalize(self) -> bytes: ...
    def copy(self) -> "_Finishing": ...


def _from_cryptography() -> NewSm3:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 -- loaded in its turn

    return _CryptographyHash(hashes.Hash(hashes.SM3())).copy


def _from_gmssl() -> NewSm3:
    from gmssl import sm3  # noqa: PLC0415 -- loaded in its turn

    def whole(message: bytes) -> bytes:
        # gmssl changes the list it is given, so it gets a new one each time.
        return bytes.fromhex(sm3.sm3_hash(list(message)))

    return lambda: _OneShotHash(whole)


def check(new: NewSm3) -> None:
    """Compare ``new`` with the known answers.

    Raises:
        KnownAnswerError: One differs.
    """
    for message, expected in KNOWN_ANSWERS:
        _require_answer(_digest(new, message), expected, what=f"{len(message)} bytes")
    digests = b"".join(_digest(new, bytes(range(length))) for length in SWEEP_LENGTHS)
    _require_answer(_digest(new, digests), SWEEP_ANSWER, what="the sweep over all lengths")


def _digest(new: NewSm3, message: bytes) -> bytes:
    running = new()
    running.update(message[:7])
    fork = running.copy()
    running.update(b"what one copy takes in must not reach the other")
    fork.update(message[7:])
    return fork.digest()


def _require_answer(digest: bytes, expected: str, *, what: str) -> None:
    if digest.hex() != expected:
        raise KnownAnswerError(f"SM3 of {what} is {digest.hex()}, must be {expected}")


PROVIDERS: tuple[Candidate[NewSm3], ...] = (
    Candidate(name="hashlib", load=_from_hashlib, check=check),
    Candidate(name="hashlib (not for security)", load=_from_hashlib_not_for_security, check=check),
    Candidate(name="gmssl_pyx", load=_from_gmssl_pyx, check=check),
    Candidate(name="cryptography", load=_from_cryptography, check=check),
    Candidate(name="gmssl", load=_from_gmssl, check=check),
)
