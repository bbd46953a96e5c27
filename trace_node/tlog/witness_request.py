"""The body of add-checkpoint, c2sp.org/tlog-witness: what a log sends to a witness."""

from dataclasses import dataclass

from trace_node.tlog import note as notes
from trace_node.tlog.errors import WitnessRequestError
from trace_node.tlog.hasher import HASH_SIZE
from trace_node.tlog.note import MAX_NOTE_BYTES, SignedNote
from trace_node.tlog.text import MAX_SIZE, decode_utf8, from_base64, from_decimal, to_base64

MAX_PROOF_LINES = 63  # C2SP
MAX_REQUEST_BYTES = MAX_NOTE_BYTES + 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCheckpoint:
    """A request to cosign a checkpoint.

    Attributes:
        old_size: Size of the last checkpoint that the witness is believed to have cosigned, 0 to
            2^63 - 1.
        proof: Consistency proof from there, at most 63 hashes of 32 bytes; none from size 0.
        note: The signed checkpoint, none of its signatures checked.

    Raises:
        WitnessRequestError: A field is outside its range.
    """

    old_size: int
    proof: tuple[bytes, ...]
    note: SignedNote

    def __post_init__(self) -> None:
        if not 0 <= self.old_size <= MAX_SIZE:
            raise WitnessRequestError(
                "{field}: must lie between 0 and {maximum}", field="old", maximum=MAX_SIZE
            )
        if len(self.proof) > MAX_PROOF_LINES or any(len(h) != HASH_SIZE for h in self.proof):
            raise WitnessRequestError(
                "{field}: must be at most {bound} hashes of {size} bytes",
                field="proof",
                bound=MAX_PROOF_LINES,
                size=HASH_SIZE,
            )

    def format(self) -> bytes:
        """The request's body."""
        lines = [f"old {self.old_size}", *(to_base64(value) for value in self.proof)]
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.note.format()


def parse_request(raw: bytes) -> AddCheckpoint:
    """Read the body of an add-checkpoint request.

    Raises:
        OversizeError: Over the bound; nothing was parsed.
        WitnessRequestError: Not exactly the format.
        NoteFormatError: The checkpoint is no signed note.
    """
    text = decode_utf8(raw, bound=MAX_REQUEST_BYTES, what="request", error=WitnessRequestError)
    head, blank, checkpoint = text.partition("\n\n")
    if not blank or not head.startswith("old "):
        raise WitnessRequestError(
            "{field}: must begin with 'old' and a size, then proof, a blank line and checkpoint",
            field="request",
        )
    old, *lines = head.removeprefix("old ").split("\n", MAX_PROOF_LINES + 1)
    return AddCheckpoint(
        old_size=from_decimal(old, field="old", error=WitnessRequestError),
        proof=tuple(
            from_base64(line, field="proof", size=HASH_SIZE, error=WitnessRequestError)
            for line in lines
        ),
        note=notes.parse(checkpoint.encode()),
    )
