"""The committed vectors are what their scripts write, and the product agrees with them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.crypto_backends import VECTORS

from trace_node.crypto.sm3 import hmac_sm3, new_sm3

SCRIPTS = Path(__file__).resolve().parents[3] / "infra/scripts"


@pytest.mark.parametrize("script", ["vectors_sm2.py", "vectors_sm3.py"])
def test_the_committed_file_is_what_the_script_writes(script: str) -> None:
    subprocess.run([sys.executable, SCRIPTS / script, "--check"], check=True, timeout=60)


def test_own_sm3_vectors() -> None:
    known = json.loads((VECTORS / "sm3.json").read_text("utf-8"))
    assert len(known["sm3"]) == 4 * 104
    assert len(known["hmac_sm3"]) == 40
    message = bytes(range(256)) * 40
    for case in known["sm3"]:
        running = new_sm3(bytes.fromhex(case["prefix"]))
        running.update(message[: case["length"]])
        assert running.digest().hex() == case["digest"], case
    for case in known["hmac_sm3"]:
        tag = hmac_sm3(message[: case["key_length"]], message[: case["length"]])
        assert tag.hex() == case["tag"], case
