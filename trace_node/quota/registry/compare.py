"""The ledger against the registries' holdings, tonne by tonne (逐批次对账).

What both hold alike is matched; what only one of them holds, or holds elsewhere, is a difference.
The registry is right: a difference is a task for the ledger.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from trace_node.quota.ledger.order_texts import number_digest
from trace_node.quota.registry.by_quantity import FreeLot, Matcher, OpenPart, Pairing
from trace_node.quota.registry.ledger_side import LedgerAccount, LedgerLot, Piece, pieces_of
from trace_node.quota.registry.outcome import Cause, Comparison, Difference, Match, ToNumber
from trace_node.quota.registry.statement import (
    RegistryStatement,
    SerialRange,
)


def compare(
    statements: Sequence[RegistryStatement],
    *,
    accounts: Iterable[LedgerAccount],
    lots: Sequence[LedgerLot],
    references: Mapping[bytes, SerialRange],
) -> Comparison:
    """Compare holdings statements, at most one an account, with the ledger.

    Args:
        statements: Holdings statements; accounts without one are not looked at.
        accounts: All accounts of the ledger.
        lots: All lots of the ledger, also those that have ended.
        references: Range behind each registry number that is known.
    """
    by_number = {account.registry_number: account.number for account in accounts}
    known, unknown = pieces_of(lots, references)
    comparing = _Comparing(known=_Known(known))
    for statement in statements:
        account = by_number.get(number_digest(statement.account), 0)
        if account:
            comparing.take(statement, account)
        else:
            comparing.refuse(statement)
    comparing.match_quantities(unknown)
    comparing.tell_surplus(known)
    return Comparison(
        matches=tuple(comparing.matches),
        to_number=tuple(comparing.to_number),
        differences=tuple(comparing.differences),
    )


class _Known:
    """Pieces by product, found by serial without looking at all of them."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._pieces: dict[str, list[Piece]] = defaultdict(list)
        for piece in sorted(pieces, key=lambda each: each.units.first):
            self._pieces[piece.units.product].append(piece)
        self._reach = {
            product: list(accumulate((each.units.last for each in found), max))
            for product, found in self._pieces.items()
        }

    def overlapping(self, units: SerialRange) -> Iterator[tuple[Piece, SerialRange]]:
        """Pieces that share serials with a range, and what they share."""
        pieces = self._pieces.get(units.product, [])
        start = bisect_left(self._reach.get(units.product, []), units.first)
        for piece in pieces[start:]:
            if piece.units.first > units.last:
                return
            first, last = max(piece.units.first, units.first), min(piece.units.last, units.last)
            if first <= last:
                yield piece, SerialRange(product=units.product, first=first, last=last)


@dataclass(slots=True)
class _Comparing:
    """The comparison under way."""

    known: _Known
    matches: list[Match] = field(default_factory=list)
    to_number: list[ToNumber] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    parts: list[OpenPart] = field(default_factory=list)
    claimed: dict[int, list[SerialRange]] = field(default_factory=dict)
    told: dict[int, RegistryStatement] = field(default_factory=dict)

    def take(self, statement: RegistryStatement, account: int) -> None:
        """Explain the rows of a statement by lots whose serials are known; keep what is left."""
        self.told[account] = statement
        for holding in statement.holdings:
            explained = []
            for piece, both in self.known.overlapping(holding.units):
                explained.append(both)
                self.claimed.setdefault(piece.lot.number, []).append(both)
                part = OpenPart(statement, account, holding, both)
                self._settle(part, piece.lot, both.quantity, numbered=True)
            self.parts += [
                OpenPart(statement, account, holding, units)
                for units in _without(holding.units, explained)
            ]

    def refuse(self, statement: RegistryStatement) -> None:
        """Tell that the ledger has no such account."""
        for holding in statement.holdings:
            part = OpenPart(statement, 0, holding, holding.units)
            self.differences.append(_difference(Cause.UNKNOWN_ACCOUNT, part, part.open))

    def match_quantities(self, unknown: Sequence[LedgerLot]) -> None:
        """Explain what is left by lots without a number, and tell what nothing explains."""
        looked_at = [FreeLot(lot) for lot in unknown if lot.account in self.told]
        free: dict[tuple[int, str], list[FreeLot]] = defaultdict(list)
        for each in looked_at:
            free[each.lot.account, each.lot.product].append(each)
        parts: dict[tuple[int, str], list[OpenPart]] = defaultdict(list)
        for part in self.parts:
            parts[part.account, part.units.product].append(part)
        for group, members in parts.items():
            for pairing in Matcher(members, free.get(group, [])).run():
                self._pair(pairing)
        self.differences += [
            _difference(Cause.MISSING, part, part.open) for part in self.parts if part.open
        ]
        self.differences += [
            _surplus(each.lot, each.open, self.told) for each in looked_at if each.open
        ]

    def _pair(self, pairing: Pairing) -> None:
        self._settle(pairing.part, pairing.lot, pairing.units.quantity, numbered=False)
        if pairing.whole:
            self.to_number.append(ToNumber(lot=pairing.lot.number, units=pairing.units))

    def tell_surplus(self, known: Iterable[Piece]) -> None:
        """Tell which tonnes of numbered lots no statement has."""
        for piece in known:
            if piece.lot.account in self.told and piece.lot.place.held:
                for units in _without(piece.units, self.claimed.get(piece.lot.number, ())):
                    self.differences.append(_surplus(piece.lot, units.quantity, self.told))

    def _settle(self, part: OpenPart, lot: LedgerLot, quantity: int, *, numbered: bool) -> None:
        cause = _cause(lot, part)
        if cause is not None:
            self.differences.append(_difference(cause, part, quantity, lot))
            return
        self.matches.append(
            Match(
                account=part.account,
                row=part.holding.row,
                lot=lot.number,
                quantity=quantity,
                numbered=numbered,
            )
        )


def _cause(lot: LedgerLot, part: OpenPart) -> Cause | None:
    if not lot.place.held:
        return Cause.ENDED
    if lot.account != part.account:
        return Cause.ACCOUNT
    return None if lot.place_name == part.holding.place else Cause.PLACE


def _difference(
    cause: Cause, part: OpenPart, quantity: int, lot: LedgerLot | None = None
) -> Difference:
    return Difference(
        cause=cause,
        account=part.account,
        product=part.units.product,
        quantity=quantity,
        row=part.holding.row,
        place=part.holding.place,
        lot=0 if lot is None else lot.number,
        held_in=0 if lot is None else lot.account,
        reserved=lot is not None and lot.reserved,
        statement=part.statement.number,
    )


def _surplus(lot: LedgerLot, quantity: int, told: Mapping[int, RegistryStatement]) -> Difference:
    return Difference(
        cause=Cause.SURPLUS,
        account=lot.account,
        product=lot.product,
        quantity=quantity,
        row=0,
        place="",
        lot=lot.number,
        held_in=lot.account,
        reserved=lot.reserved,
        statement=told[lot.account].number,
    )


def _without(units: SerialRange, taken: Iterable[SerialRange]) -> list[SerialRange]:
    """What is left of a range when others are taken out of it."""
    left, at = [], units.first
    for other in sorted(taken, key=lambda each: each.first):
        if other.first > at:
            left.append(SerialRange(product=units.product, first=at, last=other.first - 1))
        at = max(at, other.last + 1)
    if at <= units.last:
        left.append(SerialRange(product=units.product, first=at, last=units.last))
    return left
