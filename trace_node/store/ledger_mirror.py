"""The mirror of the ledger in the node's database; see ``trace_node.ports.ledger_mirror``."""

from collections.abc import Iterator
from contextlib import contextmanager

from trace_node.errors import ConfigError
from trace_node.ports.ledger import LedgerIdentity
from trace_node.ports.ledger_mirror_head import Stop
from trace_node.quota.ledger.kinds import Book
from trace_node.store.database import Database
from trace_node.store.ledger_audit import SqlMirrorAudit, digest_of
from trace_node.store.ledger_head import (
    beginning,
    read_head,
    read_identity,
    read_stops,
    write_head,
    write_identity,
)
from trace_node.store.ledger_view import SqlLedgerView
from trace_node.store.ledger_work import SqlMirrorWork
from trace_node.store.unit_of_work import writing


class SqlLedgerMirror:
    """See ``trace_node.ports.ledger_mirror.LedgerMirror`` and ``MirrorAudits``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def identity(self) -> LedgerIdentity | None:
        """The ledger it belongs to."""
        with self._database.reading() as connection:
            return read_identity(connection)

    def adopt(self, identity: LedgerIdentity, *, cursor: bytes) -> None:
        """Belong to a ledger, and begin at ``cursor``."""
        known = self.identity()
        if known is None:
            with writing(self._database) as work:
                known = read_identity(work.connection)
                if known is None:
                    write_identity(work.connection, identity)
                    head = beginning(identity, cursor=cursor, revision=0)
                    write_head(work.connection, before=None, after=head)
                    return
        if known != identity:
            raise ConfigError(
                "{field}: the database mirrors the ledger of {known}, not that of {wanted}",
                field="database_url",
                known=_shown(known),
                wanted=_shown(identity),
                remedy="name the database of this ledger, or another one; a mirror is never moved"
                " to another ledger",
                code="ledger.other_mirror",
            )

    @contextmanager
    def view(self) -> Iterator[SqlLedgerView]:
        """The mirror as it is now."""
        with self._database.reading() as connection:
            yield SqlLedgerView(connection)

    @contextmanager
    def work(self) -> Iterator[SqlMirrorWork]:
        """A transaction on the mirror."""
        with writing(self._database) as work:
            yield SqlMirrorWork(work.connection)

    def orders_stopped(self) -> Stop | None:
        """Why no order may be sent now."""
        with self._database.reading() as connection:
            return next(iter(read_stops(connection)), None)

    @contextmanager
    def audit(self, at: int) -> Iterator[SqlMirrorAudit]:
        """The mirror as it was at block ``at``."""
        with self._database.reading() as connection:
            read_head(connection)
            yield SqlMirrorAudit(connection, at=at)

    def digest(self) -> str:
        """A digest over every row that follows from the events."""
        with self._database.reading() as connection:
            return digest_of(connection)


def _shown(identity: LedgerIdentity) -> str:
    orders = "0x" + identity.contracts[Book.ORDERS].hex()
    return f"chain {identity.chain_id} (genesis 0x{identity.genesis_hash.hex()[:16]}), {orders}"
