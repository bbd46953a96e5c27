"""A registry's statement, read cell by cell: every bad cell is named, and nothing is half read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Final, TypeVar

from trace_node.period import SHANGHAI
from trace_node.quota.ledger.order_texts import number_digest
from trace_node.quota.registry import cell_rules, form
from trace_node.quota.registry.cell_rules import BrokenRuleError
from trace_node.quota.registry.cells import CellError, Grid, RegistryFileError, refusal_of

FIRST_COLUMN: Final = 1
VALUE_COLUMN: Final = 3
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialRange:
    """Units of a product by the registry's serials (序列号区间).

    Attributes:
        product: Code of the class.
        first: First serial.
        last: Last serial, not before the first.
    """

    product: str
    first: int
    last: int

    @property
    def quantity(self) -> int:
        """Whole tonnes."""
        return self.last - self.first + 1

    @property
    def reference(self) -> str:
        """The registry's reference of the range, as it is entered by digest on the chain."""
        return f"{self.product} {self.first}-{self.last}"

    @property
    def digest(self) -> bytes:
        """SM3 over the UTF-8 bytes of the reference: ``registryNumber`` of a lot."""
        return number_digest(self.reference)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A line of a holdings statement.

    Attributes:
        row: Row of the file.
        units: What is held.
        place: ``registry``, ``trading``, ``frozen`` or ``pending``.
    """

    row: int
    units: SerialRange
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A line of a transaction statement.

    Attributes:
        row: Row of the file.
        number: Number that the registry or the exchange gave it.
        operation: What happened, one of ``form.OPERATIONS``.
        day: When, in Beijing.
        units: Which units.
        counterparty: Account of the other side; empty where there is none.
        price: CNY a tonne; None where none is stated.
    """

    row: int
    number: str
    operation: str
    day: date
    units: SerialRange
    counterparty: str
    price: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryStatement:
    """A statement of one account (登记系统报表).

    Attributes:
        registry: ``allowance`` or ``ccer``.
        kind: ``holdings`` or ``transactions``.
        account: Account number in the registry.
        number: Number of the statement.
        as_of: Instant it holds for, or reaches to.
        holdings: Its lines, if of that kind.
        transactions: Its lines, if of that kind.
    """

    registry: str
    kind: str
    account: str
    number: str
    as_of: datetime
    holdings: tuple[Holding, ...] = ()
    transactions: tuple[Transaction, ...] = ()


def read_statement(grid: Grid) -> RegistryStatement:
    """Read a statement from a table.

    Raises:
        RegistryFileError: It has not the form, or cells break a rule; all of them are named.
    """
    reader = _Reader(grid)
    head = reader.head()
    kind = head["kind"]
    start = reader.columns(kind)
    rows = [row for row in range(start, len(grid.rows) + 1) if not grid.is_blank(row)]
    as_of = reader.cell(_row_of("as_of"), VALUE_COLUMN, cell_rules.instant)
    account = reader.cell(_row_of("account_no"), VALUE_COLUMN, cell_rules.account)
    number = reader.cell(_row_of("statement_no"), VALUE_COLUMN, cell_rules.number)
    holdings = [reader.holding(row) for row in rows] if kind == form.HOLDINGS else []
    moves = [reader.transaction(row) for row in rows] if kind == form.TRANSACTIONS else []
    held = [each for each in holdings if each is not None]
    reader.require_apart(held)
    if reader.bad:
        raise refusal_of(reader.bad)
    return RegistryStatement(
        registry=head["registry"],
        kind=kind,
        account=account or "",
        number=number or "",
        as_of=as_of or datetime.min.replace(tzinfo=SHANGHAI),
        holdings=tuple(held),
        transactions=tuple(each for each in moves if each is not None),
    )


def _row_of(name: str) -> int:
    return list(form.HEAD).index(name) + 1


@dataclass(slots=True)
class _Reader:
    grid: Grid
    bad: list[CellError] = field(default_factory=list)

    def head(self) -> dict[str, str]:
        """The head's choices; what follows depends on them, so a wrong one ends the reading."""
        found: dict[str, str] = {}
        choices = {"format": (form.FORMAT,), "registry": form.REGISTRIES, "kind": form.KINDS}
        for row, name in enumerate(form.HEAD, 1):
            if self.grid.at(row, FIRST_COLUMN) != name:
                raise _no_form(self.grid.sheet, row, FIRST_COLUMN, name)
            found[name] = self.grid.at(row, VALUE_COLUMN)
            if name in choices:
                self.cell(row, VALUE_COLUMN, cell_rules.choice(choices[name]))
        if self.bad:
            raise refusal_of(self.bad)
        return found

    def columns(self, kind: str) -> int:
        """Require the ids of the columns; the first row of data."""
        row = len(form.HEAD) + 2
        for column, name in enumerate(form.COLUMNS[kind], 1):
            if self.grid.at(row, column) != name:
                raise _no_form(self.grid.sheet, row, column, name)
        return row + 2

    def cell(self, row: int, column: int, read: Callable[[str], T]) -> T | None:
        """The value of a cell; None when it breaks a rule, which is noted."""
        try:
            return read(self.grid.at(row, column))
        except BrokenRuleError as broken:
            self.bad.append(self._error(row, column, broken))
            return None

    def holding(self, row: int) -> Holding | None:
        """One line of a holdings statement."""
        place = self.cell(row, 2, cell_rules.choice(tuple(form.PLACES)))
        units = self.units(row, 1, 3)
        self.require_width(row, form.HOLDINGS)
        if place is None or units is None:
            return None
        return Holding(row=row, units=units, place=place)

    def transaction(self, row: int) -> Transaction | None:
        """One line of a transaction statement."""
        number = self.cell(row, 1, cell_rules.number)
        operation = self.cell(row, 2, cell_rules.choice(tuple(form.OPERATIONS)))
        day = self.cell(row, 3, cell_rules.day)
        units = self.units(row, 4, 5)
        counterparty = self.cell(row, 8, cell_rules.optional(cell_rules.account, ""))
        price = self.cell(row, 9, cell_rules.optional(cell_rules.price, None))
        self.require_width(row, form.TRANSACTIONS)
        if None in (number, operation, day, units) or counterparty is None:
            return None
        return Transaction(
            row=row,
            number=number or "",
            operation=operation or "",
            day=day or date.min,
            units=units or SerialRange(product="", first=0, last=0),
            counterparty=counterparty,
            price=price,
        )

    def units(self, row: int, product: int, first: int) -> SerialRange | None:
        """Product, both serials and the quantity that has to follow from them."""
        code = self.cell(row, product, cell_rules.code)
        begin = self.cell(row, first, cell_rules.serial)
        end = self.cell(row, first + 1, cell_rules.serial)
        tonnes = self.cell(row, first + 2, cell_rules.tonnes)
        if code is None or begin is None or end is None or tonnes is None:
            return None
        if end < begin:
            broken = BrokenRuleError(
                "{field}: the last serial is before the first", remedy="swap or correct them"
            )
            self.bad.append(self._error(row, first + 1, broken))
            return None
        if end - begin + 1 != tonnes:
            broken = BrokenRuleError(
                "{field}: {tonnes} tonnes, but the serials hold {held}",
                remedy="write the last serial minus the first plus one",
                tonnes=tonnes,
                held=end - begin + 1,
            )
            self.bad.append(self._error(row, first + 2, broken))
            return None
        return SerialRange(product=code, first=begin, last=end)

    def require_width(self, row: int, kind: str) -> None:
        """Nothing stands to the right of the form's columns."""
        width = len(form.COLUMNS[kind])
        for column in range(width + 1, len(self.grid.rows[row - 1]) + 1):
            if self.grid.at(row, column):
                broken = BrokenRuleError(
                    "{field}: there is no such column", remedy="leave the cell empty"
                )
                self.bad.append(self._error(row, column, broken))

    def require_apart(self, held: list[Holding]) -> None:
        """No unit is held twice."""
        ordered = sorted(held, key=lambda each: (each.units.product, each.units.first))
        for left, right in _pairs(ordered):
            if right.units.first <= left.units.last:
                broken = BrokenRuleError(
                    "{field}: the serials overlap those of row {other}",
                    remedy="list each unit once",
                    other=left.row,
                )
                self.bad.append(self._error(right.row, 3, broken))

    def _error(self, row: int, column: int, broken: BrokenRuleError) -> CellError:
        return CellError(
            broken.why,
            sheet=self.grid.sheet,
            row=row,
            column=column,
            remedy=broken.remedy,
            **broken.params,
        )


def _pairs(ordered: list[Holding]) -> Iterator[tuple[Holding, Holding]]:
    """Neighbours of one product."""
    for left, right in pairwise(ordered):
        if left.units.product == right.units.product:
            yield left, right


def _no_form(sheet: str, row: int, column: int, expected: str) -> RegistryFileError:
    place = CellError(
        "{field}: must be {expected}",
        sheet=sheet,
        row=row,
        column=column,
        expected=expected,
        remedy="fill in a fresh template: trace-node registry template",
    )
    return RegistryFileError(
        "{field}: is no statement of the known form: {place} must be {expected}",
        place=place.place,
        expected=expected,
        remedy="fill in a fresh template: trace-node registry template",
        code="registry.file.form",
        cells=[place],
    )
