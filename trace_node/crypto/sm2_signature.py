"""The two byte forms of an SM2 signature (r, s), read strictly before any library sees them.

A signature travels as DER, ``SEQUENCE { INTEGER r, INTEGER s }`` (GM/T 0009-2012 clause 7.3), or
raw, ``r ‖ s`` with 32 bytes each, where a format says so. One pair has exactly one spelling in each
form, so that nobody who lacks the key can respell a signature.
"""

from trace_node.crypto.curve import SCALAR_SIZE, N
from trace_node.crypto.errors import SignatureError

RAW_SIZE = 2 * SCALAR_SIZE
MAX_DER_SIZE = (
    72  # two integers of 33 bytes, each with two bytes before it, and two for the sequence
)

_SEQUENCE = 0x30
_INTEGER = 0x02
_HEADER_SIZE = 2


def parse_der(der: bytes) -> tuple[int, int]:
    """Return r and s of a signature in strict DER, both in range.

    Raises:
        SignatureError: Too long, truncated, trailing bytes, other tags or length forms, an integer
            that is negative or not in its shortest form, or see ``require_range``.
    """
    if len(der) > MAX_DER_SIZE:
        raise _fault("{field}: {length} bytes, at most 72 are possible", "length", der)
    content = _content(der, _SEQUENCE, what="the sequence")
    if _HEADER_SIZE + len(content) != len(der):
        raise _fault("{field}: bytes follow the sequence", "trailing", der)
    r_bytes = _content(content, _INTEGER, what="r")
    rest = content[_HEADER_SIZE + len(r_bytes) :]
    s_bytes = _content(rest, _INTEGER, what="s")
    if _HEADER_SIZE + len(s_bytes) != len(rest):
        raise _fault("{field}: bytes follow s", "trailing", der)
    r, s = _number(r_bytes, what="r"), _number(s_bytes, what="s")
    require_range(r, s)
    return r, s


def encode_der(r: int, s: int) -> bytes:
    """Write r and s, known to be in range, as DER."""
    content = b"".join(
        bytes((_INTEGER, len(number))) + number for number in (_shortest(r), _shortest(s))
    )
    return bytes((_SEQUENCE, len(content))) + content


def der_to_raw(der: bytes) -> bytes:
    """Turn strict DER into the 64 bytes ``r ‖ s``.

    Raises:
        SignatureError: See ``parse_der``.
    """
    r, s = parse_der(der)
    return r.to_bytes(SCALAR_SIZE, "big") + s.to_bytes(SCALAR_SIZE, "big")


def raw_to_der(raw: bytes) -> bytes:
    """Turn the 64 bytes ``r ‖ s`` into DER.

    Raises:
        SignatureError: Not 64 bytes, or see ``require_range``.
    """
    if len(raw) != RAW_SIZE:
        raise _fault("{field}: must have 64 bytes, this has {length}", "length", raw)
    r, s = int.from_bytes(raw[:SCALAR_SIZE], "big"), int.from_bytes(raw[SCALAR_SIZE:], "big")
    require_range(r, s)
    return encode_der(r, s)


def require_range(r: int, s: int) -> None:
    """Check the ranges of GB/T 32918.2-2016 clause 7.1, steps B1, B2 and B5.

    Raises:
        SignatureError: r or s outside 1 to n - 1, or r + s = 0 mod n.
    """
    for name, number in (("r", r), ("s", s)):
        if not 1 <= number < N:
            raise _fault("{field}: {what} is outside 1 to n - 1", "range", what=name)
    if (r + s) % N == 0:
        raise _fault("{field}: r + s is 0 modulo n", "sum")


def _content(data: bytes, tag: int, *, what: str) -> bytes:
    """Return the content of the element at the start of ``data``."""
    if len(data) < _HEADER_SIZE:
        raise _fault("{field}: ends before {what}", "truncated", what=what)
    if data[0] != tag or data[1] & 0x80:
        raise _fault("{field}: not DER: wrong tag or length form of {what}", "der", what=what)
    end = _HEADER_SIZE + data[1]
    if end > len(data):
        raise _fault("{field}: ends inside {what}", "truncated", what=what)
    return data[_HEADER_SIZE:end]


def _number(content: bytes, *, what: str) -> int:
    if not content:
        raise _fault("{field}: not DER: {what} is empty", "der", what=what)
    if content[0] & 0x80:
        raise _fault("{field}: {what} is negative", "negative", what=what)
    if content[0] == 0 and len(content) > 1 and not content[1] & 0x80:
        raise _fault("{field}: not DER: {what} is not in its shortest form", "shortest", what=what)
    return int.from_bytes(content, "big")


def _shortest(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _fault(template: str, rule: str, signature: bytes = b"", *, what: str = "") -> SignatureError:
    return SignatureError(
        template,
        field="signature",
        code=f"integrity.signature.{rule}",
        length=len(signature),
        what=what,
    )
