"""SM2 keys that sign alike every time, so that vectors and examples can be made again.

Only for tests: the nonce comes from key and message instead of a random source, and the arithmetic
takes a time that depends on the secret.
"""

import hashlib
import hmac
from functools import cached_property

from trace_node.crypto import sm2
from trace_node.crypto.curve import N
from trace_node.crypto.curve_points import BASE, encode, multiply


class FixedKey:
    """A signer whose secret follows from a name."""

    def __init__(self, name: str) -> None:
        digest = hashlib.sha256(b"trace-node test key " + name.encode()).digest()
        self._secret = int.from_bytes(digest, "big") % (N - 2) + 1

    @cached_property
    def public(self) -> sm2.PublicKey:
        return sm2.PublicKey.from_point(encode(multiply(self._secret, BASE)))

    def sign(self, message: bytes) -> bytes:
        e = sm2.digest(self.public, message)
        counter = 0
        while True:
            seed = self._secret.to_bytes(32, "big") + bytes([counter])
            k = int.from_bytes(hmac.digest(seed, e, "sha256"), "big") % N
            point = multiply(k, BASE)
            counter += 1
            if point is None:
                continue
            r = (int.from_bytes(e, "big") + point[0]) % N
            s = pow(1 + self._secret, -1, N) * (k - r * self._secret) % N
            if r and s and r + k != N:
                return sm2.raw_to_der(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
