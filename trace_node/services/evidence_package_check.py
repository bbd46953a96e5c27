"""Check an evidence package against a trust root: every file, every bundle, every voucher.

Needs no node. Each bundle is verified as ``verify`` does; what the package says it lacks is
compared with what its own records name, so that a voucher that was taken out is found.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from trace_node.accounting.activity.entry import ACTIVITY_ENTRY
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.laboratory.record import LABORATORY_RECORD
from trace_node.accounting.records.accuracy import Accuracy
from trace_node.accounting.records.emission import Emission
from trace_node.accounting.records.uncertainty import Uncertainty
from trace_node.canonical_json import JsonObject, decode_object
from trace_node.crypto.sm3 import sm3
from trace_node.errors import InputError
from trace_node.services.evidence_package_form import (
    BUNDLE_ENDING,
    MANIFEST,
    SIGNATURE,
    STATEMENTS,
    VOUCHERS,
    Manifest,
    PackageError,
    open_archive,
    read_manifest,
)
from trace_node.services.evidence_package_signature import require_signed
from trace_node.services.evidence_package_vouchers import Entered, evidence_of
from trace_node.services.recompute_emission import Recomputed
from trace_node.services.statement_types import parse_statement
from trace_node.services.verify import Report, verify_file
from trace_node.services.verify_against import Against
from trace_node.services.verify_emission import EmissionReport
from trace_node.services.verify_period import PeriodReport
from trace_node.services.verify_statements import StatementsReport
from trace_node.tlog.verdict import Verdict

_PASSED, _FAILED, _NOT_DONE, _UNREACHABLE = 0, 1, 3, 4
_ENTERED = frozenset({ACTIVITY_ENTRY, LABORATORY_RECORD})
_OF_AN_ORGANISATION = Entered | Accuracy | Boundary | Emission | Uncertainty
_WORST_FIRST = (_FAILED, _UNREACHABLE, _NOT_DONE, _PASSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageReport:
    """What became of a package (证据包核验结果).

    Attributes:
        manifest: What it says it holds and lacks.
        verdicts: The verdict of each bundle, by the name of its file.
        faults: What is wrong with the package as a whole; each an error with its rule and remedy.
    """

    manifest: Manifest
    verdicts: Mapping[str, Verdict]
    faults: tuple[InputError, ...]

    @property
    def exit_code(self) -> int:
        """That of ``verify``: the worst of all bundles, and 1 for a fault."""
        found = {each.exit_code for each in self.verdicts.values()}
        if self.faults:
            found.add(_FAILED)
        return next((code for code in _WORST_FIRST if code in found), _NOT_DONE)

    def to_json(self) -> JsonObject:
        """For programs."""
        return {
            "bundles": [
                {
                    "file": name,
                    "signed": each.signed.value,
                    "anchored": each.anchored.value,
                    "failed": [
                        f"{check.kind.name}: {check.reason}"
                        for check in each.checks
                        if check.status.value == "failed"
                    ],
                }
                for name, each in sorted(self.verdicts.items())
            ],
            "exit_code": self.exit_code,
            "faults": [
                {"field": each.field, "message": each.message, "reason": each.reason}
                for each in self.faults
            ],
            "manifest": self.manifest.to_json(),
        }


def check_package(raw: bytes, *, against: Against) -> PackageReport:
    """Check a package.

    Args:
        raw: The file.
        against: What the verifier brings along.

    Raises:
        InputError: It is no package that can be looked into.
        ConfigError: This machine cannot check anything, for lack of a working library.
    """
    files = dict(open_archive(raw))
    manifest_raw = files.pop(MANIFEST, None)
    if manifest_raw is None:
        raise PackageError(
            "{field}: is not in the archive",
            field=MANIFEST,
            remedy="get the package again from where it was made",
            code="package.manifest",
        )
    manifest = read_manifest(manifest_raw)
    signature = files.pop(SIGNATURE, None)
    reports = {
        name: verify_file(body, against=against)
        for name, body in files.items()
        if name.endswith(BUNDLE_ENDING)
    }
    faults = (
        *_of_signature(signature, manifest_raw, manifest.origin, reports),
        *_of_files(manifest, files),
        *_of_scope(manifest, reports),
        *_of_vouchers(manifest, files, reports),
    )
    return PackageReport(
        manifest=manifest,
        verdicts={name: each.verdict for name, each in reports.items()},
        faults=faults,
    )


def _of_signature(
    raw: bytes | None, manifest: bytes, origin: str, reports: Mapping[str, Report]
) -> Iterator[InputError]:
    """A node of the trust root signed the manifest; without a root every bundle fails already."""
    roots = [each.log.root for each in reports.values() if each.log.root is not None]
    if not roots:
        return
    keys = [each.public for each in roots[0].node_keys]
    try:
        require_signed(raw, manifest, origin=origin, keys=keys)
    except PackageError as error:
        yield error


def _of_files(manifest: Manifest, files: Mapping[str, bytes]) -> Iterator[InputError]:
    """Exactly the files of the manifest, byte for byte."""
    listed = {each.name: each for each in manifest.files}
    for name in sorted(listed.keys() - files.keys()):
        yield _fault(name, "{field}: is in the manifest and not in the archive", "file_missing")
    for name in sorted(files.keys() - listed.keys()):
        yield _fault(name, "{field}: is in the archive and not in the manifest", "file_extra")
    for name in sorted(files.keys() & listed.keys()):
        if sm3(files[name]) != listed[name].sm3:
            yield _fault(name, "{field}: is not the file of the manifest", "file_digest")
    if STATEMENTS not in listed:
        yield _fault(STATEMENTS, "{field}: must be in every package", "file_missing")


def _of_scope(manifest: Manifest, reports: Mapping[str, Report]) -> Iterator[InputError]:
    """Bundles of one log and one organisation: the one that the manifest names."""
    for name, report in sorted(reports.items()):
        checkpoint = report.log.checkpoint
        if checkpoint is not None and checkpoint.origin != manifest.origin:
            yield _fault(name, "{field}: is of another log than the package", "origin")
        if _organisations(report) - {manifest.organisation}:
            yield _fault(name, "{field}: is of another organisation", "organisation")


def _organisations(report: Report) -> set[str]:
    """Whose it is; every one of those that the statements are of."""
    if isinstance(report, PeriodReport) and report.bundle is not None:
        return {report.bundle.organisation}
    if isinstance(report, EmissionReport) and isinstance(report.recomputed, Recomputed):
        return {report.recomputed.emission.organisation}
    if isinstance(report, StatementsReport):
        return {
            each.content.organisation
            for each in report.statements
            if isinstance(each.content, _OF_AN_ORGANISATION)
        }
    return set()


def _of_vouchers(
    manifest: Manifest, files: Mapping[str, bytes], reports: Mapping[str, Report]
) -> Iterator[InputError]:
    """Each voucher is named by a record; each document that one names is here or told missing."""
    statements = reports.get(STATEMENTS)
    if not isinstance(statements, StatementsReport):
        return  # told as a missing file, or by its verdict
    named = evidence_of(
        [*((each.index, each.content) for each in statements.statements), *_used(reports)]
    )
    held = {sm3(body): name for name, body in files.items() if name.startswith(VOUCHERS)}
    for digest, name in sorted(held.items()):
        if digest not in named:
            yield _fault(name, "{field}: no record of the package names it", "voucher_unknown")
    told = {each.evidence for each in manifest.missing}
    for digest in sorted(named.keys() - held.keys() - told):
        yield _fault(
            f"{VOUCHERS}{digest.hex()}",
            "{field}: a record names it, and it is neither here nor told to be missing",
            "voucher_missing",
        )


def _used(reports: Mapping[str, Report]) -> Iterator[tuple[int, object]]:
    """What figures of the package were taken from, also where the statements leave it out."""
    for report in reports.values():
        if not isinstance(report, EmissionReport) or report.bundle is None:
            continue
        for leaf in report.bundle.leaves:
            if decode_object(leaf.body).get("type") in _ENTERED:
                try:
                    yield leaf.index, parse_statement(leaf.body).content
                except InputError:  # its bundle failed by that
                    continue


def _fault(field: str, template: str, code: str) -> PackageError:
    return PackageError(
        template,
        field=field,
        remedy="get the package again from where it was made",
        code=f"package.{code}",
    )
