"""Generate tests/vectors/crypto/sm3.json: SM3 and HMAC-SM3 known answers of our own.

Every digest is computed by two implementations that share no code, OpenSSL (through hashlib) and
gmalg (pure Python); the script stops when they differ. Messages are stated by rule, not in full.

Usage: python infra/scripts/vectors_sm3.py [--check]
"""

import argparse
import hashlib
import hmac
import json
import sys
from pathlib import Path

import gmalg

TARGET = Path(__file__).resolve().parents[2] / "tests/vectors/crypto/sm3.json"

# Around the padding boundaries of one, two and three blocks, and some long ones.
LENGTHS = (*range(70), *range(117, 132), *range(181, 195), 255, 256, 1000, 4096, 10_000)
BLOCK = 64
KEY_LENGTHS = (0, 1, 16, 32, 63, 64, 65, 130)
PREFIXES = ("", "00", "01", "02")


def counter(length: int) -> bytes:
    """Bytes 00 01 .. ff 00 .. of the given length."""
    return bytes(position % 256 for position in range(length))


def by_openssl(message: bytes) -> bytes:
    """SM3 by OpenSSL."""
    return hashlib.new("sm3", message).digest()


def by_gmalg(message: bytes) -> bytes:
    """SM3 by gmalg."""
    running = gmalg.SM3()
    running.update(message)
    return bytes(running.value())


def agreed(message: bytes) -> str:
    """SM3 in hex, when both implementations agree."""
    first, second = by_openssl(message), by_gmalg(message)
    if first != second:
        sys.exit(f"OpenSSL and gmalg differ on {len(message)} bytes: {first.hex()} {second.hex()}")
    return first.hex()


def agreed_hmac(key: bytes, message: bytes) -> str:
    """HMAC-SM3 in hex: by the standard library, and by gmalg from the definition of RFC 2104."""
    first = hmac.digest(key, message, "sm3")
    block = (by_gmalg(key) if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    inner = by_gmalg(bytes(byte ^ 0x36 for byte in block) + message)
    second = by_gmalg(bytes(byte ^ 0x5C for byte in block) + inner)
    if first != second:
        sys.exit(f"OpenSSL and gmalg differ on HMAC with a key of {len(key)} bytes")
    return first.hex()


def build() -> dict[str, object]:
    """Compute all cases."""
    return {
        "about": "SM3 and HMAC-SM3 over counter messages: byte i is i mod 256. prefix is in hex.",
        "made_by": "infra/scripts/vectors_sm3.py, OpenSSL and gmalg agreeing",
        "sm3": [
            {
                "prefix": prefix,
                "length": length,
                "digest": agreed(bytes.fromhex(prefix) + counter(length)),
            }
            for prefix in PREFIXES
            for length in LENGTHS
        ],
        "hmac_sm3": [
            {
                "key_length": key_length,
                "length": length,
                "tag": agreed_hmac(counter(key_length), counter(length)),
            }
            for key_length in KEY_LENGTHS
            for length in (0, 1, 55, 64, 200)
        ],
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
