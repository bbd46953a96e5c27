"""Statements about clean energy, emission levels and emitters, with their fields written by hand."""

from decimal import Decimal

from support.statement_samples import b64

from trace_node.accounting.methods.words import Purpose
from trace_node.accounting.outlook.rating import Reference, Thresholds
from trace_node.accounting.records.clean_energy import CleanEnergyEntry, CleanKind
from trace_node.accounting.records.emission_levels import EmissionLevels
from trace_node.accounting.records.emitter_status import EmitterClass, EmitterStatus
from trace_node.crypto.sm3 import sm3
from trace_node.ids import OrganisationId
from trace_node.period import parse_period
from trace_node.record.statement import Content

PLANT = OrganisationId("plant-a")
CERTIFICATE = sm3(b"green certificate")
MINUTES = sm3(b"minutes of the board of directors")
LIST = sm3(b"list of key emission units")

CONTENTS: dict[str, Content] = {
    "clean energy": CleanEnergyEntry(
        organisation=PLANT,
        kind=CleanKind.CERTIFICATE,
        number="GEC-2025-35-000123",
        period=parse_period("2025-12"),
        quantity=Decimal(1000),
        unit="MWh",
        source="grid",
        document="绿色电力证书 GEC-2025-35-000123",
        evidence=CERTIFICATE,
        entered_by="王芳",
    ),
    "emission levels": EmissionLevels(
        organisation=PLANT,
        boundary="plant",
        period=parse_period("2026"),
        purpose=Purpose.ENTERPRISE,
        gwp_set=None,
        plan={"2026": Decimal("118000.5")},
        output="power.supplied",
        sector="ets.benchmark.power.i.2024",
        advanced=None,
        order=(Reference.PLAN, Reference.SECTOR, Reference.HISTORY),
        thresholds=Thresholds(yellow=Decimal("0.95"), orange=Decimal(1), red=Decimal("1.05")),
        document="2026年度碳排放计划 公司（2025）118号",
        evidence=MINUTES,
        decided_by="李明",
    ),
    "emitter status": EmitterStatus(
        organisation=PLANT,
        period=parse_period("2026"),
        status=EmitterClass.KEY,
        document="福建省2026年度重点排放单位名录",
        evidence=LIST,
        entered_by="王芳",
    ),
}
FIELDS: dict[str, dict] = {
    "clean energy": {
        "document": "绿色电力证书 GEC-2025-35-000123",
        "entered_by": "王芳",
        "evidence": b64(CERTIFICATE),
        "kind": "certificate",
        "number": "GEC-2025-35-000123",
        "organisation": "plant-a",
        "period": "2025-12",
        "quantity": "1000",
        "source": "grid",
        "type": "clean-energy@1",
        "unit": "MWh",
    },
    "emission levels": {
        "advanced": None,
        "boundary": "plant",
        "decided_by": "李明",
        "document": "2026年度碳排放计划 公司（2025）118号",
        "evidence": b64(MINUTES),
        "gwp_set": None,
        "order": ["plan", "sector", "history"],
        "organisation": "plant-a",
        "output": "power.supplied",
        "period": "2026",
        "plan": {"2026": "118000.5"},
        "purpose": "enterprise",
        "sector": "ets.benchmark.power.i.2024",
        "thresholds": {"orange": "1", "red": "1.05", "yellow": "0.95"},
        "type": "emission-levels@1",
    },
    "emitter status": {
        "document": "福建省2026年度重点排放单位名录",
        "entered_by": "王芳",
        "evidence": b64(LIST),
        "organisation": "plant-a",
        "period": "2026",
        "status": "key",
        "type": "emitter-status@1",
    },
}
