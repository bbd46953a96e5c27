"""Column types that both engines understand, and how times go in and out of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
)

from trace_node.period import to_ms

DIGEST_BYTES = 32
BOOT_BYTES = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
MAX_NAME = 64

# On SQLite only a column declared INTEGER is the row id itself; there it holds 64 bits anyway.
BIG = BigInteger().with_variant(Integer(), "sqlite")


def from_ms(milliseconds: int) -> datetime:
    """The instant, in UTC."""
    return _EPOCH + milliseconds * _MILLISECOND


def optional_ms(instant: datetime | None) -> int | None:
    """``to_ms``, or None for none."""
    return None if instant is None else to_ms(instant)


def optional_time(milliseconds: int | None) -> datetime | None:
    """``from_ms``, or None for none."""
    return None if milliseconds is None else from_ms(milliseconds)


def key() -> Column[Any]:
    """A primary key that the caller sets."""
    return Column(BIG, primary_key=True, autoincrement=False)


def text_key() -> Column[Any]:
    """A text that is part of the primary key."""
    return Column(String, primary_key=True)


def blob_key() -> Column[Any]:
    """Bytes that are part of the primary key."""
    return Column(LargeBinary, primary_key=True)


def serial() -> Column[Any]:
    """A primary key that the database counts up."""
    return Column(BIG, primary_key=True, autoincrement=True)


def big(*, null: bool = False) -> Column[Any]:
    """A 64-bit integer: an index, a size, a scaled value or epoch milliseconds."""
    return Column(BIG, nullable=null)


def small(*, null: bool = False) -> Column[Any]:
    """A 16-bit integer."""
    return Column(SmallInteger, nullable=null)


def text(*, null: bool = False, unique: bool = False) -> Column[Any]:
    """A text without bound; what goes in was bounded where it came from."""
    return Column(String, nullable=null, unique=unique)


def blob(*, null: bool = False) -> Column[Any]:
    """Bytes."""
    return Column(LargeBinary, nullable=null)


def refers(target: str, *, primary: bool = False, null: bool = False) -> Column[Any]:
    """A 64-bit reference to ``table.column``."""
    return Column(BIG, ForeignKey(target), primary_key=primary, autoincrement=False, nullable=null)


def length_is(table: str, column: str, size: int) -> CheckConstraint:
    """A rule that ``column`` holds exactly ``size`` bytes, or is null."""
    return CheckConstraint(f"length({column}) = {size}", name=f"ck_{table}_{column}_bytes")


def one_of(table: str, column: str, choices: tuple[str, ...]) -> CheckConstraint:
    """A rule that ``column`` holds one of ``choices``, or is null."""
    listed = ", ".join(f"'{choice}'" for choice in choices)
    return CheckConstraint(f"{column} IN ({listed})", name=f"ck_{table}_{column}_choice")


def rule(table: str, name: str, condition: str) -> CheckConstraint:
    """A rule of the table, by name."""
    return CheckConstraint(condition, name=f"ck_{table}_{name}")
