"""Statements against their rows and the keys that signed them."""

from trace_node.ports.entries import StoredEntry
from trace_node.ports.store import UnitOfWork
from trace_node.quota.records.organisation_binding import OrganisationBinding
from trace_node.quota.records.parse import parse_statement
from trace_node.services.fsck_keys import KeyCheck
from trace_node.services.fsck_report import Findings
from trace_node.services.log_statement import NODE_USAGE, statement_row


class StatementCheck:
    """Reads a statement again.

    Args:
        keys: The keys enrolled by the entries read so far.
        found: Where problems go.
    """

    def __init__(self, *, keys: KeyCheck, found: Findings) -> None:
        self._keys = keys
        self._found = found

    def check(self, entry: StoredEntry, view: UnitOfWork) -> None:
        """Check content, row and signature of one."""
        statement = parse_statement(entry.body)
        row = statement_row(statement, index=entry.index, digest=entry.leaf_hash)
        if view.market_statements.at(entry.index) != row:
            self._found.add(
                "index_row",
                "entry {index}: the row by which this {kind} is found is missing or wrong",
                index=entry.index,
                kind=entry.kind,
            )
        if isinstance(statement.content, OrganisationBinding):
            self._keys.require_own(entry, statement.content.key)
            return
        self._keys.require_signed(
            entry, key_id=statement.signed_by, usage=NODE_USAGE, at=statement.stated_at
        )
