"""A process that serves still frees cycles, and its threads wait less for each other."""

import gc
import sys
import weakref
from collections.abc import Iterator

import pytest

from api.interpreter import tune_for_serving


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*threshold)
    gc.unfreeze()


class Node:
    """Refers to itself."""

    def __init__(self) -> None:
        self.me = self


def test_threads_wait_less_for_the_lock() -> None:
    before = sys.getswitchinterval()
    tune_for_serving()
    assert sys.getswitchinterval() < before


def test_cycles_are_still_freed_without_being_asked() -> None:
    tune_for_serving()
    gone = weakref.ref(Node())
    kept = []
    while gone() is not None:
        kept.append([])  # new objects, which are what brings the collector
        assert len(kept) < 10_000_000
    assert gc.isenabled()
