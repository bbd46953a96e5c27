"""Verify a period bundle, ``period-proof@v1``, step by step.

The numbers are those of ``verify_checks.PERIOD_CHECKS``; the rules for deliveries and records are
those of a single proof.
"""

from dataclasses import dataclass
from typing import Literal

from trace_node.ports.chain import LiveAnchorResult
from trace_node.services.period_report import DeviceCompleteness
from trace_node.services.verify_against import Against
from trace_node.services.verify_anchor import check_anchor
from trace_node.services.verify_checks import PERIOD_CHECKS
from trace_node.services.verify_completeness import check_completeness
from trace_node.services.verify_examination import Examination
from trace_node.services.verify_history import CheckedAnchor, check_history
from trace_node.services.verify_log import VerifiedLog, check_log, require_leaves
from trace_node.services.verify_node_records import NodeRecords, check_node_records
from trace_node.services.verify_period_records import PeriodRecords, check_records
from trace_node.tlog import note as notes
from trace_node.tlog.bundle_file import PERIOD_PROOF, BundleFile, read_bundle_file
from trace_node.tlog.checkpoint import Checkpoint
from trace_node.tlog.note import SignedNote
from trace_node.tlog.period_bundle import PeriodBundle
from trace_node.tlog.period_bundle_json import period_bundle_from_file
from trace_node.tlog.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodReport:
    """What became of a period bundle (时段核验结果).

    Attributes:
        verdict: The verdict.
        log: What is established about trust root and checkpoint.
        file_digest: The digest that the file states; ``None`` when its form is wrong.
        bundle: The bundle; ``None`` when its form is wrong.
        records: Deliveries and records that passed; ``None`` when they did not.
        node: What the node received and found; ``None`` when it did not pass.
        devices: Completeness by device, names ascending; empty when it could not be examined.
        anchors: The anchors that were looked at, sizes ascending, the bundle's own as the last.
        live: What the chain said about the bundle's own anchor; ``None`` when it was not asked.
        kind: Tells it from other reports.
    """

    verdict: Verdict
    log: VerifiedLog
    file_digest: bytes | None = None
    bundle: PeriodBundle | None = None
    records: PeriodRecords | None = None
    node: NodeRecords | None = None
    devices: tuple[DeviceCompleteness, ...] = ()
    anchors: tuple[CheckedAnchor, ...] = ()
    live: LiveAnchorResult | None = None
    kind: Literal["period"] = "period"


def verify_period(raw: bytes, *, against: Against) -> PeriodReport:
    """Verify a ``period-proof@v1``.

    Args:
        raw: The file.
        against: What the verifier brings along.

    Returns:
        The report; every failure is in its verdict.

    Raises:
        ConfigError: This machine cannot check anything, for lack of a working library.
    """
    examination = Examination(PERIOD_CHECKS)
    # (1) One form.
    opened = examination.attempt("file.form", lambda: open_period(raw))
    if opened is None:
        return PeriodReport(
            verdict=examination.verdict(), log=VerifiedLog(signed=None, checkpoint=None)
        )
    return _examine(examination, opened, against=against)


def _examine(
    examination: Examination,
    opened: tuple[BundleFile, PeriodBundle, SignedNote],
    *,
    against: Against,
) -> PeriodReport:
    file, bundle, note = opened
    # (2) The digest.
    examination.attempt("file.digest", file.require_digest)
    # (3) to (6) The trust root and the checkpoint.
    log = check_log(examination, note=note, hash_name=bundle.hash_name, against=against)
    # (7) Every leaf is in the tree.
    _check_inclusion(examination, bundle, checkpoint=log.checkpoint)
    # (8) to (12) Who delivered the records, and what they say.
    records = check_records(examination, bundle=bundle, root=log.root)
    # (16) What the node received and found.
    node = check_node_records(examination, bundle=bundle, root=log.root)
    # (17) (18) The devices and their completeness; of nothing that is not in the log.
    devices: tuple[DeviceCompleteness, ...] = ()
    if examination.has_passed("inclusion") and records and node and log.root:
        devices = check_completeness(
            examination, bundle=bundle, records=records, node=node, root=log.root
        )
    # (13) to (15) The anchor.
    live = check_anchor(examination, anchor=bundle.anchor, log=log, chain=against.chain)
    # (19) The anchors before it.
    anchors = check_history(
        examination, bundle=bundle, log=log, records=records, live=live, chain=against.chain
    )
    return PeriodReport(
        verdict=examination.verdict(),
        log=log,
        file_digest=file.digest,
        bundle=bundle,
        records=records,
        node=node,
        devices=devices,
        anchors=anchors,
        live=live,
    )


def open_period(raw: bytes) -> tuple[BundleFile, PeriodBundle, SignedNote]:
    """Read a file as a period bundle; form only.

    Raises:
        InputError: Its form is wrong; by the code of the rule that it breaks.
    """
    file = read_bundle_file(raw)
    file.require_type(PERIOD_PROOF)
    bundle = period_bundle_from_file(file)
    return file, bundle, notes.parse(bundle.checkpoint.encode())


def _check_inclusion(
    examination: Examination, bundle: PeriodBundle, *, checkpoint: Checkpoint | None
) -> None:
    if checkpoint is not None:
        examination.attempt(
            "inclusion",
            lambda: require_leaves(
                dict(bundle.leaves()),
                proof=bundle.proof,
                hash_name=bundle.hash_name,
                checkpoint=checkpoint,
            ),
        )
