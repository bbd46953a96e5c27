"""A mirror over a ledger in memory, and its tables held against what the contracts would say."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from support.fake_ledger import (
    FakeChain,
    FakeFollower,
    FakeReader,
    account_of,
    balance_of,
    class_of,
    lot_of,
    obligation_of,
    order_of,
)
from support.ledger_teller import address
from support.stores import migrated_url

from trace_node.clock import Clock, SystemClock
from trace_node.quota.ledger.rows import Table
from trace_node.quota.ledger.state import Balance
from trace_node.services.mirror import Mirror
from trace_node.services.reconcile import Reconcile
from trace_node.services.reconcile_tables import _ours
from trace_node.store.database import Database
from trace_node.store.ledger_audit import digest_of
from trace_node.store.ledger_mirror import SqlLedgerMirror
from trace_node.store.tables import LEDGER_POSTINGS


class MovedClock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


@dataclass
class KeptEvidence:
    """Evidence in memory."""

    saved: dict[str, bytes] = field(default_factory=dict)

    def save(self, name: str, content: bytes) -> str:
        self.saved[name] = content
        return name


@dataclass
class MirrorWorld:
    """A database, the mirror in it, and what follows and compares."""

    database: Database
    chain: FakeChain
    follower: FakeFollower
    clock: Clock = field(default_factory=SystemClock)
    evidence: KeptEvidence = field(default_factory=KeptEvidence)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Everything anew but the database, as a process that was killed finds it."""
        self.reader = FakeReader(self.chain)
        self.store = SqlLedgerMirror(self.database)
        parts: dict[str, Any] = {"reader": self.reader, "evidence": self.evidence}
        parts |= {"mirror": self.store, "clock": self.clock}
        self.mirror = Mirror(follower=self.follower, **parts)
        self.reconcile = Reconcile(audits=self.store, **parts)
        self.mirror.join()

    def digest(self) -> str:
        with self.database.reading() as connection:
            return digest_of(connection)

    def rows(self, table: Table, *, at: int = 2**62) -> dict[Any, Any]:
        """A table as it was at a block."""
        with self.store.audit(at) as audit:
            return {key: row for page in audit.rows(table, size=50) for key, row in page}

    def require_equal(self) -> None:
        """Every table is what the contracts would say at the chain's head."""
        block = self.chain.head
        model, extras = block.model, block.extras
        wanted: dict[Table, dict[Any, Any]] = {
            Table.ACCOUNTS: {each: account_of(block, each) for each in model.accounts},
            Table.LOTS: {each: lot_of(block, each) for each in model.lots},
            Table.OBLIGATIONS: {each: obligation_of(block, each) for each in model.obligations},
            Table.RULES: extras.versions,
        }
        arrears = self.reader.arrears(list(model.arrears), block.mark)
        wanted[Table.ARREARS] = dict(zip(model.arrears, arrears, strict=True))
        pairs = list(model.limits)
        limits = self.reader.carry_overs(pairs, block.mark)
        wanted[Table.CARRY_OVERS] = dict(zip(pairs, limits, strict=True))
        found = {table: self.rows(table) for table in wanted}
        released = {
            key: (row.number, row.draft, row.digest) for key, row in found[Table.RULES].items()
        }
        expected = {
            key: (row.number, row.draft, row.digest) for key, row in extras.versions.items()
        }
        assert released == expected
        assert all(row.released == row.draft for row in found.pop(Table.RULES).values())
        del wanted[Table.RULES]
        for table, rows in wanted.items():
            assert found[table] == rows, table
        self._require_orders()
        self._require_balances()
        self._require_parties()
        with self.store.audit(block.number) as audit:
            assert audit.event_counts() == self.reader.event_counts(block.mark)
            assert not audit.unposted()

    def _require_orders(self) -> None:
        block = self.chain.head
        orders = self.rows(Table.ORDERS)
        assert {each: _ours(row) for each, row in orders.items()} == {
            each: order_of(block, each) for each in block.model.orders
        }
        for order_id, row in orders.items():
            known = block.model.orders[order_id].content
            parts = tuple((part.lot, part.quantity) for part in row.content.parts)
            assert (row.content.source, row.content.target, parts) == (
                known.source,
                known.to,
                known.parts,
            )
        pairs = self.rows(Table.COUNTERPARTIES)
        assert {pair for pair, allowed in pairs.items() if allowed} == block.model.allowed

    def _require_balances(self) -> None:
        """Balances of all accounts in all classes, and totals of classes: from postings alone."""
        block = self.chain.head
        with self.store.view() as view:
            classes = view.classes(limit=1_000)
            assert {each.number: each.content for each in classes} == {
                each: class_of(block, each) for each in block.model.classes
            }
            for account in block.model.accounts:
                held = {each.class_id: each.balance for each in view.balances(account)}
                wanted = {
                    each: Balance(**balance_of(block, account, each))
                    for each in block.model.classes
                }
                assert held == {each: found for each, found in wanted.items() if found.total}
        with self.database.reading() as connection:
            posted = LEDGER_POSTINGS.c
            sums = select(func.sum(posted.tonnes)).group_by(posted.block, posted.log_index)
            assert set(connection.execute(sums).scalars()) <= {0}

    def _require_parties(self) -> None:
        model, extras = self.chain.head.model, self.chain.head.extras
        rights = {pair: row.rights for pair, row in self.rows(Table.KEYS).items()}
        wanted = {(number, address(key)): right for (number, key), right in model.rights.items()}
        assert rights == wanted
        offices = {officer: row.role for officer, row in self.rows(Table.OFFICES).items()}
        assert offices == extras.offices
        with self.store.view() as view:
            assert set(view.closed_years()) == extras.years
            assert view.paused() == extras.paused


@contextmanager
def mirror_world(
    engine: str, folder: Path, chain: FakeChain, **parts: Any
) -> Iterator[MirrorWorld]:
    """A world in a new database."""
    with migrated_url(engine, folder) as url:
        database = Database(url)
        try:
            follower = parts.pop("follower", None) or FakeFollower(chain)
            yield MirrorWorld(database, chain, follower, **parts)
        finally:
            database.close()
