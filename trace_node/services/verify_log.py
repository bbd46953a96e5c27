"""Checks 3 to 6: the trust root, and the checkpoint that it makes believable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trace_node.services.verify_against import Against, open_trust_root
from trace_node.services.verify_examination import Examination
from trace_node.tlog import checkpoint as checkpoints
from trace_node.tlog import note as notes
from trace_node.tlog.batch_proof import verify_batch
from trace_node.tlog.bundle_errors import EvidenceError
from trace_node.tlog.checkpoint import Checkpoint
from trace_node.tlog.errors import NoteSignatureError
from trace_node.tlog.hasher import by_name
from trace_node.tlog.note import SignedNote
from trace_node.tlog.note_keys import LogKeyVerifier, parse_vkey
from trace_node.tlog.trust_root import SignedTrustRoot
from trace_node.tlog.trust_root_form import TrustRoot, policy_of


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedLog:
    """What the checks 3 to 5 have established.

    Attributes:
        signed: The trust root; ``None`` when it did not pass.
        checkpoint: The checkpoint, signed by the log; ``None`` when it is not.
        witnessed_at: Earliest time at which a witness of the policy says that it saw the
            checkpoint, in seconds since the epoch; ``None`` without one.
    """

    signed: SignedTrustRoot | None
    checkpoint: Checkpoint | None
    witnessed_at: int | None = None

    @property
    def root(self) -> TrustRoot | None:
        """What the trust root says; ``None`` when it did not pass."""
        return None if self.signed is None else self.signed.root


def check_log(
    examination: Examination, *, note: SignedNote, hash_name: str, against: Against
) -> VerifiedLog:
    """Make the checks 3, 4, 5 and 6.

    Args:
        examination: Where they are recorded.
        note: The checkpoint's note.
        hash_name: The hash that the bundle names.
        against: What the verifier brings along.
    """
    # (3) The trust root: everything else is checked against it.
    signed = examination.attempt("trust_root", lambda: open_trust_root(against))
    if signed is None:
        return VerifiedLog(signed=None, checkpoint=None)
    root = signed.root
    if root.chain is not None and root.chain.is_single_operator:
        examination.label(
            "single_operator.chain",
            "{engine} (single operator): one party makes the blocks and could rewrite them",
            engine=root.chain.engine,
        )
    # (4) The checkpoint is of the trusted log, and bundle and log use one hash.
    stated = examination.attempt(
        "checkpoint.origin", lambda: require_this_log(note, hash_name=hash_name, root=root)
    )
    if stated is None:
        return VerifiedLog(signed=signed, checkpoint=None)
    # (5) The log's key signed it. Size and root are believed from here on, and from here only.
    checkpoint = examination.attempt(
        "checkpoint.signature", lambda: open_checkpoint(note, stated=stated, root=root)
    )
    # (6) The witnesses that the trust root demands saw it.
    witnessed_at = _check_witnesses(examination, note=note, root=root)
    return VerifiedLog(signed=signed, checkpoint=checkpoint, witnessed_at=witnessed_at)


def open_checkpoint(note: SignedNote, *, stated: Checkpoint, root: TrustRoot) -> Checkpoint:
    """Return ``stated`` if a key of the trust root signed it that signs for its size.

    Raises:
        NoteSignatureError: A known key's signature fails, or no known key signed.
        EvidenceError: Only a key signed that does not sign for this size.
    """
    verifiers = {key: LogKeyVerifier(parse_vkey(key.vkey)) for key in root.log_keys}
    try:
        notes.verify(note, [verifiers[key] for key in root.log_keys if key.signs(stated.size)])
    except NoteSignatureError as fault:
        out_of_range = [verifiers[key] for key in root.log_keys if not key.signs(stated.size)]
        known = {(verifier.name, verifier.key_id) for verifier in out_of_range}
        if fault.reason == "tlog.note.unknown_keys" and any(
            (line.name, line.key_id) in known for line in note.signatures
        ):
            raise EvidenceError(
                "{field}: the key that signed does not sign for a log of {size} leaves",
                field="checkpoint",
                size=stated.size,
                remedy="compare the size ranges of the log keys in the trust root",
                code="checkpoint.key_range",
            ) from fault
        raise
    return stated


def require_this_log(note: SignedNote, *, hash_name: str | None, root: TrustRoot) -> Checkpoint:
    """Read a checkpoint and require it to be of the trust root's log; no signature is checked.

    Args:
        note: The checkpoint's note.
        hash_name: The hash that it must use; ``None`` for the log's own.
        root: The trust root.

    Raises:
        CheckpointFormatError: It is no checkpoint.
        EvidenceError: It is of another log or uses another hash.
    """
    stated = checkpoints.parse(note.text)
    if stated.origin != root.origin:
        raise EvidenceError(
            "{field}: the checkpoint is of {found}, the trust root of {expected}",
            field="origin",
            found=stated.origin,
            expected=root.origin,
            code="checkpoint.origin",
        )
    if hash_name not in (None, stated.hasher.name):
        raise EvidenceError(
            "{field}: the file says {found}, the log's origin ends in {expected}",
            field="hash",
            found=hash_name,
            expected=stated.hasher.name,
            code="checkpoint.hash",
        )
    return stated


def _check_witnesses(examination: Examination, *, note: SignedNote, root: TrustRoot) -> int | None:
    times = examination.attempt(
        "checkpoint.witnesses", lambda: _witnessed(examination, note=note, root=root)
    )
    return min(times) if times else None


def _witnessed(examination: Examination, *, note: SignedNote, root: TrustRoot) -> tuple[int, ...]:
    quorum = policy_of(root).verify_quorum(note)
    names = ", ".join(label for label, _ in quorum.cosigned)
    if quorum.required:
        examination.passed("checkpoint.witnesses", "cosigned by {names}", names=names)
    else:
        examination.label(
            "single_operator.log", "single operator: no witness has to vouch for this log"
        )
        examination.not_done(
            "checkpoint.witnesses", "single_operator", "the trust root demands no witness"
        )
    return tuple(time for _, time in quorum.cosigned)


def require_leaves(
    leaves: Mapping[int, bytes], *, proof: Sequence[bytes], hash_name: str, checkpoint: Checkpoint
) -> int:
    """Require leaves to be in the tree of a checkpoint by one proof; gives the size of the tree.

    Args:
        leaves: Body of the leaf at each index, ascending.
        proof: Hashes of the batch proof.
        hash_name: Hash of the log.
        checkpoint: Whose tree.

    Raises:
        ProofError: They are not in it.
    """
    hasher = by_name(hash_name)
    verify_batch(
        hasher=hasher,
        leaf_hashes=hasher.leaves(leaves.values()),
        indexes=list(leaves),
        size=checkpoint.size,
        proof=proof,
        root=checkpoint.root,
    )
    return checkpoint.size
