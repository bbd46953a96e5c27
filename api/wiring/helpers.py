"""Processes beside a long check: one for each core that this one does not use."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from trace_node.services.fsck_signatures import SignatureCheck

_MOST = 4  # more than that, one check does not keep busy


@contextmanager
def signature_check() -> Iterator[SignatureCheck]:
    """Verify signatures on the other cores of the machine; here, where there is no other."""
    width = min((os.cpu_count() or 1) - 1, _MOST)
    if width < 1:
        yield SignatureCheck()
        return
    # A child is begun anew: this process has threads, and what they hold would stay held in a fork.
    helpers = ProcessPoolExecutor(
        width, mp_context=get_context("spawn"), initializer=_leave_interrupts_to_the_parent
    )
    try:
        yield SignatureCheck(helpers, width=width)
    finally:
        helpers.shutdown(cancel_futures=True)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
