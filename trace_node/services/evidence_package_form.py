"""The form of an evidence package ``evidence-package@v1``: manifest and archive."""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from trace_node import canonical_json
from trace_node.canonical_json import JsonObject
from trace_node.errors import InputError, TooLargeError
from trace_node.ids import to_base64url
from trace_node.tlog.json_fields import Fields

PACKAGE: Final = "evidence-package@v1"
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "signature.json"
SIGNED: Final = "evidence-package-signature@v1"
STATEMENTS: Final = "statements.tnproof"
TABLES: Final = "tables.xlsx"
VOUCHERS: Final = "vouchers/"
BUNDLE_ENDING: Final = ".tnproof"
MAX_PACKAGE_BYTES: Final = 512 * 1024 * 1024
MAX_UNPACKED_BYTES: Final = 1024 * 1024 * 1024
MAX_DOCUMENT_BYTES: Final = 64 * 1024 * 1024
MAX_FILES: Final = 4_096
_MAX_MANIFEST: Final = 8 * 1024 * 1024
_MAX_LEAVES: Final = 50_000
_MAX_TEXT: Final = 300
_NAME: Final = re.compile(r"(?:[a-z]{1,16}/)?[A-Za-z0-9][A-Za-z0-9._-]{0,119}", re.ASCII)
_MEMBERS: Final = frozenset(
    {"boundary", "files", "gaps", "missing", "organisation", "origin", "period", "silent", "type"}
)


class PackageError(InputError):
    """A file is no evidence package, or an altered one."""

    code: ClassVar[str] = "package"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedFile:
    """A file of the package.

    Attributes:
        name: Its name in the archive.
        title: What it is, for people; of a voucher the name that its file had.
        size: Number of bytes.
        sm3: 32-byte SM3.
    """

    name: str
    title: str
    size: int
    sm3: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingVoucher:
    """A document that records name and the package does not hold.

    Attributes:
        evidence: 32-byte SM3 of the document.
        leaves: Leaves of the records that name it, ascending.
    """

    evidence: bytes
    leaves: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a package holds and what it lacks (证据包清单).

    Attributes:
        organisation: Whose evidence.
        boundary: Name of the reporting boundary.
        period: The span of time as it was asked for.
        origin: Origin of the log.
        files: Every file but this one, by name.
        missing: Documents that are named and not here, by digest.
        silent: Meters of the boundary without a reading in the span.
        gaps: What no emission record covers: unit, method, begin, end.
    """

    organisation: str
    boundary: str
    period: str
    origin: str
    files: tuple[PackedFile, ...]
    missing: tuple[MissingVoucher, ...]
    silent: tuple[str, ...]
    gaps: tuple[tuple[str, str, str, str], ...]

    def to_json(self) -> JsonObject:
        """Its members."""
        return {
            "boundary": self.boundary,
            "files": [
                {
                    "bytes": each.size,
                    "name": each.name,
                    "sm3": to_base64url(each.sm3),
                    "title": each.title,
                }
                for each in self.files
            ],
            "gaps": [list(each) for each in self.gaps],
            "missing": [
                {"evidence": to_base64url(each.evidence), "leaves": list(each.leaves)}
                for each in self.missing
            ],
            "organisation": self.organisation,
            "origin": self.origin,
            "period": self.period,
            "silent": list(self.silent),
            "type": PACKAGE,
        }


def read_manifest(raw: bytes) -> Manifest:
    """Read a manifest.

    Raises:
        InputError: It is not of the one form; by the code of the rule that it breaks.
    """
    found = canonical_json.decode_object(raw, max_bytes=_MAX_MANIFEST)
    fields = Fields(found, path=MANIFEST, members=_MEMBERS, error=PackageError)
    if fields.text("type", most=_MAX_TEXT) != PACKAGE:
        raise PackageError(
            "{field}: is {found}, expected {expected}",
            field="type",
            found=str(found["type"])[:80],
            expected=PACKAGE,
            remedy="use a newer trace-node to check it",
            code="package.version",
        )
    return Manifest(
        organisation=fields.text("organisation", most=_MAX_TEXT),
        boundary=fields.text("boundary", most=_MAX_TEXT),
        period=fields.text("period", most=_MAX_TEXT),
        origin=fields.text("origin", most=_MAX_TEXT),
        files=tuple(
            PackedFile(
                name=item.text("name", most=_MAX_TEXT),
                title=item.text("title", most=_MAX_TEXT),
                size=item.integer("bytes"),
                sm3=item.digest("sm3"),
            )
            for item in fields.objects(
                "files", members={"bytes", "name", "sm3", "title"}, most=MAX_FILES
            )
        ),
        missing=tuple(
            MissingVoucher(
                evidence=item.digest("evidence"),
                leaves=_integers(item.array("leaves", most=_MAX_LEAVES)),
            )
            for item in fields.objects("missing", members={"evidence", "leaves"}, most=_MAX_LEAVES)
        ),
        silent=tuple(map(str, fields.array("silent", most=MAX_FILES))),
        gaps=tuple(map(_gap, fields.array("gaps", most=_MAX_LEAVES))),
    )


def open_archive(raw: bytes) -> Mapping[str, bytes]:
    """The files of a package by name; everything is bounded before it is unpacked.

    Raises:
        TooLargeError: The archive, or what it unpacks to, is over its bound.
        PackageError: It is no such archive: no zip, a name that leads elsewhere, a name twice.
    """
    if len(raw) > MAX_PACKAGE_BYTES:
        raise _too_large("bytes", len(raw), MAX_PACKAGE_BYTES)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = archive.infolist()
            if len(members) > MAX_FILES:
                raise _too_large("files", len(members), MAX_FILES)
            unpacked = sum(member.file_size for member in members)
            if unpacked > MAX_UNPACKED_BYTES:
                raise _too_large("unpacked bytes", unpacked, MAX_UNPACKED_BYTES)
            for member in members:
                if member.filename.startswith(VOUCHERS) and member.file_size > MAX_DOCUMENT_BYTES:
                    raise _too_large(member.filename[:80], member.file_size, MAX_DOCUMENT_BYTES)
            names = [member.filename for member in members]
            bad = [name for name in names if not _NAME.fullmatch(name) or names.count(name) > 1]
            if bad:
                raise PackageError(
                    "{field}: {name} is no plain name of a file, or is there twice",
                    field="file",
                    name=repr(bad[0][:80]),
                    remedy="get the package again from where it was made",
                    code="package.name",
                )
            return {member.filename: archive.read(member) for member in members}
    except (
        zipfile.BadZipFile,
        NotImplementedError,  # a way of compressing that zipfile does not know
        RuntimeError,  # an encrypted member
        EOFError,
        OSError,
        ValueError,
    ) as error:
        raise PackageError(
            "{field}: is no zip archive, or a damaged one: {detail}",
            field="file",
            detail=str(error)[:120],
            remedy="get the package again from where it was made",
            code="package.form",
        ) from error


def _integers(items: list[canonical_json.JsonValue]) -> tuple[int, ...]:
    if all(isinstance(item, int) and not isinstance(item, bool) for item in items):
        return tuple(int(str(item)) for item in items)
    raise PackageError("{field}: must be an array of integers", field="missing.leaves")


def _gap(item: canonical_json.JsonValue) -> tuple[str, str, str, str]:
    match item:
        case [str(unit), str(method), str(begin), str(end)]:
            return unit, method, begin, end
        case _:
            raise PackageError("{field}: must be arrays of four texts", field="gaps")


def _too_large(what: str, found: int, bound: int) -> TooLargeError:
    return TooLargeError(
        "{field}: {found} {what}, at most {bound}",
        field="file",
        found=found,
        what=what,
        bound=bound,
        remedy="make packages of shorter periods",
        code="package.too_large",
    )
