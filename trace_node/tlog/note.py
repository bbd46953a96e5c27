"""Signed notes as c2sp.org/signed-note defines them: text, a blank line, signature lines.

This module reads, writes and checks notes; the kinds of keys are in ``note_keys`` and
``cosignature``.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from trace_node.tlog.errors import NoteFormatError, NoteSignatureError
from trace_node.tlog.text import decode_utf8, from_base64, to_base64

MAX_NOTE_BYTES = 131_072  # 16 signatures of the largest kind in use (5 kB) fit, as C2SP asks
MAX_SIGNATURES = 64
MAX_NAME_BYTES = 255
KEY_ID_SIZE = 4

_NAME = re.compile(r"[^\s+\x00-\x1f]+")
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)")


def require_key_name(name: str, *, field: str = "name") -> str:
    """Return ``name`` if it can name a key: not empty, no white space, no plus, 255 bytes at most.

    Raises:
        NoteFormatError: It cannot.
    """
    try:
        length = len(name.encode("utf-8"))
    except UnicodeEncodeError as failure:
        raise NoteFormatError("{field}: not Unicode text", field=field) from failure
    if length > MAX_NAME_BYTES or not _NAME.fullmatch(name):
        raise NoteFormatError(
            "{field}: must have 1 to {bound} bytes and no white space, plus or control character",
            field=field,
            bound=MAX_NAME_BYTES,
            remedy="choose another name",
        )
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One signature line of a note.

    Attributes:
        name: Name of the key.
        key_id: 4 bytes that, with the name, say which key and kind of signature this is.
        signature: The bytes after the key id, 1 or more; their form depends on the kind.

    Raises:
        NoteFormatError: A field is outside its range.
    """

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        require_key_name(self.name)
        if len(self.key_id) != KEY_ID_SIZE or not self.signature:
            raise NoteFormatError(
                "{field}: a key id of {size} bytes and at least one byte of signature are needed",
                field="signature",
                size=KEY_ID_SIZE,
            )

    def format(self) -> str:
        """The line, with its newline."""
        return f"— {self.name} {to_base64(self.key_id + self.signature)}\n"


def parse_signature_line(line: str) -> NoteSignature:
    """Read one signature line, without its newline.

    Raises:
        NoteFormatError: It is not one.
    """
    found = _LINE.fullmatch(line)
    if not found:
        raise NoteFormatError(
            "{field}: must be an em dash, a key name and base64, parted by single spaces",
            field="signature line",
        )
    value = from_base64(found[2], field="signature", error=NoteFormatError)
    return NoteSignature(name=found[1], key_id=value[:KEY_ID_SIZE], signature=value[KEY_ID_SIZE:])


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedNote:
    """A text and the signatures under it (签名注记), none of them checked yet.

    Attributes:
        text: What is signed, ending in a newline.
        signatures: 1 to 64 signature lines in their order.

    Raises:
        NoteFormatError: A field is outside its range.
    """

    text: str
    signatures: tuple[NoteSignature, ...]

    def __post_init__(self) -> None:
        require_note_text(self.text)
        if not 1 <= len(self.signatures) <= MAX_SIGNATURES:
            raise NoteFormatError(
                "{field}: a note has 1 to {bound} signatures, this has {count}",
                field="signatures",
                bound=MAX_SIGNATURES,
                count=len(self.signatures),
            )

    def format(self) -> bytes:
        """The note's bytes."""
        lines = "".join(signature.format() for signature in self.signatures)
        return f"{self.text}\n{lines}".encode()

    def with_signatures(self, more: Iterable[NoteSignature]) -> "SignedNote":
        """The same text with more signatures at the end; one it has already is not repeated."""
        fresh = [signature for signature in more if signature not in self.signatures]
        return SignedNote(text=self.text, signatures=(*self.signatures, *dict.fromkeys(fresh)))


def require_note_text(text: str) -> str:
    """Return ``text`` if a note may hold it.

    Raises:
        NoteFormatError: It does not end in a newline, or holds a control character or a lone
            surrogate.
        OversizeError: It is too long.
    """
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError as failure:
        raise NoteFormatError("{field}: not Unicode text", field="text") from failure
    decode_utf8(raw, bound=MAX_NOTE_BYTES, what="text", error=NoteFormatError)
    if not text.endswith("\n"):
        raise NoteFormatError("{field}: must end in a newline", field="text")
    return text


def parse(raw: bytes) -> SignedNote:
    """Read a signed note. Nothing in it is to be believed before ``verify`` has passed.

    Raises:
        OversizeError: More than 131,072 bytes; nothing was parsed.
        NoteFormatError: Not UTF-8, a control character, no blank line, no or too many signatures,
            or a signature line that is not exactly one.
    """
    whole = decode_utf8(raw, bound=MAX_NOTE_BYTES, what="note", error=NoteFormatError)
    split = whole.rfind("\n\n")
    if split < 0 or not whole.endswith("\n"):
        raise NoteFormatError(
            "{field}: must be text, a blank line and signature lines that end in a newline",
            field="note",
        )
    lines = whole[split + 2 : -1]
    if lines.count("\n") >= MAX_SIGNATURES:
        raise NoteFormatError(
            "{field}: more than {bound} signature lines", field="note", bound=MAX_SIGNATURES
        )
    signatures = tuple(parse_signature_line(line) for line in lines.split("\n"))
    return SignedNote(text=whole[: split + 1], signatures=signatures)


class NoteVerifier(Protocol):
    """Checks the signatures of one key."""

    @property
    def name(self) -> str:
        """Name of the key."""

    @property
    def key_id(self) -> bytes:
        """Four bytes that, with the name, pick out the key's signature lines."""

    def verify(self, text: str, signature: bytes) -> None:
        """Check the bytes of one signature line, without key id, under ``text``.

        Raises:
            NoteSignatureError: The signature does not check out.
        """


V = TypeVar("V", bound=NoteVerifier)


class NoteSigner(Protocol):
    """Signs notes with one key."""

    @property
    def name(self) -> str:
        """Name of the key."""

    @property
    def vkey(self) -> str:
        """The verifier key, to be handed out."""

    def sign(self, text: str) -> NoteSignature:
        """The signature line of this key under ``text``."""


def sign(text: str, *, signers: Sequence[NoteSigner]) -> SignedNote:
    """Sign ``text`` with every signer, in their order.

    Raises:
        NoteFormatError: ``text`` cannot be a note's text, or there is no signer.
    """
    require_note_text(text)
    return SignedNote(text=text, signatures=tuple(signer.sign(text) for signer in signers))


def verify(note: SignedNote, verifiers: Iterable[V]) -> list[tuple[V, NoteSignature]]:
    """Check every signature of a known key.

    Signatures of unknown keys say nothing and are passed over, even if they share a name or an id
    with a known key.

    Returns:
        The known keys that signed, in the order of the lines, each with its signature.

    Raises:
        NoteSignatureError: A signature of a known key fails (the whole note is refused then), or no
            signature of a known key is there.
    """
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    checked = []
    for signature in dict.fromkeys(note.signatures):  # a repeated line costs nothing more
        verifier = known.get((signature.name, signature.key_id))
        if verifier is not None:
            verifier.verify(note.text, signature.signature)
            checked.append((verifier, signature))
    if not checked:
        raise NoteSignatureError(
            "no signature of a known key is on the note",
            field="signatures",
            remedy="check that the trust root holds the key and the name of the log",
            code="tlog.note.unknown_keys",
        )
    return checked
