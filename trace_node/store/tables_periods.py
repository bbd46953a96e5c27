"""Tables of chain states, increments and totals; all of it can be computed again from the log."""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from trace_node.period import KINDS
from trace_node.store.columns import (
    DIGEST_BYTES,
    big,
    blob,
    blob_key,
    key,
    length_is,
    one_of,
    refers,
    rule,
    small,
    text,
    text_key,
)


class ChainStateRow(SQLModel, table=True):
    """What the device-chain check remembers of one (device, boot)."""

    __tablename__ = "chain_states"
    __table_args__ = (
        length_is("chain_states", "last_digest", DIGEST_BYTES),
        length_is("chain_states", "branch", DIGEST_BYTES),
        rule("chain_states", "missing", "missing >= 0"),
    )

    stream_id: int = Field(sa_column=refers("streams.stream_id", primary=True))
    next_seq: int = Field(sa_column=big())
    last_digest: bytes = Field(sa_column=blob())
    missing: int = Field(sa_column=big())
    branch: bytes | None = Field(sa_column=blob(null=True))


class DeviceTailRow(SQLModel, table=True):
    """The newest record of a device over all boots, as the check has seen it."""

    __tablename__ = "device_tails"
    __table_args__ = (length_is("device_tails", "digest", DIGEST_BYTES),)

    device: str = Field(sa_column=text_key())
    boot: bytes = Field(sa_column=blob())
    digest: bytes = Field(sa_column=blob())


class SeriesStateRow(SQLModel, table=True):
    """A roll-up as it stood after the item at ``at_ms``: many of a day, fewer of earlier ones."""

    __tablename__ = "series_states"
    __table_args__ = (rule("series_states", "grade", "grade IN (0, 1, 2)"),)

    point_id: int = Field(sa_column=refers("metering_points.point_id", primary=True))
    at_ms: int = Field(sa_column=key())
    state: bytes = Field(sa_column=blob())
    grade: int = Field(sa_column=small())


class IncrementRow(SQLModel, table=True):
    """How far a counter went between two of its values; null where that is not certain."""

    __tablename__ = "increments"
    __table_args__ = (
        length_is("increments", "digest", DIGEST_BYTES),
        rule("increments", "order", "from_ms <= to_ms"),
    )

    point_id: int = Field(sa_column=refers("metering_points.point_id", primary=True))
    to_ms: int = Field(sa_column=key())
    digest: bytes = Field(sa_column=blob_key())
    from_ms: int = Field(sa_column=big())
    from_digest: bytes | None = Field(sa_column=blob(null=True))
    value: int | None = Field(sa_column=big(null=True))
    scale: int = Field(sa_column=small())
    flag: str = Field(sa_column=text())
    rule: str = Field(sa_column=text())


class PeriodTotalRow(SQLModel, table=True):
    """The total of a point in a period that is over; decimals are canonical text."""

    __tablename__ = "period_totals"
    __table_args__ = (
        one_of("period_totals", "kind", tuple(kind.value for kind in KINDS)),
        rule("period_totals", "order", "begin_ms < until_ms"),
        Index("ix_period_totals_until", "point_id", "until_ms"),
    )

    point_id: int = Field(sa_column=refers("metering_points.point_id", primary=True))
    kind: str = Field(sa_column=text_key())
    begin_ms: int = Field(sa_column=key())
    until_ms: int = Field(sa_column=big())
    total: str | None = Field(sa_column=text(null=True))
    minimum: str | None = Field(sa_column=text(null=True))
    maximum: str | None = Field(sa_column=text(null=True))
    least_step: str | None = Field(sa_column=text(null=True))
    greatest_step: str | None = Field(sa_column=text(null=True))
    sample_sum: str = Field(sa_column=text())
    samples: int = Field(sa_column=big())
    covered: int | None = Field(sa_column=big(null=True))
    expected: int | None = Field(sa_column=big(null=True))
    required: int | None = Field(sa_column=big(null=True))
    judged_by: str | None = Field(sa_column=text(null=True))
    flags: str = Field(sa_column=text())
    rule: str = Field(sa_column=text())
