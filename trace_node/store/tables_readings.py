"""Tables of what is derived from the entries; all of it can be computed again from the log."""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from trace_node.store.columns import big, refers, rule, small, text, text_key


class ProjectionCursorRow(SQLModel, table=True):
    """How far a projection has come."""

    __tablename__ = "projection_cursors"
    __table_args__ = (rule("projection_cursors", "next_index", "next_index >= 0"),)

    name: str = Field(sa_column=text_key())
    next_index: int = Field(sa_column=big())


class ReadingRow(SQLModel, table=True):
    """A reading: the value is ``value / 10^scale`` in the unit of its point."""

    __tablename__ = "readings"
    __table_args__ = (
        rule("readings", "value_or_reason", "(value IS NULL) = (reason IS NOT NULL)"),
        rule("readings", "scale", "scale BETWEEN 0 AND 9"),
        rule("readings", "valid", "valid IN (0, 1)"),
        Index("ix_readings_point_observed_at", "point_id", "observed_at", "leaf_index"),
    )

    leaf_index: int = Field(sa_column=refers("entries.leaf_index", primary=True))
    point_id: int = Field(sa_column=refers("metering_points.point_id"))
    stream_id: int = Field(sa_column=refers("streams.stream_id"))
    seq: int = Field(sa_column=big())
    observed_at: int = Field(sa_column=big())
    collected_at: int = Field(sa_column=big())
    value: int | None = Field(sa_column=big(null=True))
    scale: int = Field(sa_column=small())
    reason: str | None = Field(sa_column=text(null=True))
    flags: str = Field(sa_column=text())
    valid: int = Field(sa_column=small())
    origin: str = Field(sa_column=text())
    clock: str = Field(sa_column=text())


class MeterEventRow(SQLModel, table=True):
    """An event of a device."""

    __tablename__ = "meter_events"
    __table_args__ = (Index("ix_meter_events_device", "device", "observed_at", "leaf_index"),)

    leaf_index: int = Field(sa_column=refers("entries.leaf_index", primary=True))
    device: str = Field(sa_column=text())
    meter_register: str | None = Field(sa_column=text(null=True))
    event: str = Field(sa_column=text())
    observed_at: int = Field(sa_column=big())
