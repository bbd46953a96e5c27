"""Releases of the libraries: which factors, and each method in full."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from trace_node import canonical_json
from trace_node.accounting.factors.row import FactorRow
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.method_form import read_method
from trace_node.accounting.records.approvals import METHOD_PATTERN
from trace_node.canonical_json import JsonObject
from trace_node.crypto import signed_record
from trace_node.crypto.errors import SignatureError
from trace_node.crypto.sm2 import PublicKey
from trace_node.crypto.sm3 import sm3
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    read_bytes,
    read_integer,
    read_object,
    read_optional,
    read_text,
)
from trace_node.record.statement import Content, read_statement
from trace_node.record.statement_fields import read_line
from trace_node.record.writing import write_bytes

FACTOR_RELEASE: Final = "factor-release@1"
METHOD_RELEASE: Final = "method-release@1"
MAX_NAME: Final = 80
MAX_ROWS: Final = 1_000_000


def rows_of_release(rows: Iterable[FactorRow]) -> list[bytes]:
    """The leaves of a release, in its order: the canonical bytes of the rows, sorted by id."""
    return [row.canonical for row in sorted(rows, key=lambda one: one.id)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorRelease:
    """A release of the factor library (因子库发布).

    Attributes:
        name: Name of the release, such as ``2026-11``.
        count: Number of rows.
        root: 32-byte RFC 9162 root with SM3 over the canonical rows, sorted by id.
        replaces: Root of the release before; None for the first.
        note: What changed, in a sentence.
    """

    TYPE: ClassVar[str] = FACTOR_RELEASE
    KEYS: ClassVar[frozenset[str]] = frozenset({"count", "name", "note", "replaces", "root"})

    name: str
    count: int
    root: bytes
    replaces: bytes | None
    note: str

    @property
    def topic(self) -> str:
        """The library as a whole: the newest release is what counts."""
        return "factors"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "FactorRelease":
        """Read its members."""
        return cls(
            name=read_line(fields, "name", most=MAX_NAME),
            count=read_integer(fields, "count", minimum=1, maximum=MAX_ROWS),
            root=read_bytes(fields, "root"),
            replaces=read_optional(fields, "replaces", read_bytes),
            note=read_line(fields, "note"),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "count": self.count,
            "name": self.name,
            "note": self.note,
            "replaces": write_bytes(self.replaces),
            "root": write_bytes(self.root),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodRelease:
    """A method package (方法包): the definition in full, so that a file of it stands alone.

    Attributes:
        method: ``id@version``.
        digest: 32-byte SM3 of the canonical definition.
        definition: The definition, with all modules copied in.
    """

    TYPE: ClassVar[str] = METHOD_RELEASE
    KEYS: ClassVar[frozenset[str]] = frozenset({"definition", "digest", "method"})

    method: str
    digest: bytes
    definition: JsonObject

    @property
    def topic(self) -> str:
        """The method."""
        return self.method

    @classmethod
    def of(cls, method: Method) -> "MethodRelease":
        """The release of a method."""
        return cls(method=method.ref, digest=method.digest, definition=method.definition)

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "MethodRelease":
        """Read its members; digest and name have to be those of the definition."""
        release = cls(
            method=read_text(fields, "method", METHOD_PATTERN, "id@version of a method"),
            digest=read_bytes(fields, "digest"),
            definition=read_object(fields, "definition"),
        )
        inner = release.definition
        if sm3(canonical_json.encode(inner)) != release.digest:
            raise _mismatch("digest")
        if f"{inner.get('id')}@{inner.get('version')}" != release.method:
            raise _mismatch("method")
        return release

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "definition": self.definition,
            "digest": write_bytes(self.digest),
            "method": self.method,
        }


def read_package(raw: bytes, publishers: Iterable[PublicKey]) -> Method:
    """Load a method package: verify who signed it, then check the method.

    Args:
        raw: The bytes of a ``method-release@1``.
        publishers: Keys of those who may publish methods.

    Raises:
        InputError: It is no such record, or its definition breaks the form.
        SignatureError: None of the publishers signed it, or the signature does not verify.
    """
    content = read_published(raw, {METHOD_RELEASE: MethodRelease}, publishers)
    assert isinstance(content, MethodRelease)  # noqa: S101 (the only type that was read)
    return read_method(content.definition, place=content.method)


def read_published(
    raw: bytes, types: Mapping[str, type[Content]], publishers: Iterable[PublicKey]
) -> Content:
    """What a signed statement of a publisher says.

    Args:
        raw: The bytes of the statement.
        types: The types that are read.
        publishers: Keys of those who may publish.

    Raises:
        InputError: It is no such record.
        SignatureError: None of the publishers signed it, or the signature does not verify.
    """
    statement = read_statement(raw, types)
    for key in publishers:
        if key.key_id == statement.signed_by:
            signed_record.verify(raw, key)
            return statement.content
    raise SignatureError(
        "{field}: {key} may not publish methods and boundaries",
        field="signature.key",
        key=statement.signed_by,
        remedy="take the package from a publisher of the trust root",
        code="integrity.signature.publisher",
    )


def _mismatch(field: str) -> RecordError:
    return RecordError(
        "{field}: is not that of the definition",
        field=field,
        remedy="take the package from its publisher again",
        code=f"record.{field}",
    )
