"""An I/O error at each system call that writes, one after another, while a block is made.

strace answers the n-th write, sync or truncation of the process with EIO. Whatever the process then
says, the file it leaves must be sound: what it reported as sent is there, and the next process goes on.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.evm import CHAIN_ID, sender

from chain.embedded.chain import EmbeddedChain
from chain.embedded.errors import RpcRefusal

ANA = sender("ana")
CALLS = "pwrite64,pwritev,fsync,fdatasync,ftruncate,fallocate"
SCRIPT = """
import sys
from pathlib import Path
from chain.embedded.chain import EmbeddedChain
with EmbeddedChain(Path(sys.argv[1]), chain_id=int(sys.argv[2])) as chain:
    print("sent", chain.send(bytes.fromhex(sys.argv[3])).hex(), flush=True)
"""
MOST_CALLS = 200


@pytest.fixture
def strace() -> str:
    program = shutil.which("strace")
    if program is None:
        pytest.skip("strace is not installed")
    probe = subprocess.run([program, "-qq", "true"], capture_output=True, check=False)
    if probe.returncode != 0:
        pytest.skip("strace may not trace here")
    return program


def _raw(nonce: int) -> bytes:
    fields = {"nonce": nonce, "gas": 50_000, "gasPrice": 0, "to": ANA.address, "chainId": CHAIN_ID}
    return bytes(ANA.sign_transaction(fields).raw_transaction)


def _run(strace: str, path: Path, number: int) -> tuple[bool, str, str]:
    """One process whose n-th write fails. Whether one did, and what it wrote out and to errors."""
    told = path.with_name("strace.txt")
    inject = f"inject={CALLS}:error=EIO:when={number}"
    command = [strace, "-f", "-qq", "-o", str(told), "-e", f"trace={CALLS}", "-e", inject]
    command += [sys.executable, "-c", SCRIPT, str(path), str(CHAIN_ID), _raw(0).hex()]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=100, check=False, env=environment
    )
    return "INJECTED" in told.read_text("utf-8"), done.stdout, done.stderr


def _check(path: Path, told: str) -> None:
    with EmbeddedChain(path, chain_id=CHAIN_ID) as chain:
        if told:
            assert chain.place_of(bytes.fromhex(told.split()[1])) == (1, 0)
        try:
            chain.send(_raw(0))
        except RpcRefusal as refusal:
            assert refusal.text == "already known"  # noqa: PT017  either way is right
        assert chain.place_of(chain.send(_raw(1))) == (2, 0)


def _fail_everywhere(strace: str, folder: Path, template: Path | None, *, step: int) -> int:
    for number in range(1, MOST_CALLS, step):
        path = folder / f"at {number}" / "chain.db"
        path.parent.mkdir()
        if template is not None:
            shutil.copy(template, path)
        hit, out, err = _run(strace, path, number)
        assert out or "chain.embedded.errors." in err, f"call {number}: {err}"
        _check(path, out)
        if not hit:
            return number
    pytest.fail(f"still writing after {MOST_CALLS} calls")


@pytest.mark.soak
def test_making_a_chain_survives_every_failing_write(strace: str, tmp_path: Path) -> None:
    step = 3 if os.environ.get("TN_SOAK") == "short" else 1
    assert _fail_everywhere(strace, tmp_path, None, step=step) > 5


@pytest.mark.soak
def test_making_a_block_survives_every_failing_write(strace: str, tmp_path: Path) -> None:
    step = 3 if os.environ.get("TN_SOAK") == "short" else 1
    template = tmp_path / "template.db"
    with EmbeddedChain(template, chain_id=CHAIN_ID):
        pass
    assert _fail_everywhere(strace, tmp_path, template, step=step) > 5
