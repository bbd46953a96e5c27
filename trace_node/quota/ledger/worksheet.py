"""The part of the ledger's state that a run of events touches, while they are applied."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from trace_node.quota.ledger.effect import Posting
from trace_node.quota.ledger.events import PlacedEvent
from trace_node.quota.ledger.postings import effect_of
from trace_node.quota.ledger.rows import Key, Row, Table

Place = tuple[Table, Key]


class Written(NamedTuple):
    """A row as it is after all events, and whether there was one before.

    A row of ``None`` is to be deleted: a balance of nothing is no row.
    """

    table: Table
    key: Key
    row: Row | None
    replaces: bool


class Image(NamedTuple):
    """A row as it was before the first event of ``block`` that changed it; ``None`` for no row."""

    block: int
    table: Table
    key: Key
    row: Row | None


class Worksheet:
    """Rows by table and key, loaded before they are needed; see ``effect.Known``.

    Args:
        keep_above: Images are kept of rows that events of blocks above this height change.
        whole: The sheet began empty and holds all there is: what it does not hold is nowhere.
    """

    def __init__(self, *, keep_above: int, whole: bool = False) -> None:
        self._keep_above = keep_above
        self._whole = whole
        self._loaded: dict[Place, Row | None] = {}
        self._rows: dict[Place, Row | None] = {}
        self._imaged: set[tuple[int, Table, Key]] = set()
        self.images: list[Image] = []

    def add(self, table: Table, keys: Iterable[Key], found: Mapping[Key, Row]) -> None:
        """Take in what was loaded: every key asked for, found or not."""
        for key in keys:
            self._loaded[table, key] = self._rows[table, key] = found.get(key)

    def unknown(self, places: Iterable[Place]) -> set[Place]:
        """Those of ``places`` that were not loaded yet."""
        return {place for place in places if place not in self._rows}

    def get(self, table: Table, key: Key) -> Row | None:
        """The row under ``key``; ``None`` when there is none.

        Raises:
            LookupError: It was not loaded: a fault of ``touched``; it must not pass for no row.
        """
        if self._whole:
            return self._rows.get((table, key))
        return self._rows[table, key]

    def apply(self, event: PlacedEvent) -> tuple[Posting, ...]:
        """Apply one event, and give its postings.

        Raises:
            MirrorEventError: It does not follow from the state before it.
        """
        effect = effect_of(event, self)
        for table, key, row in effect.changes:
            if event.block > self._keep_above:
                self._keep(event.block, table, key)
            # A cell without units is no row, however it came to be empty.
            empty = table is Table.BALANCES and row == 0
            self._rows[table, key] = None if empty else row
        return effect.postings

    def written(self) -> list[Written]:
        """Every row that is another one than was loaded."""
        return [
            Written(table, key, row, self._loaded.get((table, key)) is not None)
            for (table, key), row in self._rows.items()
            if row != self._loaded.get((table, key))
        ]

    def _keep(self, block: int, table: Table, key: Key) -> None:
        if (block, table, key) not in self._imaged:
            self._imaged.add((block, table, key))
            self.images.append(Image(block, table, key, self._rows.get((table, key))))
