"""Figures by factors and methods that the log itself holds, recomputed here and by a stranger."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from support.accounts import (
    GRID,
    accounts,
    deliver_hours,
    hourly_meter,
    log_boundary,
    log_content,
    request,
)
from support.builders import NOW, ORGANISATION, Run
from support.footprint_log import Colliery, chain, metered, stage_emission
from support.footprints import ITEM, MINE
from support.kiln import (
    LABORATORY,
    kiln_boundary,
    kiln_meter,
    kiln_method,
    read_daily,
    release,
    sample,
    trust,
)
from support.library_samples import CONTENTS, ROW
from support.plant import Plant
from support.provable import Provable, provable, provable_trust_root

from trace_node.accounting.errors import FactorNotFoundError, FactorUnusableError, RecomputeError
from trace_node.accounting.footprint.errors import GenealogyError
from trace_node.accounting.footprint.record import FootprintRecord
from trace_node.accounting.footprint.stage_emission import UsedFactor
from trace_node.accounting.footprint.words import Stage
from trace_node.accounting.methods.words import Use
from trace_node.accounting.records.factor_entry import FactorEntry
from trace_node.accounting.records.signer_trust import SignerRole
from trace_node.errors import ConflictError
from trace_node.ids import OrganisationId
from trace_node.services.footprints import FootprintDesk
from trace_node.services.prove_emission import figures_of_log
from trace_node.services.recompute_emission import recompute_emission
from trace_node.services.verify import verify_file
from trace_node.services.verify_against import Against
from trace_node.services.verify_emission import EmissionReport
from trace_node.tlog.verdict import Status

KOREA = GRID.replace('"CN"', '"KR"').replace("2023", "2018")
OWN = replace(
    ROW, scheme="cn.grid.average", substance="electricity", valid_from=None, valid_to=None
)
ENTRY: FactorEntry = replace(CONTENTS["factor entry"], row=OWN)  # type: ignore[type-var]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Provable]:
    with provable(tmp_path) as world:
        yield world


@pytest.fixture
def here(world: Provable) -> Plant:
    return world.plant


def verified(raw: bytes) -> EmissionReport:
    against = Against(trust_root=provable_trust_root().raw, now=NOW)
    report = verify_file(raw, against=against)
    assert isinstance(report, EmissionReport)
    return report


def failed(report: EmissionReport) -> list[str]:
    return [each.kind.name for each in report.verdict.checks if each.status is Status.FAILED]


def test_a_factor_of_ones_own_is_computed_with_and_leads_to_its_leaf(world: Provable) -> None:
    """Acceptance 3: the Korean plant enters the factor of its grid with evidence."""
    here = world.plant
    hourly_meter(here)
    log_boundary(here, KOREA)
    deliver_hours(here, Run(), count=25)
    day = request("2026-10-01")
    with pytest.raises(FactorNotFoundError):
        accounts(here).account(day)
    entry = log_content(here, ENTRY)
    (done,) = accounts(here).account(day)
    (figure,) = done.emission.figures
    assert figure.value == Decimal("30.00") * OWN.value / 1000
    (use,) = done.emission.factors
    assert (use.row, use.leaf) == (OWN.id, entry.index)
    assert entry.index in done.emission.leaves
    world.settle()
    figures = figures_of_log(here.store)
    assert figures.recompute(done.index).result.digest == done.emission.result
    report = verified(figures.prove(done.index))
    assert report.verdict.signed is Status.PASSED
    reader = here.store.reader()
    bodies = {index: reader.entry(index).body for index in done.emission.leaves}
    other = replace(use, leaf=done.emission.boundary_leaf.index)
    with pytest.raises(RecomputeError) as refused:
        recompute_emission(
            replace(done.emission, factors=(other,)),
            bodies,
            figures.methods.get(done.emission.method),
            figures.factors,
        )
    assert refused.value.params["field"] == "factors.EF_grid.leaf"


def test_a_factor_of_ones_own_needs_an_approval_and_serves_nobody_else(here: Plant) -> None:
    hourly_meter(here)
    log_boundary(here, KOREA)
    deliver_hours(here, Run(), count=25)
    another = replace(ENTRY, organisation=OrganisationId("plant-b"))
    log_content(here, another, by="authority")
    day = request("2026-10-01", use=Use.COMPLIANCE)
    with pytest.raises(FactorNotFoundError):
        accounts(here).account(day)
    log_content(here, ENTRY)
    with pytest.raises(FactorUnusableError):
        accounts(here).account(day)
    approval = replace(
        CONTENTS["factor approval"],  # type: ignore[type-var]
        digest=OWN.digest,
        organisation=ORGANISATION,
        approved_by="李明",
    )
    act = log_content(here, approval)
    (done,) = accounts(here).account(day)
    assert done.emission.approvals == (act.index,)
    with pytest.raises(ConflictError) as refused:
        log_content(here, replace(another, row=replace(OWN, value=Decimal(1))), by="authority")
    assert refused.value.reason == "accounting.factor.changed"
    third = replace(another, organisation=OrganisationId("plant-c"))
    with pytest.raises(ConflictError) as refused:
        log_content(here, replace(third, row=replace(OWN, value=Decimal(1))), by="authority")
    assert refused.value.reason == "accounting.factor.id"


def test_a_downloaded_method_and_a_laboratory_are_proved_by_who_signed(world: Provable) -> None:
    """[S2-9.2-2]: a stranger sees publisher and laboratory trusted by the authority."""
    here = world.plant
    kiln_meter(here)
    method = kiln_method()
    released = release(here, method)
    log_boundary(here, kiln_boundary())
    trust(here, SignerRole.LABORATORY, "laboratory", LABORATORY)
    record = log_content(here, sample("2026-10-01", "0.6"), by="laboratory")
    read_daily(here, Run(), ["100"], first=date(2026, 10, 1))
    world.settle()
    (done,) = accounts(here).account(request("2026-10-01"))
    assert done.emission.figures[0].value == 220
    assert done.emission.method_leaves == (released.index - 1, released.index)
    assert {record.index - 1, record.index} <= set(done.emission.leaves)
    world.settle()
    raw = figures_of_log(here.store).prove(done.index)
    assert failed(verified(raw)) == []
    untrusted = raw.replace(b'"trusted":true', b'"trusted":false')
    assert untrusted != raw
    assert "emission.signatures" in failed(verified(untrusted))


def test_a_footprint_rests_on_a_factor_of_ones_own(world: Provable) -> None:
    mine = Colliery(world.plant)
    air = mine.readings("1000.00", "501000.00")
    line = replace(
        metered("fan", "500000.00", air),
        mass=500 * OWN.value,
        factor=UsedFactor(row=OWN.id, digest=OWN.digest),
    )
    shaft = stage_emission("shaft", Stage.MINING, line)
    with pytest.raises(GenealogyError) as refused:
        mine.log(shaft)
    assert refused.value.reason == "footprint.factor"
    mine.log(replace(ENTRY, organisation=MINE), signer="authority")
    mine.log(shaft)
    mine.log(chain()[0])
    desk = FootprintDesk(store=world.plant.store)
    found = desk.compute("raw")
    assert found.gate.value == 500 * OWN.value * 1_000 / 100_000  # kg for each tonne of coal
    index = mine.log(FootprintRecord.of(found, item=ITEM)).index
    world.settle()
    assert failed(verified(desk.prove(index))) == []
