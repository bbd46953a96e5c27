"""What the slow model refuses of an order: its accounts, its amounts, its lots."""

from dataclasses import replace

from support.ledger_model_state import ModelAccount, ModelLot, State, require
from support.ledger_orders import (
    NONE,
    AccountKind,
    Admission,
    Hold,
    Instrument,
    Kind,
    Order,
    Place,
)
from support.ledger_table import Row

MOST = 10**12


class Checks(State):
    """Refusals, looked for in the specified order."""

    def _require_accounts(self, order: Order, row: Row) -> None:
        named = row.source or order.source
        source = self._require_account(order.source, row.source) if named else None
        if source and row.initiator == "key":
            self._require_active(source)
        to = self._require_account(order.to, row.to) if row.to or order.to else None
        if to and order.kind < Kind.CORRECT_MOVE:
            self._require_active(to)
        kind = Kind(order.kind)
        if kind is Kind.MOVE or (
            source and source.kind is AccountKind.PROVINCIAL and kind is Kind.ALLOCATE
        ):
            assert source
            assert to
            require(source.organisation == to.organisation, "AnotherOrganisation")
        if kind in {Kind.LISTED, Kind.BLOCK, Kind.AUCTION, Kind.SET_COUNTERPARTY}:
            assert source
            assert to
            require(order.source != order.to, "SameAccount")
            require(source.kind is to.kind, "WrongAccountKind")
            if kind is not Kind.SET_COUNTERPARTY:
                require((order.source, order.to) in self.allowed, "CounterpartyNotAllowed")
        if kind is Kind.PLEDGE:
            assert source
            assert to
            require(source.organisation != to.organisation, "SameOrganisation")
        if kind is Kind.OFFSET_FREEZE:
            assert source
            require(source.bound, "AccountNotBound")

    def _require_account(self, number: int, kinds: tuple[AccountKind, ...]) -> ModelAccount:
        require(number in self.accounts, "UnknownAccount")
        require(self.accounts[number].kind in kinds, "WrongAccountKind")
        return self.accounts[number]

    @staticmethod
    def _require_active(account: ModelAccount) -> None:
        require(account.status != "frozen", "AccountFrozen")
        require(account.status != "closed", "AccountIsClosed")

    def _reserve(self, order: Order, row: Row, number: int) -> list[int]:
        require(len(order.parts) <= (64 if row.places else 0), "TooManyLots")
        self._require_fields(order)
        if not row.places:
            return []
        require(order.parts or order.kind == Kind.CLAW_BACK, "NoLots")
        reserved: list[int] = []
        last = 0
        for lot, quantity in order.parts:
            self._require_amount(quantity)
            require(lot > last, "LotsNotAscending")
            last = lot
            self._require_lot(order, row, lot, quantity)
            reserved.append(self._take(lot, quantity, number))
        total = sum(quantity for _, quantity in order.parts)
        if order.kind == Kind.CLAW_BACK:
            require(total <= order.quantity, "QuantityMismatch")
        else:
            require(total == order.quantity, "QuantityMismatch")
        return reserved

    @staticmethod
    def _require_amount(quantity: int) -> None:
        require(quantity != 0, "ZeroAmount")
        require(quantity < 2**255, "NegativeAmount")
        require(quantity <= MOST, "AmountTooLarge")

    def _require_fields(self, order: Order) -> None:
        kind = Kind(order.kind)
        if kind is Kind.REGISTER_CLASS:
            require(1 <= order.subject <= max(Instrument), "UnknownInstrument")
            require(order.registry_number != NONE, "NoDigest")
            require(order.quantity < 2**32, "AmountTooLarge")
        elif kind in {Kind.PRE_ALLOCATE, Kind.ISSUE}:
            self._require_amount(order.quantity)
            require(order.subject in self.classes, "UnknownClass")
            self._require_receiver(order.to, order.subject)
        elif kind is Kind.CLAW_BACK:
            self._require_amount(order.quantity)
            require(order.subject in self.classes, "UnknownClass")
        elif kind is Kind.SET_COUNTERPARTY:
            require(order.quantity <= 1, "AmountTooLarge")
        elif kind is Kind.MOVE:
            require(order.subject in {Place.REGISTRY, Place.TRADING}, "UnknownPlace")
        elif kind is Kind.CARRY_OVER:
            known = self.classes.get(order.subject)
            require(known and known[0] is Instrument.ALLOWANCE, "UnknownClass")
        elif kind in {Kind.FREEZE, Kind.CANCEL}:
            require(order.reason != NONE, "NoDigest")
            require(order.commitment != NONE or kind is Kind.FREEZE, "NoDigest")
        elif kind >= Kind.CORRECT_MOVE:
            require(order.registry_number != NONE, "NoDigest")

    def _require_lot(self, order: Order, row: Row, number: int, quantity: int) -> None:
        require(number in self.lots, "UnknownLot")
        lot = self.lots[number]
        require(lot.account == order.source, "NotInAccount")
        require(lot.order == 0, "LotReserved")
        require(lot.place in row.places, "WrongPlace")
        require(lot.hold in row.holds, "WrongHold")
        if lot.hold in {Hold.OFFSET, Hold.USED} and order.kind < Kind.CORRECT_MOVE:
            require(lot.subject == order.subject, "WrongHold")
        if order.kind == Kind.UNPLEDGE:
            require(lot.subject == order.to, "WrongHold")
        unused = lot.place is Place.PENDING and lot.hold is Hold.OFFSET
        require(not (order.kind == Kind.OFFSET_CANCEL and unused), "WrongHold")
        require(quantity <= lot.quantity, "InsufficientLot")
        if row.to and order.kind not in {Kind.PLEDGE, Kind.UNPLEDGE}:
            self._require_receiver(order.to, lot.class_id)
        self._require_class(order, lot)

    def _require_receiver(self, account: int, class_id: int) -> None:
        """CCER stands in CCER and cancellation accounts, all else in all but CCER accounts."""
        kind = self.accounts[account].kind
        ccer = self.classes[class_id][0] is Instrument.CCER
        fits = kind is AccountKind.CANCELLATION or ccer == (kind is AccountKind.CCER)
        require(fits, "WrongAccountKind")

    def _require_class(self, order: Order, lot: ModelLot) -> None:
        kind, class_id = Kind(order.kind), lot.class_id
        instrument, vintage, _ = self.classes[class_id]
        if kind is Kind.CLAW_BACK:
            require(class_id == order.subject, "WrongClass")
        elif kind is Kind.SETTLE_ARREAR:
            require(order.subject in self.arrears, "UnknownArrear")
            owed = self.arrears[order.subject][1]
            if class_id != owed:
                self._require_admission(class_id, self.classes[owed][1], Admission.ALLOWANCE)
        elif kind in {Kind.SURRENDER, Kind.FORCED_SURRENDER}:
            self._require_admission(class_id, self._year(order), Admission.ALLOWANCE)
        elif kind is Kind.OFFSET_FREEZE:
            either = (Admission.OFFSET, Admission.OFFSET_CANCELLED_FIRST)
            self._require_admission(class_id, self._year(order), *either)
            require(instrument is Instrument.CCER, "NotAdmissible")
        elif kind is Kind.OFFSET_PENDING or (
            kind is Kind.OFFSET_USE and lot.place is Place.PENDING
        ):
            self._require_admission(class_id, self._year(order), Admission.OFFSET)
        elif kind is Kind.OFFSET_CANCEL and lot.place is Place.FROZEN:
            first, year = Admission.OFFSET_CANCELLED_FIRST, self._year(order)
            owed = self.obligations[order.subject]
            require(owed.reserved <= owed.cap, "OffsetCapExceeded")
            self._require_admission(class_id, year, first)
        elif kind is Kind.CARRY_OVER:
            older = vintage < self.classes[order.subject][1]
            require(instrument is Instrument.ALLOWANCE and older, "WrongClass")

    def _year(self, order: Order) -> int:
        require(order.subject in self.obligations, "UnknownObligation")
        return self.obligations[order.subject].year

    def _require_admission(self, class_id: int, year: int, *wanted: Admission) -> None:
        require((class_id, year) in self.admissions, "UnknownRule")
        require(self.admissions[class_id, year] in wanted, "NotAdmissible")

    def _take(self, number: int, quantity: int, order: int) -> int:
        lot = self.lots[number]
        if quantity == lot.quantity:
            lot.order = order
            return number
        taken = len(self.lots) + 1
        self.lots[taken] = replace(lot, quantity=quantity, order=order)
        lot.first += quantity
        lot.quantity -= quantity
        return taken
