"""Checkpoints as c2sp.org/tlog-checkpoint defines them: a note that says how large a log is.

The body has the origin, the size and the root, a line each. The last path part of our origins names
the hash (``trace-node.local/plant-a/sm3``), so that a proof cannot be read under another one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trace_node.ids import Origin
from trace_node.tlog import note as notes
from trace_node.tlog.errors import CheckpointFormatError
from trace_node.tlog.hasher import HASH_SIZE, TreeHasher, by_name
from trace_node.tlog.note import NoteSigner, NoteVerifier, SignedNote
from trace_node.tlog.text import MAX_SIZE, from_base64, from_decimal, to_base64

MAX_EXTENSION_LINES = 16
_FIXED_LINES = 3
_ORIGIN = re.compile(r"[^\s+\x00-\x1f]{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a log says about itself (检查点): its name, its size and the root of its tree.

    Attributes:
        origin: The log's name, 1 to 255 characters without white space or plus; it ends in the name
            of the hash.
        size: Number of leaves, 0 to 2^63 - 1.
        root: 32 bytes.
        extensions: Further lines, none of them empty. We write none (C2SP: not recommended); they
            are kept because they are signed.

    Raises:
        CheckpointFormatError: A field is outside its range.
    """

    origin: Origin
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _ORIGIN.fullmatch(self.origin):
            raise CheckpointFormatError(
                "{field}: must have 1 to 255 characters and no white space or plus", field="origin"
            )
        if not 0 <= self.size <= MAX_SIZE:
            raise CheckpointFormatError(
                "{field}: must lie between 0 and {maximum}", field="size", maximum=MAX_SIZE
            )
        if len(self.root) != HASH_SIZE:
            raise CheckpointFormatError(
                "{field}: holds {length} bytes, must hold {size}",
                field="root",
                length=len(self.root),
                size=HASH_SIZE,
            )
        if len(self.extensions) > MAX_EXTENSION_LINES or any(
            not line or "\n" in line for line in self.extensions
        ):
            raise CheckpointFormatError(
                "{field}: at most {bound} lines, none of them empty",
                field="extensions",
                bound=MAX_EXTENSION_LINES,
            )

    def format(self) -> str:
        """The text of the note."""
        lines = (self.origin, str(self.size), to_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @property
    def hasher(self) -> TreeHasher:
        """The hash that the origin names.

        Raises:
            InputError: The origin's last part names no hash of ours.
        """
        return by_name(self.origin.rpartition("/")[2])


def parse(text: str) -> Checkpoint:
    """Read the text of a note as a checkpoint.

    Raises:
        CheckpointFormatError: It is not one.
    """
    if not text.endswith("\n"):
        raise CheckpointFormatError("{field}: must end in a newline", field="checkpoint")
    lines = text[:-1].split("\n", _FIXED_LINES + MAX_EXTENSION_LINES + 1)
    if len(lines) < _FIXED_LINES:
        raise CheckpointFormatError(
            "{field}: must have a line each for origin, size and root", field="checkpoint"
        )
    return Checkpoint(
        origin=Origin(lines[0]),
        size=from_decimal(lines[1], field="size", error=CheckpointFormatError),
        root=from_base64(lines[2], field="root", size=HASH_SIZE, error=CheckpointFormatError),
        extensions=tuple(lines[_FIXED_LINES:]),
    )


def sign(checkpoint: Checkpoint, *, signers: Sequence[NoteSigner]) -> SignedNote:
    """Sign a checkpoint. A log must never sign two that are inconsistent.

    Raises:
        CheckpointFormatError: A signer's name is not the origin.
        NoteFormatError: There is no signer.
    """
    for signer in signers:
        _require_origin(signer.name, checkpoint)
    return notes.sign(checkpoint.format(), signers=signers)


def open_signed(raw: bytes, *, verifiers: Iterable[NoteVerifier]) -> tuple[Checkpoint, SignedNote]:
    """Read a signed checkpoint and check the signatures of the log's keys.

    Args:
        raw: The note.
        verifiers: The keys of the log or logs that are known. Only keys named like the checkpoint's
            origin count.

    Raises:
        OversizeError: See ``note.parse``.
        NoteFormatError: See ``note.parse``.
        CheckpointFormatError: The text is not a checkpoint.
        NoteSignatureError: A known key's signature fails, or no known key of that origin signed.
    """
    note = notes.parse(raw)
    checkpoint = parse(note.text)
    mine = [verifier for verifier in verifiers if verifier.name == checkpoint.origin]
    notes.verify(note, mine)
    return checkpoint, note


def _require_origin(name: str, checkpoint: Checkpoint) -> None:
    if name != checkpoint.origin:
        raise CheckpointFormatError(
            "{field}: a key named {name} cannot sign for {origin}",
            field="origin",
            name=name,
            origin=checkpoint.origin,
            code="tlog.checkpoint.origin",
        )
