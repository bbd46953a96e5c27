"""Forms on record: one commit, every row or none, also where the log moves meanwhile."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from support.accounting_samples import CONTENTS
from support.accounts import GRID, log_boundary, log_content
from support.builders import ORGANISATION, key
from support.forms import ENTRIES, OUTPUT, filled
from support.plant import Plant, plant, statement_log
from support.stores import new_store
from support.usual_engine import USUAL

from trace_node.crypto.sm3 import sm3
from trace_node.errors import ConflictError, InputError, TooLargeError
from trace_node.ports.statements import LoggedStatement
from trace_node.quota.registry.cells import RegistryFileError
from trace_node.record.statement import Content
from trace_node.services.entry_form import form_file, read_form
from trace_node.services.form_cells import FormImport, evidence_by
from trace_node.services.form_log import log_form
from trace_node.services.log_statement import signed_statement
from trace_node.services.statement_job import MAX_TOGETHER

GIVEN = FormImport(
    organisation=ORGANISATION, evidence=evidence_by({}, default=sm3(b"form")), entered_by="王芳"
)
DAYS = 200


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Plant]:
    with new_store(USUAL, tmp_path) as store, plant(store) as here:
        log_boundary(here, GRID + ENTRIES)
        yield here


def form_of(days: int, *, quantity: str = "812.5") -> bytes:
    begin = date(2026, 1, 1)
    rows = [
        [*OUTPUT[:2], (begin + timedelta(days=n)).isoformat(), quantity, *OUTPUT[4:7], ""]
        for n in range(days)
    ]
    return filled(form_file("production"), rows)


def read(here: Plant, raw: bytes) -> Sequence[Content]:
    with here.store.view() as view:
        return read_form(raw, view, GIVEN).entries


def together(
    here: Plant, contents: Sequence[Content], *, by: str = "node"
) -> Sequence[LoggedStatement]:
    sign: Callable[[Content], bytes] = partial(signed_statement, signer=key(by), clock=here.clock)
    return statement_log(here).take_together([sign(each) for each in contents])


def size(here: Plant) -> int:
    return here.writer.snapshot.size


def test_a_form_is_one_commit(here: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    commits = []
    really = here.store.unit_of_work

    def counted() -> object:
        commits.append(size(here))
        return really()

    monkeypatch.setattr(here.store, "unit_of_work", counted)
    raw, before = form_of(DAYS), size(here)
    logged = log_form(partial(read, here, raw), partial(together, here))
    assert [each.index for each in logged] == list(range(before, before + DAYS))
    assert len(commits) == 1
    again = log_form(partial(read, here, raw), partial(together, here))
    assert [each.index for each in again] == [each.index for each in logged]
    assert size(here) == before + DAYS


def test_a_row_that_no_longer_fits_keeps_every_row_out_and_is_named(here: Plant) -> None:
    """Somebody else entered the last day between reading and writing."""
    raw = form_of(3)
    first: list[Sequence[Content]] = []

    def reading() -> Sequence[Content]:
        found = read(here, raw)
        if not first:
            first.append(found)
            log_content(here, replace(found[-1], quantity=found[-1].quantity + 1))
        return found

    with pytest.raises(RegistryFileError) as caught:
        log_form(reading, partial(together, here))
    assert [cell.place for cell in caught.value.cells] == ["entries!A5"]
    with here.store.view() as view:
        kept = [view.statements.newest(each.TYPE, each.topic) for each in first[0]]
    assert [each is not None for each in kept] == [False, False, True]


def test_a_log_that_moves_twice_is_a_conflict_and_keeps_nothing(here: Plant) -> None:
    contents = read(here, form_of(2))
    log_content(here, replace(contents[0], quantity=contents[0].quantity + 1))
    before = size(here)
    with pytest.raises(ConflictError) as caught:
        log_form(lambda: contents, partial(together, here))
    assert caught.value.reason == "activity.replaces"
    assert size(here) == before


def test_what_does_not_come_together(here: Plant) -> None:
    (entry,) = read(here, form_of(1))
    before = size(here)
    with pytest.raises(InputError) as twice:
        together(here, [entry, entry])
    assert twice.value.reason == "together.topic"
    with pytest.raises(InputError) as copied:  # before a signature costs anything
        together(here, [entry, entry], by="stranger")
    assert copied.value.reason == "together.topic"
    with pytest.raises(InputError) as other:
        together(here, [entry, CONTENTS["factor entry"]])
    assert other.value.reason == "together.kind"
    with pytest.raises(TooLargeError) as many:
        statement_log(here).take_together([b"{}"] * (MAX_TOGETHER + 1))
    assert many.value.reason == "together.too_many"
    assert together(here, []) == ()
    assert size(here) == before
