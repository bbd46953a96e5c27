"""Wire models: what is asked of boards, and what is handed in to them."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.base import Name, WireModel
from trace_node.quota.board.plan import MAX_NOTE, MAX_TONNES

Tonnes = Annotated[int, Field(ge=0, le=MAX_TONNES)]
Year = Annotated[int, Field(ge=2000, le=2200, examples=[2026])]
Price = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,4})?$", examples=["82.50"])]
Month = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}$", examples=["2026-05"])]
Number = Annotated[int, Field(ge=1, le=2**53 - 1)]


class QuotaBoardQuery(WireModel):
    """Which board.

    Attributes:
        organisation: Name of the enterprise.
        allowance_price: Yuan for an allowance, to tell costs and fines by; none without.
        ccer_price: Yuan for a CCER.
    """

    organisation: Name
    allowance_price: Price | None = None
    ccer_price: Price | None = None


class QuotaOverviewQuery(WireModel):
    """All enterprises; it has no members."""


class QuotaAlertQuery(WireModel):
    """Which alerts, newest first.

    Attributes:
        organisation: Of one enterprise; of all without, as far as the token reaches.
        only_open: Only those that nobody has acknowledged.
        limit: Most alerts.
    """

    organisation: Name | None = None
    only_open: bool = False
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class QuotaAlertAcknowledgement(WireModel):
    """That an alert was taken notice of; who did is the name of the token.

    Attributes:
        number: Number of the alert.
        note: What there is to say, in one line.
    """

    number: Number
    note: Annotated[str, Field(max_length=500)] = ""


class UsagePlanQuery(WireModel):
    """Which usage plan.

    Attributes:
        organisation: Whose plan.
        year: Obligation year.
        version: Which version; the newest without.
    """

    organisation: Name
    year: Year
    version: Number | None = None


class UsagePlanLine(WireModel):
    """One quantity of a plan.

    Attributes:
        month: Civil month of China.
        act: What is planned: allowances held at its end, sold or bought in it, CCER used in it,
            allowances carried over in it.
        tonnes: Whole tonnes.
    """

    month: Month
    act: Literal["hold", "sell", "buy", "offset", "carry_over"]
    tonnes: Tonnes


class UsagePlanSubmission(WireModel):
    """A new version of a usage plan.

    Attributes:
        organisation: Whose plan.
        year: Obligation year.
        lines: What is planned, at most one quantity for each month and act.
        note: What there is to say.
        after: Version that it follows, 0 for none; a conflict if another is the newest.
    """

    organisation: Name
    year: Year
    lines: Annotated[tuple[UsagePlanLine, ...], Field(strict=False, max_length=120)]
    note: Annotated[str, Field(max_length=MAX_NOTE)] = ""
    after: Annotated[int, Field(ge=0)] | None = None
