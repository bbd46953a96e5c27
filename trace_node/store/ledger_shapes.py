"""How rows of the mirror's books stand in their SQL tables: plain ones told by their fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from sqlalchemy import Table as SqlTable

from trace_node.quota.ledger.kinds import (
    AccountKind,
    AccountStatus,
    Hold,
    Instrument,
    Place,
    Role,
)
from trace_node.quota.ledger.obligations_events import CarryOver, EmissionRecord
from trace_node.quota.ledger.rows import (
    ClassRow,
    Key,
    KeyRow,
    LedgerRow,
    OfficeRow,
    OrganisationRow,
    Table,
    YearRow,
)
from trace_node.quota.ledger.rules_events import RuleVersion
from trace_node.quota.ledger.state import (
    AccountContent,
    ArrearContent,
    CarryOverContent,
    LotContent,
    ObligationContent,
)
from trace_node.store import tables

MOST = 2**63 - 1
Values = tuple[Any, ...]


def bounded(number: int) -> int:
    """What a 64-bit column can hold of a number of the chain."""
    return min(number, MOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A plain row: the key first, then the fields in the order of the columns.

    Attributes:
        table: Where it stands.
        keys: How many columns its key has.
        kind: Class of the row.
        fields: Fields of the class.
        writes: How a field becomes a value, where it is not one.
        reads: How a value becomes the field, where it is not it.
    """

    table: SqlTable
    keys: int
    kind: Callable[..., Any]
    fields: tuple[str, ...]
    writes: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    reads: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)

    @property
    def lookup(self) -> tuple[str, ...]:
        """The columns of the key."""
        return tuple(self.table.columns.keys()[: self.keys])

    def encoder(self) -> Callable[[Key, Any], Values]:
        """Makes the values of a row."""
        places = [
            (i, self.writes[name]) for i, name in enumerate(self.fields) if name in self.writes
        ]
        if len(self.fields) == 1:
            single = attrgetter(self.fields[0])
            getter: Callable[[Any], Values] = lambda row: (single(row),)  # noqa: E731 (beside its peer)
        else:
            getter = attrgetter(*self.fields)

        def encode(key: Key, row: Any) -> Values:  # noqa: ANN401 (of the kind of the shape)
            head = key if isinstance(key, tuple) else (key,)
            if not places:
                return head + getter(row)
            values = list(getter(row))
            for i, change in places:
                values[i] = change(values[i])
            return (*head, *values)

        return encode

    def decoder(self) -> Callable[[Values], tuple[Key, Any]]:
        """Makes key and row of values."""
        kind, keys, names = self.kind, self.keys, self.fields
        reads = [self.reads.get(name) for name in names]

        def decode(values: Values) -> tuple[Key, Any]:
            content = {
                name: value if read is None else read(value)
                for name, read, value in zip(names, reads, values[keys:], strict=True)
            }
            return values[0] if keys == 1 else tuple(values[:keys]), kind(**content)

        return decode


_FLAGS = dict.fromkeys(("draft", "released", "confirmed", "closed", "paused"), bool)
_RULE_WRITES: Mapping[str, Callable[[Any], Any]] = {
    "number": str,
    "valid_from": bounded,
    "valid_to": bounded,
    "draft": int,
    "released": int,
}

SHAPES: Mapping[Table, Shape] = {
    Table.LEDGER: Shape(
        table=tables.LEDGER_STATE,
        keys=1,
        kind=LedgerRow,
        fields=("paused", "final_state"),
        writes={"paused": int},
        reads=_FLAGS,
    ),
    Table.ORGANISATIONS: Shape(
        table=tables.LEDGER_ORGANISATIONS, keys=1, kind=OrganisationRow, fields=("binding",)
    ),
    Table.ACCOUNTS: Shape(
        table=tables.LEDGER_ACCOUNTS,
        keys=1,
        kind=AccountContent,
        fields=("organisation", "bound_to", "kind", "status", "delay", "registry_number"),
        reads={"kind": AccountKind, "status": AccountStatus},
    ),
    Table.KEYS: Shape(
        table=tables.LEDGER_KEYS, keys=2, kind=KeyRow, fields=("rights", "change_id", "approver")
    ),
    Table.OFFICES: Shape(
        table=tables.LEDGER_OFFICES,
        keys=1,
        kind=OfficeRow,
        fields=("role", "change_id"),
        reads={"role": Role},
    ),
    Table.RULES: Shape(
        table=tables.LEDGER_RULES,
        keys=3,
        kind=RuleVersion,
        fields=("number", "valid_from", "valid_to", "digest", "draft", "released"),
        writes=_RULE_WRITES,
        reads={**_FLAGS, "number": int},
    ),
    Table.CLASSES: Shape(
        table=tables.LEDGER_CLASSES,
        keys=1,
        kind=ClassRow,
        fields=("instrument", "vintage", "code", "record"),
        reads={"instrument": Instrument},
    ),
    Table.LOTS: Shape(
        table=tables.LEDGER_LOTS,
        keys=1,
        kind=LotContent,
        fields=(
            "account",
            "class_id",
            "place",
            "hold",
            "subject",
            "first_serial",
            "quantity",
            "order",
            "registry_number",
        ),
        writes={"subject": bounded},
        reads={"place": Place, "hold": Hold},
    ),
    Table.RECORDS: Shape(
        table=tables.LEDGER_RECORDS,
        keys=1,
        kind=EmissionRecord,
        fields=("organisation", "year", "sector", "confirmed", "tonnes", "verifier", "leaf"),
        writes={"confirmed": int},
        reads=_FLAGS,
    ),
    Table.OBLIGATIONS: Shape(
        table=tables.LEDGER_OBLIGATIONS,
        keys=1,
        kind=ObligationContent,
        fields=(
            "organisation",
            "year",
            "sector",
            "cap_version",
            "record",
            "tonnes",
            "surrendered",
            "cap",
            "offset_reserved",
            "offset_used",
        ),
        writes={"cap": bounded},
    ),
    Table.CLAIMS: Shape(
        table=tables.LEDGER_CLAIMS,
        keys=1,
        kind=CarryOver,
        fields=("organisation", "year", "confirmed", "net_sold", "holding", "officer", "leaf"),
        writes={"confirmed": int},
        reads=_FLAGS,
    ),
    Table.CARRY_OVERS: Shape(
        table=tables.LEDGER_CARRY_OVERS,
        keys=2,
        kind=CarryOverContent,
        fields=("claim", "limit", "used"),
    ),
    Table.ARREARS: Shape(
        table=tables.LEDGER_ARREARS,
        keys=1,
        kind=ArrearContent,
        fields=("organisation", "class_id", "open"),
    ),
    Table.YEARS: Shape(
        table=tables.LEDGER_YEARS,
        keys=1,
        kind=YearRow,
        fields=("closed", "proposer"),
        writes={"closed": int},
        reads=_FLAGS,
    ),
}
