"""Verify a bundle of statements, ``statement-proof@v1``: they are logged, and signed by who may.

The numbers are those of ``verify_checks.STATEMENT_CHECKS``. That none was left out is not shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from trace_node.accounting.records.signer_trust import SignerTrust
from trace_node.accounting.statements import may_sign
from trace_node.canonical_json import JsonValue
from trace_node.crypto import signed_record
from trace_node.ports.chain import LiveAnchorResult
from trace_node.record.statement import Content, Statement
from trace_node.services.statement_types import parse_statement
from trace_node.services.verify_against import Against
from trace_node.services.verify_anchor import check_anchor
from trace_node.services.verify_checks import STATEMENT_CHECKS
from trace_node.services.verify_delivery import require_signed_by
from trace_node.services.verify_examination import Examination
from trace_node.services.verify_log import VerifiedLog, check_log, require_leaves
from trace_node.tlog import note as notes
from trace_node.tlog.bundle_file import STATEMENT_PROOF, BundleFile, read_bundle_file
from trace_node.tlog.note import SignedNote
from trace_node.tlog.period_bundle import LoggedRecord
from trace_node.tlog.statement_bundle import StatementBundle, statement_bundle_from_file
from trace_node.tlog.trust_root_form import TrustRoot
from trace_node.tlog.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvedStatement:
    """A statement of a bundle.

    Attributes:
        index: Its leaf index.
        kind: Its type.
        content: What it says.
    """

    index: int
    kind: str
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementsReport:
    """What became of a bundle of statements (声明核验结果).

    Attributes:
        verdict: The verdict.
        log: What is established about trust root and checkpoint.
        file_digest: The digest that the file states; None when its form is wrong.
        bundle: The bundle; None when its form is wrong.
        statements: What it says; worth what the verdict says.
        live: What the chain said about the anchor; None when it was not asked.
        kind: Tells it from other reports.
    """

    verdict: Verdict
    log: VerifiedLog
    file_digest: bytes | None = None
    bundle: StatementBundle | None = None
    statements: tuple[ProvedStatement, ...] = ()
    live: LiveAnchorResult | None = None
    kind: Literal["statements"] = "statements"

    def own_json(self) -> JsonValue:
        """The member ``statements`` of its JSON."""
        return [
            {"leaf": each.index, "type": each.kind, "record": each.content.to_fields()}
            for each in self.statements
        ]


def verify_statements(raw: bytes, *, against: Against) -> StatementsReport:
    """Verify a ``statement-proof@v1``.

    Args:
        raw: The file.
        against: What the verifier brings along.

    Returns:
        The report; every failure is in its verdict.

    Raises:
        ConfigError: This machine cannot check anything, for lack of a working library.
    """
    examination = Examination(STATEMENT_CHECKS)
    # (1) One form.
    opened = examination.attempt("file.form", lambda: _open(raw))
    if opened is None:
        return StatementsReport(
            verdict=examination.verdict(), log=VerifiedLog(signed=None, checkpoint=None)
        )
    file, bundle, note, statements = opened
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
    # (22) Who states it.
    if root is not None:
        examination.attempt("statement.signatures", lambda: _require_signed(bundle.leaves, root))
    # (13) to (15) The anchor.
    live = check_anchor(examination, anchor=bundle.anchor, log=log, chain=against.chain)
    return StatementsReport(
        verdict=examination.verdict(),
        log=log,
        file_digest=file.digest,
        bundle=bundle,
        statements=tuple(
            ProvedStatement(index=leaf.index, kind=each.content.TYPE, content=each.content)
            for leaf, each in zip(bundle.leaves, statements, strict=True)
        ),
        live=live,
    )


def _open(raw: bytes) -> tuple[BundleFile, StatementBundle, SignedNote, Sequence[Statement]]:
    file = read_bundle_file(raw)
    file.require_type(STATEMENT_PROOF)
    bundle = statement_bundle_from_file(file)
    note = notes.parse(bundle.checkpoint.encode())
    return file, bundle, note, [parse_statement(leaf.body) for leaf in bundle.leaves]


def _require_signed(leaves: Sequence[LoggedRecord], root: TrustRoot) -> int:
    """By a node or an authority of the trust root, or by whom an authority trusts in the bundle."""
    trusted: list[SignerTrust] = []
    for leaf in leaves:
        statement = parse_statement(leaf.body)
        content, signer = statement.content, statement.signed_by
        outsiders = [each for each in trusted if each.key.key_id == signer]
        if outsiders and may_sign(content, outsiders[-1]):
            signed_record.verify(leaf.body, outsiders[-1].key)
            continue
        is_trust = isinstance(content, SignerTrust)
        require_signed_by(
            leaf.body,
            named=signer,
            keys=root.device_authorities
            if is_trust
            else (*root.node_keys, *root.device_authorities),
            field=f"leaf {leaf.index}",
            code="node.unknown_key",
        )
        if isinstance(content, SignerTrust):
            trusted.append(content)
    return len(leaves)
