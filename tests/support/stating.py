"""Statements for boards, signed and handed in as the command line does."""

import secrets
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from support.builders import ORGANISATION, key
from support.plant import Plant
from support.stores import ORIGIN

from trace_node.ids import OrganisationId
from trace_node.metering.records.emission_statement import (
    EmissionStatement,
    build_emission_statement,
)
from trace_node.metering.records.quota_basis import (
    QuotaBasis,
    StatedOutput,
    StatedUnit,
    build_quota_basis,
)
from trace_node.period import parse_period
from trace_node.services.board_rules import BoardLibrary
from trace_node.services.statements import StatementIntake

STATED_AT = datetime(2026, 11, 21, 3, 9, tzinfo=UTC)


def intake(here: Plant) -> StatementIntake:
    """The intake of a log."""
    return StatementIntake(
        origin=ORIGIN,
        authorities=[key("authority").public],
        writer=here.writer,
        book=here.book,
        clock=here.clock,
        library=BoardLibrary.packaged(),
    )


def emission(period: str, tonnes: str | int, *, signer: str = "node", **changes: Any) -> bytes:
    """A signed emission statement of ``plant-a``."""
    values: dict[str, Any] = {
        "salt": secrets.token_bytes(16),
        "origin": ORIGIN,
        "organisation": ORGANISATION,
        "period": parse_period(period),
        "kind": "provisional",
        "sector": 1,
        "tonnes": Decimal(tonnes),
        "method": "guideline of the sector",
        "evidence": bytes(32),
        "stated_at": STATED_AT,
        "signed_by": key(signer).public.key_id,
    }
    return build_emission_statement(EmissionStatement(**(values | changes)), signer=key(signer))


def basis(year: int, *, signer: str = "node", **changes: Any) -> bytes:
    """A signed basis of ``plant-a``, inside the ETS and on the ledger as number 1."""
    values: dict[str, Any] = {
        "salt": secrets.token_bytes(16),
        "origin": ORIGIN,
        "organisation": ORGANISATION,
        "year": year,
        "sector": 1,
        "ledger": 1,
        "budget": None,
        "output": None,
        "stated_at": STATED_AT,
        "signed_by": key(signer).public.key_id,
    }
    return build_quota_basis(QuotaBasis(**(values | changes)), signer=key(signer))


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
