"""Repositories: imported registry files, openings, disclosures."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from trace_node.period import to_ms
from trace_node.ports.market import (
    Disclosure,
    ImportedFile,
    RegistryReference,
    StoredOpening,
)
from trace_node.store.columns import from_ms
from trace_node.store.tables import (
    DISCLOSURES,
    OPENINGS,
    REGISTRY_FILES,
    REGISTRY_REFERENCES,
)

_MONTHS = 100


class SqlImportedFiles:
    """See ``trace_node.ports.market.ImportedFiles``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, file: ImportedFile) -> None:
        """Keep a file."""
        self._connection.execute(
            insert(REGISTRY_FILES),
            {
                "digest": file.digest,
                "system": file.registry,
                "kind": file.kind,
                "account": file.account,
                "number": file.number,
                "version": file.version,
                "as_of": to_ms(file.as_of),
                "imported_at": to_ms(file.imported_at),
                "form": file.form,
                "body": file.body,
            },
        )

    def by_digest(self, digest: bytes) -> ImportedFile | None:
        """The file of that digest."""
        statement = select(REGISTRY_FILES).where(REGISTRY_FILES.c.digest == digest)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _file(row)

    def latest(self, *, registry: str, kind: str, account: str, number: str) -> ImportedFile | None:
        """The newest version of one statement."""
        statement = select(REGISTRY_FILES).where(
            REGISTRY_FILES.c.system == registry,
            REGISTRY_FILES.c.kind == kind,
            REGISTRY_FILES.c.account == account,
            REGISTRY_FILES.c.number == number,
        )
        newest = statement.order_by(REGISTRY_FILES.c.version.desc()).limit(1)
        row = self._connection.execute(newest).one_or_none()
        return None if row is None else _file(row)

    def newest(
        self, *, registry: str, kind: str, account: str | None = None
    ) -> Sequence[ImportedFile]:
        """For each account its file of the latest instant; of several the newest version."""
        statement = select(REGISTRY_FILES).where(
            REGISTRY_FILES.c.system == registry, REGISTRY_FILES.c.kind == kind
        )
        if account is not None:
            statement = statement.where(REGISTRY_FILES.c.account == account)
        order = (REGISTRY_FILES.c.account, REGISTRY_FILES.c.as_of, REGISTRY_FILES.c.imported_at)
        rows = self._connection.execute(statement.order_by(*order, REGISTRY_FILES.c.version))
        return list({row.account: _file(row) for row in rows}.values())

    def add_references(self, references: Sequence[RegistryReference]) -> None:
        """Remember which ranges digests stand for."""
        known = {each.digest for each in self.references()}
        fresh = {each.digest: each for each in references if each.digest not in known}
        if fresh:
            self._connection.execute(
                insert(REGISTRY_REFERENCES),
                [
                    {
                        "digest": each.digest,
                        "product": each.product,
                        "first_serial": each.first,
                        "last_serial": each.last,
                    }
                    for each in fresh.values()
                ],
            )

    def references(self) -> Sequence[RegistryReference]:
        """Every range that is known."""
        order = (REGISTRY_REFERENCES.c.product, REGISTRY_REFERENCES.c.first_serial)
        rows = self._connection.execute(select(REGISTRY_REFERENCES).order_by(*order))
        return [
            RegistryReference(
                digest=bytes(row.digest),
                product=row.product,
                first=row.first_serial,
                last=row.last_serial,
            )
            for row in rows
        ]

    def listed(self, *, limit: int) -> Sequence[ImportedFile]:
        """The files imported last, newest first."""
        order = (REGISTRY_FILES.c.imported_at.desc(), REGISTRY_FILES.c.digest)
        rows = self._connection.execute(select(REGISTRY_FILES).order_by(*order).limit(limit))
        return [_file(row) for row in rows]


class SqlOpenings:
    """See ``trace_node.ports.market.Openings``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, opening: StoredOpening) -> bool:
        """Keep one; return whether it is new."""
        if self.get(opening.commitment) is not None:
            return False
        self._connection.execute(
            insert(OPENINGS),
            {
                "commitment": opening.commitment,
                "order_id": opening.order_id,
                "body": opening.body,
                "parties": "\n".join(opening.parties),
                "kept_at": to_ms(opening.kept_at),
            },
        )
        return True

    def get(self, commitment: bytes) -> StoredOpening | None:
        """The opening of a commitment."""
        statement = select(OPENINGS).where(OPENINGS.c.commitment == commitment)
        row = self._connection.execute(statement).one_or_none()
        if row is None:
            return None
        return StoredOpening(
            commitment=bytes(row.commitment),
            order_id=bytes(row.order_id),
            body=bytes(row.body),
            parties=tuple(row.parties.split("\n")),
            kept_at=from_ms(row.kept_at),
        )


class SqlDisclosures:
    """See ``trace_node.ports.market.Disclosures``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, disclosure: Disclosure) -> None:
        """Publish."""
        self._connection.execute(
            insert(DISCLOSURES),
            {
                "product": disclosure.product,
                "month": disclosure.month.year * _MONTHS + disclosure.month.month,
                "trades": disclosure.trades,
                "volume": disclosure.volume,
                "amount": format(disclosure.amount, "f"),
                "published_at": to_ms(disclosure.published_at),
            },
        )

    def all(self, *, product: str | None = None) -> Sequence[Disclosure]:
        """Everything that was published, by month and product."""
        statement = select(DISCLOSURES)
        if product is not None:
            statement = statement.where(DISCLOSURES.c.product == product)
        order = (DISCLOSURES.c.month, DISCLOSURES.c.product)
        return [_disclosure(row) for row in self._connection.execute(statement.order_by(*order))]


def _file(row: Row[Any]) -> ImportedFile:
    return ImportedFile(
        digest=bytes(row.digest),
        registry=row.system,
        kind=row.kind,
        account=row.account,
        number=row.number,
        version=row.version,
        as_of=from_ms(row.as_of),
        imported_at=from_ms(row.imported_at),
        form=row.form,
        body=bytes(row.body),
    )


def _disclosure(row: Row[Any]) -> Disclosure:
    return Disclosure(
        product=row.product,
        month=date(row.month // _MONTHS, row.month % _MONTHS, 1),
        trades=row.trades,
        volume=row.volume,
        amount=Decimal(row.amount),
        published_at=from_ms(row.published_at),
    )
