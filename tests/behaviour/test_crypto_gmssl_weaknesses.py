"""Each known weakness of gmssl 3.2.2: shown on the bare library, and shown closed in the product."""

import ast
import hashlib
import random
import secrets
from pathlib import Path
from typing import Any

import gmssl.func
import gmssl.sm3
import gmssl.sm4
import pytest
from gmssl.sm2 import CryptSM2

from trace_node.crypto import curve, curve_points, sm2, sm3_providers, sm4
from trace_node.crypto.backends import KNOWN_DIGEST, KNOWN_POINT, KNOWN_SECRET
from trace_node.crypto.backends import gmssl as hardened
from trace_node.crypto.choice import NotOfferedError, probe
from trace_node.crypto.errors import (
    DecryptionError,
    KeyFileError,
    KeyFormatError,
    ProviderFailureError,
)
from trace_node.crypto.pbes2 import decrypt, encrypt
from trace_node.crypto.sm2_signature import parse_der

N = curve.N
PACKAGE = Path(sm2.__file__).parents[1]


@pytest.fixture
def backend() -> Any:
    return hardened.load()


def bare(point: bytes = KNOWN_POINT, secret: bytes = KNOWN_SECRET, **options: Any) -> Any:
    tool = CryptSM2(private_key=secret.hex(), public_key="", **options)
    tool.public_key = point[1:].hex()
    return tool


def key_from_two(first: tuple[int, int], second: tuple[int, int]) -> int:
    """The private key behind two signatures that used one nonce."""
    (r1, s1), (r2, s2) = first, second
    return (s2 - s1) * pow(s1 - s2 + r1 - r2, -1, N) % N


class TestNoncesComeFromAPredictableGenerator:
    def test_the_bare_library_gives_its_key_away(self) -> None:
        pairs = []
        for message in (b"first", b"second"):
            random.seed(2026)
            signature = bare().sign_with_sm3(message)
            pairs.append((int(signature[:64], 16), int(signature[64:], 16)))
        recovered = key_from_two(*pairs)
        assert recovered.to_bytes(32, "big") == KNOWN_SECRET

    def test_a_seed_does_not_repeat_our_nonce(self, backend: Any) -> None:
        pairs = []
        for digest in (KNOWN_DIGEST, KNOWN_DIGEST[::-1]):
            random.seed(2026)
            pairs.append(parse_der(backend.signing_key(KNOWN_SECRET, KNOWN_POINT).sign(digest)))
        assert key_from_two(*pairs).to_bytes(32, "big") != KNOWN_SECRET

    def test_the_generator_is_not_even_asked(
        self, backend: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> None:
            raise AssertionError("a nonce was asked of random")

        for name in ("choice", "random", "getrandbits", "randrange", "randint"):
            monkeypatch.setattr(random, name, refuse)
        monkeypatch.setattr(gmssl.func, "choice", refuse)
        monkeypatch.setattr(gmssl.func, "random_hex", refuse)
        signature = backend.signing_key(KNOWN_SECRET, KNOWN_POINT).sign(KNOWN_DIGEST)
        assert backend.verifying_key(KNOWN_POINT).verify(KNOWN_DIGEST, signature)

    def test_a_fixed_nonce_gives_the_example_of_the_standard(self) -> None:
        tool = hardened.HardenedGmssl(CryptSM2)
        nonce = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
        pair = tool.sign_with_nonce(int.from_bytes(KNOWN_SECRET, "big"), KNOWN_DIGEST, nonce)
        assert pair is not None
        assert f"{pair[0]:064x}" == (
            "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
        )
        assert f"{pair[1]:064x}" == (
            "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
        )

    def test_nonces_without_a_signature_are_drawn_again(self) -> None:
        tool = hardened.HardenedGmssl(CryptSM2)
        nonce = 7
        x = curve_points.multiply(nonce, curve_points.BASE)[0]
        r_zero = (-x % N).to_bytes(32, "big")
        assert tool.sign_with_nonce(5, r_zero, nonce) is None
        r_plus_k_is_n = ((N - nonce - x) % N).to_bytes(32, "big")
        assert tool.sign_with_nonce(5, r_plus_k_is_n, nonce) is None


class TestTheConstructorDamagesKeys:
    @pytest.fixture
    def victims(self) -> list[sm2.PrivateKey]:
        """Keys whose X begins with the digit 0 or 4, one in eight."""
        found: list[sm2.PrivateKey] = []
        secret = 0
        while len(found) < 4:
            secret += 1
            key = sm2.PrivateKey.from_secret(secret.to_bytes(32, "big"))
            if key.public.point[1:].hex()[0] in "04":
                found.append(key)
        return found

    def test_the_bare_library_strips_digits(self, victims: list[sm2.PrivateKey]) -> None:
        for key in victims:
            tool = CryptSM2(private_key="", public_key=key.public.point.hex())
            assert len(tool.public_key) < 128

    def test_ours_verifies_with_such_keys(
        self, backend: Any, victims: list[sm2.PrivateKey]
    ) -> None:
        for key in victims:
            signature = key.sign_digest(KNOWN_DIGEST)
            assert backend.verifying_key(key.public.point).verify(KNOWN_DIGEST, signature)
            assert backend.public_point(key.secret) == key.public.point


class TestDecryptionComparesNothing:
    def test_the_bare_library_returns_altered_plaintext(self) -> None:
        random.seed(1)
        tool = bare(mode=1)
        sealed = bytearray(tool.encrypt(b"set quota=100"))
        sealed[96 + 10] ^= ord("1") ^ ord("9")
        assert tool.decrypt(bytes(sealed)) == b"set quota=900"

    def test_ours_encrypts_with_sm4_gcm_which_refuses_it(self) -> None:
        key, nonce = sm4.new_key(), sm4.new_nonce()
        sealed = bytearray(sm4.encrypt(key=key, nonce=nonce, plaintext=b"set quota=100"))
        sealed[10] ^= ord("1") ^ ord("9")
        with pytest.raises(DecryptionError) as caught:
            sm4.decrypt(key=key, nonce=nonce, sealed=bytes(sealed))
        assert caught.value.reason == "integrity.decryption.tag"

    def test_nothing_in_the_product_reaches_gmssl_s_encryption(self) -> None:
        users = {path: _gmssl_uses(path) for path in PACKAGE.rglob("*.py")}
        used = {str(path.relative_to(PACKAGE)): uses for path, uses in users.items() if uses}
        assert used == {
            "crypto/backends/gmssl.py": {"gmssl.sm2.CryptSM2"},
            "crypto/sm3_providers.py": {"gmssl.sm3"},
        }
        tool_calls = _attributes_of(PACKAGE / "crypto/backends/gmssl.py", "self._tool")
        assert tool_calls == {"_kg"}
        sm3_calls = _attributes_of(PACKAGE / "crypto/sm3_providers.py", "sm3")
        assert sm3_calls == {"sm3_hash"}


class TestPointsOffTheCurve:
    OFF = b"\x04" + KNOWN_POINT[1:64] + bytes((KNOWN_POINT[64] ^ 1,))

    def test_the_bare_library_computes_with_them(self) -> None:
        assert bare()._kg(int.from_bytes(KNOWN_SECRET, "big"), self.OFF[1:].hex()) is not None

    def test_ours_refuses_them_as_keys(self, backend: Any) -> None:
        with pytest.raises(KeyFormatError) as caught:
            sm2.PublicKey.from_point(self.OFF)
        assert caught.value.reason == "input.key.off_curve"
        with pytest.raises(KeyFormatError):
            backend.verifying_key(self.OFF)
        with pytest.raises(KeyFormatError):
            backend.signing_key(KNOWN_SECRET, self.OFF)


class TestShortMessagesAreNotEncrypted:
    def test_the_bare_library_returns_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gmssl.sm3, "sm3_kdf", lambda *_: "00")
        assert bare().encrypt(b"x") is None

    def test_ours_encrypts_every_length(self) -> None:
        for length in range(40):
            key, nonce = sm4.new_key(), sm4.new_nonce()
            sealed = sm4.encrypt(key=key, nonce=nonce, plaintext=bytes(length))
            assert len(sealed) == length + 16
            assert sm4.decrypt(key=key, nonce=nonce, sealed=sealed) == bytes(length)


class TestTimeDependsOnTheFactor:
    SPARSE, DENSE = 1 << 254, (1 << 255) - 1

    @pytest.fixture
    def count(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        """How many additions a call makes: what its time consists of."""
        added = [0]
        original = CryptSM2._add_point

        def counting(*arguments: Any) -> Any:
            added[0] += 1
            return original(*arguments)

        monkeypatch.setattr(CryptSM2, "_add_point", counting)

        def count(call: Any) -> int:
            added[0] = 0
            call()
            return added[0]

        return count

    def test_the_bare_library_shows_the_bits(self, count: Any) -> None:
        tool = bare()
        generator = tool.ecc_table["g"]
        assert count(lambda: tool._kg(self.SPARSE, generator)) == 0
        assert count(lambda: tool._kg(self.DENSE, generator)) == 254

    def test_ours_splits_the_factor_into_random_shares(self, count: Any) -> None:
        tool = hardened.HardenedGmssl(CryptSM2)
        for factor in (1, self.SPARSE, self.DENSE, N - 1):
            counts = [count(lambda f=factor: tool.multiply_base_blinded(f)) for _ in range(5)]
            # Two random shares of 256 bits: 254 additions in the mean, deviation 11.
            assert all(170 < number < 340 for number in counts)
            assert tool.multiply_base_blinded(factor) == curve_points.multiply(
                factor, curve_points.BASE
            )

    def test_ours_does_not_sign_without_the_development_setting(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from trace_node.crypto import backends  # noqa: PLC0415 -- kept near its only use

        (candidate,) = (item for item in backends.signing_candidates() if item.name == "gmssl")
        monkeypatch.delenv(backends.DEVELOPMENT_SETTING, raising=False)
        refused = probe(candidate)
        assert refused.found is None
        assert refused.detail.startswith(NotOfferedError.__name__)
        for value in ("0", "yes", "true", " 1"):
            monkeypatch.setenv(backends.DEVELOPMENT_SETTING, value)
            assert probe(candidate).found is None
        monkeypatch.setenv(backends.DEVELOPMENT_SETTING, "1")
        assert probe(candidate).found is not None


class TestTheHashChangesItsArgument:
    def test_the_bare_library_does(self) -> None:
        message = list(b"abc")
        gmssl.sm3.sm3_hash(message)
        assert message != list(b"abc")

    def test_ours_leaves_it_alone(self) -> None:
        (candidate,) = (item for item in sm3_providers.PROVIDERS if item.name == "gmssl")
        new = probe(candidate).found
        assert new is not None
        message = bytearray(b"abc")
        running = new()
        running.update(message)
        assert running.digest() == running.digest() == hashlib.new("sm3", b"abc").digest()
        assert message == b"abc"


class TestPaddingIsNotChecked:
    def test_the_bare_library_returns_garbage(self) -> None:
        cipher = gmssl.sm4.CryptSM4()
        cipher.set_key(bytes(16), gmssl.sm4.SM4_ENCRYPT)
        sealed = cipher.crypt_cbc(bytes(16), b"secret")
        cipher.set_key(b"wrong key, 16 by", gmssl.sm4.SM4_DECRYPT)
        assert isinstance(cipher.crypt_cbc(bytes(16), sealed), bytes)

    def test_ours_checks_every_byte_of_it(self) -> None:
        refused = 0
        for _ in range(40):
            with pytest.raises(KeyFileError) as caught:
                decrypt(
                    _last_block_altered(encrypt(b"secret", b"passphrase", scrypt_n=2)),
                    b"passphrase",
                )
            refused += caught.value.reason == "config.key_file.passphrase"
        assert refused == 40


class TestTwoEqualPointsAreAddedWrongly:
    """A ninth weakness: gmssl forgets to normalise the double, so a good signature fails."""

    @staticmethod
    def good_signature() -> tuple[int, int, int, int]:
        """A key, a digest and its signature for which sG and tP are the same point."""
        nonce, secret = 2 * 12345, 67890
        s = nonce // 2
        r = s * (1 - secret) * pow(secret, -1, N) % N
        e = (r - curve_points.multiply(nonce, curve_points.BASE)[0]) % N
        return secret, e, r, s

    def test_the_bare_library_refuses_a_good_signature(self) -> None:
        secret, e, r, s = self.good_signature()
        point = curve_points.encode(curve_points.multiply(secret, curve_points.BASE))
        assert not bare(point).verify(f"{r:064x}{s:064x}", e.to_bytes(32, "big"))

    def test_ours_accepts_it(self, backend: Any) -> None:
        secret, e, r, s = self.good_signature()
        point = curve_points.encode(curve_points.multiply(secret, curve_points.BASE))
        signature = sm2.raw_to_der(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        assert backend.verifying_key(point).verify(e.to_bytes(32, "big"), signature)

    def test_a_sum_at_infinity_is_a_refusal_and_not_a_crash(self, backend: Any) -> None:
        secret = 67890
        point = curve_points.encode(curve_points.multiply(secret, curve_points.BASE))
        r = 12345
        s = -r * secret * pow(1 + secret, -1, N) % N
        signature = sm2.raw_to_der(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        assert not backend.verifying_key(point).verify(KNOWN_DIGEST, signature)


def test_factors_out_of_range_never_reach_gmssl() -> None:
    tool = hardened.HardenedGmssl(CryptSM2)
    for factor in (0, N, N + 1):
        with pytest.raises(ProviderFailureError):
            tool.multiply(factor, curve_points.BASE)


def test_random_factors_agree_with_the_definition() -> None:
    tool = hardened.HardenedGmssl(CryptSM2)
    for _ in range(5):
        factor = 1 + secrets.randbelow(N - 1)
        assert tool.multiply(factor, curve_points.BASE) == curve_points.multiply(
            factor, curve_points.BASE
        )


def _last_block_altered(sealed: bytes) -> bytes:
    """Make the padding wrong for certain: with one block, the IV's last byte decides it."""
    altered = bytearray(sealed)
    block_before = len(sealed) - 16 - 2 - 16  # the IV ends right before the ciphertext's header
    altered[block_before + 15] ^= 0x80
    return bytes(altered)


def _gmssl_uses(path: Path) -> set[str]:
    uses: set[str] = set()
    for item in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(item, ast.Import):
            uses |= {alias.name for alias in item.names}
        elif isinstance(item, ast.ImportFrom) and item.module:
            uses |= {f"{item.module}.{alias.name}" for alias in item.names}
    return {name for name in uses if name == "gmssl" or name.startswith("gmssl.")}


def _attributes_of(path: Path, owner: str) -> set[str]:
    return {
        item.attr
        for item in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(item, ast.Attribute) and ast.unparse(item.value) == owner
    }
