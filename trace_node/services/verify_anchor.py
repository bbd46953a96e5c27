"""Checks 13 to 15: what the anchor is worth."""

from trace_node.ports.chain import ChainReader, LiveAnchorResult, LiveCheck, LiveOutcome
from trace_node.services.verify_against import expected_registry
from trace_node.services.verify_examination import Examination
from trace_node.services.verify_log import VerifiedLog
from trace_node.tlog.anchor import Anchor
from trace_node.tlog.anchor_evidence import require_head
from trace_node.tlog.bundle_errors import EvidenceError
from trace_node.tlog.checkpoint import Checkpoint
from trace_node.tlog.trust_root_form import TrustedChain, TrustRoot


def check_anchor(
    examination: Examination, *, anchor: Anchor | None, log: VerifiedLog, chain: ChainReader | None
) -> LiveAnchorResult | None:
    """Make the checks 13, 14 and 15.

    Args:
        examination: Where they are recorded.
        anchor: What the bundle claims.
        log: What is established about trust root and checkpoint.
        chain: The chain to ask; ``None`` offline.

    Returns:
        What the chain said; ``None`` when it was not asked.
    """
    root, checkpoint = log.root, log.checkpoint
    bound = _check_binding(examination, anchor=anchor, checkpoint=checkpoint, root=root)
    # (15) Reserved: version 1 has no sealed headers, so this can never be "passed".
    examination.not_done(
        "anchor.sealed", "anchor.sealed.unsupported", "this version carries no sealed header"
    )
    if bound is None or root is None or root.log_id is None:
        return None  # (14) stays "not done": blocked
    trusted, claimed = bound
    # (14) Ask the chain. Whoever runs the endpoint could lie, so the verdict names it.
    if chain is None:
        examination.not_done(
            "anchor.live", "anchor.offline", "no chain was asked; give an endpoint with --rpc"
        )
        return None
    expected = expected_registry(trusted, log_id=root.log_id)
    result = examination.attempt(
        "anchor.live", lambda: _ask(examination, chain.check_anchor(claimed, expected=expected))
    )
    if result is not None:
        examination.label(
            "endpoint_trusted",
            "{endpoint} was asked; its operator is trusted for what it answered",
            endpoint=result.endpoint,
        )
    return result


def _check_binding(
    examination: Examination,
    *,
    anchor: Anchor | None,
    checkpoint: Checkpoint | None,
    root: TrustRoot | None,
) -> tuple[TrustedChain, Anchor] | None:
    # (13) The anchor must be on the trusted chain and of exactly this checkpoint.
    if root is not None and root.chain is None:
        examination.not_done(
            "anchor.binding", "trust_root.no_chain", "the trust root names no chain for this log"
        )
        return None
    if anchor is None:
        examination.not_done(
            "anchor.binding",
            "anchor.absent",
            "the checkpoint was not anchored when the file was made",
        )
        return None

    if root is None or root.chain is None or checkpoint is None:
        return None  # blocked
    trusted, head = root.chain, checkpoint

    def step() -> tuple[TrustedChain, Anchor]:
        require_chain(anchor, root=root)
        require_head(anchor, size=head.size, root=head.root)
        return trusted, anchor

    return examination.attempt("anchor.binding", step)


def require_chain(anchor: Anchor, *, root: TrustRoot) -> None:
    """Require an anchor to be on the chain, in the registry and of the log of the trust root.

    Raises:
        EvidenceError: One of them is another, or the trust root names no chain; by its code.
    """
    chain = root.chain
    if chain is None:
        raise EvidenceError(
            "{field}: the trust root names no chain", field="anchor", code="trust_root.no_chain"
        )
    pairs = (
        ("engine", anchor.engine, chain.engine),
        ("chain_id", anchor.chain_id, chain.chain_id),
        ("genesis_hash", anchor.genesis_hash.hex(), chain.genesis_hash.hex()),
        ("contract", anchor.contract.hex(), chain.registry.hex()),
        ("log_id", anchor.log_id.hex(), (root.log_id or b"").hex()),
    )
    for name, found, expected in pairs:
        if found != expected:
            raise EvidenceError(
                "{field}: is {found}, the trust root says {expected}",
                field=f"anchor.{name}",
                found=found,
                expected=expected,
                code=f"anchor.{name}",
            )


def _ask(examination: Examination, result: LiveAnchorResult) -> LiveAnchorResult:
    telling = next((each for each in result.checks if each.outcome is result.outcome), None)
    if telling is None:
        examination.not_done("anchor.live", "chain.no_checks", "the endpoint was asked nothing")
    elif result.outcome is LiveOutcome.PASSED:
        examination.passed(
            "anchor.live",
            "{count} questions to {endpoint} were answered as expected",
            count=len(result.checks),
            endpoint=result.endpoint,
        )
    elif result.outcome is LiveOutcome.FAILED:
        examination.failed(
            "anchor.live",
            telling.reason or f"chain.{telling.name}",
            "{question}: the endpoint says {found}, expected {expected}",
            **_answer(telling),
        )
    else:
        examination.not_done(
            "anchor.live",
            telling.reason or f"chain.{telling.name}",
            "{question}: not settled; the endpoint says {found}, expected {expected}",
            **_answer(telling),
        )
    return result


def _answer(check: LiveCheck) -> dict[str, object]:
    return {
        "question": check.name,
        "found": check.found or "-",
        "expected": check.expected or "-",
    }
