"""The recommended curve of GB/T 32918.5-2017 (sm2p256v1) and the checks that need no library."""

from trace_node.crypto.errors import KeyFormatError

# GB/T 32918.5-2017 clause 2; also OID 1.2.156.10197.1.301.
P = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_00000000_FFFFFFFF_FFFFFFFF
A = P - 3
B = 0x28E9FA9E_9D9F5E34_4D5A9E4B_CF6509A7_F39789F5_15AB8F92_DDBCBD41_4D940E93
N = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
GX = 0x32C4AE2C_1F198119_5F990446_6A39C994_8FE30BBF_F2660BE1_715A4589_334C74C7
GY = 0xBC3736A2_F4F6779C_59BDCEE3_6B692153_D0A9877C_C62A4740_02DF32E5_2139F0A0

SCALAR_SIZE = 32
POINT_SIZE = 65
UNCOMPRESSED = 0x04

# The constant middle of Z_A: a, b and the base point (GB/T 32918.2-2016 clause 5.5).
PARAMETER_BYTES = b"".join(number.to_bytes(SCALAR_SIZE, "big") for number in (A, B, GX, GY))


def coordinates(point: bytes) -> tuple[int, int]:
    """Return x and y of an uncompressed point that lies on the curve.

    The curve has cofactor 1, so every point on it but infinity (which this form cannot express) is
    a sound public key (GB/T 32918.1-2016 clause 6.2.1).

    Raises:
        KeyFormatError: Not 65 bytes, not uncompressed, a coordinate not below p, or off the curve.
    """
    if len(point) != POINT_SIZE:
        raise KeyFormatError(
            "{field}: a point has {size} bytes, this has {length}",
            field="point",
            size=POINT_SIZE,
            length=len(point),
            code="input.key.length",
        )
    if point[0] != UNCOMPRESSED:
        raise KeyFormatError(
            "{field}: must be in uncompressed form, beginning with the byte 04",
            field="point",
            code="input.key.form",
        )
    x = int.from_bytes(point[1:33], "big")
    y = int.from_bytes(point[33:], "big")
    if x >= P or y >= P:
        raise KeyFormatError(
            "{field}: a coordinate is not below p", field="point", code="input.key.coordinate"
        )
    if (y * y - (x * x + A) * x - B) % P:
        raise KeyFormatError(
            "{field}: does not lie on the curve sm2p256v1",
            field="point",
            code="input.key.off_curve",
        )
    return x, y


def require_secret(secret: bytes) -> int:
    """Return the number of a private key: 32 bytes, 1 to n - 2 (GB/T 32918.1-2016 clause 6.1).

    Raises:
        KeyFormatError: Another length, or outside that range.
    """
    if len(secret) != SCALAR_SIZE:
        raise KeyFormatError(
            "{field}: a private key has {size} bytes, this has {length}",
            field="private key",
            size=SCALAR_SIZE,
            length=len(secret),
            code="input.key.length",
        )
    number = int.from_bytes(secret, "big")
    if not 1 <= number <= N - 2:
        raise KeyFormatError(
            "{field}: must lie between 1 and n - 2", field="private key", code="input.key.range"
        )
    return number
