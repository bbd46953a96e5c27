"""Statements for boards, signed as the command line does."""

import secrets
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from support.builders import ORGANISATION, key
from support.stores import ORIGIN

from trace_node.ids import OrganisationId
from trace_node.period import parse_period
from trace_node.quota.records.emission_statement import EmissionStatement
from trace_node.quota.records.quota_basis import QuotaBasis, StatedOutput, StatedUnit
from trace_node.record.statement import Content, build_statement

STATED_AT = datetime(2026, 11, 21, 3, 9, tzinfo=UTC)


def emission(
    period: str,
    tonnes: str | int,
    *,
    signer: str = "node",
    stated_at: datetime = STATED_AT,
    **changes: Any,
) -> bytes:
    """A signed emission statement of ``plant-a``."""
    values: dict[str, Any] = {
        "origin": ORIGIN,
        "organisation": ORGANISATION,
        "period": parse_period(period),
        "kind": "provisional",
        "sector": 1,
        "tonnes": Decimal(tonnes),
        "method": "guideline of the sector",
        "evidence": bytes(32),
    }
    return _signed(EmissionStatement(**(values | changes)), signer, stated_at)


def basis(
    year: int, *, signer: str = "node", stated_at: datetime = STATED_AT, **changes: Any
) -> bytes:
    """A signed basis of ``plant-a``, inside the ETS and on the ledger as number 1."""
    values: dict[str, Any] = {
        "origin": ORIGIN,
        "organisation": ORGANISATION,
        "year": year,
        "sector": 1,
        "ledger": 1,
        "budget": None,
        "output": None,
    }
    return _signed(QuotaBasis(**(values | changes)), signer, stated_at)


def output(through: str, **inputs: str) -> StatedOutput:
    """The output of one generating unit to the end of a month."""
    given = {
        "class": "i",
        "electricity": "3000000",
        "heat": "500000",
        "load_percent": "60",
        "verified": "2500000",
        "special_case": "0",
    }
    return StatedOutput(
        method="cn.ets.allocation.power",
        through=parse_period(through),
        units=(StatedUnit(name="unit-1", inputs=given | inputs),),
    )


def other(name: str) -> OrganisationId:
    """Another organisation."""
    return OrganisationId(name)


def _signed(content: Content, signer: str, stated_at: datetime) -> bytes:
    salt = secrets.token_bytes(16)
    return build_statement(content, salt=salt, stated_at=stated_at, signer=key(signer))
