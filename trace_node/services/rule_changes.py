"""Keep the log level with the rule library: each row that began, was replaced or ended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from trace_node.canonical_json import JsonObject
from trace_node.ports.statements import LoggedStatement
from trace_node.ports.store import Store
from trace_node.quota.records.parse import parse_statement
from trace_node.quota.records.rule_change import RULE_CHANGE, RuleChange
from trace_node.services.allocation import RuleLibrary
from trace_node.services.settlement import LogContent

_PAGE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryRow:
    """A row of the library.

    Attributes:
        kind: ``rule`` or ``method``.
        subject: Id, of a method with its version.
        digest: 32-byte digest.
        row: As it is hashed.
    """

    kind: str
    subject: str
    digest: bytes
    row: JsonObject


def library_rows(library: RuleLibrary) -> tuple[LibraryRow, ...]:
    """Every rule and method."""
    rules = [
        LibraryRow(kind="rule", subject=rule.id, digest=rule.digest, row=rule.to_json())
        for rule in library.rules
    ]
    methods = [
        LibraryRow(
            kind="method",
            subject=f"{method.id}@{method.version}",
            digest=method.digest,
            row=method.to_json(),
        )
        for method in library.methods
    ]
    return (*rules, *methods)


def pending_changes(library: RuleLibrary, *, store: Store, reason: str) -> tuple[RuleChange, ...]:
    """What the log does not say yet of the library that is in use (规则变更).

    Args:
        library: The library.
        store: The log.
        reason: Why, in a sentence; part of each change.
    """
    logged = _in_force(store)
    rows = library_rows(library)
    present = {row.digest for row in rows}
    gone = {digest: change for digest, change in logged.items() if digest not in present}
    changes: list[RuleChange] = []
    for row in rows:
        if row.digest in logged:
            continue
        before = next((key for key, old in gone.items() if _replaces(row, old)), None)
        if before is not None:
            del gone[before]
        changes.append(
            RuleChange(
                kind=row.kind,
                subject=row.subject,
                replaces=before,
                digest=row.digest,
                row=row.row,
                reason=reason,
            )
        )
    changes += [
        RuleChange(
            kind=old.kind,
            subject=old.subject,
            replaces=digest,
            digest=None,
            row=None,
            reason=reason,
        )
        for digest, old in gone.items()
    ]
    return tuple(changes)


def log_changes(
    library: RuleLibrary, *, store: Store, reason: str, log: LogContent
) -> Sequence[LoggedStatement]:
    """Log what the log does not say yet; nothing when it is level."""
    return [log(change) for change in pending_changes(library, store=store, reason=reason)]


def logged_changes(store: Store) -> Iterator[RuleChange]:
    """Every change in the log, in its order."""
    after = -1
    while True:
        with store.view() as view:
            page = view.statements.find(RULE_CHANGE, after=after, limit=_PAGE)
            bodies = [view.entries.bodies(each.index, each.index + 1)[0] for each in page]
        for body in bodies:
            content = parse_statement(body).content
            if isinstance(content, RuleChange):
                yield content
        if len(page) < _PAGE:
            return
        after = page[-1].index


def _in_force(store: Store) -> dict[bytes, RuleChange]:
    """The rows that are in force by the log, by digest."""
    rows: dict[bytes, RuleChange] = {}
    for change in logged_changes(store):
        if change.replaces is not None:
            rows.pop(change.replaces, None)
        if change.digest is not None:
            rows[change.digest] = change
    return rows


def _replaces(row: LibraryRow, old: RuleChange) -> bool:
    """Whether a row is the successor of an old one: the same subject, years and first day."""
    if old.row is None or (row.kind, row.subject) != (old.kind, old.subject):
        return False
    return all(row.row[name] == old.row[name] for name in ("years", "valid_from"))
