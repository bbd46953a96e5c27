"""Verify an emission bundle, ``emission-proof@v1``: who states the figure, and whether it holds.

The numbers are those of ``verify_checks.EMISSION_CHECKS``. Who delivered each reading, and that
none was left out, is what a single proof and the period bundle show.
"""

from dataclasses import dataclass
from typing import Literal

from trace_node.accounting.errors import RecomputeError
from trace_node.accounting.records.signer_trust import SignerTrust
from trace_node.accounting.records.uncertainty import Uncertainty
from trace_node.accounting.statements import is_managed
from trace_node.canonical_json import JsonValue, decode_object
from trace_node.ports.chain import LiveAnchorResult
from trace_node.services.footprint_view import footprint_to_json
from trace_node.services.footprints import LoggedFootprint
from trace_node.services.hand_over import require_handed_over
from trace_node.services.measure_proof import MeasuredAgain
from trace_node.services.recompute_bundle import ComputedAgain, recompute_bundle
from trace_node.services.signer_trust import trust_before
from trace_node.services.statement_types import STATEMENT_TYPES, parse_statement
from trace_node.services.verify_against import Against
from trace_node.services.verify_anchor import check_anchor
from trace_node.services.verify_checks import EMISSION_CHECKS
from trace_node.services.verify_delivery import require_signed_by
from trace_node.services.verify_examination import Examination
from trace_node.services.verify_log import VerifiedLog, check_log, require_leaves
from trace_node.tlog import note as notes
from trace_node.tlog.bundle_file import EMISSION_PROOF, BundleFile, read_bundle_file
from trace_node.tlog.emission_bundle import EmissionBundle, emission_bundle_from_file
from trace_node.tlog.note import SignedNote
from trace_node.tlog.trust_root_form import TrustedKey, TrustRoot
from trace_node.tlog.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionReport:
    """What became of an emission bundle (排放核验结果).

    Attributes:
        verdict: The verdict.
        log: What is established about trust root and checkpoint.
        file_digest: The digest that the file states; None when its form is wrong.
        bundle: The bundle; None when its form is wrong.
        recomputed: The figure, computed again; None where it differs or was not computed.
        live: What the chain said about the anchor; None when it was not asked.
        kind: Tells it from other reports.
    """

    verdict: Verdict
    log: VerifiedLog
    file_digest: bytes | None = None
    bundle: EmissionBundle | None = None
    recomputed: ComputedAgain | None = None
    live: LiveAnchorResult | None = None
    kind: Literal["emission"] = "emission"

    def own_json(self) -> JsonValue:
        """The member ``emission`` of its JSON; null where the figure does not hold."""
        if self.recomputed is None:
            return None
        if isinstance(self.recomputed, LoggedFootprint):
            return footprint_to_json(self.recomputed.footprint, with_parts=False)
        if isinstance(self.recomputed, MeasuredAgain):
            return self.recomputed.to_json()
        emission = self.recomputed.emission
        return {
            "boundary": emission.boundary,
            "demonstration": emission.demonstration,
            "figures": [each.write() for each in emission.figures],
            "flags": [each.to_json() for each in self.recomputed.result.flags],
            "items": [each.to_json() for each in emission.items],
            "leaves": self.recomputed.leaves,
            "method": emission.method,
            "organisation": emission.organisation,
            "period": emission.period.name,
            "standing": emission.standing.value,
            "uncertainty": _worth(self.recomputed.uncertainty),
            "unit": emission.unit,
        }


def _worth(found: Uncertainty | None) -> JsonValue:
    """U of each figure, evaluated again; null where the bundle holds none, which is not 0."""
    if found is None:
        return None
    return {
        "budgets": [each.to_json() for each in found.budgets],
        "k": f"{found.k:f}",
        "unstated": list(found.unstated),
    }


def verify_emission(raw: bytes, *, against: Against) -> EmissionReport:
    """Verify an ``emission-proof@v1``.

    Args:
        raw: The file.
        against: What the verifier brings along.

    Returns:
        The report; every failure is in its verdict.

    Raises:
        ConfigError: This machine cannot check anything, for lack of a working library.
    """
    examination = Examination(EMISSION_CHECKS)
    # (1) One form.
    opened = examination.attempt("file.form", lambda: open_emission(raw))
    if opened is None:
        return EmissionReport(
            verdict=examination.verdict(), log=VerifiedLog(signed=None, checkpoint=None)
        )
    file, bundle, note = opened
    # (2) The digest.
    examination.attempt("file.digest", file.require_digest)
    # (3) to (6) The trust root and the checkpoint.
    log = check_log(examination, note=note, hash_name=bundle.hash_name, against=against)
    # (7) Every leaf is in the tree.
    checkpoint, root = log.checkpoint, log.root
    if checkpoint is not None:
        examination.attempt(
            "inclusion",
            lambda: require_leaves(
                {each.index: each.body for each in bundle.leaves},
                proof=bundle.proof,
                hash_name=bundle.hash_name,
                checkpoint=checkpoint,
            ),
        )
    # (20) Who states it.
    if root is not None:
        examination.attempt("emission.signatures", lambda: _require_signed(bundle, root))
    # (21) The same digits; asked in any case, so that what was altered is named.
    recomputed = examination.attempt("emission.recomputed", lambda: _recompute(bundle))
    # (13) to (15) The anchor.
    live = check_anchor(examination, anchor=bundle.anchor, log=log, chain=against.chain)
    return EmissionReport(
        verdict=examination.verdict(),
        log=log,
        file_digest=file.digest,
        bundle=bundle,
        recomputed=recomputed,
        live=live,
    )


def open_emission(raw: bytes) -> tuple[BundleFile, EmissionBundle, SignedNote]:
    """Read a file as an emission bundle; form only.

    Raises:
        InputError: Its form is wrong; by the code of the rule that it breaks.
    """
    file = read_bundle_file(raw)
    file.require_type(EMISSION_PROOF)
    bundle = emission_bundle_from_file(file)
    return file, bundle, notes.parse(bundle.checkpoint.encode())


def _recompute(bundle: EmissionBundle) -> ComputedAgain:
    """``recompute_bundle`` for a file of a stranger, whose numbers may be none to compute with."""
    try:
        return recompute_bundle(bundle)
    except (ArithmeticError, LookupError) as error:
        raise RecomputeError(
            "{field}: cannot be computed: {detail}",
            field="emission",
            detail=type(error).__name__,
            remedy="get the bundle again from where it was made",
            code="accounting.recompute.form",
        ) from error


def _require_signed(bundle: EmissionBundle, root: TrustRoot) -> int:
    """Statements by keys of nodes or authorities, or that an authority trusts in the bundle."""
    statements = {
        leaf.index: (leaf.body, parse_statement(leaf.body))
        for leaf in bundle.leaves
        if decode_object(leaf.body).get("type") in STATEMENT_TYPES
    }
    trusts = {
        index: statement.content
        for index, (_body, statement) in statements.items()
        if isinstance(statement.content, SignerTrust)
    }
    for index, (body, statement) in statements.items():
        trusted = [
            TrustedKey(name=each.name, point=each.key.point)
            for each in trust_before(statement, index, trusts)
        ]
        nodes = () if is_managed(statement.content) else root.node_keys
        require_signed_by(
            body,
            named=statement.signed_by,
            keys=(*nodes, *root.device_authorities, *trusted),
            field=f"leaf {index}",
            code="node.unknown_key",
        )
        require_handed_over(statement.content, root.node_keys, field=f"leaf {index}")
    return len(statements)
