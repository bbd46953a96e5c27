"""A certificate of non-fossil electricity counts once: in an organisation, and in a log at all."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from support.accounts import GRID, accounts, log_boundary, log_content, request
from support.builders import ORGANISATION, key, key_registration
from support.outlook_samples import CONTENTS
from support.plant import Plant, plant
from support.stores import new_store

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.activity.entry import ActivityEntry
from trace_node.accounting.boundary.boundary_file import read_boundary_file
from trace_node.accounting.records.certificate_number import certificate_number
from trace_node.accounting.records.clean_energy import CleanEnergyEntry
from trace_node.accounting.standing import Standing
from trace_node.errors import ConflictError
from trace_node.ids import OrganisationId
from trace_node.period import parse_period
from trace_node.ports.statements import LoggedStatement
from trace_node.services import statement_job
from trace_node.services.fsck import Fsck

OTHER = OrganisationId("plant-b")
BY = {ORGANISATION: "node", OTHER: "node-b"}
GREEN = (
    GRID.replace(
        '[[meters]]\nname = "grid.in"\nsource = "grid"\ndevice = "meter-1"\nmeter_register = "energy"\n',
        '[[entries]]\nname = "grid.in"\nsource = "grid"\n\n[[entries]]\nname = "green"\nsource = "grid"\n',
    )
    .replace('zero = "no direct supply, no certificates"\nunit = "MWh"', 'point = "green"')
)  # fmt: skip
NUMBER = "GEC-2026-0001"
FULL_WIDTH = "".join(chr(ord(each) + 0xFEE0) for each in NUMBER)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Plant]:
    """Two organisations in one log; the first has two boundaries."""
    with new_store("sqlite", tmp_path) as store, plant(store) as here:
        here.enrolment.enrol(key_registration("node-b", usage="node", organisation=OTHER))
        log_boundary(here, GREEN)
        log_boundary(here, GREEN.replace('name = "plant"', 'name = "group"'))
        of_other = read_boundary_file(
            GREEN.replace(f'"{ORGANISATION}"', f'"{OTHER}"').encode(), file="boundary.toml"
        )
        log_content(here, of_other, by=BY[OTHER])
        yield here


def enter(
    here: Plant,
    activity: str,
    document: str,
    *,
    period: str = "2026-08",
    organisation: OrganisationId = ORGANISATION,
    replaces: LoggedStatement | None = None,
) -> LoggedStatement:
    entry = ActivityEntry(
        organisation=organisation, activity=activity, source="grid",
        period=parse_period(period), quantity=Decimal(10 if activity == "green" else 100),
        unit="MWh", standing=Standing.FINAL, document=document, evidence=bytes(32),
        entered_by="王芳",
        replaces=replaces and EvidenceLink(index=replaces.index, digest=replaces.digest),
    )  # fmt: skip
    return log_content(here, entry, by=BY[organisation])


def account(
    here: Plant,
    *,
    boundary: str = "plant",
    period: str = "2026-08",
    organisation: OrganisationId = ORGANISATION,
    reason: str | None = None,
) -> int:
    service = accounts(here, log=partial(log_content, here, by=BY[organisation]))
    asked = request(period, boundary=boundary, organisation=organisation, reason=reason)
    (done,) = service.account(asked)
    return done.index


def clean(here: Plant, number: str, organisation: OrganisationId, **changes: str) -> int:
    fields = CONTENTS["clean energy"].to_fields() | {
        "number": number, "organisation": organisation, "kind": "certificate", **changes,
    }  # fmt: skip
    return log_content(here, CleanEnergyEntry.from_fields(fields), by=BY[organisation]).index


def refused(verb: partial[int]) -> str:
    with pytest.raises(ConflictError) as caught:
        verb()
    assert caught.value.reason == "account.certificate"
    assert caught.value.remedy
    return caught.value.message


def fsck(here: Plant) -> list[int | None]:
    report = Fsck(store=here.store, authorities=[key("authority").public]).run()
    return [each.index for each in report.problems]


def test_a_certificate_counts_once_in_all_boundaries_of_an_organisation(
    here: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(here, "grid.in", "bill 8")
    entry = enter(here, "green", f"绿证 {NUMBER}")
    first = account(here)
    told = refused(partial(account, here, boundary="group"))
    assert all(word in told for word in ("boundary plant", "2026-08", f"#{first}", NUMBER))
    assert fsck(here) == []
    with monkeypatch.context() as skipped:
        skipped.setattr(statement_job, "require_certificates_once", lambda *_content: None)
        second = account(here, boundary="group")
    assert fsck(here) == [second]
    enter(here, "green", "绿证 GEC-2026-0002", replaces=entry)
    assert account(here, reason="it was counted for the group") > second


def test_a_certificate_counts_once_over_the_organisations_of_a_log(here: Plant) -> None:
    """However its document is called: the number is one."""
    for organisation, document in ((ORGANISATION, f"绿证 {NUMBER}"), (OTHER, f"证书{NUMBER}")):
        enter(here, "grid.in", "bill 8", organisation=organisation)
        enter(here, "green", document, organisation=organisation)
    first = account(here)
    told = refused(partial(account, here, organisation=OTHER))
    assert all(word in told for word in (ORGANISATION, "boundary plant", f"#{first}"))
    told = refused(partial(clean, here, NUMBER, OTHER))
    assert all(word in told for word in (ORGANISATION, "boundary plant", f"#{first}"))
    mine = clean(here, NUMBER, ORGANISATION)  # its own figure and its own statistic: one use
    assert clean(here, NUMBER, OTHER, kind="own_power") > mine  # a name of one's own
    assert fsck(here) == []


def test_a_record_of_clean_energy_is_a_use_too(here: Plant) -> None:
    first = clean(here, NUMBER, OTHER, period="2026-07")
    told = refused(partial(clean, here, NUMBER, ORGANISATION))
    assert all(word in told for word in (OTHER, "2026-07", f"#{first}"))
    enter(here, "grid.in", "bill 8")
    entry = enter(here, "green", f"绿证 {NUMBER}")
    assert f"#{first}" in refused(partial(account, here))
    enter(here, "green", "绿证 GEC-2026-0002", replaces=entry)
    account(here)


def test_an_organisation_records_a_certificate_once_however_it_writes_the_number(
    here: Plant,
) -> None:
    """Its own statistic would count what is one amount twice."""
    first = clean(here, NUMBER, ORGANISATION, period="2026-07")
    told = refused(partial(clean, here, f"GEC {NUMBER}", ORGANISATION))
    assert f"#{first}" in told
    told = refused(partial(clean, here, NUMBER.lower(), ORGANISATION))
    assert f"#{first}" in told
    assert clean(here, NUMBER, ORGANISATION, period="2026-08") > first  # the same record again
    assert fsck(here) == []


@pytest.mark.parametrize(
    "written", ["gec-2026-0001", f"绿证{FULL_WIDTH}", f"绿证 {NUMBER}（副本）"]
)
def test_a_certificate_that_is_written_otherwise_is_the_same(here: Plant, written: str) -> None:
    for organisation, document in ((ORGANISATION, f"绿证 {NUMBER}"), (OTHER, written)):
        enter(here, "grid.in", "bill 8", organisation=organisation)
        enter(here, "green", document, organisation=organisation)
    first = account(here)
    assert f"#{first}" in refused(partial(account, here, organisation=OTHER))


def test_short_names_of_contracts_are_read_whole(here: Plant) -> None:
    """``contract 7`` of two suppliers is not one contract, and two texts are not one number."""
    for organisation, document in ((ORGANISATION, "wind contract 7"), (OTHER, "solar contract 7")):
        enter(here, "grid.in", "bill 8", organisation=organisation)
        enter(here, "green", document, organisation=organisation)
    account(here)
    account(here, organisation=OTHER)
    assert fsck(here) == []


def test_a_certificate_of_years_ago_counts_no_second_time(here: Plant) -> None:
    boundary = GREEN.replace("version = 1", "version = 2").replace("2026-01-01", "2020-01-01")
    log_boundary(here, boundary)
    for period in ("2020-08", "2026-08"):
        enter(here, "grid.in", "bill 8", period=period)
        enter(here, "green", NUMBER, period=period)
    first = account(here, period="2020-08")
    assert f"#{first}" in refused(partial(account, here))


@pytest.mark.parametrize(
    ("document", "number"),
    [
        ("绿证 GEC-2026-0001", "gec-2026-0001"),
        ("绿色电力证书：GEC-2026-0001 ", "gec-2026-0001"),
        ("证书 gec-2026-0001（副本）", "gec-2026-0001"),
        (f"绿证{FULL_WIDTH}号", "gec-2026-0001"),
        ("证书 123456789012345678", "123456789012345678"),
        ("settlement of 2026-08", "settlement of 2026-08"),
        ("bill 4711", "bill 4711"),
        ("direct supply", "direct supply"),
    ],
)
def test_the_number_of_a_document(document: str, number: str) -> None:
    assert certificate_number(document) == number
