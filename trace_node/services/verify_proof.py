"""Verify a single proof, ``carbon-proof@v1``, step by step.

The numbers are those of ``verify_checks.PROOF_CHECKS``; ``docs/spec/verdict.md`` prints the list.
"""

from dataclasses import dataclass

from trace_node.errors import InputError
from trace_node.metering.records.chained import ChainedRecord, read_chained
from trace_node.metering.records.context import Context
from trace_node.metering.records.delivery import Delivery
from trace_node.metering.records.key_registration import KeyRegistration
from trace_node.ports.chain import LiveAnchorResult
from trace_node.services.verify_against import Against
from trace_node.services.verify_anchor import check_anchor
from trace_node.services.verify_checks import PROOF_CHECKS
from trace_node.services.verify_delivery import (
    open_collector,
    open_context,
    open_delivery,
    open_record,
    require_context_of,
    require_delivered,
    require_not_revoked,
)
from trace_node.services.verify_examination import Examination
from trace_node.services.verify_labels import label_records
from trace_node.services.verify_log import VerifiedLog, check_log
from trace_node.tlog import tlog_proof
from trace_node.tlog.bundle import ProofBundle, bundle_from_file
from trace_node.tlog.bundle_errors import BundleFormatError, EvidenceError
from trace_node.tlog.bundle_file import CARBON_PROOF, BundleFile, read_bundle_file
from trace_node.tlog.checkpoint import Checkpoint
from trace_node.tlog.hasher import by_name
from trace_node.tlog.tlog_proof import TlogProof
from trace_node.tlog.trust_root_form import TrustRoot
from trace_node.tlog.verdict import Status, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofReport:
    """What became of a single proof (核验结果).

    Attributes:
        verdict: The verdict.
        log: What is established about trust root and checkpoint.
        file_digest: The digest that the file states; ``None`` when its form is wrong.
        bundle: The bundle; ``None`` when its form is wrong.
        record: The leaf as the record of a device, for display; ``None`` when it is none. What it
            is worth, the verdict says.
        collector: The collector's registration; ``None`` when it did not pass.
        context: The context; ``None`` when it did not pass.
        live: What the chain said; ``None`` when it was not asked.
    """

    verdict: Verdict
    log: VerifiedLog
    file_digest: bytes | None = None
    bundle: ProofBundle | None = None
    record: ChainedRecord | None = None
    collector: KeyRegistration | None = None
    context: Context | None = None
    live: LiveAnchorResult | None = None

    @property
    def anchor_is_bound(self) -> bool:
        """Whether the anchor is of this checkpoint and on the trusted chain (check 13)."""
        return any(
            check.kind.name == "anchor.binding" and check.status is Status.PASSED
            for check in self.verdict.checks
        )


def verify_proof(raw: bytes, *, against: Against) -> ProofReport:
    """Verify a ``carbon-proof@v1``.

    Args:
        raw: The file.
        against: What the verifier brings along.

    Returns:
        The report; every failure is in its verdict.

    Raises:
        ConfigError: This machine cannot check anything, for lack of a working library.
    """
    examination = Examination(PROOF_CHECKS)
    # (1) One form: canonical JSON of a known version, every member of its type and within bounds.
    opened = examination.attempt("file.form", lambda: open_proof(raw))
    if opened is None:
        return ProofReport(
            verdict=examination.verdict(), log=VerifiedLog(signed=None, checkpoint=None)
        )
    return _examine(examination, opened, against=against)


def _examine(
    examination: Examination,
    opened: tuple[BundleFile, ProofBundle, TlogProof],
    *,
    against: Against,
) -> ProofReport:
    file, bundle, proof = opened
    # (2) The digest. Every later check is made all the same, so that the verdict says what changed.
    examination.attempt("file.digest", file.require_digest)
    # (3) to (6) The trust root and the checkpoint.
    log = check_log(examination, note=proof.note, hash_name=bundle.hash_name, against=against)
    # (7) The leaf is in the tree.
    _check_inclusion(examination, bundle, proof=proof, checkpoint=log.checkpoint)
    # (8) to (12) Who delivered it, and what it says.
    collector, context = _check_delivery(examination, bundle=bundle, root=log.root)
    # (13) to (15) The anchor.
    live = check_anchor(examination, anchor=bundle.anchor, log=log, chain=against.chain)
    record = _shown(examination, bundle.leaf)
    return ProofReport(
        verdict=examination.verdict(),
        log=log,
        file_digest=file.digest,
        bundle=bundle,
        record=record,
        collector=collector,
        context=context,
        live=live,
    )


def open_proof(raw: bytes) -> tuple[BundleFile, ProofBundle, TlogProof]:
    """Read a file as a single proof; form only.

    Raises:
        InputError: Its form is wrong; by the code of the rule that it breaks.
    """
    file = read_bundle_file(raw)
    file.require_type(CARBON_PROOF)
    bundle = bundle_from_file(file)
    proof = tlog_proof.parse(bundle.log_proof.encode())
    if proof.extra is not None:
        raise BundleFormatError(
            "{field}: must not carry extra data, which nothing authenticates",
            field="log_proof",
            code="bundle.log_proof_extra",
        )
    return file, bundle, proof


def _check_inclusion(
    examination: Examination,
    bundle: ProofBundle,
    *,
    proof: TlogProof,
    checkpoint: Checkpoint | None,
) -> None:
    if checkpoint is not None:
        examination.attempt(
            "inclusion", lambda: _require_included(bundle, proof=proof, checkpoint=checkpoint)
        )


def _require_included(
    bundle: ProofBundle, *, proof: TlogProof, checkpoint: Checkpoint
) -> Checkpoint:
    if proof.index != bundle.leaf_index:
        raise EvidenceError(
            "{field}: is {stated}, the log proof is of index {proved}",
            field="leaf_index",
            stated=bundle.leaf_index,
            proved=proof.index,
            code="inclusion.index",
        )
    hasher = by_name(bundle.hash_name)
    tlog_proof.verify(
        proof, leaf_hash=hasher.leaf(bundle.leaf), checkpoint=checkpoint, hasher=hasher
    )
    return checkpoint


def _check_delivery(
    examination: Examination, *, bundle: ProofBundle, root: TrustRoot | None
) -> tuple[KeyRegistration | None, Context | None]:
    if root is None:
        return None, None
    # (8) The collector's key, by a device authority of the trust root.
    collector = examination.attempt(
        "collector", lambda: open_collector(bundle.collector, root=root)
    )
    if collector is None:
        return None, None
    # (9) The delivery, signed by that key.
    evidence = bundle.delivery
    delivery = examination.attempt(
        "delivery.signature", lambda: _open_delivery(bundle, collector=collector, root=root)
    )
    # (10) The leaf is in the delivery.
    if delivery is not None:
        examination.attempt(
            "delivery.inclusion",
            lambda: require_delivered(
                bundle.leaf, delivery=delivery, index=evidence.index, path=evidence.path
            ),
        )
    # (11) The leaf is a record, made while the key was valid.
    record = examination.attempt("record", lambda: _open_record(bundle, collector=collector))
    if record is None or delivery is None:
        return collector, None
    # (12) The context, which says whose meters they are and what the collector had seen.
    context = examination.attempt(
        "context",
        lambda: require_context_of(
            record,
            context=open_context(bundle.context, delivery=delivery, collector=collector),
            delivery=delivery,
            leaf_index=bundle.leaf_index,
        ),
    )
    return collector, context


def _open_delivery(bundle: ProofBundle, *, collector: KeyRegistration, root: TrustRoot) -> Delivery:
    delivery = open_delivery(bundle.delivery.record, collector=collector, root=root)
    return require_not_revoked(delivery, index=bundle.leaf_index, root=root)


def _open_record(bundle: ProofBundle, *, collector: KeyRegistration) -> ChainedRecord:
    return open_record(bundle.leaf, collector=collector, context=bundle.context)


def _shown(examination: Examination, leaf: bytes) -> ChainedRecord | None:
    try:
        record = read_chained(leaf)
    except InputError:
        return None  # check 11 has failed or is blocked, and says so
    label_records(examination, (record,))
    return record
