"""The allowance ledger in slow, plain Python: an oracle of what its contracts must do.

Everything is a dictionary; balances and totals are counted from the lots each time they are asked for.
Refusals carry the names of the contracts' errors, and are looked for in the specified order.
"""

from copy import deepcopy

from support.evm import CHAIN_ID
from support.ledger_model_checks import Checks
from support.ledger_model_state import (
    ModelAccount,
    ModelLot,
    ModelObligation,
    ModelOrder,
    RefusedError,
    require,
)
from support.ledger_orders import (
    NONE,
    AccountKind,
    Hold,
    Instrument,
    Kind,
    Order,
    OrderState,
    Place,
)
from support.ledger_table import TABLE, Row


class Model(Checks):
    """What may be done: the life of orders, and what they do."""

    def propose(self, order: Order, signer: str, now: int, *, signed: bool = True) -> None:
        self._require_writable(order)
        if (known := self.orders.get(order.order_id)) is not None:
            require(known.content == order, "OrderConflict")
            return
        require(order.order_id != NONE, "NoOrderId")
        require(order.kind in {int(kind) for kind in TABLE}, "UnknownKind")
        row = TABLE[Kind(order.kind)]
        side = self._side(order, row)
        require(order.order_id[:8] == side.to_bytes(8, "big"), "OrderIdOfAnother")
        require(now <= order.deadline, "OrderExpired")
        require(order.not_before <= order.deadline, "NoTimeToExecute")
        require(signed, "SignatureMismatch")
        require(self._may(order, row.initiator, 1, signer), "NotAuthorised")
        self._require_accounts(order, row)
        number, before = len(self.orders) + 1, deepcopy(self.lots)
        try:
            lots = self._reserve(order, row, number)
        except RefusedError:
            self.lots = before
            raise
        self.orders[order.order_id] = ModelOrder(order, number, signer, lots)

    def submit(self, order: Order, initiator: str, approver: str, now: int) -> None:
        before = deepcopy(self.__dict__)
        try:
            self.propose(order, initiator, now)
            self.approve(order, approver, now)
            if now >= self.orders[order.order_id].executable_at:
                self.execute(order, now)
        except RefusedError:
            self.__dict__.update(before)
            raise

    def approve(self, order: Order, signer: str, now: int, *, signed: bool = True) -> None:
        known = self._known(order)
        if known.state is not OrderState.PROPOSED:
            stands = known.state in {OrderState.APPROVED, OrderState.EXECUTED}
            require(stands and known.approver == signer, "OrderClosed")
            return
        require(signer != known.initiator, "ApproverIsInitiator")
        require(signed, "SignatureMismatch")
        row = TABLE[Kind(order.kind)]
        require(self._may(order, row.approver, 2, signer), "NotAuthorised")
        account = self.accounts.get(self._side(order, row))
        at = max(order.not_before, now + (account.delay if account else 0))
        require(now <= order.deadline, "OrderExpired")
        require(at <= order.deadline, "NoTimeToExecute")
        known.state, known.approver, known.executable_at = OrderState.APPROVED, signer, at

    def execute(self, order: Order, now: int) -> None:
        known = self._known(order)
        if known.state is OrderState.EXECUTED:
            return
        require(known.state is not OrderState.PROPOSED, "OrderNotApproved")
        require(known.state is OrderState.APPROVED, "OrderClosed")
        require(now >= known.executable_at, "TooEarly")
        require(now <= order.deadline, "OrderExpired")
        row = TABLE[Kind(order.kind)]
        require(self._may(order, row.initiator, 1, known.initiator), "NotAuthorised")
        require(self._may(order, row.approver, 2, known.approver), "NotAuthorised")
        self._require_accounts(order, row)
        self._apply(order, [self.lots[lot] for lot in known.lots])
        self._end(known, OrderState.EXECUTED)

    def cancel(self, order: Order, signer: str, *, signed: bool = True) -> None:
        known = self._known(order)
        if known.state is OrderState.CANCELLED:
            return
        require(known.state in {OrderState.PROPOSED, OrderState.APPROVED}, "OrderClosed")
        require(signed, "SignatureMismatch")
        own_side = self._may(order, TABLE[Kind(order.kind)].initiator, 1 | 2, signer)
        entitled = own_side or self.offices.get(signer) == "regulator"
        require(entitled, "NotAuthorised")
        self._end(known, OrderState.CANCELLED)

    def expire(self, order: Order, now: int) -> None:
        known = self._known(order)
        if known.state is OrderState.EXPIRED:
            return
        require(known.state in {OrderState.PROPOSED, OrderState.APPROVED}, "OrderClosed")
        require(now > order.deadline, "NotExpired")
        self._end(known, OrderState.EXPIRED)

    def confirm(self, order: Order, number: bytes, officer: str) -> None:
        require(not self.paused, "LedgerPaused")
        require(self.offices.get(officer) in {"registry", "exchange"}, "NotOfficer")
        require(number != NONE, "NoDigest")
        require(order.order_id in self.orders, "UnknownOrder")
        known = self.orders[order.order_id]
        if known.confirmation == number:
            return
        require(known.confirmation == NONE, "AlreadyConfirmed")
        executed = known.state is OrderState.EXECUTED
        require(executed and TABLE[Kind(known.content.kind)].confirmed, "NothingToConfirm")
        known.confirmation = number

    def _require_writable(self, order: Order) -> None:
        require(not self.paused, "LedgerPaused")
        require(order.chain_id == CHAIN_ID, "WrongChain")

    def _known(self, order: Order) -> ModelOrder:
        self._require_writable(order)
        require(order.order_id in self.orders, "UnknownOrder")
        known = self.orders[order.order_id]
        require(known.content == order, "OrderConflict")
        return known

    def _may(self, order: Order, who: str, right: int, signer: str) -> bool:
        if who == "key":
            return self.rights.get((order.source, signer), 0) & right != 0
        if who == "key of to":
            return self.rights.get((order.to, signer), 0) & right != 0
        return self.offices.get(signer) == who

    @staticmethod
    def _side(order: Order, row: Row) -> int:
        """The account whose keys propose the order; 0 when officers do."""
        return {"key": order.source, "key of to": order.to}.get(row.initiator, 0)

    def _end(self, known: ModelOrder, state: OrderState) -> None:
        for lot in known.lots:
            self.lots[lot].order = 0
        known.state, known.lots = state, []

    # What an order does.

    def _apply(self, order: Order, lots: list[ModelLot]) -> None:
        for lot in lots:
            self._require_class(order, lot)
        total = sum(lot.quantity for lot in lots)
        kind = Kind(order.kind)
        if kind is Kind.REGISTER_CLASS:
            codes = {code for _, _, code in self.classes.values()}
            require(order.registry_number not in codes, "ClassExists")
            content = (Instrument(order.subject), order.quantity, order.registry_number)
            self.classes[len(self.classes) + 1] = content
        elif kind in {Kind.PRE_ALLOCATE, Kind.ISSUE}:
            self._issue(order.subject, order.to, order.quantity)
        elif kind is Kind.SET_COUNTERPARTY:
            (self.allowed.add if order.quantity else self.allowed.discard)((order.source, order.to))
        else:
            self._settle(order, lots, total)
            for lot in lots:
                self._move(order, lot)
            if kind is Kind.CARRY_OVER:
                self._issue(order.subject, order.source, total)

    def _issue(self, class_id: int, account: int, quantity: int) -> None:
        first = 1 + sum(lot.quantity for lot in self.lots.values() if lot.class_id == class_id)
        self.lots[len(self.lots) + 1] = ModelLot(account, class_id, first, quantity)

    def _settle(self, order: Order, lots: list[ModelLot], total: int) -> None:
        kind, source = Kind(order.kind), self.accounts[order.source]
        if kind in {Kind.SURRENDER, Kind.FORCED_SURRENDER}:
            owed = self._obligation(order, source)
            require(total <= owed.outstanding, "ExceedsObligation")
            owed.surrendered += total
        elif kind is Kind.OFFSET_FREEZE:
            owed = self._obligation(order, source)
            require(owed.year not in self.closed_years, "PeriodClosed")
            require(owed.reserved + total <= owed.cap, "OffsetCapExceeded")
            owed.reserved += total
        elif kind is Kind.OFFSET_USE:
            owed = self.obligations[order.subject]
            require(owed.used + total <= owed.cap, "OffsetCapExceeded")
            require(total <= owed.outstanding, "ExceedsObligation")
            owed.used += total
        elif kind is Kind.OFFSET_RELEASE or kind >= Kind.CORRECT_MOVE:
            for lot in lots:
                self._take_back(lot)
        elif kind is Kind.ALLOCATE and source.kind is AccountKind.PROVINCIAL:
            owed = self._obligation(order, source)
            require(owed.outstanding == 0, "ObligationOpen")
        else:
            self._settle_claims(order, total)

    def _take_back(self, lot: ModelLot) -> None:
        """What a lot was handed in, set aside or converted for is as it was before."""
        if lot.place is Place.SURRENDERED:
            self.obligations[lot.subject].surrendered -= lot.quantity
        elif lot.place is Place.CONVERTED:
            year = self.classes[lot.subject][1]
            self.limits[self.accounts[lot.account].organisation, year][1] -= lot.quantity
        elif lot.hold in {Hold.OFFSET, Hold.USED}:
            owed = self.obligations[lot.subject]
            owed.reserved -= lot.quantity
            if lot.hold is Hold.USED:
                owed.used -= lot.quantity

    def _settle_claims(self, order: Order, total: int) -> None:
        kind, source = Kind(order.kind), self.accounts[order.source]
        if kind is Kind.SETTLE_ARREAR:
            arrear = self.arrears[order.subject]
            require(arrear[0] == source.organisation, "ArrearOfAnother")
            require(total <= arrear[2], "ExceedsArrear")
            arrear[2] -= total
        elif kind is Kind.CLAW_BACK and order.quantity > total:
            registry, trading, *_ = self.balance(order.source, order.subject)
            require(registry + trading == total, "NotShort")
            owed_by = [source.organisation, order.subject, order.quantity - total]
            self.arrears[len(self.arrears) + 1] = owed_by
        elif kind is Kind.CARRY_OVER:
            key = (source.organisation, self.classes[order.subject][1])
            require(key in self.limits, "NoCarryOver")
            require(self.limits[key][1] + total <= self.limits[key][0], "CarryOverExceeded")
            self.limits[key][1] += total

    def _obligation(self, order: Order, source: ModelAccount) -> ModelObligation:
        require(order.subject in self.obligations, "UnknownObligation")
        owed = self.obligations[order.subject]
        require(owed.organisation == source.organisation, "ObligationOfAnother")
        return owed

    @staticmethod
    def _move(order: Order, lot: ModelLot) -> None:
        kind = Kind(order.kind)
        ends: dict[Kind, tuple[int, Place, Hold, int]] = {
            Kind.FREEZE: (order.source, Place.FROZEN, Hold.JUDICIAL, 0),
            Kind.PLEDGE: (order.source, Place.FROZEN, Hold.PLEDGE, order.to),
            Kind.OFFSET_FREEZE: (order.source, Place.FROZEN, Hold.OFFSET, order.subject),
            Kind.OFFSET_PENDING: (order.source, Place.PENDING, Hold.OFFSET, order.subject),
            Kind.OFFSET_USE: (order.source, lot.place, Hold.USED, order.subject),
            Kind.OFFSET_CANCEL: (order.source, Place.CANCELLED, lot.hold, order.subject),
            Kind.SURRENDER: (order.source, Place.SURRENDERED, Hold.NONE, order.subject),
            Kind.FORCED_SURRENDER: (order.source, Place.SURRENDERED, Hold.NONE, order.subject),
            Kind.CARRY_OVER: (order.source, Place.CONVERTED, Hold.NONE, order.subject),
            Kind.CANCEL: (order.to, Place.CANCELLED, Hold.NONE, 0),
            Kind.CORRECT_REMOVE: (order.to, Place.CANCELLED, Hold.NONE, 0),
        }
        for each in (Kind.UNFREEZE, Kind.UNPLEDGE, Kind.OFFSET_RELEASE):
            ends[each] = (order.source, Place.REGISTRY, Hold.NONE, 0)
        for each in (Kind.LISTED, Kind.BLOCK, Kind.AUCTION, Kind.PRIMARY_AUCTION):
            ends[each] = (order.to, Place.TRADING, Hold.NONE, 0)
        for each in (Kind.ALLOCATE, Kind.CLAW_BACK, Kind.SETTLE_ARREAR):
            ends[each] = (order.to, Place.REGISTRY, Hold.NONE, 0)
        for each in (Kind.CORRECT_MOVE, Kind.CORRECT_RESTORE):
            ends[each] = (order.to, Place.REGISTRY, Hold.NONE, 0)
        if kind is Kind.MOVE:
            ends[kind] = (order.to, Place(order.subject), Hold.NONE, 0)
        lot.account, lot.place, lot.hold, lot.subject = ends[kind]
