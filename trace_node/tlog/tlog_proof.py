"""Offline proofs as c2sp.org/tlog-proof@v1 defines them: index, inclusion proof, checkpoint.

What the leaf is, the keys and the policy come from outside. ``extra`` is not authenticated.
"""

from dataclasses import dataclass

from trace_node.tlog import checkpoint as checkpoints
from trace_node.tlog import note as notes
from trace_node.tlog.checkpoint import Checkpoint
from trace_node.tlog.errors import TlogProofFormatError
from trace_node.tlog.hasher import HASH_SIZE, TreeHasher
from trace_node.tlog.note import MAX_NOTE_BYTES, SignedNote
from trace_node.tlog.text import MAX_SIZE, decode_utf8, from_base64, from_decimal, to_base64
from trace_node.tlog.verify import verify_inclusion

MAGIC = "c2sp.org/tlog-proof@v1"
MAX_EXTRA_BYTES = 4096
MAX_HASHES = 63  # the longest inclusion proof of a tree below 2^63 leaves
MAX_PROOF_BYTES = MAX_NOTE_BYTES + 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class TlogProof:
    """A proof that an entry is in a log (包含证明), to be checked without the log.

    Attributes:
        index: Position of the leaf, 0 to 2^63 - 1.
        hashes: Sibling hashes from the leaf to the root, 32 bytes each, 63 at most.
        checkpoint: The signed checkpoint, byte for byte.
        extra: 1 to 4,096 bytes for an application, **not authenticated**; ``None`` without.

    Raises:
        TlogProofFormatError: A field is outside its range.
        OversizeError: The checkpoint is over its bound.
        NoteFormatError: The checkpoint is no signed note.
        CheckpointFormatError: The note is no checkpoint.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.index <= MAX_SIZE:
            raise TlogProofFormatError(
                "{field}: must lie between 0 and {maximum}", field="index", maximum=MAX_SIZE
            )
        if len(self.hashes) > MAX_HASHES or any(len(value) != HASH_SIZE for value in self.hashes):
            raise TlogProofFormatError(
                "{field}: must be at most {bound} hashes of {size} bytes",
                field="hashes",
                bound=MAX_HASHES,
                size=HASH_SIZE,
            )
        if self.extra is not None and not 1 <= len(self.extra) <= MAX_EXTRA_BYTES:
            raise TlogProofFormatError(
                "{field}: must have 1 to {bound} bytes", field="extra", bound=MAX_EXTRA_BYTES
            )
        checkpoints.parse(self.note.text)

    @property
    def note(self) -> SignedNote:
        """The checkpoint with its signatures, none of them checked."""
        return notes.parse(self.checkpoint)

    @property
    def stated_checkpoint(self) -> Checkpoint:
        """What the checkpoint says; to be believed only after its signatures are checked."""
        return checkpoints.parse(self.note.text)

    def format(self) -> bytes:
        """The proof's bytes, for a file that ends in ``.tlog-proof``."""
        lines = [MAGIC]
        if self.extra is not None:
            lines.append(f"extra {to_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines.extend(to_base64(value) for value in self.hashes)
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.checkpoint


def parse(raw: bytes) -> TlogProof:
    """Read a proof; nothing in it is checked but its form.

    Raises:
        OversizeError: Over the bound; nothing was parsed.
        TlogProofFormatError: Not exactly the format.
        NoteFormatError: The checkpoint is no signed note.
        CheckpointFormatError: The note is no checkpoint.
    """
    text = decode_utf8(raw, bound=MAX_PROOF_BYTES, what="proof", error=TlogProofFormatError)
    head, blank, checkpoint = text.partition("\n\n")
    if not blank:
        raise TlogProofFormatError("{field}: no blank line before the checkpoint", field="proof")
    lines = head.split("\n", MAX_HASHES + 3)
    if lines.pop(0) != MAGIC:
        raise TlogProofFormatError(
            "{field}: must begin with the line {magic}",
            field="proof",
            magic=MAGIC,
            code="tlog.tlog_proof.version",
        )
    extra = _take(lines, "extra ")
    index = _take(lines, "index ")
    if index is None:
        raise TlogProofFormatError("{field}: the line is missing", field="index")
    return TlogProof(
        index=from_decimal(index, field="index", error=TlogProofFormatError),
        hashes=tuple(
            from_base64(line, field="hashes", size=HASH_SIZE, error=TlogProofFormatError)
            for line in lines
        ),
        checkpoint=checkpoint.encode(),
        extra=None
        if extra is None
        else from_base64(extra, field="extra", error=TlogProofFormatError),
    )


def _take(lines: list[str], prefix: str) -> str | None:
    """Remove the first line if it begins with ``prefix`` and return what follows."""
    if not lines or not lines[0].startswith(prefix):
        return None
    return lines.pop(0).removeprefix(prefix)


def verify(
    proof: TlogProof, *, leaf_hash: bytes, checkpoint: Checkpoint, hasher: TreeHasher
) -> None:
    """Check that the leaf is in the tree of ``checkpoint``.

    Args:
        proof: The proof; of it only index and hashes are used.
        leaf_hash: 32 bytes, hashed by the caller from the entry itself.
        checkpoint: What the proof's checkpoint says, its signatures **checked by the caller**
            (``checkpoint.open_signed`` or ``Policy.verify``).
        hasher: The hash of the log; for our logs ``checkpoint.hasher``.

    Raises:
        ProofError: The leaf is not proved to be there.
    """
    verify_inclusion(
        hasher=hasher,
        leaf_hash=leaf_hash,
        index=proof.index,
        size=checkpoint.size,
        proof=proof.hashes,
        root=checkpoint.root,
    )
