"""The emission record of docs/spec/emission.md: a month of two diesel sources, computed here."""

from datetime import UTC, datetime
from decimal import Decimal

from support.accounts import DIESEL
from support.statement_samples import b64, key, salt

from trace_node.accounting.activity.data import ActivityData, EvidenceLink
from trace_node.accounting.activity.entry import ActivityEntry
from trace_node.accounting.boundary.boundary_file import read_boundary_file
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.inventory.assemble import assemble
from trace_node.accounting.inventory.items import factors_of, figures_of, items_of
from trace_node.accounting.methods.figure import evaluate
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.accounting.methods.words import Use
from trace_node.accounting.records.emission import Emission
from trace_node.accounting.records.gauge_readings import GaugeReadings
from trace_node.accounting.standing import Standing
from trace_node.canonical_json import JsonObject
from trace_node.crypto.sm3 import sm3
from trace_node.ids import DeviceId, OrganisationId
from trace_node.period import parse_period

SIGNERS = {"emission": "node", "gauge readings": "node"}
STATED_TEXT = "2026-11-29T12:00:00.000Z"
STATED_AT = datetime(2026, 11, 29, 12, tzinfo=UTC)
METHOD = packaged_methods().get("cn.ets.steel.2024.enterprise@1")
BOUNDARY_LEAF = EvidenceLink(4700, sm3(b"boundary of the example"))
PERIOD = parse_period("2026-10")
__all__ = ["CONTENTS", "SIGNERS", "STATED_AT", "emission", "key", "salt", "whole_fields"]


def _entered(source: str, tonnes: str, index: int) -> ActivityData:
    entry = ActivityEntry(
        organisation=OrganisationId("plant-a"),
        activity=f"diesel.{source}",
        source=source,
        period=PERIOD,
        quantity=Decimal(tonnes),
        unit="t",
        standing=Standing.FINAL,
        document="invoice 4711",
        evidence=sm3(b"invoice 4711"),
        entered_by="王芳",
        replaces=None,
    )
    return entry.data(EvidenceLink(index, sm3(b"entry %d" % index)))


def emission() -> Emission:
    """12.48 t and 3.5 t of diesel by the market's method of steel works, and what comes of it."""
    boundary = read_boundary_file(DIESEL.encode(), file="boundary.toml")
    (industry,) = boundary.industries_of("works")
    obtained = [_entered("trucks", "12.48", 4711), _entered("loaders", "3.5", 4712)]
    assembled = assemble(
        boundary, industry, METHOD, PERIOD, obtained, boundary_leaf=BOUNDARY_LEAF.index
    )
    result = evaluate(METHOD, assembled.case, packaged_factors())
    return Emission(
        organisation=OrganisationId("plant-a"),
        boundary=boundary.name,
        boundary_leaf=BOUNDARY_LEAF,
        unit="works",
        method=METHOD.ref,
        method_digest=METHOD.digest,
        period=PERIOD,
        use=Use.INTERNAL,
        standing=assembled.standing,
        activity=assembled.activity,
        factors=factors_of(result, {}),
        release_root=result.release_root,
        approvals=(),
        items=items_of(boundary, industry, METHOD, assembled.case, result),
        figures=figures_of(result),
        result=result.digest,
        replaces=None,
        demonstration=boundary.demonstration,
        reason=None,
    )


def gauge_readings() -> GaugeReadings:
    """Four readings of a flow meter on one day."""
    return GaugeReadings(
        organisation=OrganisationId("plant-a"),
        device=DeviceId("meter-1"),
        meter_register="flow",
        period=parse_period("2026-10-05"),
        readings=(4801, 4804, 4807, 4810),
    )


CONTENTS = {"emission": emission, "gauge readings": gauge_readings}


def whole_fields(name: str) -> JsonObject:
    """All members but the signature."""
    content = CONTENTS[name]()
    return {
        **content.to_fields(),
        "salt": b64(salt(name)),
        "stated_at": STATED_TEXT,
        "type": content.TYPE,
    }
