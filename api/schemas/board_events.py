"""Wire models: alerts of boards, and usage plans beside what happened."""

from typing import Literal

from pydantic import JsonValue

from api.schemas.base import WireModel
from api.schemas.board import LevelName, MirrorRow
from api.schemas.board_questions import UsagePlanLine


class AttemptRow(WireModel):
    """One attempt to deliver an alert; ``detail`` says what went wrong."""

    at: str
    channel: Literal["webhook", "email"]
    target: str
    delivered: bool
    detail: str


class AcknowledgementRow(WireModel):
    """Who took notice, when, and what they said."""

    by: str
    at: str
    note: str


class QuotaAlert(WireModel):
    """An alert."""

    number: int
    organisation: str
    year: int
    kind: Literal["level", "trend", "arrears"]
    level: LevelName
    reason: str
    raised_at: str
    detail: dict[str, JsonValue]
    acknowledgement: AcknowledgementRow | None
    attempts: tuple[AttemptRow, ...]


class QuotaAlerts(WireModel):
    """Alerts, newest first."""

    alerts: tuple[QuotaAlert, ...]


class PlanRow(WireModel):
    """What was planned and what happened; ``difference`` is the latter less the former."""

    month: str
    act: str
    planned: int | None
    actual: int | None
    difference: int | None
    unconfirmed: int
    is_over: bool


class UsagePlanRow(WireModel):
    """A version of a plan."""

    organisation: str
    year: int
    version: int
    made_at: str
    made_by: str
    note: str
    lines: tuple[UsagePlanLine, ...]


class ComparedUsagePlan(WireModel):
    """A plan beside what happened."""

    plan: UsagePlanRow
    versions: int
    rows: tuple[PlanRow, ...]
    mirror: MirrorRow | None
    legal_record: str
