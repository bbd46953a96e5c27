"""Point arithmetic on sm2p256v1 from the definition, in affine coordinates.

For public values only: its time depends on its arguments. It serves where a library lacks an
operation on public points; ``None`` is the point at infinity.
"""

from collections.abc import Iterator

from trace_node.crypto.curve import GX, GY, SCALAR_SIZE, UNCOMPRESSED, A, B, P

Point = tuple[int, int] | None

BASE: Point = (GX, GY)


def add(left: Point, right: Point) -> Point:
    """Add two points (GB/T 32918.1-2016 clause 3.2.3.1)."""
    if left is None or right is None:
        return left or right
    (x1, y1), (x2, y2) = left, right
    if x1 == x2:
        if (y1 + y2) % P == 0:
            return None
        slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P)
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def negate(point: Point) -> Point:
    """Return the point whose sum with ``point`` is infinity."""
    return None if point is None else (point[0], -point[1] % P)


def multiply(factor: int, point: Point) -> Point:
    """Add ``point`` to itself ``factor`` times; ``factor`` is not negative and public."""
    total: Point = None
    for bit in f"{factor:b}":
        total = add(total, total)
        if bit == "1":
            total = add(total, point)
    return total


def with_x(x: int) -> Iterator[Point]:
    """Yield the two points whose first coordinate is ``x``, or none."""
    square = (x * x * x + A * x + B) % P
    y = pow(square, (P + 1) // 4, P)  # p is 3 modulo 4
    if y * y % P == square:
        yield x, y
        yield x, P - y


def encode(point: Point) -> bytes:
    """Write a point other than infinity in uncompressed form.

    Raises:
        ValueError: ``point`` is infinity.
    """
    if point is None:
        raise ValueError("infinity has no uncompressed form")
    return bytes((UNCOMPRESSED,)) + b"".join(
        number.to_bytes(SCALAR_SIZE, "big") for number in point
    )
