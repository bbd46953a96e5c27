"""Processes beside this one, for the cores that it does not use."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process

from trace_node.services.fsck_signatures import SignatureCheck

_MOST = 4  # more than that, one check does not keep busy


@contextmanager
def signature_check() -> Iterator[SignatureCheck]:
    """Verify signatures on the other cores of the machine; here, where there is no other."""
    width = min((os.cpu_count() or 1) - 1, _MOST)
    if width < 1:
        yield SignatureCheck()
        return
    helpers = other_processes(width)
    try:
        yield SignatureCheck(helpers, width=width)
    finally:
        helpers.shutdown(cancel_futures=True)


def other_processes(width: int) -> ProcessPoolExecutor:
    """So many processes that end with this one.

    They are begun anew: this process has threads, and what they hold would stay held in a fork.
    """
    return ProcessPoolExecutor(
        width, mp_context=get_context("spawn"), initializer=_depend_on_the_parent
    )


def _depend_on_the_parent() -> None:
    """Leave interrupts to the parent, and end with it however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_after_the_parent, daemon=True).start()


def _end_after_the_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
