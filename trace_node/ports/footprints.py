"""How batches are found: who made one, who used it, and what rests on a leaf."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownBatch:
    """A batch in the log.

    Attributes:
        batch: Its name.
        index: Leaf index of the event that made it, or of what its supplier told first.
        organisation: Whose it is.
        product: What it is.
        mass: Tonnes.
    """

    batch: str
    index: int
    organisation: str
    product: str
    mass: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchUse:
    """That an event uses some of a batch.

    Attributes:
        batch: The batch.
        index: Leaf index of the event.
        mass: Tonnes of it.
    """

    batch: str
    index: int
    mass: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitUse:
    """What an event takes of the throughput of its unit.

    Attributes:
        index: Leaf index of the event.
        topic: Topic of the stage emission that it shares.
        mass: Tonnes of the event.
        throughput: Tonnes of the unit.
    """

    index: int
    topic: str
    mass: Decimal
    throughput: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageRows:
    """Everything by which one statement is found.

    Attributes:
        made: Batches that it made.
        uses: Parts of batches that it used.
        unit: What it took of a unit; None without.
        sources: Leaf indexes that it rests on.
    """

    made: tuple[KnownBatch, ...] = ()
    uses: tuple[BatchUse, ...] = ()
    unit: UnitUse | None = None
    sources: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafBody:
    """An entry with the leaf hash that was stored with it."""

    index: int
    kind: str
    body: bytes
    leaf_hash: bytes


class Footprints(Protocol):
    """Batches and what made and used them."""

    def add(self, index: int, rows: LineageRows) -> None:
        """Remember the rows of a statement; a batch that is known keeps its first leaf."""

    def at(self, index: int) -> LineageRows:
        """The rows of the statement at a leaf."""

    def batches(self, names: Sequence[str]) -> Sequence[KnownBatch]:
        """Those of the batches that are known, by name."""

    def made_by(self, indexes: Sequence[int]) -> Sequence[KnownBatch]:
        """The batches that came from these leaves, in log order."""

    def uses(self, names: Sequence[str]) -> Sequence[BatchUse]:
        """The uses of these batches, in log order."""

    def unit_uses(self, topic: str) -> Sequence[UnitUse]:
        """The events that share in the stage emission of a topic, in log order."""

    def resting_on(self, indexes: Sequence[int]) -> Sequence[int]:
        """Leaf indexes of the statements that rest on these leaves, in log order."""

    def keep_document(self, digest: bytes, body: bytes) -> None:
        """Keep the document of a supplier by its SM3; one that is there stays."""

    def document(self, digest: bytes) -> bytes | None:
        """The document that was kept under a digest, as it is stored; None without."""

    def document_digests(self) -> Sequence[bytes]:
        """The SM3 of every document that is kept."""

    def bodies(self, indexes: Sequence[int]) -> Mapping[int, LeafBody]:
        """The entries at these leaves, as far as there are any."""
