"""One signature line for a whole quorum: BLS12-381 cosignatures of one time, folded.

The line is ``— witnesses base64(key id ‖ bitmap ‖ u64 time ‖ aggregate)``: the bitmap says which
witnesses signed, by their places in the policy (bit 0 of byte 0 is the first), and the aggregate is
the sum of their signatures over the one message of ``cosignature``. The key id is made from all the
public keys in their order, so that the line of another set or order is that of an unknown key.

Soundness rests on three things: every key carries a proof that it is held (``proved_bls_key``), no
key stands twice, and all signed the same message, hence the same time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from trace_node.crypto import bls
from trace_node.crypto.errors import KeyFormatError, SignatureError
from trace_node.tlog.cosignature import (
    TIME_SIZE,
    WitnessKeyVerifier,
    decode,
    decode_time,
    encode_time,
    signed_message,
)
from trace_node.tlog.errors import CosignatureFormatError, NoteFormatError, NoteSignatureError
from trace_node.tlog.note import NoteSignature
from trace_node.tlog.note_keys import KeyKind, NoteKey, key_id, proved_bls_key

AGGREGATE_NAME = "witnesses"
AGGREGATE_TYPE = b"\xffaggregate-cosignature/v1 BLS12-381"
MAX_MEMBERS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateCosignature:
    """The content of an aggregate's signature line.

    Attributes:
        signers: Places of the witnesses that signed, ascending, at least one.
        time: The one time that all of them stated, seconds since the epoch.
        signature: 96 bytes.
    """

    signers: tuple[int, ...]
    time: int
    signature: bytes


class AggregateKey:
    """The BLS12-381 keys of a policy's witnesses, in its order, as one key of a note.

    Args:
        members: 1 to 256 different keys of kind ``BLS_COSIGNATURE``.

    Raises:
        NoteFormatError: Another kind, too many or none, or one public key twice.
    """

    name = AGGREGATE_NAME

    def __init__(self, members: Sequence[NoteKey]) -> None:
        if any(member.kind is not KeyKind.BLS_COSIGNATURE for member in members):
            raise NoteFormatError(
                "{field}: only BLS12-381 keys can be folded",
                field="members",
                code="tlog.note.key_kind",
            )
        points = [member.public[: bls.PUBLIC_SIZE] for member in members]
        if not 1 <= len(points) <= MAX_MEMBERS or len(set(points)) != len(points):
            raise NoteFormatError(
                "{field}: must be 1 to {bound} different keys", field="members", bound=MAX_MEMBERS
            )
        self.members = tuple(members)
        self.key_id = key_id(self.name, AGGREGATE_TYPE + b"".join(points))
        self._bitmap_size = (len(points) + 7) // 8

    def encode(self, content: AggregateCosignature) -> bytes:
        """``bitmap ‖ u64 time ‖ signature``.

        Raises:
            CosignatureFormatError: Nobody signed, or somebody beyond the last witness.
        """
        if not content.signers or not set(content.signers) <= set(range(len(self.members))):
            raise CosignatureFormatError(
                "{field}: names no witness, or one beyond the last", field="signers"
            )
        bits = sum(1 << place for place in set(content.signers))
        bitmap = bits.to_bytes(self._bitmap_size, "little")
        return bitmap + encode_time(content.time) + content.signature

    def decode(self, raw: bytes) -> AggregateCosignature:
        """Read the bytes of a signature line.

        Raises:
            CosignatureFormatError: Another length, nobody signed, or a bit beyond the last witness.
        """
        start = self._bitmap_size
        expected = start + TIME_SIZE + bls.SIGNATURE_SIZE
        if len(raw) != expected:
            raise CosignatureFormatError(
                "{field}: has {length} bytes, must have {expected}",
                field="aggregate",
                length=len(raw),
                expected=expected,
            )
        bits = int.from_bytes(raw[:start], "little")
        if not 1 <= bits < 1 << len(self.members):
            raise CosignatureFormatError(
                "{field}: names no witness, or one beyond the last", field="bitmap"
            )
        return AggregateCosignature(
            signers=tuple(place for place in range(len(self.members)) if bits >> place & 1),
            time=decode_time(raw[start : start + TIME_SIZE]),
            signature=raw[start + TIME_SIZE :],
        )

    def verify(self, text: str, signature: bytes) -> None:
        """Check an aggregate under ``text``; see ``NoteVerifier``."""
        self.verified(text, signature)

    def verified(self, text: str, signature: bytes) -> AggregateCosignature:
        """Check an aggregate under ``text`` and say who signed, and when.

        Raises:
            NoteSignatureError: It does not check out, a signer's key has no valid proof of
                possession, or the bytes are not exactly an aggregate.
        """
        try:
            content = self.decode(signature)
            publics = [proved_bls_key(self.members[place].public) for place in content.signers]
            message = signed_message(time=content.time, text=text)
            bls.fast_aggregate_verify(publics, message, content.signature)
        except (CosignatureFormatError, KeyFormatError, SignatureError) as failure:
            raise NoteSignatureError(
                "the aggregate cosignature is wrong: {detail}",
                field="aggregate",
                detail=failure.message,
                code="tlog.note.signature.aggregate",
            ) from failure
        return content

    def fold(self, text: str, cosignatures: Sequence[NoteSignature]) -> NoteSignature:
        """Fold cosignatures of members into one signature line.

        Each is verified first, because one bad share would spoil the whole.

        Args:
            text: The text of the checkpoint.
            cosignatures: BLS12-381 signature lines of different members, all of one time.

        Raises:
            CosignatureFormatError: None given, a member twice, a stranger, or different times.
            NoteSignatureError: One does not check out.
        """
        shares = sorted((self._place(line), line.signature) for line in cosignatures)
        places = [place for place, _ in shares]
        contents = [decode(KeyKind.BLS_COSIGNATURE, raw) for _, raw in shares]
        if not shares or len(set(places)) != len(places) or len({c.time for c in contents}) != 1:
            raise CosignatureFormatError(
                "{field}: must be of different witnesses and of one time",
                field="cosignatures",
                remedy="ask the witnesses to cosign the same time",
            )
        for place, raw in shares:
            WitnessKeyVerifier(self.members[place]).verify(text, raw)
        folded = AggregateCosignature(
            signers=tuple(places),
            time=contents[0].time,
            signature=bls.aggregate([content.signature for content in contents]),
        )
        return NoteSignature(name=self.name, key_id=self.key_id, signature=self.encode(folded))

    def _place(self, line: NoteSignature) -> int:
        for place, member in enumerate(self.members):
            if (member.name, member.key_id) == (line.name, line.key_id):
                return place
        raise CosignatureFormatError(
            "{field}: {name} is not one of the witnesses", field="cosignatures", name=line.name
        )
