"""The report that ``trace-node doctor`` shows."""

import ctypes
from collections.abc import Iterator

import pytest

from trace_node.crypto import selftest, sm3, sm3_providers
from trace_node.crypto.backends import libcrypto
from trace_node.crypto.choice import Candidate, NotOfferedError
from trace_node.crypto.errors import NoProviderError

PURPOSES = ["SM3", "SM2 signing", "SM2 verification", "SM4-GCM", "Ed25519", "BLS12-381"]


def test_every_purpose_is_served_by_exactly_one_library() -> None:
    report = selftest.report()
    assert list(dict.fromkeys(status.purpose for status in report)) == PURPOSES
    used = [status.purpose for status in report if status.state == "in use"]
    assert used == PURPOSES
    assert {status.state for status in report} == {"in use", "not tried"}


def test_no_library_after_the_one_in_use_is_tried() -> None:
    report = selftest.report()
    for purpose in {status.purpose for status in report}:
        states = [status.state for status in report if status.purpose == purpose]
        assert "ready" not in states
        place = states.index("in use")
        assert set(states[place + 1 :]) <= {"not tried"}
        assert set(states[:place]) <= {"failed"}


def test_the_whole_report_tests_every_library() -> None:
    report = selftest.report(every=True)
    states = {(status.purpose, status.provider): status for status in report}
    assert len(report) == 16
    assert not [status for status in report if status.state == "not tried"]
    (failed,) = (status for status in report if status.state == "failed")
    assert (failed.purpose, failed.provider) == ("SM2 signing", "gmssl")
    assert "TN_CRYPTO_DEVELOPMENT=1" in failed.detail
    assert states["SM2 verification", "gmssl"].state == "ready"


@pytest.fixture
def without_sm3(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def absent() -> sm3_providers.NewSm3:
        raise ImportError("gone")

    candidate = Candidate(name="absent", load=absent, check=sm3_providers.check)
    monkeypatch.setattr(sm3_providers, "PROVIDERS", (candidate,))
    monkeypatch.setattr(sm3, "PROVIDERS", (candidate,))
    sm3._chosen.cache_clear()
    yield
    sm3._chosen.cache_clear()


@pytest.mark.usefixtures("without_sm3")
def test_a_purpose_nobody_serves_is_shown_and_refused() -> None:
    (status,) = (item for item in selftest.report() if item.purpose == "SM3")
    assert status.state == "failed"
    assert status.detail == "ImportError: gone"
    for call in (
        lambda: sm3.sm3(b""),
        sm3.new_sm3,
        sm3.provider_name,
        lambda: sm3.hmac_sm3(b"", b""),
    ):
        with pytest.raises(NoProviderError, match="gone"):
            call()


class TestProcessorsOnWhichLibcryptoLeaksTime:
    @pytest.fixture
    def backend(self) -> libcrypto.LibcryptoBackend:
        return libcrypto.load()

    @pytest.mark.parametrize(
        ("machine", "version", "refused"),
        [
            ("x86_64", 0x30200000, False),
            ("x86_64", 0x30500040, False),
            ("aarch64", 0x30000130, False),
            ("aarch64", 0x30100080, False),
            ("aarch64", 0x30200000, True),
            ("arm64", 0x30500040, True),
            ("riscv64", 0x30600010, True),
            ("aarch64", 0x30600020, False),
            ("AARCH64", 0x30500000, True),
        ],
    )
    def test_signing_is_refused_there(
        self,
        backend: libcrypto.LibcryptoBackend,
        monkeypatch: pytest.MonkeyPatch,
        machine: str,
        version: int,
        refused: bool,
    ) -> None:
        monkeypatch.setattr(libcrypto.platform, "machine", lambda: machine)
        monkeypatch.setattr(backend._library, "OpenSSL_version_num", lambda: version)
        assert bool(backend.signing_refusal) is refused

    def test_the_next_library_signs_instead(
        self, backend: libcrypto.LibcryptoBackend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from trace_node.crypto import backends  # noqa: PLC0415 -- kept near its only use

        monkeypatch.setattr(libcrypto.platform, "machine", lambda: "aarch64")
        monkeypatch.setattr(backend._library, "OpenSSL_version_num", lambda: 0x30500040)
        monkeypatch.setattr(libcrypto, "load", lambda: backend)
        monkeypatch.delenv(backends.DEVELOPMENT_SETTING, raising=False)
        signing, verifying = (
            [status for status in selftest.report() if status.purpose == purpose]
            for purpose in ("SM2 signing", "SM2 verification")
        )
        assert [status.state for status in signing] == ["failed", "in use", "not tried"]
        assert NotOfferedError.__name__ in signing[0].detail
        assert "CVE-2025-9231" in signing[0].detail
        assert verifying[0].state == "in use"


class TestLibcryptoIsFound:
    def test_the_library_of_hashlib_is_first(self) -> None:
        first = next(iter(libcrypto._paths()))
        assert "_hashlib" in first

    def test_a_library_without_the_symbols_is_passed_over(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        without = ctypes.util.find_library("c")
        assert without is not None
        good = next(iter(libcrypto._paths()))
        monkeypatch.setattr(libcrypto, "_paths", lambda: iter(["/nowhere.so", without, good]))
        assert libcrypto.load().public_point(b"\1" * 32)
        monkeypatch.setattr(libcrypto, "_paths", lambda: iter(["/nowhere.so", without]))
        with pytest.raises(ImportError, match="no libcrypto"):
            libcrypto.load()
