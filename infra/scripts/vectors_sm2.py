"""Generate tests/vectors/crypto/sm2.json: SM2 signatures, good and bad.

Arithmetic is done here from the definition and shares no code with the product; SM3 is OpenSSL's.
All is deterministic: private keys and nonces come from SM3 of labels and are as public as those of
the standard. Each case states the code with which it must be refused, or null.

Usage: python infra/scripts/vectors_sm2.py [--check]
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).resolve().parents[2] / "tests/vectors/crypto/sm2.json"

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)

DEFAULT_ID = b"1234567812345678"
MESSAGE = b"a delivery of readings"
MISMATCH = "integrity.signature.mismatch"

Point = tuple[int, int] | None
Case = dict[str, str | None]


def sm3(*parts: bytes) -> bytes:
    """SM3 by OpenSSL."""
    return hashlib.new("sm3", b"".join(parts)).digest()


def to32(number: int) -> bytes:
    """32 bytes, big-endian."""
    return number.to_bytes(32, "big")


def label(text: str) -> int:
    """A number between 1 and n - 2 from a label."""
    return 1 + int.from_bytes(sm3(text.encode()), "big") % (N - 2)


def add(left: Point, right: Point) -> Point:
    """Add two points."""
    if left is None or right is None:
        return left or right
    (x1, y1), (x2, y2) = left, right
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    if left == right:
        slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P)
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def multiply(factor: int, point: Point) -> Point:
    """Multiply a point."""
    total: Point = None
    while factor:
        if factor & 1:
            total = add(total, point)
        point, factor = add(point, point), factor >> 1
    return total


def encode_point(point: Point) -> bytes:
    """04, X, Y."""
    if point is None:
        sys.exit("infinity where a key was expected")
    return b"\x04" + to32(point[0]) + to32(point[1])


def z_value(point: bytes, user_id: bytes) -> bytes:
    """Z_A of GB/T 32918.2 clause 5.5."""
    bits = (8 * len(user_id)).to_bytes(2, "big")
    return sm3(bits, user_id, to32(A), to32(B), to32(G[0]), to32(G[1]), point[1:])


def sign_digest(secret: int, e: int, nonce: int) -> tuple[int, int]:
    """GB/T 32918.2 clause 6.1 from step A3 on."""
    nonce_point = multiply(nonce, G)
    if nonce_point is None:
        sys.exit("the nonce is no good")
    r = (e + nonce_point[0]) % N
    s = pow(1 + secret, -1, N) * (nonce - r * secret) % N
    return r, s


def fits(point: Point, e: int, r: int, s: int) -> bool:
    """GB/T 32918.2 clause 7.1, all steps."""
    if not (0 < r < N and 0 < s < N) or (r + s) % N == 0:
        return False
    total = add(multiply(s, G), multiply((r + s) % N, point))
    return total is not None and (e + total[0]) % N == r


def integer(number: int) -> bytes:
    """A DER INTEGER."""
    content = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return b"\x02" + bytes([len(content)]) + content


def sequence(*parts: bytes) -> bytes:
    """A DER SEQUENCE with a short length."""
    content = b"".join(parts)
    return b"\x30" + bytes([len(content)]) + content


def der(r: int, s: int) -> bytes:
    """A DER signature."""
    return sequence(integer(r), integer(s))


SECRET = label("trace-node vectors: sm2 key")
KEY = multiply(SECRET, G)
POINT = encode_point(KEY)
OTHER_SECRET = label("trace-node vectors: another sm2 key")
OTHER_POINT = encode_point(multiply(OTHER_SECRET, G))


def digest(message: bytes = MESSAGE, *, user_id: bytes = DEFAULT_ID, point: bytes = POINT) -> int:
    """E = SM3(Z_A, M) as a number."""
    return int.from_bytes(sm3(z_value(point, user_id), message), "big")


def case(
    name: str,
    signature: bytes,
    reason: str | None,
    *,
    point: bytes = POINT,
    message: bytes = MESSAGE,
    user_id: bytes = DEFAULT_ID,
) -> Case:
    """One case; a null reason means that it must verify."""
    return {
        "name": name,
        "point": point.hex(),
        "user_id": user_id.hex(),
        "message": message.hex(),
        "signature": signature.hex(),
        "reason": reason,
    }


def pairs(text: str) -> Iterator[tuple[int, int]]:
    """Signatures of MESSAGE under nonces that follow one another."""
    nonce = label(text)
    nonce_point = multiply(nonce, G)
    inverse, e = pow(1 + SECRET, -1, N), digest()
    while nonce_point is not None:
        r = (e + nonce_point[0]) % N
        yield r, inverse * (nonce - r * SECRET) % N
        nonce, nonce_point = nonce + 1, add(nonce_point, G)


def good_pair(*, r_bits: int, s_bits: int) -> tuple[int, int]:
    """A signature of MESSAGE whose numbers have exactly so many bits."""
    return next(
        (r, s) for r, s in pairs("pair") if r.bit_length() == r_bits and s.bit_length() == s_bits
    )


def good_cases() -> Iterator[Case]:
    """Signatures that verify."""
    for size in (1, 18, 300, 8191):
        user_id = bytes(97 + position % 26 for position in range(size))
        pair = sign_digest(SECRET, digest(user_id=user_id), label(f"id of {size}"))
        yield case(f"good, user id of {size} bytes", der(*pair), None, user_id=user_id)
    for message in (b"", b"\0", bytes(1000)):
        pair = sign_digest(SECRET, digest(message), label(f"message of {len(message)}"))
        yield case(f"good, message of {len(message)} bytes", der(*pair), None, message=message)
    for r_bits, s_bits in ((256, 256), (255, 255), (256, 248), (247, 256)):
        pair = good_pair(r_bits=r_bits, s_bits=s_bits)
        yield case(f"good, r of {r_bits} and s of {s_bits} bits", der(*pair), None)


def range_cases() -> Iterator[Case]:
    """Numbers outside their range, and pairs whose sum is zero."""
    r, s = good_pair(r_bits=255, s_bits=255)
    for name, number in (("0", 0), ("n", N), ("n + 1", N + 1), ("2^256 - 1", 2**256 - 1)):
        yield case(f"r is {name}", der(number, s), "integrity.signature.range")
        yield case(f"s is {name}", der(r, number), "integrity.signature.range")
    yield case("both are 0", der(0, 0), "integrity.signature.range")
    for name, number in (("r", r), ("s", s)):
        numbers = (number + N, s) if name == "r" else (r, number + N)
        yield case(f"{name} + n, the same modulo n", der(*numbers), "integrity.signature.range")
    yield case("r + s is n", der(r, N - r), "integrity.signature.sum")
    yield case("r is n - 1 and s is 1", der(N - 1, 1), "integrity.signature.sum")


def der_cases() -> Iterator[Case]:
    """Bytes that are not the one DER spelling of a pair."""
    low = good_pair(r_bits=255, s_bits=255)
    good, first, second = der(*low), integer(low[0]), integer(low[1])
    high = good_pair(r_bits=256, s_bits=255)
    high_first, high_second = integer(high[0]), integer(high[1])
    for name, signature, rule in (
        ("empty", b"", "truncated"),
        ("one byte", good[:1], "truncated"),
        ("last byte cut off", good[:-1], "truncated"),
        ("cut inside r", good[:20], "truncated"),
        ("no s", sequence(first), "truncated"),
        ("empty sequence", sequence(), "truncated"),
        ("r longer than the sequence", sequence(b"\x02\x7f" + first[2:], second), "truncated"),
        ("a zero byte follows", good + b"\0", "trailing"),
        ("a zero byte inside the sequence", sequence(first, second, b"\0"), "trailing"),
        ("a third integer", b"\x30\x09" + 3 * integer(1), "trailing"),
        ("the signature twice", good + good, "length"),
        ("1000 bytes", good + bytes(1000 - len(good)), "length"),
        ("r has a needless zero byte", sequence(b"\x02\x21\0" + first[2:], second), "shortest"),
        ("s has a needless zero byte", sequence(first, b"\x02\x21\0" + second[2:]), "shortest"),
        ("r is negative", sequence(b"\x02\x20" + high_first[3:], high_second), "negative"),
        ("s is negative", sequence(first, b"\x02\x01\xff"), "negative"),
        ("r is empty", sequence(b"\x02\0", second), "der"),
        ("a set, not a sequence", b"\x31" + good[1:], "der"),
        ("r is a bit string", sequence(b"\x03" + first[1:], second), "der"),
        ("s is an octet string", sequence(first, b"\x04" + second[1:]), "der"),
        ("length in long form", b"\x30\x81" + good[1:], "der"),
        ("length of r in long form", sequence(b"\x02\x81" + first[1:], second), "der"),
        ("indefinite length", b"\x30\x80" + good[2:] + b"\0\0", "der"),
        ("raw r and s instead of DER", to32(low[0]) + to32(low[1]), "der"),
        ("r of 33 significant bytes", sequence(b"\x02\x21\x01" + first[2:], second), "range"),
    ):
        yield case(name, signature, f"integrity.signature.{rule}")


def mismatch_cases() -> Iterator[Case]:
    """Sound pairs that do not fit."""
    r, s = good_pair(r_bits=255, s_bits=255)
    good = der(r, s)

    def over(e: int, *, secret: int = SECRET) -> bytes:
        return der(*sign_digest(secret, e % N, label(f"over {e}")))

    yield case("another message", good, MISMATCH, message=MESSAGE + b".")
    yield case("another key", good, MISMATCH, point=OTHER_POINT)
    yield case("signed by another key", over(digest(), secret=OTHER_SECRET), MISMATCH)
    yield case("wrong user id at verification", good, MISMATCH, user_id=b"ALICE123@YAHOO.COM")
    yield case("wrong user id at signing", over(digest(user_id=b"someone else")), MISMATCH)
    yield case("empty user id, as some tools sign by default", over(digest(user_id=b"")), MISMATCH)
    yield case("Z of another key", over(digest(point=OTHER_POINT)), MISMATCH)
    yield case("no Z at all", over(int.from_bytes(sm3(MESSAGE), "big")), MISMATCH)
    after_z = z_value(POINT, DEFAULT_ID) + MESSAGE
    sha256 = int.from_bytes(hashlib.sha256(after_z).digest(), "big")
    yield case("SHA-256 instead of SM3", over(sha256), MISMATCH)
    yield case("digest hashed twice", over(int.from_bytes(sm3(sm3(after_z)), "big")), MISMATCH)
    yield case("r and s exchanged", der(s, r), MISMATCH)
    yield case("n - s", der(r, N - s), MISMATCH)
    yield case("n - r", der(N - r, s), MISMATCH)
    yield case("r plus one", der(r + 1, s), MISMATCH)
    yield case("s with its lowest bit flipped", der(r, s ^ 1), MISMATCH)
    yield case("both are 1", der(1, 1), MISMATCH)
    at_infinity = -r * SECRET * pow(1 + SECRET, -1, N) % N
    yield case("sG + tP is infinity", der(r, at_infinity), MISMATCH)
    doubling = r * SECRET * pow(1 - SECRET, -1, N) % N
    yield case("sG and tP are the same point", der(r, doubling), MISMATCH)
    minus_key = b"\x04" + POINT[1:33] + to32(P - int.from_bytes(POINT[33:], "big"))
    yield case("the key mirrored", good, MISMATCH, point=minus_key)


def key_cases() -> Iterator[Case]:
    """Public keys that are none."""
    good = der(*good_pair(r_bits=255, s_bits=255))
    x, y = POINT[1:33], POINT[33:]
    off = to32(int.from_bytes(y, "big") ^ 1)
    for name, point, rule in (
        ("key off the curve", b"\x04" + x + off, "off_curve"),
        ("key with x and y exchanged", b"\x04" + y + x, "off_curve"),
        ("key at 0, 0", b"\x04" + bytes(64), "off_curve"),
        ("x of the key is p", b"\x04" + to32(P) + y, "coordinate"),
        ("y of the key is p", b"\x04" + x + to32(P), "coordinate"),
        ("coordinates all ones", b"\x04" + b"\xff" * 64, "coordinate"),
        ("key compressed", bytes([2 + (y[-1] & 1)]) + x, "length"),
        ("key in hybrid form", bytes([6 + (y[-1] & 1)]) + x + y, "form"),
        ("key without its first byte", x + y, "length"),
        ("key with a trailing byte", POINT + b"\0", "length"),
        ("key is infinity", b"\0", "length"),
        ("key is empty", b"", "length"),
    ):
        yield case(name, good, f"input.key.{rule}", point=point)


def prove(item: Case) -> None:
    """Stop unless our own equation agrees with what the case claims."""
    if item["reason"] not in (None, MISMATCH):
        return
    raw = bytes.fromhex(item["signature"] or "")
    r_size = raw[3]
    r, s = int.from_bytes(raw[4 : 4 + r_size], "big"), int.from_bytes(raw[6 + r_size :], "big")
    point = bytes.fromhex(item["point"] or "")
    key = int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big")
    message, user_id = (bytes.fromhex(item[name] or "") for name in ("message", "user_id"))
    if fits(key, digest(message, user_id=user_id, point=point), r, s) != (item["reason"] is None):
        sys.exit(f"the equation contradicts the case: {item['name']}")


def build() -> dict[str, object]:
    """Compute all cases and check them against the equation."""
    cases = [
        *good_cases(),
        *range_cases(),
        *der_cases(),
        *mismatch_cases(),
        *key_cases(),
    ]
    names = [item["name"] for item in cases]
    if len(set(names)) != len(names):
        sys.exit("two cases have the same name")
    for item in cases:
        prove(item)
    return {
        "about": "SM2 with SM3 over sm2p256v1, in hex. reason: code of the refusal, or null.",
        "made_by": "infra/scripts/vectors_sm2.py, affine arithmetic from the definition",
        "cases": cases,
    }


def main() -> None:
    """Write the file, or with --check compare it with what would be written."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    arguments = parser.parse_args()
    text = json.dumps(build(), indent=1) + "\n"
    if not arguments.check:
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        TARGET.write_text(text, "utf-8")
    elif TARGET.read_text("utf-8") != text:
        sys.exit(f"{TARGET} is not what this script writes")


if __name__ == "__main__":
    main()
