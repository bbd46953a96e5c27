"""Rows and lots without serials in common, matched by quantity inside one account and product."""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from trace_node.quota.registry.ledger_side import LedgerLot
from trace_node.quota.registry.statement import Holding, RegistryStatement, SerialRange


@dataclass(slots=True)
class OpenPart:
    """A part of a row that no numbered lot explains.

    Attributes:
        statement: The statement.
        account: Account of the ledger.
        holding: The row.
        units: The part.
        taken: Tonnes of it that were matched so far, from its first serial on.
    """

    statement: RegistryStatement
    account: int
    holding: Holding
    units: SerialRange
    taken: int = 0

    @property
    def open(self) -> int:
        """Tonnes that are not matched yet."""
        return self.units.quantity - self.taken

    def next_units(self, quantity: int) -> SerialRange:
        """The serials of the next ``quantity`` tonnes."""
        first = self.units.first + self.taken
        return SerialRange(product=self.units.product, first=first, last=first + quantity - 1)


@dataclass(slots=True)
class FreeLot:
    """A held lot without a number of the registry.

    Attributes:
        lot: The lot.
        taken: Tonnes of it that were matched so far.
    """

    lot: LedgerLot
    taken: int = 0

    @property
    def open(self) -> int:
        """Tonnes that are not matched yet."""
        return self.lot.quantity - self.taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Tonnes of a row matched with tonnes of a lot.

    Attributes:
        part: The part of the row.
        lot: The lot.
        units: The registry's serials of the tonnes.
        whole: All of the lot: it can be numbered with them.
    """

    part: OpenPart
    lot: LedgerLot
    units: SerialRange
    whole: bool


@dataclass(slots=True)
class Matcher:
    """Matches the parts and lots of one account and product.

    Lots of exactly the quantity at the same place go first, then such lots elsewhere, then whatever
    is there: same place first, in the order of serials.
    """

    parts: Sequence[OpenPart]
    lots: Sequence[FreeLot]
    pairings: list[Pairing] = field(default_factory=list)

    def run(self) -> list[Pairing]:
        """All pairings."""
        self._exactly(lambda lot: lot.place_name, lambda part: part.holding.place)
        self._exactly(lambda _lot: "", lambda _part: "")
        for place in dict.fromkeys(part.holding.place for part in self.parts):
            self._somehow(
                (part for part in self.parts if part.holding.place == place),
                (free for free in self.lots if free.lot.place_name == place),
            )
        self._somehow(self.parts, self.lots)
        return self.pairings

    def _exactly(
        self, of_lot: Callable[[LedgerLot], Hashable], of_part: Callable[[OpenPart], Hashable]
    ) -> None:
        queues: dict[tuple[int, Hashable], deque[FreeLot]] = defaultdict(deque)
        for free in self.lots:
            if not free.taken:
                queues[free.open, of_lot(free.lot)].append(free)
        for part in self.parts:
            queue = queues.get((part.open, of_part(part)))
            if part.open and queue:
                self._pair(part, queue.popleft())

    def _somehow(self, parts: Iterable[OpenPart], lots: Iterable[FreeLot]) -> None:
        queue = deque(free for free in lots if free.open)
        for part in parts:
            while part.open and queue:
                self._pair(part, queue[0])
                if not queue[0].open:
                    queue.popleft()

    def _pair(self, part: OpenPart, free: FreeLot) -> None:
        quantity = min(part.open, free.open)
        self.pairings.append(
            Pairing(
                part=part,
                lot=free.lot,
                units=part.next_units(quantity),
                whole=quantity == free.lot.quantity,
            )
        )
        part.taken += quantity
        free.taken += quantity
