"""What serves when OpenSSL is configured so that it offers less, and when libraries are missing."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FIPS = """\
openssl_conf = openssl_init
[openssl_init]
providers = provider_section
alg_section = algorithm_section
[provider_section]
default = default_section
[default_section]
activate = 1
[algorithm_section]
default_properties = fips=yes
"""
BASE_ONLY = """\
openssl_conf = openssl_init
[openssl_init]
providers = provider_section
[provider_section]
base = base_section
[base_section]
activate = 1
"""

PROGRAM = """
import dataclasses, json, sys
for name in {missing!r}:
    sys.modules[name] = None
from trace_node.crypto import selftest, sm2
from trace_node.crypto.sm3 import hmac_sm3, sm3
from trace_node.errors import TraceNodeError
report = [dataclasses.asdict(status) for status in selftest.report()]
outcome = {{}}
def attempt(name, call):
    try:
        outcome[name] = call()
    except TraceNodeError as error:
        outcome[name] = error.reason
attempt("sm3", lambda: sm3(b"abc").hex())
attempt("hmac", lambda: hmac_sm3(b"k", b"m").hex())
def sign_and_verify():
    key = sm2.generate()
    sm2.verify(key.public, b"m", key.sign(b"m"))
    return "signed and verified"
attempt("sm2", sign_and_verify)
def verify_only():
    from trace_node.crypto.backends import KNOWN_POINT, KNOWN_SIGNATURE
    sm2.verify(sm2.PublicKey.from_point(KNOWN_POINT), b"message digest", KNOWN_SIGNATURE)
    return "verified"
attempt("sm2 verification", verify_only)
json.dump([report, outcome], sys.stdout)
"""

ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def run(
    configuration: str = "", *, tmp_path: Path, missing: tuple[str, ...] = (), **extra: str
) -> tuple[dict[str, str], dict[str, str], dict[str, list[Any]]]:
    """Which library is in use for what, what the calls said, and the whole report."""
    environment = {**os.environ, **extra}
    if configuration:
        path = tmp_path / "openssl.cnf"
        path.write_text(configuration, "utf-8")
        environment["OPENSSL_CONF"] = str(path)
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(missing=missing)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    report, outcome = json.loads(finished.stdout)
    used = {item["purpose"]: item["provider"] for item in report if item["state"] == "in use"}
    by_purpose: dict[str, list[Any]] = {}
    for item in report:
        by_purpose.setdefault(item["purpose"], []).append(item)
    return used, outcome, by_purpose


def test_a_plain_machine_is_served_by_the_first_of_each(tmp_path: Path) -> None:
    used, outcome, _ = run(tmp_path=tmp_path)
    assert used == {
        "SM3": "hashlib",
        "SM2 signing": "libcrypto",
        "SM2 verification": "libcrypto",
        "SM4-GCM": "cryptography",
        "Ed25519": "cryptography",
        "BLS12-381": "py_arkworks_bls12381",
    }
    assert outcome["sm3"] == ABC
    assert outcome["sm2"] == "signed and verified"


def test_under_fips_properties(tmp_path: Path) -> None:
    used, outcome, report = run(FIPS, tmp_path=tmp_path)
    assert used["SM3"] == "hashlib (not for security)"
    assert used["SM2 signing"] == used["SM2 verification"] == "gmssl_pyx"
    assert used["SM4-GCM"] == "gmssl_pyx"
    assert report["SM3"][0]["state"] == "failed"
    assert "ValueError" in report["SM3"][0]["detail"]
    assert outcome["sm3"] == ABC
    assert outcome["sm2"] == "signed and verified"


def test_with_the_base_provider_only(tmp_path: Path) -> None:
    used, outcome, _ = run(BASE_ONLY, tmp_path=tmp_path)
    assert used["SM3"] == "gmssl_pyx"
    assert used["SM2 signing"] == used["SM2 verification"] == "gmssl_pyx"
    assert outcome["sm3"] == ABC
    assert outcome["sm2"] == "signed and verified"


def test_with_the_base_provider_only_and_nothing_compiled(tmp_path: Path) -> None:
    used, outcome, report = run(
        BASE_ONLY, tmp_path=tmp_path, missing=("gmssl_pyx", "cryptography", "py_arkworks_bls12381")
    )
    assert used["SM3"] == "gmssl"
    assert used["SM2 verification"] == "gmssl"
    assert used["BLS12-381"] == "py_ecc"
    assert "SM2 signing" not in used
    assert "SM4-GCM" not in used
    assert outcome["sm3"] == ABC
    assert outcome["sm2"] == "config.no_provider"
    assert outcome["sm2 verification"] == "verified"
    (gmssl,) = (item for item in report["SM2 signing"] if item["provider"] == "gmssl")
    assert "TN_CRYPTO_DEVELOPMENT=1" in gmssl["detail"]


def test_the_development_setting_lets_gmssl_sign(tmp_path: Path) -> None:
    used, outcome, _ = run(
        BASE_ONLY, tmp_path=tmp_path, missing=("gmssl_pyx",), TN_CRYPTO_DEVELOPMENT="1"
    )
    assert used["SM2 signing"] == "gmssl"
    assert outcome["sm2"] == "signed and verified"


def test_without_any_library_everything_is_refused(tmp_path: Path) -> None:
    used, outcome, _ = run(
        BASE_ONLY,
        tmp_path=tmp_path,
        missing=("gmssl_pyx", "cryptography", "gmssl", "py_arkworks_bls12381", "py_ecc"),
    )
    assert used == {}
    assert set(outcome.values()) == {"config.no_provider"}


@pytest.mark.parametrize("module", ["sm2", "sm3", "signed_record", "selftest"])
def test_heavy_libraries_are_loaded_only_when_needed(module: str) -> None:
    program = f"""
import sys
import trace_node.crypto.{module}
heavy = {{"cryptography", "gmssl", "gmssl_pyx", "py_ecc", "py_arkworks_bls12381", "pydantic", "ctypes"}}
print(*sorted(heavy & set(sys.modules)))
"""
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert finished.stdout.split() == []


def test_verifying_loads_no_heavy_library_either() -> None:
    program = """
import sys
from trace_node.crypto import sm2
from trace_node.crypto.backends import KNOWN_POINT, KNOWN_SIGNATURE
sm2.verify(sm2.PublicKey.from_point(KNOWN_POINT), b"message digest", KNOWN_SIGNATURE)
heavy = {"cryptography", "gmssl", "gmssl_pyx", "py_ecc", "py_arkworks_bls12381", "pydantic"}
print(*sorted(heavy & set(sys.modules)))
"""
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert finished.stdout.split() == []
