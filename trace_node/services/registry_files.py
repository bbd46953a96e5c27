"""Take in statements of the national registries: whole or not at all, each file once."""

from dataclasses import dataclass
from typing import ClassVar

from trace_node.clock import Clock
from trace_node.crypto.sm3 import sm3
from trace_node.errors import ConflictError, InputError
from trace_node.ports.market import ImportedFile, RegistryReference
from trace_node.ports.store import Store
from trace_node.quota.registry.statement import RegistryStatement, SerialRange, read_statement
from trace_node.services.workbook import FORMS, read_grid

_MILLISECOND_US = 1000


class OlderStatementError(ConflictError):
    """A statement of the account for a later instant was imported with the same number."""

    code: ClassVar[str] = "registry.file.older"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did.

    Attributes:
        file: The file as it is kept.
        statement: What it says.
        fresh: Whether it is new; False where exactly these bytes were kept before.
    """

    file: ImportedFile
    statement: RegistryStatement
    fresh: bool


def import_file(raw: bytes, *, file_form: str, store: Store, clock: Clock) -> Imported:
    """Read a statement and keep its file (报表导入).

    The same bytes again change nothing. Another file of the same statement is its next version.

    Args:
        raw: The bytes.
        file_form: ``csv`` or ``xlsx``.
        store: Where it is kept.
        clock: Time of the import.

    Raises:
        InputError: The form is neither of the two.
        TooLargeError: The file is over a bound.
        RegistryFileError: It breaks a rule; nothing was kept.
        OlderStatementError: The version before speaks of a later instant.
    """
    _require_form(file_form)
    statement = read_statement(read_grid(raw, file_form=file_form))
    digest = sm3(raw)
    with store.unit_of_work() as work:
        files = work.imported_files
        known = files.by_digest(digest)
        if known is not None:
            return Imported(file=known, statement=statement, fresh=False)
        names = {
            "registry": statement.registry,
            "kind": statement.kind,
            "account": statement.account,
            "number": statement.number,
        }
        before = files.latest(**names)
        if before is not None and before.as_of > statement.as_of:
            raise OlderStatementError(
                "{field}: version {version} of {number} holds for a later instant",
                field="as_of",
                version=before.version,
                number=statement.number,
                remedy="import the newest file, or give another statement number",
            )
        now = clock.now()
        file = ImportedFile(
            digest=digest,
            version=1 if before is None else before.version + 1,
            as_of=statement.as_of,
            imported_at=now.replace(microsecond=now.microsecond // _MILLISECOND_US * 1000),
            form=file_form,
            body=raw,
            **names,
        )
        files.add(file)
        files.add_references([reference(each) for each in ranges(statement)])
    return Imported(file=file, statement=statement, fresh=True)


def _require_form(file_form: str) -> None:
    if file_form not in FORMS:
        raise InputError(
            "{field}: must be one of {choices}",
            field="form",
            choices=", ".join(FORMS),
            remedy="save the statement as .xlsx or as CSV in UTF-8",
            code="registry.file.form",
        )


def stored_statement(file: ImportedFile) -> RegistryStatement:
    """What a kept file says; it was read once before."""
    return read_statement(read_grid(file.body, file_form=file.form))


def ranges(statement: RegistryStatement) -> list[SerialRange]:
    """Every range of serials that a statement names."""
    held = [each.units for each in statement.holdings]
    return held + [each.units for each in statement.transactions]


def reference(units: SerialRange) -> RegistryReference:
    """How a range is found by the digest that lots carry."""
    return RegistryReference(
        digest=units.digest, product=units.product, first=units.first, last=units.last
    )
