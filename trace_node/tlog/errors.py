"""Errors of the transparency log.

* TraceNodeError
  + InputError
  |   + RangeError          an index or a size that cannot be
  |   + FormatError         text or bytes that are not exactly the format they claim to be
  |   |   + NoteFormatError, CheckpointFormatError, CosignatureFormatError, PolicyFormatError,
  |   |     TileFormatError, TlogProofFormatError, WitnessRequestError
  |   + OversizeError       over a stated bound, refused before it is parsed
  + IntegrityError
      + ProofError          a Merkle proof does not lead to the root
      + NoteSignatureError  a signature of a known key fails, or none is there
      + QuorumError         too few witnesses vouch for the checkpoint
      + TileError           stored hashes contradict the tree
"""

from trace_node.errors import InputError, IntegrityError, TooLargeError


class RangeError(InputError):
    """An index or a size that cannot be."""

    code = "tlog.range"


class FormatError(InputError):
    """Text or bytes are not exactly the format they claim to be."""

    code = "tlog.format"


class OversizeError(TooLargeError):
    """Over a stated bound; it was not parsed."""

    code = "tlog.too_large"


class NoteFormatError(FormatError):
    """Not a C2SP signed note, or not a key of one."""

    code = "tlog.note.format"


class CheckpointFormatError(FormatError):
    """The body of the note is not a checkpoint."""

    code = "tlog.checkpoint.format"


class CosignatureFormatError(FormatError):
    """The bytes of a signature line are not a cosignature."""

    code = "tlog.cosignature.format"


class PolicyFormatError(FormatError):
    """Not a C2SP tlog-policy."""

    code = "tlog.policy.format"


class TileFormatError(FormatError):
    """Not a tile, an entry bundle or a path of one."""

    code = "tlog.tile.format"


class TlogProofFormatError(FormatError):
    """Not a C2SP tlog-proof."""

    code = "tlog.tlog_proof.format"


class WitnessRequestError(FormatError):
    """Not an add-checkpoint request."""

    code = "tlog.witness.request"


class ProofError(IntegrityError):
    """A Merkle proof does not lead to the root."""

    code = "tlog.proof"


class NoteSignatureError(IntegrityError):
    """A signature of a known key fails, or no signature of a known key is there."""

    code = "tlog.note.signature"


class QuorumError(IntegrityError):
    """Too few witnesses vouch for the checkpoint."""

    code = "tlog.quorum"


class TileError(IntegrityError):
    """Stored hashes contradict the tree they belong to."""

    code = "tlog.tile"
