"""Statements of accounting in the log, on both engines: who may sign what, order, corrections."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support import library_samples
from support.accounting_samples import CONTENTS
from support.builders import key
from support.plant import Plant, plant, statement_log
from support.stores import ENGINES, new_store

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.records.releases import MethodRelease
from trace_node.accounting.records.signer_trust import SignerRole, SignerTrust
from trace_node.accounting.statements import parse_accounting_statement
from trace_node.canonical_json import encode
from trace_node.crypto import signed_record
from trace_node.crypto.sm3 import sm3
from trace_node.errors import ConflictError, InputError, TraceNodeError
from trace_node.ids import OrganisationId
from trace_node.ports.statements import LoggedStatement
from trace_node.record.statement import Content
from trace_node.services.fsck import Fsck
from trace_node.services.log_statement import signed_statement
from trace_node.services.restore import Restore
from trace_node.services.seal import Seal
from trace_node.services.statement_job import StatementJob, StatementKeyError
from trace_node.services.statement_types import parse_statement
from trace_node.store.archive_file import FileArchive
from trace_node.store.sql_store import SqlStore
from trace_node.tlog.note_keys import Sm2NoteSigner

FIRST: dict[str, Content] = CONTENTS | {
    "activity entry": replace(CONTENTS["activity entry"], replaces=None),
    "factor release": replace(CONTENTS["factor release"], replaces=None),
}
ORDER = ("factor entry", *sorted(set(FIRST) - {"factor entry"}))
MANAGED = ("factor release", "method release", "signer trust")
Take = Callable[..., LoggedStatement]


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    with new_store(request.param, tmp_path) as store:
        yield store


@pytest.fixture
def here(store: SqlStore) -> Iterator[Plant]:
    with plant(store) as here:
        yield here


@pytest.fixture
def take(here: Plant) -> Take:
    log = statement_log(here)

    def take(content: Content, signer: str = "node", **changes: Any) -> LoggedStatement:
        changed = replace(content, **changes)  # type: ignore[type-var]
        return log.take(signed_statement(changed, signer=key(signer), clock=here.clock))

    return take


def signer_of(name: str) -> str:
    return "authority" if name in MANAGED else "node"


def problems(here: Plant) -> list[tuple[str, int | None]]:
    report = Fsck(store=here.store, authorities=[key("authority").public]).run()
    return [(each.code, each.index) for each in report.problems]


def smuggled(here: Plant, content: Content, signer: str = "node", **changes: Any) -> int:
    """Logged by a writer that skips the rules: as if the program had been altered."""
    changed = replace(content, **changes)  # type: ignore[type-var]
    raw = signed_statement(changed, signer=key(signer), clock=here.clock)
    batch_rules = StatementJob(raw=raw, statement=parse_statement(raw))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "trace_node.services.statement_job.require_in_order", lambda *_args, **_more: None
        )
        return here.writer.submit(batch_rules).result().index


def reason(error: pytest.ExceptionInfo[TraceNodeError]) -> str:
    assert error.value.remedy
    return error.value.reason


def trust(role: SignerRole, holder: str, *, name: str, trusted: bool = True) -> SignerTrust:
    public = key(holder).public
    return SignerTrust(role=role, name=name, key=public, trusted=trusted, reason="agreed")


def test_every_type_becomes_a_leaf_once_and_the_check_reads_it(here: Plant, take: Take) -> None:
    """[S0-7.2.1-b4]: laboratory reports, entries, factors, approvals and releases are leaves."""
    places = {name: take(FIRST[name], signer_of(name)) for name in ORDER}
    size = here.writer.snapshot.size
    here.clock.move(seconds=60)
    assert {name: take(FIRST[name], signer_of(name)) for name in ORDER} == places
    assert here.writer.snapshot.size == size
    with here.store.view() as view:
        for name, logged in places.items():
            (entry,) = view.entries.read(logged.index, logged.index + 1)
            assert entry.kind == FIRST[name].TYPE
            assert parse_accounting_statement(entry.body).content == FIRST[name]
            assert view.statements.find(entry.kind, topic=FIRST[name].topic, limit=9) == [logged]
    assert problems(here) == []


def test_a_restored_log_finds_them(here: Plant, take: Take, tmp_path: Path) -> None:
    for name in ORDER:
        take(FIRST[name], signer_of(name))
    archive = FileArchive(tmp_path / "archive")
    signer = Sm2NoteSigner(name=here.store.identity.origin, signer=key("log"))
    Seal(store=here.store, archive=archive, signers=[signer], clock=here.clock).seal_once()
    with new_store("sqlite", tmp_path / "copy") as copy:
        Restore(store=copy, archive=archive).run()
        with here.store.view() as old, copy.view() as new:
            for content in FIRST.values():
                found = new.statements.find(content.TYPE, limit=9)
                assert found == old.statements.find(content.TYPE, limit=9) != []


@pytest.mark.parametrize("name", sorted(set(FIRST) - set(MANAGED)))
def test_only_the_organisation_or_an_authority_speaks_for_it(take: Take, name: str) -> None:
    other = OrganisationId("plant-b")
    for signer, changes in (
        ("stranger", {}),
        ("collector", {}),
        ("node", {"organisation": other}),
    ):
        with pytest.raises(StatementKeyError) as caught:
            take(FIRST[name], signer, **changes)
        assert reason(caught) == "statement.key"
    assert take(FIRST[name], "authority", organisation=other).kind == FIRST[name].TYPE


@pytest.mark.parametrize("name", MANAGED)
def test_a_node_does_not_do_what_the_management_side_does(take: Take, name: str) -> None:
    with pytest.raises(StatementKeyError) as caught:
        take(FIRST[name], "node")
    assert "publisher" in caught.value.remedy
    assert take(FIRST[name], "authority").kind == FIRST[name].TYPE


def test_a_publisher_releases_for_as_long_as_it_is_trusted(here: Plant, take: Take) -> None:
    method, trusted = FIRST["method release"], "management platform"
    with pytest.raises(StatementKeyError):
        take(method, "publisher")
    take(trust(SignerRole.PUBLISHER, "publisher", name=trusted), "authority")
    assert take(method, "publisher").topic == "example@1"
    for name in ("signer trust", "laboratory record"):  # it is trusted with releases alone
        with pytest.raises(StatementKeyError):
            take(FIRST[name], "publisher")
    take(trust(SignerRole.PUBLISHER, "publisher", name=trusted, trusted=False), "authority")
    with pytest.raises(StatementKeyError):
        take(FIRST["factor release"], "publisher")
    assert problems(here) == []


def test_the_check_tells_of_a_release_before_and_after_the_trust(here: Plant, take: Take) -> None:
    early = smuggled(here, FIRST["method release"], "publisher")
    take(trust(SignerRole.PUBLISHER, "publisher", name="a"), "authority")
    take(trust(SignerRole.PUBLISHER, "publisher", name="a", trusted=False), "authority")
    late = smuggled(here, FIRST["factor release"], "publisher")
    assert problems(here) == [("fsck.key", early), ("fsck.key", late)]


def test_a_laboratory_signs_its_own_reports(here: Plant, take: Take) -> None:
    report = FIRST["laboratory record"]
    take(trust(SignerRole.LABORATORY, "laboratory", name="某煤质检测中心"), "authority")
    assert take(report, "laboratory").topic == report.topic
    with pytest.raises(StatementKeyError):
        take(report, "laboratory", laboratory="另一检测中心")
    with pytest.raises(StatementKeyError):
        take(FIRST["activity entry"], "laboratory")
    assert problems(here) == []


def test_trust_taken_back_before_the_commit_counts(here: Plant, take: Take) -> None:
    """Checked while the key was trusted, written when it no longer was."""
    given = trust(SignerRole.PUBLISHER, "publisher", name="a")
    take(given, "authority")
    take(given, "authority", trusted=False)
    raw = signed_statement(FIRST["method release"], signer=key("publisher"), clock=here.clock)
    job = StatementJob(raw=raw, statement=parse_statement(raw), trust=given)
    with pytest.raises(StatementKeyError):
        here.writer.submit(job).result()


def test_a_second_entry_is_a_correction_of_the_first(here: Plant, take: Take) -> None:
    entry, size = FIRST["activity entry"], here.writer.snapshot.size
    wrong = EvidenceLink(4711, bytes(32))
    with pytest.raises(ConflictError) as caught:
        take(entry, replaces=wrong)
    assert reason(caught) == "activity.replaces"
    first = take(entry)
    for replaces in (None, wrong, EvidenceLink(first.index, bytes(32))):
        with pytest.raises(ConflictError) as caught:
            take(entry, quantity=Decimal(13), replaces=replaces)
        assert reason(caught) == "activity.replaces"
    second = take(entry, quantity=Decimal(13), replaces=EvidenceLink(first.index, first.digest))
    with pytest.raises(ConflictError):
        take(entry, quantity=Decimal(14), replaces=EvidenceLink(first.index, first.digest))
    back = take(entry, replaces=EvidenceLink(second.index, second.digest))
    assert [first.index, second.index, back.index] == [size, size + 1, size + 2]
    assert problems(here) == []


def test_the_check_tells_of_a_correction_of_nothing(here: Plant, take: Take) -> None:
    first = take(FIRST["activity entry"])
    fork = smuggled(here, FIRST["activity entry"], document="another invoice")
    assert problems(here) == [("fsck.record", fork)]
    assert fork > first.index


def test_a_correction_of_a_laboratory_record_is_a_later_leaf(here: Plant, take: Take) -> None:
    report = FIRST["laboratory record"]
    first, second = take(report), take(report, report="MZ-2025-0331-B")
    with here.store.view() as view:
        assert view.statements.newest(report.TYPE, report.topic) == second
        older = view.statements.newest(report.TYPE, report.topic, before=second.index)
        assert older == first
    assert problems(here) == []


def test_who_entered_a_factor_does_not_approve_it(here: Plant, take: Take) -> None:
    entry, approval = FIRST["factor entry"], FIRST["factor approval"]
    take(entry)
    with pytest.raises(ConflictError) as caught:
        take(approval, proposed_by="someone", approved_by="王 芳")
    assert reason(caught) == "accounting.approval.person"
    with pytest.raises(ConflictError) as caught:
        take(approval, digest=bytes(32))
    assert reason(caught) == "accounting.approval.digest"
    with pytest.raises(InputError) as refused:
        take(approval, proposed_by="Li Ming", approved_by="\uff2c\uff29 ming")
    assert reason(refused) == "record.approved_by"
    with pytest.raises(InputError) as refused:
        take(FIRST["term approval"], proposed_by="李明")
    assert reason(refused) == "record.approved_by"
    assert take(approval).topic == approval.topic
    alone = smuggled(here, approval, proposed_by="someone", approved_by="王芳")
    assert problems(here) == [("fsck.record", alone)]


def test_a_factor_of_ones_own_never_changes_nor_stands_in_for_the_library(take: Take) -> None:
    entry, row = FIRST["factor entry"], library_samples.ROW
    packaged = next(iter(packaged_factors()))
    for changed, code in (
        (replace(row, id=packaged.id), "accounting.factor.id"),
        (replace(row, supersedes=packaged.id), "accounting.factor.supersedes"),
    ):
        with pytest.raises(ConflictError) as caught:
            take(entry, row=changed)
        assert reason(caught) == code
    take(entry)
    with pytest.raises(ConflictError) as caught:
        take(entry, row=replace(row, note="read again"))
    assert reason(caught) == "accounting.factor.changed"
    assert take(entry, row=replace(row, id="own.plant_a.grid.kr.2018b", supersedes=row.id)).index


def test_a_version_of_a_method_never_changes(here: Plant, take: Take) -> None:
    release = FIRST["method release"]
    take(release, "authority")
    definition = {**library_samples.METHOD.definition, "missing_data": "another rule"}
    other = MethodRelease(method="example@1", digest=sm3(encode(definition)), definition=definition)
    with pytest.raises(ConflictError) as caught:
        take(other, "authority")
    assert reason(caught) == "accounting.method.version"
    forged = smuggled(here, other, "authority")
    assert problems(here) == [("fsck.record", forged)]


def test_a_method_whose_units_do_not_fit_is_not_logged(here: Plant, take: Take) -> None:
    definition = {**library_samples.METHOD.definition}
    (step,) = definition["steps"]  # type: ignore[misc]
    definition["steps"] = [{**step, "formula": "m + e"}]  # type: ignore[dict-item]
    size = here.writer.snapshot.size
    with pytest.raises(InputError) as caught:
        take(
            MethodRelease(
                method="example@1", digest=sm3(encode(definition)), definition=definition
            ),
            "authority",
        )
    assert reason(caught) == "accounting.dimension"
    assert here.writer.snapshot.size == size


def test_a_release_of_factors_names_the_one_before(here: Plant, take: Take) -> None:
    """[S0-7.1.2-c2]"""
    release = FIRST["factor release"]
    with pytest.raises(ConflictError) as caught:
        take(release, "authority", replaces=bytes(32))
    assert reason(caught) == "accounting.release.replaces"
    take(release, "authority")
    with pytest.raises(ConflictError):
        take(release, "authority", name="2026-12", root=bytes(32))
    take(release, "authority", name="2026-12", root=bytes(32), replaces=library_samples.ROOT)
    assert problems(here) == []


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("status", "active", "accounting.library"),  # without a second source
        ("status", "superseded", "record.row"),
        ("value", "NaN", "record.value"),
        ("value", "1e3", "record.value"),
        ("id", 5, "record.id"),
        ("id", "x" * 200, "record.id"),
        ("name_zh", ["a"], "record.name_zh"),
        ("source_year", "2018", "record.source_year"),
        ("applies_to", [1], "record.applies_to"),
        ("kind", "guess", "accounting.library"),
        ("valid_from", "2018-13-01", "accounting.library"),
    ],
)
def test_a_row_of_another_form_is_refused(member: str, value: object, code: str) -> None:
    row = library_samples.ROW_FIELDS | {member: value}
    fields = library_samples.FIELDS["factor entry"] | {
        "row": row,
        "digest": library_samples.b64(sm3(encode(row))),
        "salt": "A" * 22,
        "stated_at": "2026-01-12T02:30:00.250Z",
    }
    with pytest.raises(InputError) as caught:
        parse_statement(signed_record.sign(fields, key("node")))
    assert reason(caught) == code
