"""The processes that help a check end with it, however it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PARENT = """
import sys
import time
from api.wiring import helpers

if __name__ == "__main__":
    helpers.os.cpu_count = lambda: 2
    with helpers.signature_check() as signatures:
        print(signatures._helpers.submit(helpers.os.getpid).result(), flush=True)
        time.sleep(float(sys.argv[1]))
"""


def is_there(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.parametrize("sent", [None, signal.SIGTERM, signal.SIGKILL])
def test_no_helper_is_left_behind(tmp_path: Path, sent: signal.Signals | None) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    parent = subprocess.Popen(
        [sys.executable, str(script), "0" if sent is None else "60"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    assert parent.stdout is not None
    with parent.stdout:
        helper = int(parent.stdout.readline())
    if sent is not None:
        assert is_there(helper)
        parent.send_signal(sent)
    parent.wait(timeout=60)
    for _ in range(600):
        if not is_there(helper):
            return
        time.sleep(0.05)
    os.kill(helper, signal.SIGKILL)
    pytest.fail("the helper goes on")
