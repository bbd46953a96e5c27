"""Releases and approvals as signed records, and a method package as a file."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import orjson
import pytest
from support.accounting import case_for, given, line, method
from support.accounting_samples import CONTENTS as SAMPLES
from support.statement_samples import key, salt

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.activity.entry import ActivityEntry
from trace_node.accounting.errors import LibraryFileError
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.methods.figure import evaluate
from trace_node.accounting.methods.method_library import MethodLibrary, packaged_methods
from trace_node.accounting.methods.words import Use
from trace_node.accounting.records.approvals import FactorApproval, TermApproval, approvals_of
from trace_node.accounting.records.releases import (
    FactorRelease,
    MethodRelease,
    read_package,
    rows_of_release,
)
from trace_node.crypto.errors import SignatureError
from trace_node.crypto.sm3 import sm3
from trace_node.ids import OrganisationId
from trace_node.record.errors import RecordError
from trace_node.record.statement import Content, build_statement, read_statement
from trace_node.services.factor_release import factor_release, release_tree
from trace_node.tlog.hasher import SM3
from trace_node.tlog.verify import verify_inclusion

AT = datetime(2026, 11, 29, 12, tzinfo=UTC)
PLANT = OrganisationId("plant-a")
CONTENTS: dict[str, type[Content]] = {
    kind.TYPE: kind for kind in (FactorApproval, FactorRelease, MethodRelease, TermApproval)
}


def signed(content: Content, by: str = "publisher") -> bytes:
    return build_statement(content, salt=salt("x"), stated_at=AT, signer=key(by))


def approval(row_id: str, **changed: object) -> FactorApproval:
    row = packaged_factors().row(row_id)
    whole = FactorApproval(
        row=row.id,
        digest=row.digest,
        proposed_by="Wang Fang",
        approved_by="Li Wei",
        organisation=PLANT,
        evidence=sm3(b"the printed guideline"),
        reason="compared with the printed table",
    )
    return replace(whole, **changed)  # type: ignore[arg-type]


def term_approval() -> TermApproval:
    pit = method("cn.ndrc.coal.2014.open_pit")
    return TermApproval(
        method=pit.ref,
        digest=pit.digest,
        step="E_expl",
        proposed_by="Wang Fang",
        approved_by="Li Wei",
        organisation=PLANT,
        evidence=sm3(b"the carbon balance"),
        reason="the equation is the stoichiometric one",
    )


def test_every_content_comes_back_from_its_bytes() -> None:
    rows = list(packaged_factors())
    contents: list[Content] = [
        approval("cn.ets.steel.2024.ncv.anthracite"),
        term_approval(),
        factor_release(rows, name="2026-11", note="first release"),
        *(MethodRelease.of(one) for one in packaged_methods()),
    ]
    for content in contents:
        statement = read_statement(signed(content), CONTENTS)
        assert statement.content == content
        assert len(content.topic) <= 200


def test_the_root_of_a_release_proves_each_row() -> None:
    rows = list(packaged_factors())
    release = factor_release(rows, name="2026-11", note="first release")
    tree, leaves = release_tree(rows), rows_of_release(rows)
    assert (release.count, release.root) == (724, tree.root())
    for index in (0, 400, 721):
        verify_inclusion(
            hasher=SM3,
            index=index,
            size=tree.size,
            leaf_hash=SM3.leaf(leaves[index]),
            proof=tree.inclusion(index=index),
            root=release.root,
        )


def test_the_order_of_the_rows_does_not_matter_and_each_digit_does() -> None:
    rows = list(packaged_factors())
    root = release_tree(rows).root()
    assert release_tree(rows[::-1]).root() == root
    changed = [replace(rows[0], note="another note"), *rows[1:]]
    assert release_tree(changed).root() != root


def test_a_package_loads_only_with_the_signature_of_a_publisher() -> None:
    steel = method("cn.ets.steel.2024.enterprise")
    raw = signed(MethodRelease.of(steel))
    assert read_package(raw, [key("other").public, key("publisher").public]).digest == steel.digest
    with pytest.raises(SignatureError) as caught:
        read_package(raw, [key("other").public])
    assert caught.value.reason == "integrity.signature.publisher"
    with pytest.raises(SignatureError):
        read_package(raw.replace(b"2026-11-29", b"2026-11-28"), [key("publisher").public])
    with pytest.raises(RecordError, match="digest"):
        read_package(raw.replace(b"CETS-AG-03", b"CETS-AG-04", 1), [key("publisher").public])


def test_a_package_whose_definition_is_not_the_named_one_is_refused() -> None:
    release = MethodRelease.of(method("cn.ndrc.grid.2013"))
    for broken in (
        replace(release, digest=bytes(32)),
        replace(release, method="cn.ndrc.grid.2013@2"),
    ):
        with pytest.raises(RecordError):
            signed(broken)


def test_a_version_never_changes() -> None:
    grid = method("cn.ndrc.grid.2013")
    definition = orjson.loads(orjson.dumps(grid.definition)) | {"reading": "another one"}
    other = read_package(
        signed(
            MethodRelease(
                method=grid.ref,
                digest=sm3(orjson.dumps(definition, option=orjson.OPT_SORT_KEYS)),
                definition=definition,
            )
        ),
        [key("publisher").public],
    )
    with pytest.raises(LibraryFileError, match="two definitions"):
        MethodLibrary([grid, other])
    assert MethodLibrary([grid, grid]).get(grid.ref) is grid


def test_logged_approvals_of_the_organisation_lift_the_flag() -> None:
    coke = "cn.ets.steel.2024.ncv.washed_coking_coal"
    carbon = "cn.ets.steel.2024.cc.washed_coking_coal"
    acts: list[tuple[str, Content]] = [
        ("leaf 4", approval(coke)),
        ("leaf 5", approval(carbon)),
        ("leaf 6", approval(carbon, organisation=OrganisationId("plant-b"))),
        ("leaf 7", term_approval()),
    ]
    approvals = approvals_of(acts, organisation=PLANT)
    assert list(approvals.rows.values()) == ["leaf 4", "leaf 5"]
    assert list(approvals.terms.values()) == ["leaf 7"]
    steel = method("cn.ets.steel.2024.enterprise")
    case = case_for(
        steel,
        present=("combustion",),
        lines={"fuels": (line("a", {"fuel": "washed_coking_coal"}, FC=given(10, "t")),)},
        on=date(2025, 12, 31),
    )
    result = evaluate(steel, case, packaged_factors(), use=Use.COMPLIANCE, approvals=approvals)
    assert {flag.approval for flag in result.flags} == {"leaf 4", "leaf 5"}


@pytest.mark.parametrize(("quantity", "codes"), [("-3", ["activity.negative"]), ("0", [])])
def test_less_than_nothing_is_told_of_an_entry(quantity: str, codes: list[str]) -> None:
    entry = SAMPLES["activity entry"]
    assert isinstance(entry, ActivityEntry)
    data = replace(entry, quantity=Decimal(quantity)).data(EvidenceLink(7, bytes(32)))
    assert [each.code for each in data.findings] == codes
