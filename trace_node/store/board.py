"""Repositories of the boards: alerts with their attempts, and usage plans."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from trace_node import canonical_json
from trace_node.period import parse_period, to_ms
from trace_node.quota.board.alert import Acknowledgement, Alert, AlertDraft, AlertKind, Attempt
from trace_node.quota.board.level import Level
from trace_node.quota.board.plan import Act, PlanLine, UsagePlan
from trace_node.store.columns import from_ms
from trace_node.store.errors import sound_row
from trace_node.store.tables import BOARD_ALERTS, BOARD_ATTEMPTS, USAGE_PLAN_LINES, USAGE_PLANS


class SqlAlerts:
    """See ``trace_node.ports.board.Alerts``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def last_level(self, organisation: str, year: int) -> Level | None:
        """The colour that the newest alert of a year told; None before the first."""
        newest = (
            select(BOARD_ALERTS.c.level)
            .where(
                BOARD_ALERTS.c.organisation == organisation,
                BOARD_ALERTS.c.year == year,
                BOARD_ALERTS.c.kind == AlertKind.LEVEL.value,
            )
            .order_by(BOARD_ALERTS.c.alert.desc())
            .limit(1)
        )
        found = self._connection.execute(newest).scalar_one_or_none()
        return None if found is None else Level(found)

    def add(self, draft: AlertDraft) -> Alert | None:
        """Keep an alert; None where one with its key is there."""
        same = select(func.count()).where(
            BOARD_ALERTS.c.organisation == draft.organisation,
            BOARD_ALERTS.c.kind == draft.kind.value,
            BOARD_ALERTS.c.alert_key == draft.key,
        )
        if self._connection.execute(same).scalar_one():
            return None
        made = self._connection.execute(
            insert(BOARD_ALERTS).returning(BOARD_ALERTS.c.alert),
            {
                "organisation": draft.organisation,
                "year": draft.year,
                "kind": draft.kind.value,
                "alert_key": draft.key,
                "level": draft.level.value,
                "reason": draft.reason,
                "detail": canonical_json.encode(draft.detail).decode(),
                "raised_at": to_ms(draft.raised_at),
                "repeats": int(draft.repeats),
            },
        )
        return self.find(made.scalar_one())

    def find(self, number: int) -> Alert | None:
        """One alert; None when there is none of that number."""
        found = self._read(select(BOARD_ALERTS).where(BOARD_ALERTS.c.alert == number))
        return found[0] if found else None

    def newest(
        self, *, organisation: str | None = None, only_open: bool = False, limit: int
    ) -> Sequence[Alert]:
        """The newest alerts, newest first; of one organisation, and those not acknowledged."""
        chosen = select(BOARD_ALERTS).order_by(BOARD_ALERTS.c.alert.desc()).limit(limit)
        if organisation is not None:
            chosen = chosen.where(BOARD_ALERTS.c.organisation == organisation)
        if only_open:
            chosen = chosen.where(BOARD_ALERTS.c.acknowledged_at.is_(None))
        return self._read(chosen)

    def open(self, *, limit: int) -> Sequence[Alert]:
        """Alerts that were not acknowledged, oldest first."""
        chosen = select(BOARD_ALERTS).where(BOARD_ALERTS.c.acknowledged_at.is_(None))
        return self._read(chosen.order_by(BOARD_ALERTS.c.alert).limit(limit))

    def acknowledge(self, number: int, acknowledgement: Acknowledgement) -> bool:
        """Keep who acknowledged an alert; False where somebody has."""
        done = self._connection.execute(
            update(BOARD_ALERTS)
            .where(BOARD_ALERTS.c.alert == number, BOARD_ALERTS.c.acknowledged_at.is_(None))
            .values(
                acknowledged_by=acknowledgement.by,
                acknowledged_at=to_ms(acknowledgement.at),
                note=acknowledgement.note,
            )
        )
        return bool(done.rowcount)

    def attempts(self, numbers: Sequence[int]) -> Sequence[Attempt]:
        """Attempts to deliver these alerts, oldest first."""
        chosen = select(BOARD_ATTEMPTS).where(BOARD_ATTEMPTS.c.alert.in_(numbers))
        rows = self._connection.execute(chosen.order_by(BOARD_ATTEMPTS.c.attempt))
        return [
            Attempt(
                alert=row.alert,
                channel=row.channel,
                target=row.target,
                at=from_ms(row.at),
                delivered=bool(row.delivered),
                detail=row.detail,
            )
            for row in rows
        ]

    def add_attempt(self, attempt: Attempt) -> None:
        """Keep an attempt."""
        self._connection.execute(
            insert(BOARD_ATTEMPTS),
            {
                "alert": attempt.alert,
                "channel": attempt.channel,
                "target": attempt.target,
                "at": to_ms(attempt.at),
                "delivered": int(attempt.delivered),
                "detail": attempt.detail,
            },
        )

    def _read(self, statement: Select[Any]) -> list[Alert]:
        return [_alert(row) for row in self._connection.execute(statement)]


class SqlUsagePlans:
    """See ``trace_node.ports.board.UsagePlans``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self, organisation: str, year: int) -> UsagePlan | None:
        """The newest version of a year; None without a plan."""
        found = self.versions(organisation, year)
        return found[-1] if found else None

    def version(self, organisation: str, year: int, version: int) -> UsagePlan | None:
        """One version; None when there is none."""
        found = [plan for plan in self.versions(organisation, year) if plan.version == version]
        return found[0] if found else None

    def versions(self, organisation: str, year: int) -> Sequence[UsagePlan]:
        """All versions, oldest first."""
        lines, plans = USAGE_PLAN_LINES, USAGE_PLANS
        chosen = (
            select(plans, lines.c.month, lines.c.act, lines.c.tonnes)
            .join(
                lines,
                (lines.c.organisation == plans.c.organisation)
                & (lines.c.year == plans.c.year)
                & (lines.c.version == plans.c.version),
                isouter=True,
            )
            .where(plans.c.organisation == organisation, plans.c.year == year)
            .order_by(plans.c.version, lines.c.month, lines.c.act)
        )
        rows = self._connection.execute(chosen)
        return [_plan(list(same)) for _, same in groupby(rows, key=lambda row: row.version)]

    def add(self, plan: UsagePlan) -> None:
        """Keep a version that is not there yet."""
        place = {
            "organisation": plan.organisation,
            "year": plan.year,
            "version": plan.version,
        }
        self._connection.execute(
            insert(USAGE_PLANS),
            {
                **place,
                "made_at": to_ms(plan.made_at),
                "made_by": plan.made_by,
                "note": plan.note,
            },
        )
        if plan.lines:
            self._connection.execute(
                insert(USAGE_PLAN_LINES),
                [
                    {
                        **place,
                        "month": line.month.name,
                        "act": line.act.value,
                        "tonnes": line.tonnes,
                    }
                    for line in plan.lines
                ],
            )


def _alert(row: Row[Any]) -> Alert:
    with sound_row("board_alerts", row.alert):
        acknowledged = None
        if row.acknowledged_at is not None:
            acknowledged = Acknowledgement(
                by=row.acknowledged_by, at=from_ms(row.acknowledged_at), note=row.note or ""
            )
        return Alert(
            number=row.alert,
            draft=AlertDraft(
                organisation=row.organisation,
                year=row.year,
                kind=AlertKind(row.kind),
                key=row.alert_key,
                level=Level(row.level),
                reason=row.reason,
                detail=canonical_json.decode_object(row.detail.encode()),
                raised_at=from_ms(row.raised_at),
                repeats=bool(row.repeats),
            ),
            acknowledgement=acknowledged,
        )


def _plan(rows: list[Row[Any]]) -> UsagePlan:
    first = rows[0]
    with sound_row("usage_plans", f"{first.organisation} {first.year} {first.version}"):
        return UsagePlan(
            organisation=first.organisation,
            year=first.year,
            version=first.version,
            made_at=from_ms(first.made_at),
            made_by=first.made_by,
            note=first.note,
            lines=tuple(
                PlanLine(month=parse_period(row.month), act=Act(row.act), tonnes=row.tonnes)
                for row in rows
                if row.month is not None
            ),
        )
