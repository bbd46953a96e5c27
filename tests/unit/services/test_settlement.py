"""A settlement rests on leaves, and on drafts only by a logged approval that it names."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from support.builders import ORGANISATION, key
from support.plant import Plant, plant, statement_log
from support.stores import new_store

from trace_node.errors import InputError
from trace_node.ports.statements import LoggedStatement
from trace_node.quota.errors import QuotaInputError
from trace_node.quota.records.allocation_input import AllocationInput
from trace_node.quota.records.allocation_sheet import AllocationSheet
from trace_node.quota.records.draft_approval import DraftApproval
from trace_node.quota.records.parse import parse_statement
from trace_node.quota.rule import RuleBook
from trace_node.quota.unit_file import UnitFigures, read_units
from trace_node.record.statement import Content
from trace_node.services.allocation import RuleLibrary
from trace_node.services.allocation_inputs import InputLeafError
from trace_node.services.draft_choice import draft_rows
from trace_node.services.log_statement import signed_statement
from trace_node.services.rule_changes import library_rows, log_changes, pending_changes
from trace_node.services.settlement import (
    DraftNotApprovedError,
    Settled,
    settle_calculation,
    settle_power,
)

LIBRARY = RuleLibrary.packaged()
ON = date(2026, 1, 12)
# Class ii of 2024: 1,000,000 MWh x 0.8049 = 804,900; F = 0.75, so Ff = 1; 500,000 GJ x 0.1033 =
# 51,650; 856,550 t. The verified emission is 900,000 t; 80 % of it are 720,000 t: no top-up.
UNIT = UnitFigures(
    name="1号机组",
    values={
        "class": "ii",
        "electricity": "1000000",
        "heat": "500000",
        "load_factor": "0.75",
        "verified": "900000",
        "special_case": "0",
    },
    leaves={},
)
DRAFTS = (
    *("cn.ets.allocation.power@1", "cn.ets.top_up.power@1"),
    *("ets.verified_relief.ii",),
)


class Desk:
    """The log of a node, and what its commands do."""

    def __init__(self, here: Plant) -> None:
        self.here, self.statements = here, statement_log(here)

    def log(self, content: Content) -> LoggedStatement:
        raw = signed_statement(content, signer=key("node"), clock=self.here.clock)
        return self.statements.take(raw)

    def approve(self, draft: str, year: int = 2024, digest: bytes | None = None) -> int:
        (row,) = draft_rows(LIBRARY, draft, year=year)
        content = DraftApproval(
            draft=draft,
            digest=digest or row,
            year=year,
            approved_by="李明",
            organisation=ORGANISATION,
            evidence=bytes(32),
            reason="minutes of the meeting",
        )
        return self.log(content).index

    def state(self, **changes: object) -> int:
        values: dict = {
            "organisation": ORGANISATION,
            "year": 2024,
            "unit_name": UNIT.name,
            "input_name": "electricity",
            "value": Decimal(1_000_000),
            "unit": "MWh",
            "evidence": None,
            "source": "monthly evidence",
        }
        return self.log(AllocationInput(**(values | changes))).index

    def settle(self, *units: UnitFigures) -> Settled:
        return settle_power(
            units or (UNIT,),
            organisation=ORGANISATION,
            year=2024,
            on=ON,
            library=LIBRARY,
            store=self.here.store,
            log=self.log,
        )

    def sheet(self, logged: LoggedStatement) -> AllocationSheet:
        with self.here.store.view() as view:
            (body,) = view.entries.bodies(logged.index, logged.index + 1)
        content = parse_statement(body).content
        assert isinstance(content, AllocationSheet)
        return content


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with new_store("sqlite", tmp_path) as store, plant(store) as here:
        yield Desk(here)


def test_a_draft_without_approval_stops_the_settlement(desk: Desk) -> None:
    size = desk.here.writer.snapshot.size
    with pytest.raises(DraftNotApprovedError) as refused:
        desk.settle()
    assert refused.value.reason == "allocation.draft"
    for draft in DRAFTS:
        assert draft in refused.value.message
    assert desk.here.writer.snapshot.size == size


def test_one_missing_approval_is_enough_to_refuse(desk: Desk) -> None:
    for draft in DRAFTS[:-1]:
        desk.approve(draft)
    with pytest.raises(DraftNotApprovedError, match=r"1 drafts .* ets\.verified_relief\.ii"):
        desk.settle()


def test_an_approval_of_another_year_or_row_does_not_count(desk: Desk) -> None:
    for draft in DRAFTS:
        desk.approve(draft, year=2023)
        desk.approve(draft, digest=bytes(31) + b"\1")
    with pytest.raises(DraftNotApprovedError, match="3 drafts"):
        desk.settle()


def test_an_approved_settlement_says_so_and_is_a_leaf(desk: Desk) -> None:
    """[S0-7.2.2-b2]: formula, rule versions, rounding points and approvals stand in the leaf."""
    approvals = {draft: desk.approve(draft) for draft in DRAFTS}
    settled = desk.settle()
    unit, total = desk.sheet(settled.units[UNIT.name]), desk.sheet(settled.total)
    assert (unit.result, total.result) == ("856550", "856550")
    assert {used.draft: used.approval.index for used in unit.drafts} == {
        name: approvals[name] for name in ("cn.ets.allocation.power@1", "ets.verified_relief.ii")
    }
    assert [used.draft for used in total.drafts] == ["cn.ets.top_up.power@1"]
    assert "floor(" in "".join(step.formula for step in unit.steps)
    assert {rule.row["value"] for rule in unit.rules} >= {"0.8049", "0.1033"}
    assert [part.index for part in total.parts] == [settled.units[UNIT.name].index]
    assert desk.settle().total == settled.total  # the same settlement is logged once


def test_a_carry_over_is_settled_like_an_allocation(desk: Desk) -> None:
    """T = floor(10,000 + 1.5 x 23,456) = 45,184; base and multiplier are drafts."""
    given = dict.fromkeys(("registry_available", "judicially_frozen", "pending"), "0") | {
        "sold": "123456",
        "bought": "100000",
        "trade_available": "80000",
        "missed_surrender": "0",
    }
    how = {
        "organisation": ORGANISATION,
        "year": 2025,
        "on": date(2026, 6, 1),
        "library": LIBRARY,
        "store": desk.here.store,
        "log": desk.log,
    }
    with pytest.raises(DraftNotApprovedError) as refused:
        settle_calculation("cn.ets.carry_over", given, **how)
    sheet = LIBRARY.calculate("cn.ets.carry_over", given, year=2025, on=date(2026, 6, 1))
    for draft in sheet.drafts:
        assert draft in refused.value.message
        desk.approve(draft, year=2025)
    found, logged = settle_calculation("cn.ets.carry_over", given, **how)
    assert (found.result, desk.sheet(logged).result) == (45184, "45184")
    assert {used.draft for used in desk.sheet(logged).drafts} == set(sheet.drafts)


def test_figures_are_taken_from_their_leaves(desk: Desk) -> None:
    """[S0-7.2.2-b2]: output by leaf; the sheet names index and digest."""
    for draft in DRAFTS:
        desk.approve(draft)
    index = desk.state()
    values = {name: value for name, value in UNIT.values.items() if name != "electricity"}
    settled = desk.settle(replace(UNIT, values=values, leaves={"electricity": index}))
    sheet = desk.sheet(settled.units[UNIT.name])
    (taken,) = (item for item in sheet.inputs if item.leaf is not None)
    assert (taken.name, taken.value, taken.leaf.index) == ("electricity", "1000000", index)
    with desk.here.store.view() as view:
        assert view.entries.leaf_hashes(index, index + 1) == [taken.leaf.digest]


@pytest.mark.parametrize(
    ("stated", "typed", "told"),
    [
        ({"unit_name": "2号机组"}, None, "2号机组"),
        ({"year": 2023}, None, "2023"),
        ({"organisation": "plant-b"}, None, "plant-b"),
        ({"input_name": "heat"}, None, "heat"),
        ({}, "1000001", "1000001"),
        ({}, "many", "many"),
    ],
)
def test_a_leaf_that_says_otherwise_is_refused(
    desk: Desk, stated: dict, typed: str | None, told: str
) -> None:
    index = desk.state(**stated)
    values = dict(UNIT.values) if typed is None else UNIT.values | {"electricity": typed}
    with pytest.raises(InputLeafError) as refused:
        desk.settle(replace(UNIT, values=values, leaves={"electricity": index}))
    assert told in refused.value.message
    assert refused.value.reason == "allocation.leaf"


def test_a_leaf_that_is_no_figure_is_refused(desk: Desk) -> None:
    for index in (0, desk.approve(DRAFTS[0]), 10**9):
        with pytest.raises(InputLeafError, match="allocation-input@1"):
            desk.settle(replace(UNIT, leaves={"electricity": index}))


def test_a_file_names_leaves_in_a_table_of_the_unit() -> None:
    text = '[[unit]]\nname = "1"\nheat = "3"\nleaves = { electricity = "17" }\n'
    (unit,) = read_units(text.encode())
    assert (unit.values, unit.leaves) == ({"heat": "3"}, {"electricity": 17})
    for bad in ("17", '"-1"', '"x"', '"' + "9" * 16 + '"'):
        with pytest.raises(QuotaInputError) as refused:
            read_units(text.replace('"17"', bad).encode())
        assert refused.value.field == "unit[0].leaves.electricity"


def test_a_name_that_is_no_draft_of_the_year_is_refused() -> None:
    for name, year in (("ets.ccer_cap", 2024), ("ets.carry_over.base", 2024), ("nothing", 2024)):
        with pytest.raises(InputError) as refused:
            draft_rows(LIBRARY, name, year=year)
        assert refused.value.reason == "quota.draft"


def test_the_log_follows_the_library(desk: Desk) -> None:
    store = desk.here.store
    first = log_changes(LIBRARY, store=store, reason="first release", log=desk.log)
    assert len(first) == len(library_rows(LIBRARY))
    assert not pending_changes(LIBRARY, store=store, reason="again")
    ended, *others = LIBRARY.rules
    successor = replace(ended, validity=replace(ended.validity, valid_to=date(2030, 1, 1)))
    changed = RuleLibrary(RuleBook([successor, *others[1:]]), LIBRARY.methods)
    found = pending_changes(changed, store=store, reason="an amendment")
    assert [(each.subject, each.replaces, each.digest) for each in found] == [
        (ended.id, ended.digest, successor.digest),
        (others[0].id, others[0].digest, None),
    ]
    log_changes(changed, store=store, reason="an amendment", log=desk.log)
    assert not pending_changes(changed, store=store, reason="an amendment")
    back = pending_changes(LIBRARY, store=store, reason="back again")
    assert [each.replaces for each in back] == [successor.digest, None]
