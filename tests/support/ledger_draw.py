"""Orders drawn by lot, from what the model of the ledger holds."""

import random
from typing import Any

from support.ledger_model import Model
from support.ledger_model_state import ModelLot
from support.ledger_orders import (
    DAY,
    HOUR,
    NONE,
    AccountKind,
    Instrument,
    Kind,
    Order,
    Place,
    digest,
)
from support.ledger_table import TABLE

KINDS = [kind for kind in TABLE if kind is not Kind.CLOSE_LEDGER]
# The long ways, which need several orders one after another, are tried more often.
WEIGHTS = {
    Kind.REGISTER_CLASS: 0.3,
    Kind.CORRECT_MOVE: 0.5,
    Kind.CORRECT_REMOVE: 0.5,
    Kind.SURRENDER: 2.0,
    Kind.OFFSET_FREEZE: 2.0,
    Kind.OFFSET_PENDING: 4.0,
    Kind.OFFSET_USE: 4.0,
    Kind.OFFSET_CANCEL: 2.0,
    Kind.LISTED: 2.0,
    Kind.MOVE: 3.0,
}


class Draw:
    """Draws orders: kinds and lots that fit each other, most of the time."""

    def __init__(self, chance: random.Random, model: Model) -> None:
        self.random = chance
        self.model = model

    def order(self, now: int, order_id: bytes) -> Order:
        """An order that is mostly sensible, and sometimes has one defect."""
        kind, lots = self._kind()
        row = TABLE[kind]
        source = self.model.lots[lots[0]].account if lots else self.account(row.source)
        fields: dict[str, Any] = {
            "kind": kind,
            "source": source,
            "to": self._receiver(kind, source, lots),
            "subject": self._subject(kind, source, lots),
            "parts": tuple((lot, self._quantity(kind, lot)) for lot in sorted(lots)),
            "quantity": self._total(kind),
            "registry_number": order_id,
            "reason": digest("reason"),
            "commitment": digest("salt and what the order does not tell"),
            "not_before": self.random.choice([0] * 9 + [now + HOUR]),
            "deadline": now + self.random.choice([DAY, 400 * DAY, 400 * DAY, 400 * DAY]),
            "order_id": order_id,
        }
        if self.random.random() < 0.15:
            fields |= self._defect(fields, now)
        return Order(**fields)

    def _kind(self) -> tuple[Kind, list[int]]:
        """A kind, and lots that it can take; seldom one for which there are none."""
        for _ in range(6):
            kind = self.random.choices(KINDS, [WEIGHTS.get(each, 1.0) for each in KINDS])[0]
            lots = self._lots(kind) if TABLE[kind].places else []
            if lots or not TABLE[kind].places:
                break
        return kind, lots

    def account(self, kinds: tuple[AccountKind, ...]) -> int:
        """An account of one of these kinds; 0 when there is none."""
        fitting = [each for each, found in self.model.accounts.items() if found.kind in kinds]
        return self.random.choice(fitting) if fitting else 0

    def _receiver(self, kind: Kind, source: int, lots: list[int]) -> int:
        kinds = TABLE[kind].to
        if not kinds:
            return 0
        if kind is Kind.UNPLEDGE and lots:
            return self.model.lots[lots[0]].subject
        found = self.model.accounts.get(source)
        if kind in {Kind.PRE_ALLOCATE, Kind.ISSUE} or found is None:
            return self.account(kinds)
        fitting = [
            number
            for number, each in self.model.accounts.items()
            if each.kind in kinds
            and (kind is not Kind.MOVE or each.organisation == found.organisation)
        ]
        if kind in {Kind.LISTED, Kind.BLOCK, Kind.AUCTION, Kind.SET_COUNTERPARTY}:
            same = [each for each in fitting if self.model.accounts[each].kind is found.kind]
            fitting = [each for each in same if each != source] or fitting
        return self.random.choice(fitting)

    def _subject(self, kind: Kind, source: int, lots: list[int]) -> int:
        lot = self.model.lots[lots[0]] if lots else None
        owner = self.model.accounts.get(source)
        by_kind = {
            Kind.PRE_ALLOCATE: self.random.choice(list(self.model.classes or [1])),
            Kind.ISSUE: self.random.choice(list(self.model.classes or [1])),
            Kind.CLAW_BACK: lot.class_id if lot else 1,
            Kind.REGISTER_CLASS: self.random.choice(list(Instrument)[1:]),
            Kind.MOVE: self.random.choice([Place.REGISTRY, Place.TRADING]),
            Kind.CARRY_OVER: 2,
            Kind.SETTLE_ARREAR: self.random.choice([*self.model.arrears, 1]),
        }
        obligation = owner.organisation if owner else 1
        return by_kind.get(kind, (lot.subject if lot else 0) or obligation)

    def _lots(self, kind: Kind) -> list[int]:
        row = TABLE[kind]
        fitting = [
            number
            for number, lot in self.model.lots.items()
            if lot.place in row.places
            and lot.hold in row.holds
            and not lot.order
            and self.model.accounts[lot.account].kind in row.source
        ]
        drawn = self.random.random()
        if drawn < 0.05:
            fitting = list(self.model.lots)
        elif drawn < 0.15:
            fitting = [each for each, lot in self.model.lots.items() if lot.place in row.places]
        if not fitting:
            return []
        first = self.random.choice(fitting)
        return [first, *self._like(first, fitting)][: self.random.choice([1, 1, 2, 4])]

    def _like(self, first: int, fitting: list[int]) -> list[int]:
        def nature(lot: ModelLot) -> tuple[int, int, int]:
            return lot.account, lot.subject, lot.class_id

        wanted = nature(self.model.lots[first])
        return [
            each for each in fitting if each != first and nature(self.model.lots[each]) == wanted
        ]

    def _quantity(self, kind: Kind, lot: int) -> int:
        whole = self.model.lots[lot].quantity
        if kind is Kind.OFFSET_FREEZE:
            return min(whole, self.random.choice([1, 40, 100, 201]))
        return self.random.choice([whole, whole, max(1, whole // 2), 1])

    def _total(self, kind: Kind) -> int:
        if kind in {Kind.PRE_ALLOCATE, Kind.ISSUE}:
            return self.random.choice([1, 100, 997, 3_000])
        if kind is Kind.SET_COUNTERPARTY:
            return self.random.choice([1, 1, 1, 0])
        if kind is Kind.REGISTER_CLASS:
            return 2026
        if kind is Kind.CLAW_BACK:
            return self.random.choice([1_000, 100_000])
        return -1

    def _defect(self, fields: dict[str, Any], now: int) -> dict[str, Any]:
        """One thing that is wrong with an order."""
        parts = fields["parts"]
        defects: list[dict[str, Any]] = [
            {"source": self.random.choice(list(self.model.accounts))},
            {"to": self.random.choice([*self.model.accounts, 0, 99])},
            {"subject": self.random.choice([0, 1, 2, 99])},
            {"quantity": self.random.choice([0, 1, 2**255, 10**12 + 1])},
            {"deadline": now - HOUR},
            {"reason": NONE, "registry_number": NONE},
            {"commitment": NONE},
            {"own_id": False},
            {"order_id": NONE},
            {"kind": self.random.choice([0, 30, *KINDS])},
            {"parts": (*parts, (len(self.model.lots) + 1, 1))},
        ]
        if parts:
            lot, quantity = parts[-1]
            wrong = self.random.choice([0, quantity + 1, 10**12 + 1, 2**255])
            defects += [
                {"parts": (*parts[:-1], (lot, wrong)), "quantity": 1},
                {"parts": (*parts, parts[0])},
            ]
        return self.random.choice(defects)
