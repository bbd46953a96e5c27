"""Rows that cannot be read are narrowed down, and the rest of them is checked."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest

from trace_node.errors import IntegrityError
from trace_node.ports.store import Store, UnitOfWork
from trace_node.services.fsck_report import Findings
from trace_node.services.fsck_rows import in_parts

MOST = 64  # entries that are passed over for one row that cannot be read


class NoDatabase:
    @contextmanager
    def view(self) -> Iterator[UnitOfWork]:
        yield cast("Any", None)


@pytest.mark.parametrize("damaged", [(), (0,), (4095,), (2047, 2048), (700, 3000, 3001)])
def test_only_the_parts_that_cannot_be_read_are_left_out(damaged: tuple[int, ...]) -> None:
    checked: list[int] = []

    def check(_view: UnitOfWork, first: int, end: int) -> None:
        if any(first <= index < end for index in damaged):
            raise IntegrityError("a page is damaged")
        checked.extend(range(first, end))

    found = Findings()
    in_parts(cast("Store", NoDatabase()), 0, 4096, check, found=found)
    left_out = [(p.params["first"], p.params["end"]) for p in found.problems]
    for first, end in left_out:
        assert 0 < end - first <= MOST
        assert any(first <= index < end for index in damaged)
    passed_over = {index for first, end in left_out for index in range(first, end)}
    assert sorted(checked) == [index for index in range(4096) if index not in passed_over]
    assert {problem.code for problem in found.problems} <= {"fsck.unreadable_rows"}
    assert bool(found.problems) == bool(damaged)
