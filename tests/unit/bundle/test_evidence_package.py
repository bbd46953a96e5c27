"""The evidence of a month in one file, in the hands of a stranger; what is wrong is named."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace

import pytest
from python_calamine import CalamineWorkbook
from support.accounting_samples import CONTENTS
from support.accounts import (
    GRID,
    accounts,
    deliver_hours,
    hourly_meter,
    log_boundary,
    log_content,
    request,
)
from support.assessments import CLASS_HALF, accuracy
from support.builders import NOW, ORGANISATION, Run, key
from support.outlook_samples import CONTENTS as OUTLOOK
from support.provable import provable, provable_trust_root

from api.cli.examine import answer
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.accounting.records.clean_energy import CleanEnergyEntry
from trace_node.accounting.records.signer_trust import SignerRole, SignerTrust
from trace_node.crypto.sm3 import sm3
from trace_node.errors import InputError, TooLargeError
from trace_node.ids import OrganisationId, to_base64url
from trace_node.period import parse_period
from trace_node.services import evidence_package_form
from trace_node.services.evidence_package import (
    EvidencePackage,
    PackageRequest,
    make_package,
)
from trace_node.services.evidence_package_check import PackageReport, check_package
from trace_node.services.evidence_package_signature import sign_manifest
from trace_node.services.evidence_package_vouchers import Voucher
from trace_node.services.prove_emission import Figures
from trace_node.services.prove_statements import prove_statements
from trace_node.services.report_zip import steady_archive
from trace_node.services.verify import verify_file
from trace_node.services.verify_against import Against
from trace_node.services.verify_json import report_to_json
from trace_node.tlog.verdict import Anchored, Status

INVOICE = Voucher(name="柴油发票.pdf", body=b"the invoice")
LICENCE = Voucher(name="营业执照.pdf", body=b"the licence")
SEAL_OF = Voucher(name="lost.pdf", body=b"a permit that nobody hands in")
STRAY = Voucher(name="holiday.jpg", body=b"a picture")
MONTH = parse_period("2026-10")
CLEAN = OUTLOOK["clean energy"]
assert isinstance(CLEAN, CleanEnergyEntry)
Made = tuple[EvidencePackage, bytes, bytes]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A month with a meter, an invoice that is at hand, and a report of a laboratory that is not."""
    with provable(tmp_path_factory.mktemp("log")) as world:
        here = world.plant
        hourly_meter(here)
        log_boundary(here, with_proofs(GRID))
        deliver_hours(here, Run())
        trust = SignerTrust(
            role=SignerRole.LABORATORY,
            name=CONTENTS["laboratory record"].laboratory,  # type: ignore[attr-defined]
            key=key("stranger").public,
            trusted=True,
            reason="accredited",
        )
        log_content(here, trust, by="authority")
        entry = replace(
            CONTENTS["activity entry"],  # type: ignore[type-var]
            period=MONTH,
            evidence=sm3(INVOICE.body),
            replaces=None,
        )
        own = log_content(here, entry)
        record = replace(CONTENTS["laboratory record"], period=parse_period("2026-10-07"))  # type: ignore[type-var]
        logged = log_content(here, record, by="stranger")
        log_content(here, replace(CLEAN, period=MONTH))
        log_content(here, accuracy("meter-1/energy", CLASS_HALF))
        theirs = replace(entry, organisation=OrganisationId("plant-b"))
        others = log_content(here, theirs, by="authority")
        accounts(here).account(request())
        world.settle()
        figures = Figures(store=here.store, factors=packaged_factors(), methods=packaged_methods())
        asked = PackageRequest(
            organisation=ORGANISATION,
            boundary="plant",
            period="2026-10",
            vouchers=(INVOICE, LICENCE, STRAY),
        )
        package = make_package(asked, figures=figures, signer=key("node"))
        again = make_package(asked, figures=figures, signer=key("node"))
        assert files_of(again) | signature_of(package) == files_of(package)
        alone = prove_statements([logged.index], store=here.store)
        return package, alone, prove_statements([own.index, others.index], store=here.store)


@pytest.fixture(scope="module")
def package(made: Made) -> EvidencePackage:
    return made[0]


def with_proofs(boundary: str) -> str:
    """A boundary whose entity names two documents."""
    proofs = "".join(
        f'[[entity.proofs]]\ntitle = "{each.name}"\ndigest = "{to_base64url(sm3(each.body))}"\n'
        for each in (LICENCE, SEAL_OF)
    )
    return boundary.replace("[[places]]", f"{proofs}\n[[places]]", 1)


def checked(raw: bytes) -> PackageReport:
    return check_package(raw, against=Against(trust_root=provable_trust_root().raw, now=NOW))


def files_of(package: EvidencePackage) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package.body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def signature_of(package: EvidencePackage) -> dict[str, bytes]:
    """What is another one each time: a signature."""
    return {"signature.json": files_of(package)["signature.json"]}


def packed(files: Mapping[str, bytes]) -> bytes:
    return steady_archive(files)


def faults(report: PackageReport) -> list[tuple[str, str]]:
    return [(each.reason, each.field) for each in report.faults]


def test_a_stranger_finds_readings_records_vouchers_and_figures(package: EvidencePackage) -> None:
    report = checked(package.body)
    names = {each.name for each in report.manifest.files}
    emission = next(name for name in names if name.startswith("emissions/"))
    voucher, licence = (f"vouchers/{sm3(each.body).hex()}.pdf" for each in (INVOICE, LICENCE))
    assert names == {
        *("readings/meter-1.tnproof", "statements.tnproof", "tables.xlsx"),
        *(emission, voucher, licence),
    }
    assert report.faults == ()
    signed = {name: each.signed for name, each in report.verdicts.items()}
    # The device's records begin with the month: that none came before it is not shown.
    assert signed.pop("readings/meter-1.tnproof") is Status.NOT_DONE
    assert set(signed.values()) == {Status.PASSED}
    assert {each.anchored for each in report.verdicts.values()} == {Anchored.NOT_DONE}
    assert report.exit_code == 3  # offline: no chain was asked
    (titled,) = (each.title for each in report.manifest.files if each.name == voucher)
    assert titled == INVOICE.name
    assert package.unused == (STRAY.name,)


def test_what_is_lacking_is_told(package: EvidencePackage) -> None:
    manifest = package.manifest
    record = CONTENTS["laboratory record"]
    certificate = accuracy("meter-1/energy", CLASS_HALF).evidence
    assert {each.evidence for each in manifest.missing} == {
        record.evidence,  # type: ignore[attr-defined]
        certificate,
        CLEAN.evidence,
        sm3(SEAL_OF.body),
    }
    assert {len(each.leaves) for each in manifest.missing} == {1}
    assert manifest.gaps == ()
    assert manifest.silent == ()


def test_the_tables_say_the_same(package: EvidencePackage) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(files_of(package)["tables.xlsx"]))
    heading, *rows = book.get_sheet_by_name("records").to_python()
    kinds = {row[heading.index("type")] for row in rows}
    assert kinds == {
        *("activity-entry@1", "laboratory-record@1", "uncertainty@1", "accuracy@1"),
        "clean-energy@1",
    }
    (figure,) = book.get_sheet_by_name("figures").to_python()[1:]
    assert "enterprise_inventory" in figure or "tCO2" in figure


def test_an_altered_file_is_named(package: EvidencePackage) -> None:
    """Every file, one after the other: a flipped byte of it is found, and no other is blamed."""
    files = files_of(package)
    for name, body in files.items():
        if name in {"manifest.json", "signature.json"}:
            continue
        changed = bytearray(body)
        changed[len(body) // 2] ^= 1
        report = checked(packed(files | {name: bytes(changed)}))
        assert report.exit_code == 1
        named = [field for reason, field in faults(report) if reason == "package.file_digest"]
        assert named == [name]


def test_a_file_that_was_taken_out_or_put_in_is_named(package: EvidencePackage) -> None:
    files = files_of(package)
    for name in files.keys() - {"manifest.json", "signature.json"}:
        without = checked(packed({key: body for key, body in files.items() if key != name}))
        assert ("package.file_missing", name) in faults(without)
        assert without.exit_code == 1
    more = checked(packed(files | {"extra.pdf": b"x"}))
    assert faults(more) == [("package.file_extra", "extra.pdf")]


def restated(files: dict[str, bytes], manifest: dict, *, by: str = "node") -> dict[str, bytes]:
    """With another manifest, signed anew."""
    raw = json.dumps(manifest, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    signature = sign_manifest(raw, origin=manifest["origin"], signer=key(by))
    return files | {"manifest.json": raw, "signature.json": signature}


def rewritten(files: dict[str, bytes], drop: str) -> dict[str, bytes]:
    """Without a file, and a manifest that fits again."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = [each for each in manifest["files"] if each["name"] != drop]
    return restated({name: body for name, body in files.items() if name != drop}, manifest)


def test_a_gap_taken_out_of_the_manifest_is_named(package: EvidencePackage) -> None:
    """What is lacking only the manifest says, so it counts as its maker signed it."""
    files = files_of(package)
    manifest = json.loads(files["manifest.json"])
    assert manifest["missing"]
    manifest["missing"] = []
    altered = restated(files, manifest) | signature_of(package)
    assert ("package.signature", "signature.json") in faults(checked(packed(altered)))
    forged = restated(files, manifest, by="stranger")
    report = checked(packed(forged))
    assert ("package.signature", "signature.json") in faults(report)
    assert report.exit_code == 1


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        (None, "package.unsigned"),
        (b"", "package.signature"),
        (b"{}", "package.signature"),
        (b'{"signature":{}}', "package.signature"),
    ],
)
def test_a_package_that_nobody_signed_is_told(
    package: EvidencePackage, signature: bytes | None, reason: str
) -> None:
    files = files_of(package)
    del files["signature.json"]
    if signature is not None:
        files["signature.json"] = signature
    assert faults(checked(packed(files))) == [(reason, "signature.json")]


def test_a_document_of_the_entity_that_was_taken_out_is_named(package: EvidencePackage) -> None:
    """The boundary, a signed leaf, names it."""
    files = files_of(package)
    licence = f"vouchers/{sm3(LICENCE.body).hex()}.pdf"
    report = checked(packed(rewritten(files, licence)))
    assert faults(report) == [("package.voucher_missing", licence.removesuffix(".pdf"))]
    other = rewritten(files, licence) | {licence: b"another licence"}
    assert ("package.file_extra", licence) in faults(checked(packed(other)))


def test_a_document_over_its_bound_is_not_unpacked(
    package: EvidencePackage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_package_form, "MAX_DOCUMENT_BYTES", len(LICENCE.body) - 1)
    with pytest.raises(TooLargeError) as caught:
        checked(package.body)
    assert caught.value.reason == "package.too_large"


def test_statements_of_another_organisation_among_ones_own_are_named(made: Made) -> None:
    package, _, mixed = made
    found = faults(checked(packed({**files_of(package), "statements.tnproof": mixed})))
    assert ("package.organisation", "statements.tnproof") in found


def test_a_voucher_that_was_taken_out_of_the_manifest_too_is_named(
    package: EvidencePackage,
) -> None:
    """The signed record still names it."""
    files = files_of(package)
    voucher = f"vouchers/{sm3(INVOICE.body).hex()}.pdf"
    report = checked(packed(rewritten(files, voucher)))
    assert faults(report) == [("package.voucher_missing", voucher.removesuffix(".pdf"))]


def test_another_voucher_in_its_place_is_named(package: EvidencePackage) -> None:
    files = files_of(package)
    manifest = json.loads(files["manifest.json"])
    name = f"vouchers/{sm3(INVOICE.body).hex()}.pdf"
    (voucher,) = (each for each in manifest["files"] if each["name"] == name)
    other = b"a forged invoice"
    voucher["sm3"], voucher["bytes"] = to_base64url(sm3(other)), len(other)
    report = checked(packed(restated(files, manifest) | {name: other}))
    assert {reason for reason, _ in faults(report)} == {
        "package.voucher_unknown",
        "package.voucher_missing",
    }


def signatures(raw: bytes) -> Status:
    report = verify_file(raw, against=Against(trust_root=provable_trust_root().raw, now=NOW))
    (check,) = (each for each in report.verdict.checks if each.kind.name == "statement.signatures")
    return check.status


def test_a_laboratory_counts_only_by_the_trust_of_an_authority(
    made: Made,
) -> None:
    """Without the leaf that trusts its key, its signature is a stranger's."""
    package, alone, _ = made
    assert signatures(files_of(package)["statements.tnproof"]) is Status.PASSED
    assert signatures(alone) is Status.FAILED


def test_statements_read_as_json_and_text(
    package: EvidencePackage, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = files_of(package)["statements.tnproof"]
    report = verify_file(raw, against=Against(trust_root=provable_trust_root().raw, now=NOW))
    shown = report_to_json(report)
    assert [each["type"] for each in shown["statements"]] == [  # type: ignore[index, union-attr]
        *("boundary@1", "signer-trust@1", "activity-entry@1", "laboratory-record@1"),
        *("clean-energy@1", "accuracy@1", "uncertainty@1"),
    ]
    answer(report, as_json=False)
    assert "diesel.forklifts" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"x.txt": b"x"}, "package.manifest"),
        ({"../x": b"x"}, "package.name"),
        ({"a/b/c": b"x"}, "package.name"),
        ({"manifest.json": b"{}"}, "package"),
        ({"manifest.json": b"{ }"}, "input.canonical"),
    ],
)
def test_what_is_no_package_is_refused(files: dict[str, bytes], reason: str) -> None:
    with pytest.raises(InputError) as caught:
        checked(packed(files))
    assert caught.value.reason.startswith(reason)


@pytest.mark.parametrize("raw", [b"", b"PK", b"x" * 100])
def test_what_is_no_archive_is_refused(raw: bytes) -> None:
    with pytest.raises(InputError) as caught:
        checked(raw)
    assert caught.value.reason == "package.form"
