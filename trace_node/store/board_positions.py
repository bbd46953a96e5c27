"""Positions of organisations from the mirror's tables; see ``trace_node.ports.board.Positions``."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, select

from trace_node.clock import Clock
from trace_node.errors import NotFoundError
from trace_node.period import to_ms
from trace_node.ports.ledger_mirror import ClassBalance, Found
from trace_node.ports.ledger_mirror_head import MirrorHead
from trace_node.quota.board.position import (
    ArrearLine,
    ClassHolding,
    LedgerMark,
    LedgerPosition,
    Movement,
    ObligationLine,
    RuleNumber,
)
from trace_node.quota.ledger.kinds import AccountKind
from trace_node.quota.ledger.state import AccountContent, Balance, ClassContent
from trace_node.store.board_orders import (
    clawed_back,
    executed,
    issued,
    movements,
    unconfirmed,
)
from trace_node.store.database import Database
from trace_node.store.ledger_view import SqlLedgerView
from trace_node.store.tables import LEDGER_RECORDS, LEDGER_RULES

OWN: Final = frozenset(
    {AccountKind.HOLDING, AccountKind.COMPLIANCE, AccountKind.PROVINCIAL, AccountKind.CCER}
)
MOST: Final = 100_000  # rows of one kind of one organisation
CAP: Final = "offset-cap-bps"
DEADLINE: Final = "surrender-deadline"


class SqlPositions:
    """Positions in the node's database.

    Args:
        database: The database.
        admission_rule: Gives the 32-byte id of a class's rule of admission.
        clock: The instant that rules must be valid at.
    """

    def __init__(
        self, database: Database, *, admission_rule: Callable[[int], bytes], clock: Clock
    ) -> None:
        self._database = database
        self._admission_rule = admission_rule
        self._clock = clock

    def position(self, organisation: int, *, year: int) -> LedgerPosition | None:
        """What the mirror says of an organisation for a year and the one before."""
        with self._database.reading() as connection:
            found = self._read(connection, organisation, year)
            return None if found is None else found[0]

    def movements(self, organisation: int) -> tuple[LedgerPosition | None, Sequence[Movement]]:
        """What its executed orders moved, by month, kind and class."""
        with self._database.reading() as connection:
            found = self._read(connection, organisation, None)
            return (None, ()) if found is None else found

    def _read(
        self, connection: Connection, organisation: int, year: int | None
    ) -> tuple[LedgerPosition, Sequence[Movement]] | None:
        try:
            view = SqlLedgerView(connection)
        except NotFoundError:  # no ledger was joined
            return None
        accounts = view.accounts(organisation=organisation, limit=MOST)
        if not accounts:
            return None
        mark = _mark(view.head())
        classes = {each.number: each.content for each in view.classes(limit=MOST)}
        own = frozenset(each.number for each in accounts if each.content.kind in OWN)
        moved = executed(connection, own)
        got = issued(moved, clawed_back(connection, own))
        balances = [balance for number in sorted(own) for balance in view.balances(number)]
        obligations = _obligations(connection, view, organisation)
        arrears = _arrears(view, organisation, classes)
        years = {line.content.year for line in obligations} | {line.vintage for line in arrears}
        years |= set() if year is None else {year - 1, year}
        position = LedgerPosition(
            organisation=organisation,
            mark=mark,
            holdings=_holdings(balances, classes, set(got)),
            obligations=obligations,
            arrears=arrears,
            issued=got,
            unconfirmed=unconfirmed(moved),
            provincial=_provincial(balances, accounts),
            **self._rules_of(connection, classes, years, time=max(mark.time, self._now())),
        )
        kinds = {number: content.instrument for number, content in classes.items()}
        return position, movements(moved, kinds)

    def _rules_of(
        self,
        connection: Connection,
        classes: Mapping[int, ClassContent],
        years: set[int],
        *,
        time: int,
    ) -> Mapping[str, Any]:
        """The members of a position that are rules of these years."""
        rules = self._rules(connection, classes, time=time)
        return {
            "admissions": {
                (class_id, one): rule
                for class_id in classes
                for one in years
                if (rule := rules.get((f"admissible-{class_id}", one))) is not None
            },
            "deadlines": {one: rules[DEADLINE, one] for one in years if (DEADLINE, one) in rules},
            "caps": {one: rules[CAP, one] for one in years if (CAP, one) in rules},
        }

    def _now(self) -> int:
        return to_ms(self._clock.now()) // 1000

    def _rules(
        self, connection: Connection, classes: Mapping[int, ClassContent], *, time: int
    ) -> Mapping[tuple[str, int], RuleNumber]:
        """The numbers that hold at a time: of the versions valid then the newest, if released."""
        names = {text.encode().ljust(32, b"\0"): text for text in (CAP, DEADLINE)}
        names |= {self._admission_rule(number): f"admissible-{number}" for number in classes}
        rules = LEDGER_RULES.c
        statement = (
            select(LEDGER_RULES)
            .where(rules.valid_from <= time, rules.valid_to > time)
            .order_by(rules.version)
        )
        found: dict[tuple[str, int], RuleNumber] = {}
        for row in connection.execute(statement):
            if row.rule_id not in names:
                continue
            place = names[row.rule_id], row.year
            found.pop(place, None)
            if row.released or not row.draft:
                found[place] = RuleNumber(
                    rule=place[0],
                    year=row.year,
                    version=row.version,
                    number=int(row.value),
                    digest=row.digest,
                    draft=bool(row.draft),
                )
        return found


def _holdings(
    balances: Sequence[ClassBalance], classes: Mapping[int, ClassContent], issued_of: set[int]
) -> tuple[ClassHolding, ...]:
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for class_id in issued_of:
        sums[class_id][0] += 0
    for each in balances:
        for place, tonnes in enumerate(
            (
                *(each.balance.registry, each.balance.trading),
                *(each.balance.frozen, each.balance.pending),
            )
        ):
            sums[each.class_id][place] += tonnes
    return tuple(
        ClassHolding(
            class_id=class_id,
            code=_text(classes[class_id].code, class_id),
            instrument=classes[class_id].instrument,
            vintage=classes[class_id].vintage,
            balance=Balance(registry=here[0], trading=here[1], frozen=here[2], pending=here[3]),
        )
        for class_id, here in sorted(sums.items())
    )


def _obligations(
    connection: Connection, view: SqlLedgerView, organisation: int
) -> tuple[ObligationLine, ...]:
    records = select(LEDGER_RECORDS.c.record, LEDGER_RECORDS.c.leaf).where(
        LEDGER_RECORDS.c.organisation == organisation
    )
    leaves = {row.record: row.leaf for row in connection.execute(records)}
    return tuple(
        ObligationLine(
            number=each.number,
            content=each.content,
            leaf=leaves.get(each.content.record, bytes(32)),
        )
        for each in view.obligations(organisation=organisation, limit=MOST)
    )


def _mark(head: MirrorHead) -> LedgerMark:
    tip = head.tip
    return LedgerMark(
        height=tip.number,
        block_hash=tip.block_hash,
        time=tip.time,
        final=tip.number <= head.final,
    )


def _arrears(
    view: SqlLedgerView, organisation: int, classes: Mapping[int, ClassContent]
) -> tuple[ArrearLine, ...]:
    return tuple(
        ArrearLine(
            number=each.number,
            vintage=classes[each.content.class_id].vintage,
            content=each.content,
        )
        for each in view.arrears(organisation=organisation, limit=MOST)
        if each.content.open
    )


def _provincial(balances: Sequence[ClassBalance], accounts: Sequence[Found[AccountContent]]) -> int:
    of_province = {each.number for each in accounts if each.content.kind is AccountKind.PROVINCIAL}
    return sum(each.balance.total for each in balances if each.account in of_province)


def _text(code: bytes, class_id: int) -> str:
    """The code of a class as text, or its number where the code is none."""
    text = code.rstrip(b"\0").decode("utf-8", "replace")
    return text if text and text.isprintable() else f"class-{class_id}"
