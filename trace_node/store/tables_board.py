"""Tables of the boards: alerts, attempts to deliver them, usage plans."""

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from trace_node.store.columns import (
    big,
    key,
    one_of,
    refers,
    rule,
    serial,
    small,
    text,
    text_key,
)

LEVELS = ("green", "yellow", "orange", "red")
ALERT_KINDS = ("level", "trend", "arrears")
CHANNELS = ("webhook", "email")
ACTS = ("hold", "sell", "buy", "offset", "carry_over")


class BoardAlertRow(SQLModel, table=True):
    """An alert; ``detail`` is canonical JSON. Who acknowledged it is entered once."""

    __tablename__ = "board_alerts"
    __table_args__ = (
        UniqueConstraint("organisation", "kind", "alert_key", name="ux_board_alerts_key"),
        one_of("board_alerts", "kind", ALERT_KINDS),
        one_of("board_alerts", "level", LEVELS),
        rule("board_alerts", "repeats", "repeats IN (0, 1)"),
        rule(
            "board_alerts",
            "acknowledgement",
            "(acknowledged_at IS NULL) = (acknowledged_by IS NULL)",
        ),
        Index("ix_board_alerts_open", "acknowledged_at", "alert"),
    )

    alert: int = Field(sa_column=serial())
    organisation: str = Field(sa_column=text())
    year: int = Field(sa_column=big())
    kind: str = Field(sa_column=text())
    alert_key: str = Field(sa_column=text())
    level: str = Field(sa_column=text())
    reason: str = Field(sa_column=text())
    detail: str = Field(sa_column=text())
    raised_at: int = Field(sa_column=big())
    repeats: int = Field(sa_column=small())
    acknowledged_by: str | None = Field(sa_column=text(null=True))
    acknowledged_at: int | None = Field(sa_column=big(null=True))
    note: str | None = Field(sa_column=text(null=True))


class BoardAttemptRow(SQLModel, table=True):
    """An attempt to deliver an alert."""

    __tablename__ = "board_attempts"
    __table_args__ = (
        one_of("board_attempts", "channel", CHANNELS),
        rule("board_attempts", "delivered", "delivered IN (0, 1)"),
        Index("ix_board_attempts_alert", "alert", "attempt"),
    )

    attempt: int = Field(sa_column=serial())
    alert: int = Field(sa_column=refers("board_alerts.alert"))
    channel: str = Field(sa_column=text())
    target: str = Field(sa_column=text())
    at: int = Field(sa_column=big())
    delivered: int = Field(sa_column=small())
    detail: str = Field(sa_column=text())


class UsagePlanRow(SQLModel, table=True):
    """A version of a usage plan."""

    __tablename__ = "usage_plans"
    __table_args__ = (rule("usage_plans", "version", "version >= 1"),)

    organisation: str = Field(sa_column=text_key())
    year: int = Field(sa_column=key())
    version: int = Field(sa_column=key())
    made_at: int = Field(sa_column=big())
    made_by: str = Field(sa_column=text())
    note: str = Field(sa_column=text())


class UsagePlanLineRow(SQLModel, table=True):
    """One quantity of a version; ``month`` is its name, such as ``2026-05``."""

    __tablename__ = "usage_plan_lines"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation", "year", "version"],
            ["usage_plans.organisation", "usage_plans.year", "usage_plans.version"],
        ),
        one_of("usage_plan_lines", "act", ACTS),
        rule("usage_plan_lines", "tonnes", "tonnes >= 0"),
    )

    organisation: str = Field(sa_column=text_key())
    year: int = Field(sa_column=key())
    version: int = Field(sa_column=key())
    month: str = Field(sa_column=text_key())
    act: str = Field(sa_column=text_key())
    tonnes: int = Field(sa_column=big())
