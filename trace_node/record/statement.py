"""What all statements share: salt, time, signature, and the bytes they are built and read as."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, Protocol, Self

from trace_node import canonical_json
from trace_node.canonical_json import JsonObject, decode_object
from trace_node.crypto.signer import Signer
from trace_node.crypto.sm3 import sm3
from trace_node.ids import KeyId
from trace_node.record.errors import RecordVersionError
from trace_node.record.fields import SALT_BYTES, read_bytes, read_time, require_keys, require_type
from trace_node.record.signing import sign_record, split_signature
from trace_node.record.writing import write_bytes, write_time

_AROUND: Final = 320  # bytes of salt, time and signature, with their names
SHARED_KEYS: Final = frozenset({"salt", "stated_at", "type"})


class Content(Protocol):
    """What one type of statement says.

    Attributes:
        TYPE: Type and version of the record.
        KEYS: Its own members.
    """

    TYPE: ClassVar[str]
    KEYS: ClassVar[frozenset[str]]

    @property
    def topic(self) -> str:
        """What it is about, by which it is looked up; at most 200 characters."""

    @classmethod
    def from_fields(cls, fields: JsonObject) -> Self:
        """Read its members; a ``RecordError`` says which breaks its rule."""

    def to_fields(self) -> JsonObject:
        """Write its members, unchecked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement (声明记录) and who made it.

    Attributes:
        salt: 16 random bytes.
        stated_at: Clock of the signer; whole milliseconds.
        content: What it says.
        signed_by: Key id of the signer.
    """

    salt: bytes
    stated_at: datetime
    content: Content
    signed_by: KeyId

    @property
    def content_key(self) -> bytes:
        """SM3 over type and content alone: two statements that say the same have the same."""
        return content_key(self.content)


def content_key(content: Content) -> bytes:
    """SM3 of the canonical JSON of a content and its type, without salt, time and signature."""
    return sm3(canonical_json.encode({**content.to_fields(), "type": content.TYPE}))


def statement_from_fields(
    fields: JsonObject, kind: type[Content], *, signed_by: KeyId
) -> Statement:
    """Read the members of a statement without its signature.

    Raises:
        RecordError: A member breaks its rule.
    """
    require_type(fields, kind.TYPE)
    require_keys(fields, SHARED_KEYS | kind.KEYS)
    return Statement(
        salt=read_bytes(fields, "salt", size=SALT_BYTES),
        stated_at=read_time(fields, "stated_at"),
        content=kind.from_fields(fields),
        signed_by=signed_by,
    )


def read_statement(raw: bytes, contents: Mapping[str, type[Content]]) -> Statement:
    """Read the bytes of a statement of one of these types; its signature is verified elsewhere.

    Raises:
        TooLargeError: More than 65,535 bytes; it was not parsed.
        CanonicalFormError: Not in canonical form.
        RecordVersionError: It is of none of these types.
        RecordError: A member breaks its rule; the code is ``record.<field>``.
    """
    fields, signed_by = split_signature(decode_object(raw))
    name = fields.get("type")
    kind = contents.get(name) if isinstance(name, str) else None
    if kind is None:
        raise unknown_statement(name)
    return statement_from_fields(fields, kind, signed_by=signed_by)


def unknown_statement(name: object) -> RecordVersionError:
    """The refusal of a statement of another type."""
    return RecordVersionError(
        "{field}: not a known type of statement: {found}",
        field="type",
        found=repr(name)[:80],
        remedy="use one of the types of docs/spec/statements.md",
        code="record.type",
    )


def size_of(content: Content) -> int:
    """Bytes that a statement of a content takes at most, with salt, time and signature."""
    return len(canonical_json.encode({**content.to_fields(), "type": content.TYPE})) + _AROUND


def build_statement(content: Content, *, salt: bytes, stated_at: datetime, signer: Signer) -> bytes:
    """The exact bytes of a statement.

    Args:
        content: What it says.
        salt: 16 random bytes.
        stated_at: Whole milliseconds.
        signer: The key that answers for it.

    Raises:
        RecordError: A member breaks its rule.
        TooLargeError: The record would be longer than 65,535 bytes.
    """
    fields: JsonObject = {
        **content.to_fields(),
        "salt": write_bytes(salt),
        "stated_at": write_time(stated_at, field="stated_at"),
        "type": content.TYPE,
    }
    key = signer.public.key_id
    statement_from_fields(fields, type(content), signed_by=key)
    return sign_record(fields, signer=signer, signed_by=key, field="signed_by")
