"""Statements against their rows and the keys that signed them."""

from trace_node.accounting.records.emission import Emission
from trace_node.accounting.records.signer_trust import SignerTrust
from trace_node.ports.entries import StoredEntry
from trace_node.ports.store import UnitOfWork
from trace_node.services.accounting_intake import require_in_order
from trace_node.services.certificates import require_certificates_once
from trace_node.services.emission_order import require_successor
from trace_node.services.footprint_rows import has_lineage, lineage_rows
from trace_node.services.fsck_keys import KeyCheck
from trace_node.services.fsck_report import Findings
from trace_node.services.statement_rows import accounted_figure, figures_of, statement_row
from trace_node.services.statement_types import parse_statement


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
        """Check content, rows and signature of one, and that it may follow those before it."""
        statement = parse_statement(entry.body)
        here, behind = entry.index, entry.index + 1
        row = statement_row(statement, index=here, digest=entry.leaf_hash)
        made = figures_of(statement, index=here, digest=entry.leaf_hash)
        figures = (
            *view.statements.emissions(first=here, end=behind),
            *view.statements.bases(first=here, end=behind),
        )
        computed = accounted_figure(statement, index=here, digest=entry.leaf_hash)
        lineage = lineage_rows(statement.content, index=here)
        is_found = lineage is None or has_lineage(view.footprints, lineage, index=here)
        is_found = is_found and view.accounting.at(here) == computed
        is_sound = view.statements.at(here) == row and is_found
        if not is_sound or figures != (() if made is None else (made,)):
            self._found.add(
                "index_row",
                "entry {index}: the row by which this {kind} is found is missing or wrong",
                index=here,
                kind=entry.kind,
            )
        self._keys.require_stated(entry, statement)
        self._keys.require_received(entry, statement)
        if isinstance(statement.content, SignerTrust):
            self._keys.trust(statement.content)
        require_in_order(statement.content, view, before=here)
        if isinstance(statement.content, Emission):
            newest = view.statements.newest(row.kind, row.topic, before=here)
            require_successor(statement.content, newest, view)
        require_certificates_once(statement.content, view, before=here)
