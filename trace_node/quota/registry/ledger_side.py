"""The ledger as the comparison sees it, with the registry's serials where they are known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from trace_node.quota.ledger.kinds import AccountKind, Place
from trace_node.quota.registry.statement import SerialRange

NO_NUMBER: Final = bytes(32)
PLACE_NAMES: Final = {
    Place.REGISTRY: "registry",
    Place.TRADING: "trading",
    Place.FROZEN: "frozen",
    Place.PENDING: "pending",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerAccount:
    """An account of the ledger.

    Attributes:
        number: Its number on the chain.
        kind: What it is for.
        registry_number: Digest of its account number in the registry.
    """

    number: int
    kind: AccountKind
    registry_number: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLot:
    """A lot of the ledger.

    Attributes:
        number: Its number on the chain.
        account: Account that holds it or in which it ended.
        product: Code of its class.
        place: Where it stands.
        first_serial: First serial on the chain.
        quantity: Whole tonnes.
        registry_number: Digest of the registry's range; zeros while none was entered.
        reserved: Whether an open order holds it.
    """

    number: int
    account: int
    product: str
    place: Place
    first_serial: int
    quantity: int
    registry_number: bytes
    reserved: bool

    @property
    def place_name(self) -> str:
        """The registry's word for its place; empty where it has ended."""
        return PLACE_NAMES.get(self.place, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A lot and the registry's serials it holds.

    Attributes:
        lot: The lot.
        units: Its units by the registry's serials.
    """

    lot: LedgerLot
    units: SerialRange


def pieces_of(
    lots: Iterable[LedgerLot], references: Mapping[bytes, SerialRange]
) -> tuple[tuple[Piece, ...], tuple[LedgerLot, ...]]:
    """Lots whose registry serials are known, and held lots whose are not.

    A lot keeps its number when it is split, so all lots of one number are parts of one range: the
    distance of a part from the first serial of all of them is the same on both sides.

    Args:
        lots: Every lot that carries one of the numbers, wherever it stands.
        references: Range behind each number.
    """
    families: dict[tuple[str, bytes], list[LedgerLot]] = {}
    unknown: list[LedgerLot] = []
    for lot in lots:
        reference = references.get(lot.registry_number)
        if reference is not None and reference.product == lot.product:
            families.setdefault((lot.product, lot.registry_number), []).append(lot)
        elif lot.place.held:
            unknown.append(lot)
    known: list[Piece] = []
    for (_product, number), members in families.items():
        known += _family(members, references[number])
    return tuple(known), tuple(sorted(unknown, key=lambda lot: (lot.product, lot.first_serial)))


def _family(members: Sequence[LedgerLot], reference: SerialRange) -> list[Piece]:
    base = min(lot.first_serial for lot in members)
    pieces = []
    for lot in sorted(members, key=lambda each: each.first_serial):
        first = reference.first + lot.first_serial - base
        units = SerialRange(product=lot.product, first=first, last=first + lot.quantity - 1)
        pieces.append(Piece(lot=lot, units=units))
    return pieces
