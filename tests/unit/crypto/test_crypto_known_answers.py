"""The known-answer tests find a library that errs in one way only; none is let through."""

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from trace_node.crypto import backends, bls, ed25519, sm3_providers, sm4
from trace_node.crypto.backends import libcrypto
from trace_node.crypto.choice import Candidate, KnownAnswerError, NotOfferedError, choose
from trace_node.crypto.errors import NoProviderError


class Altered:
    """A library of which some calls are replaced.

    Args:
        real: The library.
        changes: What is served in place of its own.
    """

    def __init__(self, real: Any, **changes: Any) -> None:
        self.__dict__.update(changes)
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class TestSm2:
    def altered_verifier(self, verdict: bool) -> Altered:
        key = SimpleNamespace(verify=lambda *_: verdict)
        return Altered(libcrypto.load(), verifying_key=lambda _: key)

    @pytest.mark.parametrize(
        ("verdict", "words"), [(True, "over another digest"), (False, "refuses the signature")]
    )
    def test_a_verifier_that_always_says_the_same(self, verdict: bool, words: str) -> None:
        with pytest.raises(KnownAnswerError, match=words):
            backends.check_verifying(self.altered_verifier(verdict))

    def test_a_signer_that_repeats_its_nonce(self) -> None:
        real = libcrypto.load()
        once = real.signing_key(backends.KNOWN_SECRET, backends.KNOWN_POINT).sign(
            backends.KNOWN_DIGEST
        )
        key = SimpleNamespace(sign=lambda _: once)
        with pytest.raises(KnownAnswerError, match="same nonce"):
            backends.check_signing(Altered(real, signing_key=lambda *_: key))

    def test_a_signer_whose_signatures_do_not_verify(self) -> None:
        real = libcrypto.load()
        key = real.signing_key(backends.KNOWN_SECRET, backends.KNOWN_POINT)
        other = SimpleNamespace(sign=lambda digest: key.sign(digest[::-1]))
        with pytest.raises(KnownAnswerError, match="does not verify"):
            backends.check_signing(Altered(real, signing_key=lambda *_: other))

    def test_a_library_that_derives_another_key(self) -> None:
        real = libcrypto.load()
        wrong = Altered(real, public_point=lambda secret: real.public_point(secret[::-1]))
        with pytest.raises(KnownAnswerError, match="another public key"):
            backends.check_signing(wrong)

    def test_a_library_that_may_not_sign_is_not_even_tried(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv(backends.DEVELOPMENT_SETTING, raising=False)
        for value in ("0", "true", "yes", ""):
            monkeypatch.setenv(backends.DEVELOPMENT_SETTING, value)
            with pytest.raises(NotOfferedError):
                backends._check_may_sign(Altered(None, signing_refusal="leaks"))


class TestSm3:
    @pytest.mark.parametrize("length", [0, 3, 55, 56, 64, 119, 120, 130])
    def test_a_wrong_digest_at_one_length(self, length: int) -> None:
        real = sm3_providers.PROVIDERS[0].load()

        class Wrong:
            def __init__(self, data: bytes = b"") -> None:
                self.data = data

            def update(self, data: bytes) -> None:
                self.data += data

            def copy(self) -> "Wrong":
                return Wrong(self.data)

            def digest(self) -> bytes:
                running = real()
                running.update(self.data)
                digest = running.digest()
                return digest[::-1] if len(self.data) == length else digest

        with pytest.raises(KnownAnswerError):
            sm3_providers.check(Wrong)

    def test_copies_that_share_their_state(self) -> None:
        real = sm3_providers.PROVIDERS[0].load()

        class Shared:
            def __init__(self) -> None:
                self.state = real()

            def update(self, data: bytes) -> None:
                self.state.update(data)

            def copy(self) -> "Shared":
                return self

            def digest(self) -> bytes:
                return self.state.digest()

        with pytest.raises(KnownAnswerError):
            sm3_providers.check(Shared)


class TestSm4:
    @pytest.fixture
    def real(self) -> sm4.Cipher:
        return sm4.CANDIDATES[0].load()

    @pytest.mark.parametrize(
        "changes",
        [
            {"seal": lambda *_: b""},
            {"unseal": lambda *_: None},
            {"unseal": lambda *_: sm4.KNOWN_PLAINTEXT},
        ],
    )
    def test_one_wrong_call(self, real: sm4.Cipher, changes: dict[str, Any]) -> None:
        with pytest.raises(KnownAnswerError):
            sm4.check(Altered(real, **changes))

    def test_a_library_that_does_not_look_at_the_tag(self, real: sm4.Cipher) -> None:
        def unseal(key: bytes, nonce: bytes, sealed: bytes, _associated: bytes) -> bytes | None:
            return real.unseal(key, nonce, sealed, sm4.KNOWN_ASSOCIATED)

        with pytest.raises(KnownAnswerError, match="other associated data"):
            sm4.check(Altered(real, unseal=unseal))


class TestEd25519:
    @pytest.mark.parametrize(
        ("outcome", "words"), [(None, "over another message"), (ValueError(), "refuses")]
    )
    def test_a_verifier_that_always_says_the_same(
        self, monkeypatch: pytest.MonkeyPatch, outcome: Exception | None, words: str
    ) -> None:
        real: ModuleType = ed25519.CANDIDATES[0].load()
        monkeypatch.setattr(ed25519, "_fits", lambda *_: outcome is None)
        with pytest.raises(KnownAnswerError, match=words):
            ed25519.check(real)


class TestBls:
    @pytest.fixture
    def real(self) -> bls.BlsBackend:
        return bls.CANDIDATES[0].load()

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"public_key": lambda _: bytes(48)}, "another public key"),
            ({"sign": lambda *_: bytes(96)}, "another signature"),
            ({"verify": lambda *_: False}, "refuses"),
            ({"verify": lambda *_: True}, "as a proof of possession"),
        ],
    )
    def test_one_wrong_call(
        self, real: bls.BlsBackend, changes: dict[str, Any], words: str
    ) -> None:
        with pytest.raises(KnownAnswerError, match=words):
            bls.check(Altered(real, **changes))


def test_the_first_that_passes_is_taken_and_all_others_are_named() -> None:
    def absent() -> int:
        raise ImportError("not here")

    def judge(number: int) -> None:
        if number != 2:
            raise KnownAnswerError(f"{number} is wrong")

    candidates = [
        Candidate(name="absent", load=absent, check=judge),
        Candidate(name="wrong", load=lambda: 1, check=judge),
        Candidate(name="right", load=lambda: 2, check=judge),
        Candidate(name="never loaded", load=lambda: 1 // 0, check=judge),
    ]
    assert choose("it", candidates) == ("right", 2)
    with pytest.raises(NoProviderError) as caught:
        choose("it", candidates[:2])
    for words in ("absent (ImportError: not here)", "wrong (KnownAnswerError: 1 is wrong)"):
        assert words in caught.value.message
