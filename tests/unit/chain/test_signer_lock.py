"""One sender at a time, over threads and processes, and no lease that outlives its holder."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from chain.errors import ChainUnavailableError, SignerBusyError
from chain.signer_lock import SignerLock

HOLDER = """
import sys, time
from pathlib import Path
from chain.signer_lock import SignerLock
with SignerLock(Path(sys.argv[1])).hold():
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_holder_in_this_process_is_told_to_come_back(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with SignerLock(path).hold():
        with pytest.raises(SignerBusyError) as caught, SignerLock(path, wait_s=0).hold():
            pass
        assert caught.value.retry_after >= 1
    with SignerLock(path, wait_s=0).hold():
        pass


def test_threads_take_turns(tmp_path: Path) -> None:
    lock, inside, worst = SignerLock(tmp_path / "lock"), [0], [0]

    def work() -> None:
        for _ in range(20):
            with lock.hold():
                inside[0] += 1
                worst[0] = max(worst[0], inside[0])
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert worst == [1]


def test_another_process_holds_it_until_it_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    with pytest.raises(SignerBusyError), SignerLock(path, wait_s=0).hold():
        pass
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with SignerLock(path, wait_s=5).hold():
        pass


def test_an_error_inside_lets_go(tmp_path: Path) -> None:
    lock = SignerLock(tmp_path / "lock", wait_s=0)
    with pytest.raises(ZeroDivisionError), lock.hold():
        raise ZeroDivisionError
    with lock.hold():
        pass


def test_a_lock_file_that_the_disk_refuses_is_an_error_of_the_product(tmp_path: Path) -> None:
    with (
        pytest.raises(ChainUnavailableError) as caught,
        SignerLock(tmp_path / "missing" / "lock").hold(),
    ):
        pass
    assert caught.value.reason == "chain.signer_lock"
    assert caught.value.remedy
