"""Repository: batches, what made and used them, and what rests on a leaf."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Row, Table, insert, select

from trace_node.ports.footprints import BatchUse, KnownBatch, LeafBody, LineageRows, UnitUse
from trace_node.store.tables import (
    ENTRIES,
    FOOTPRINT_BATCHES,
    FOOTPRINT_SOURCES,
    FOOTPRINT_UNITS,
    FOOTPRINT_USES,
    SUPPLIER_DOCUMENTS,
)

_T = TypeVar("_T", str, int)
_MOST: Final = 500  # values of one IN: within the bound of every engine


class SqlFootprints:
    """See ``trace_node.ports.footprints.Footprints``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, index: int, rows: LineageRows) -> None:
        """Remember the rows of a statement; a batch that is known keeps its first leaf."""
        known = {each.batch for each in self.batches([each.batch for each in rows.made])}
        self._insert(
            FOOTPRINT_BATCHES,
            [
                {
                    "batch": each.batch,
                    "leaf_index": index,
                    "organisation": each.organisation,
                    "product": each.product,
                    "mass": f"{each.mass:f}",
                }
                for each in rows.made
                if each.batch not in known
            ],
        )
        self._insert(
            FOOTPRINT_USES,
            [
                {"leaf_index": index, "batch": each.batch, "mass": f"{each.mass:f}"}
                for each in rows.uses
            ],
        )
        if rows.unit is not None:
            values = {
                "leaf_index": index,
                "topic": rows.unit.topic,
                "mass": f"{rows.unit.mass:f}",
                "throughput": f"{rows.unit.throughput:f}",
            }
            self._insert(FOOTPRINT_UNITS, [values])
        self._insert(
            FOOTPRINT_SOURCES,
            [{"source": each, "leaf_index": index} for each in rows.sources],
        )

    def at(self, index: int) -> LineageRows:
        """The rows of the statement at a leaf."""
        used = FOOTPRINT_USES.c
        uses = select(FOOTPRINT_USES).where(used.leaf_index == index).order_by(used.batch)
        units = select(FOOTPRINT_UNITS).where(FOOTPRINT_UNITS.c.leaf_index == index)
        rests = FOOTPRINT_SOURCES.c
        sources = select(rests.source).where(rests.leaf_index == index).order_by(rests.source)
        unit = self._connection.execute(units).first()
        return LineageRows(
            made=tuple(self.made_by([index])),
            uses=tuple(_use(row) for row in self._connection.execute(uses)),
            unit=None if unit is None else _unit(unit),
            sources=tuple(row.source for row in self._connection.execute(sources)),
        )

    def batches(self, names: Sequence[str]) -> Sequence[KnownBatch]:
        """Those of the batches that are known, by name."""
        rows = self._among(FOOTPRINT_BATCHES, "batch", names)
        return sorted((_batch(row) for row in rows), key=lambda each: each.batch)

    def made_by(self, indexes: Sequence[int]) -> Sequence[KnownBatch]:
        """The batches that came from these leaves, in log order."""
        rows = self._among(FOOTPRINT_BATCHES, "leaf_index", indexes)
        return sorted((_batch(row) for row in rows), key=lambda each: (each.index, each.batch))

    def uses(self, names: Sequence[str]) -> Sequence[BatchUse]:
        """The uses of these batches, in log order."""
        rows = self._among(FOOTPRINT_USES, "batch", names)
        return sorted((_use(row) for row in rows), key=lambda each: (each.index, each.batch))

    def unit_uses(self, topic: str) -> Sequence[UnitUse]:
        """The events that share in the stage emission of a topic, in log order."""
        column = FOOTPRINT_UNITS.c
        chosen = select(FOOTPRINT_UNITS).where(column.topic == topic).order_by(column.leaf_index)
        return [_unit(row) for row in self._connection.execute(chosen)]

    def resting_on(self, indexes: Sequence[int]) -> Sequence[int]:
        """Leaf indexes of the statements that rest on these leaves, in log order."""
        rows = self._among(FOOTPRINT_SOURCES, "source", indexes)
        return sorted({int(row.leaf_index) for row in rows})

    def bodies(self, indexes: Sequence[int]) -> Mapping[int, LeafBody]:
        """The entries at these leaves, as far as there are any."""
        return {
            row.leaf_index: LeafBody(
                index=row.leaf_index,
                kind=row.kind,
                body=bytes(row.body),
                leaf_hash=bytes(row.leaf_hash),
            )
            for row in self._among(ENTRIES, "leaf_index", indexes)
        }

    def keep_document(self, digest: bytes, body: bytes) -> None:
        """Keep a document by its SM3; one that is there stays."""
        if self.document(digest) is None:
            self._insert(SUPPLIER_DOCUMENTS, [{"digest": digest, "body": body}])

    def document(self, digest: bytes) -> bytes | None:
        """The document that was kept under a digest; None without."""
        column = SUPPLIER_DOCUMENTS.c
        chosen = select(column.body).where(column.digest == digest)
        found = self._connection.execute(chosen).scalar_one_or_none()
        return None if found is None else bytes(found)

    def document_digests(self) -> Sequence[bytes]:
        """The SM3 of every document that is kept."""
        digest = SUPPLIER_DOCUMENTS.c.digest
        found = self._connection.execute(select(digest).order_by(digest)).scalars()
        return [bytes(each) for each in found]

    def _insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            self._connection.execute(insert(table), list(rows))

    def _among(self, table: Table, column: str, values: Sequence[_T]) -> Iterator[Row[Any]]:
        distinct = sorted(set(values))
        for start in range(0, len(distinct), _MOST):
            chosen = select(table).where(table.c[column].in_(distinct[start : start + _MOST]))
            yield from self._connection.execute(chosen)


def _batch(row: Row[Any]) -> KnownBatch:
    return KnownBatch(
        batch=row.batch,
        index=row.leaf_index,
        organisation=row.organisation,
        product=row.product,
        mass=Decimal(row.mass),
    )


def _use(row: Row[Any]) -> BatchUse:
    return BatchUse(batch=row.batch, index=row.leaf_index, mass=Decimal(row.mass))


def _unit(row: Row[Any]) -> UnitUse:
    return UnitUse(
        index=row.leaf_index,
        topic=row.topic,
        mass=Decimal(row.mass),
        throughput=Decimal(row.throughput),
    )
