"""Ed25519: the examples of RFC 8032 and keys and signatures that must be refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_node.crypto import ed25519
from trace_node.crypto.choice import KnownAnswerError
from trace_node.crypto.errors import KeyFormatError, SignatureError
from trace_node.crypto.sm3 import sm3

KEY = ed25519.PrivateKey(ed25519.KNOWN_SECRET)
ORDER = 2**252 + 27742317777372353535851937790883648493
PRIME = 2**255 - 19

SMALL_A = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85")
SMALL_B = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")

# RFC 8032 section 7.1: secret, public, message, signature of tests 1 and 3.
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
            "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


@pytest.mark.parametrize(("secret", "public", "message", "signature"), RFC_8032)
def test_the_examples_of_rfc_8032(secret: str, public: str, message: str, signature: str) -> None:
    key = ed25519.PrivateKey(bytes.fromhex(secret))
    assert key.public.raw.hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == signature
    ed25519.verify(key.public, bytes.fromhex(message), bytes.fromhex(signature))


def test_generated_keys_sign_and_verify() -> None:
    first, second = ed25519.generate(), ed25519.generate()
    signature = first.sign(b"m")
    ed25519.verify(first.public, b"m", signature)
    with pytest.raises(SignatureError) as caught:
        ed25519.verify(second.public, b"m", signature)
    assert caught.value.reason == "integrity.signature.mismatch"


@given(message=st.binary(max_size=50), bit=st.integers(0, 511))
def test_any_flipped_bit_is_refused(message: bytes, bit: int) -> None:
    signature = bytearray(KEY.sign(message))
    signature[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SignatureError):
        ed25519.verify(KEY.public, message, bytes(signature))


@pytest.mark.parametrize("length", [0, 63, 65])
def test_a_signature_has_64_bytes(length: int) -> None:
    with pytest.raises(SignatureError) as caught:
        ed25519.verify(KEY.public, b"m", bytes(length))
    assert caught.value.reason == "integrity.signature.length"


def test_a_second_spelling_of_s_is_refused() -> None:
    signature = KEY.sign(b"m")
    s = int.from_bytes(signature[32:], "little") + ORDER
    with pytest.raises(SignatureError) as caught:
        ed25519.verify(KEY.public, b"m", signature[:32] + s.to_bytes(32, "little"))
    assert caught.value.reason == "integrity.signature.range"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "length"),
        (bytes(31), "length"),
        (bytes(33), "length"),
        (PRIME.to_bytes(32, "little"), "coordinate"),
        ((PRIME + 1).to_bytes(32, "little"), "coordinate"),
        (b"\xff" * 32, "coordinate"),
        (bytes(32), "small_order"),
        (bytes(31) + b"\x80", "small_order"),
        ((1).to_bytes(32, "little"), "small_order"),
        ((PRIME - 1).to_bytes(32, "little"), "small_order"),
        (SMALL_A, "small_order"),
        (SMALL_B, "small_order"),
    ],
)
def test_each_unsound_public_key_has_its_own_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(KeyFormatError) as caught:
        ed25519.PublicKey(raw)
    assert caught.value.reason == f"input.key.{reason}"


def test_the_list_of_small_order_points_is_complete() -> None:
    """Eight times such a point is the neutral one: computed on the curve, from the definition."""
    d = -121665 * pow(121666, -1, PRIME) % PRIME

    def double(point: tuple[int, int]) -> tuple[int, int]:
        x, y = point
        product = d * x * x * y * y
        return (
            2 * x * y * pow(1 + product, -1, PRIME) % PRIME,
            (y * y + x * x) * pow(1 - product, -1, PRIME) % PRIME,
        )

    for y in ed25519._SMALL_ORDER:
        square = (y * y - 1) * pow(d * y * y + 1, -1, PRIME) % PRIME
        root = pow(square, (PRIME + 3) // 8, PRIME)
        if root * root % PRIME != square:
            root = root * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
        assert root * root % PRIME == square, "every point of the list lies on the curve"
        assert double(double(double((root, y)))) == (0, 1)
    # With x and -x: 0, 0 (order 4) twice; 1 and p - 1 once each; two of order 8 twice each.
    assert len(ed25519._SMALL_ORDER) == 5


def test_a_point_that_is_not_on_the_curve_is_no_key() -> None:
    raw = (2).to_bytes(32, "little")  # no x belongs to y = 2
    with pytest.raises(KeyFormatError) as caught:
        ed25519.PublicKey(raw)
    assert caught.value.reason == "input.key.off_curve"


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_private_key_has_32_bytes(length: int) -> None:
    with pytest.raises(KeyFormatError) as caught:
        ed25519.PrivateKey(bytes(length))
    assert caught.value.reason == "input.key.length"


def test_ids_and_text_forms() -> None:
    assert KEY.public.key_id == sm3(ed25519.KNOWN_PUBLIC).hex()[:32]
    assert ed25519.KNOWN_SECRET.hex() not in repr(KEY)
    assert repr(ed25519.KNOWN_SECRET) not in repr(KEY)


def test_a_library_with_another_answer_is_passed_over() -> None:
    library = ed25519._library()

    class Wrong:
        Ed25519PrivateKey = library.Ed25519PrivateKey

        class Ed25519PublicKey:
            @staticmethod
            def from_public_bytes(_raw: bytes) -> "Wrong.Ed25519PublicKey":
                return Wrong.Ed25519PublicKey()

            def verify(self, _signature: bytes, _message: bytes) -> None:
                """Accept everything."""

    with pytest.raises(KnownAnswerError, match="another message"):
        ed25519.check(Wrong)
