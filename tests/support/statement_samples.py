"""One statement of each type, with its fields written by hand: tests and the spec page share them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

from trace_node import canonical_json
from trace_node.crypto.sm2 import PrivateKey
from trace_node.crypto.sm3 import sm3
from trace_node.ids import Origin, to_base64url
from trace_node.period import parse_period
from trace_node.quota.records.allocation_input import AllocationInput
from trace_node.quota.records.allocation_sheet import (
    AllocationSheet,
    LeafRef,
    SheetInput,
    UsedDraft,
)
from trace_node.quota.records.ccer_project import CcerKind, CcerProject, RuleRef, Verdict
from trace_node.quota.records.draft_approval import DraftApproval
from trace_node.quota.records.emission_statement import EmissionStatement
from trace_node.quota.records.organisation_binding import OrganisationBinding
from trace_node.quota.records.quota_basis import QuotaBasis, StatedOutput, StatedUnit
from trace_node.quota.records.rule_change import RuleChange
from trace_node.quota.records.sheet_rows import SheetRow, SheetRule
from trace_node.record.statement import Content

STATED_AT = datetime(2026, 1, 12, 2, 30, 0, 250_000, tzinfo=UTC)
STATED_TEXT = "2026-01-12T02:30:00.250Z"


@cache
def key(name: str) -> PrivateKey:
    return PrivateKey.from_secret(sm3(b"example key " + name.encode()))


def salt(name: str) -> bytes:
    return sm3(b"salt of " + name.encode())[:16]


def b64(raw: bytes) -> str:
    return to_base64url(raw)


ORIGIN = Origin("trace-node.local/plant-a/sm3")
RULE_ROW = {
    "id": "ets.pre_allocation.share",
    "second_source": None,
    "source": "MEE, 2023、2024年度全国碳排放权交易发电行业配额总量和分配方案, 五(一)",
    "status": "draft",
    "unit": "1",
    "valid_from": "2023-01-01",
    "valid_to": None,
    "value": "0.7",
    "years": [2023, 2024],
}
RULE_DIGEST = sm3(canonical_json.encode(RULE_ROW))
METHOD = "cn.ets.pre_allocation.power@1"
METHOD_DIGEST = sm3(b"row of the method")
UNIT_INPUTS = {
    "class": "i",
    "electricity": "3000000",
    "heat": "500000",
    "load_percent": "60",
    "special_case": "0",
    "verified": "2500000",
}
LEAF = LeafRef(index=118, digest=sm3(b"leaf 118"))
APPROVALS = (
    UsedDraft(draft=METHOD, digest=METHOD_DIGEST, approval=LeafRef(index=120, digest=sm3(b"120"))),
    UsedDraft(
        draft="ets.pre_allocation.share",
        digest=RULE_DIGEST,
        approval=LeafRef(index=121, digest=sm3(b"121")),
    ),
)


def sheet(**changes: object) -> AllocationSheet:
    values: dict = {
        "organisation": "plant-a",
        "year": 2024,
        "on": date(2026, 1, 12),
        "unit_name": "1号机组",
        "method": METHOD,
        "method_digest": METHOD_DIGEST,
        "inputs": (SheetInput(name="verified_before", value="2600001.9", leaf=LEAF),),
        "rules": (SheetRule(symbol="share", row=RULE_ROW, digest=RULE_DIGEST),),
        "steps": (
            SheetRow(
                symbol="pre_allocated",
                formula="floor(share * verified_before)",
                value="1820001",  # 0.7 x 2,600,001.9 = 1,820,001.33
                unit="tCO2",
            ),
        ),
        "drafts": APPROVALS,
        "parts": (),
    }
    return AllocationSheet(**(values | changes))


def leaf_fields(ref: LeafRef) -> dict:
    return {"digest": b64(ref.digest), "index": ref.index}


CONTENTS: dict[str, Content] = {
    "allocation input": AllocationInput(
        organisation="plant-a",
        year=2024,
        unit_name="1号机组",
        input_name="electricity",
        value=Decimal("3000000.5"),
        unit="MWh",
        evidence=sm3(b"a report"),
        source="monthly evidence of the management platform",
    ),
    "allocation sheet": sheet(),
    "ccer project": CcerProject(
        project="CCER-14-001-V01-2024-0001",
        name="某海上风电项目",
        methodology="CCER-01-001-V01",
        period_from=date(2023, 1, 1),
        period_to=date(2023, 12, 31),
        quantity=120_000,
        registered_on=date(2025, 3, 6),
        filed_on=None,
        kind=CcerKind.NEW,
        within_ets=False,
        verdicts=(
            Verdict(
                year=2025,
                eligible=True,
                admission=2,
                reason="eligible",
                rules=(RuleRef(rule="ets.admissible.ccer.new", digest=sm3(b"a rule")),),
            ),
        ),
    ),
    "draft approval": DraftApproval(
        draft="ets.pre_allocation.share",
        digest=RULE_DIGEST,
        year=2024,
        approved_by="李明",
        organisation="plant-a",
        evidence=sm3(b"minutes"),
        reason="the plan of 2023 and 2024 is in force; no second print is at hand",
    ),
    "emission statement": EmissionStatement(
        origin=ORIGIN,
        organisation="plant-a",
        period=parse_period("2025"),
        kind="verified",
        sector=1,
        tonnes=Decimal(118000),
        method="MEE guideline 2022, direct emission",
        evidence=sm3(b"verification report"),
    ),
    "organisation binding": OrganisationBinding(
        organisation="plant-a",
        legal_name="甲发电有限公司",
        credit_code="91110000100000000A",
        key=key("organisation").public,
        chain_id=20260,
        addresses=(bytes.fromhex("11" * 20), bytes.fromhex("ab" * 20)),
        valid_from=date(2026, 1, 1),
    ),
    "quota basis": QuotaBasis(
        origin=ORIGIN,
        organisation="plant-a",
        year=2025,
        sector=1,
        ledger=3,
        budget=None,
        output=StatedOutput(
            method="cn.ets.allocation.power",
            through=parse_period("2025-12"),
            units=(StatedUnit(name="unit-1", inputs=UNIT_INPUTS),),
        ),
    ),
    "rule change": RuleChange(
        kind="rule",
        subject="ets.pre_allocation.share",
        replaces=sm3(b"the row before"),
        digest=RULE_DIGEST,
        row=RULE_ROW,
        reason="plan of 2023 and 2024",
    ),
}
SIGNERS = dict.fromkeys(CONTENTS, "node") | {"organisation binding": "organisation"}

FIELDS: dict[str, dict] = {
    "allocation input": {
        "evidence": b64(sm3(b"a report")),
        "input_name": "electricity",
        "organisation": "plant-a",
        "source": "monthly evidence of the management platform",
        "unit": "MWh",
        "unit_name": "1号机组",
        "value": "3000000.5",
        "year": 2024,
        "type": "allocation-input@1",
    },
    "allocation sheet": {
        "drafts": [
            {
                "approval": leaf_fields(used.approval),
                "digest": b64(used.digest),
                "draft": used.draft,
            }
            for used in APPROVALS
        ],
        "inputs": [{"leaf": leaf_fields(LEAF), "name": "verified_before", "value": "2600001.9"}],
        "method": METHOD,
        "method_digest": b64(METHOD_DIGEST),
        "on": "2026-01-12",
        "organisation": "plant-a",
        "parts": [],
        "rules": [{"digest": b64(RULE_DIGEST), "row": RULE_ROW, "symbol": "share"}],
        "steps": [
            {
                "formula": "floor(share * verified_before)",
                "symbol": "pre_allocated",
                "unit": "tCO2",
                "value": "1820001",
            }
        ],
        "type": "allocation-sheet@1",
        "unit_name": "1号机组",
        "year": 2024,
    },
    "ccer project": {
        "filed_on": None,
        "kind": "new",
        "methodology": "CCER-01-001-V01",
        "name": "某海上风电项目",
        "period_from": "2023-01-01",
        "period_to": "2023-12-31",
        "project": "CCER-14-001-V01-2024-0001",
        "quantity": 120_000,
        "registered_on": "2025-03-06",
        "type": "ccer-project@1",
        "verdicts": [
            {
                "admission": 2,
                "eligible": True,
                "reason": "eligible",
                "rules": [{"digest": b64(sm3(b"a rule")), "rule": "ets.admissible.ccer.new"}],
                "year": 2025,
            }
        ],
        "within_ets": False,
    },
    "draft approval": {
        "approved_by": "李明",
        "digest": b64(RULE_DIGEST),
        "draft": "ets.pre_allocation.share",
        "evidence": b64(sm3(b"minutes")),
        "organisation": "plant-a",
        "reason": "the plan of 2023 and 2024 is in force; no second print is at hand",
        "type": "draft-approval@1",
        "year": 2024,
    },
    "emission statement": {
        "evidence": b64(sm3(b"verification report")),
        "kind": "verified",
        "log": ORIGIN,
        "method": "MEE guideline 2022, direct emission",
        "organisation": "plant-a",
        "period": "2025",
        "sector": 1,
        "tonnes": "118000",
        "type": "emission-statement@1",
    },
    "organisation binding": {
        "addresses": ["0x" + "11" * 20, "0x" + "ab" * 20],
        "chain_id": 20260,
        "credit_code": "91110000100000000A",
        "key": b64(key("organisation").public.point),
        "key_id": key("organisation").public.key_id,
        "legal_name": "甲发电有限公司",
        "organisation": "plant-a",
        "type": "organisation-binding@1",
        "valid_from": "2026-01-01",
    },
    "quota basis": {
        "budget": None,
        "ledger": 3,
        "log": ORIGIN,
        "organisation": "plant-a",
        "output": {
            "method": "cn.ets.allocation.power",
            "through": "2025-12",
            "units": [{"inputs": UNIT_INPUTS, "name": "unit-1"}],
        },
        "sector": 1,
        "type": "quota-basis@1",
        "year": 2025,
    },
    "rule change": {
        "digest": b64(RULE_DIGEST),
        "kind": "rule",
        "reason": "plan of 2023 and 2024",
        "replaces": b64(sm3(b"the row before")),
        "row": RULE_ROW,
        "subject": "ets.pre_allocation.share",
        "type": "rule-change@1",
    },
}


def whole_fields(name: str) -> dict:
    """All members but the signature."""
    return FIELDS[name] | {"salt": b64(salt(name)), "stated_at": STATED_TEXT}
