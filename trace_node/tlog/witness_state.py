"""What a witness does with a checkpoint: c2sp.org/tlog-witness, add-checkpoint, without HTTP.

A witness keeps, for each log, the largest checkpoint it cosigned, and cosigns another only if that
is proved to extend it. The record is moved by one compare-and-set that is durable before a
cosignature leaves: so two requests at once cannot both win, and a crash cannot make it forget.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from trace_node.errors import InputError
from trace_node.ids import Origin
from trace_node.tlog import checkpoint as checkpoints
from trace_node.tlog import note as notes
from trace_node.tlog.checkpoint import Checkpoint
from trace_node.tlog.errors import NoteSignatureError, ProofError
from trace_node.tlog.hasher import TreeHasher
from trace_node.tlog.note import NoteSignature, NoteVerifier, SignedNote
from trace_node.tlog.verify import verify_consistency
from trace_node.tlog.witness_request import AddCheckpoint, parse_request

TEXT = "text/plain; charset=utf-8"
TLOG_SIZE = "text/x.tlog.size"

OK, BAD_REQUEST, FORBIDDEN, UNKNOWN_LOG, CONFLICT, BAD_PROOF = 200, 400, 403, 404, 409, 422


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessedHead:
    """The largest checkpoint of a log that this witness cosigned.

    Attributes:
        size: Number of leaves.
        root: 32 bytes.
        checkpoint: The checkpoint under the signatures of the log's known keys, and no other line:
            evidence if the log ever forks.
    """

    size: int
    root: bytes
    checkpoint: bytes


class WitnessStore(Protocol):
    """Where a witness keeps what it cosigned."""

    def head(self, origin: Origin) -> WitnessedHead | None:
        """The head of that log; ``None`` if no checkpoint of it was ever cosigned."""

    def compare_and_set(
        self, origin: Origin, *, expected: WitnessedHead | None, new: WitnessedHead
    ) -> bool:
        """Replace ``expected`` by ``new`` if it is still what is stored.

        Must be one atomic step, also between processes, and **durable on return**: a cosignature
        goes out next, and it promises that nothing smaller or other will ever be cosigned.

        Returns:
            Whether it was replaced.
        """


class CheckpointCosigner(Protocol):
    """Makes cosignatures; ``cosignature.Cosigner`` is one."""

    def cosign(self, text: str, *, time: int) -> NoteSignature:
        """The signature line under the checkpoint ``text``, seen at ``time``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessedLog:
    """A log that a witness has been told to watch.

    Attributes:
        verifiers: The log's keys, named like its origin.
        hasher: The hash of its tree.
    """

    verifiers: Sequence[NoteVerifier]
    hasher: TreeHasher


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the witness answers.

    Attributes:
        status: HTTP status: 200, 400, 403, 404, 409 or 422.
        body: Signature lines (200), the size known here and a newline (409), or the reason.
        content_type: Of the body.
        reason: Stable code of the refusal; empty for 200.
        conflict: For a log that shows two histories: the checkpoint that was cosigned before and
            the one in the request, each under the log's signatures. Together they are a
            self-contained proof of misbehaviour, to be kept.
    """

    status: int
    body: str
    content_type: str = TEXT
    reason: str = ""
    conflict: tuple[bytes, bytes] | None = None


def add_checkpoint(
    raw: bytes,
    *,
    logs: Mapping[Origin, WitnessedLog],
    store: WitnessStore,
    cosigners: Sequence[CheckpointCosigner],
    time: int,
) -> Outcome:
    """Answer an add-checkpoint request, in the order of checks that C2SP prescribes.

    Args:
        raw: The body, untrusted.
        logs: The logs that are watched.
        store: What was cosigned before.
        cosigners: The witness's keys, at least one.
        time: Now, seconds since the epoch, by the witness's clock.

    Returns:
        The answer. An error of ``store`` or of a cosigner is not caught: it is the server's fault.
    """
    try:
        request, checkpoint, hasher = _admit(raw, logs)
        new = WitnessedHead(
            size=checkpoint.size, root=checkpoint.root, checkpoint=request.note.format()
        )
        head = store.head(checkpoint.origin)
        _require_growth(request, new, head, hasher)
    except _RefusalError as refusal:
        return refusal.outcome
    # Also when nothing grew: meanwhile a larger tree may have been cosigned, and then this one is
    # no longer the largest seen.
    if not store.compare_and_set(checkpoint.origin, expected=head, new=new):
        return _conflict(new, store.head(checkpoint.origin), "tlog.witness.raced").outcome
    lines = [cosigner.cosign(request.note.text, time=time).format() for cosigner in cosigners]
    return Outcome(status=OK, body="".join(lines))


class _RefusalError(Exception):
    """Ends the checks with an answer."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


def _admit(
    raw: bytes, logs: Mapping[Origin, WitnessedLog]
) -> tuple[AddCheckpoint, Checkpoint, TreeHasher]:
    """Everything that can be checked without the record of the log.

    The request returned has no signature lines but the log's: anybody can append others.
    """
    try:
        request = parse_request(raw)
        checkpoint = checkpoints.parse(request.note.text)
    except InputError as failure:
        raise _refuse(BAD_REQUEST, failure.reason, failure.message) from failure
    watched = logs.get(checkpoint.origin)
    if watched is None:
        raise _refuse(UNKNOWN_LOG, "tlog.witness.unknown_log", "this log is not watched here")
    try:
        mine = [v for v in watched.verifiers if v.name == checkpoint.origin]
        lines = tuple(line for _, line in notes.verify(request.note, mine))
    except NoteSignatureError as failure:
        raise _refuse(FORBIDDEN, failure.reason, failure.message) from failure
    if request.old_size > checkpoint.size:
        raise _refuse(
            BAD_REQUEST, "tlog.witness.old_size", "the old size is above the checkpoint's"
        )
    bare = SignedNote(text=request.note.text, signatures=lines)
    return replace(request, note=bare), checkpoint, watched.hasher


def _require_growth(
    request: AddCheckpoint, new: WitnessedHead, head: WitnessedHead | None, hasher: TreeHasher
) -> None:
    """Check that ``new`` is proved to extend ``head``."""
    size, root = (head.size, head.root) if head else (0, hasher.empty())
    if request.old_size != size:
        raise _conflict(new, head, "tlog.witness.stale_size")
    if size == new.size and root != new.root:
        raise _conflict(new, head, "tlog.witness.fork")
    if size == 0:  # every tree extends the empty one
        if request.proof:
            raise _refuse(
                BAD_PROOF, "tlog.proof.length", "the proof from an empty log must be empty"
            )
        return
    try:
        verify_consistency(
            hasher=hasher,
            size1=size,
            size2=new.size,
            root1=root,
            root2=new.root,
            proof=request.proof,
        )
    except ProofError as failure:
        raise _refuse(BAD_PROOF, failure.reason, failure.message) from failure


def _conflict(new: WitnessedHead, head: WitnessedHead | None, reason: str) -> _RefusalError:
    """409 with the size known here, and the evidence if the two checkpoints exclude each other."""
    size = head.size if head else 0
    forked = head is not None and head.size == new.size and head.root != new.root
    return _RefusalError(
        Outcome(
            status=CONFLICT,
            body=f"{size}\n",
            content_type=TLOG_SIZE,
            reason="tlog.witness.fork" if forked else reason,
            conflict=(head.checkpoint, new.checkpoint) if head and forked else None,
        )
    )


def _refuse(status: int, reason: str, text: str) -> _RefusalError:
    return _RefusalError(Outcome(status=status, body=f"{reason}: {text}\n", reason=reason))
