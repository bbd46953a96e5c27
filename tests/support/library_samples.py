"""Statements about factors, methods and signers, with their fields written by hand."""

from datetime import date
from decimal import Decimal

from support.small_methods import one_formula
from support.statement_samples import b64, key

from trace_node import canonical_json
from trace_node.accounting.factors.row import Confidence, FactorKind, FactorRow, FactorStatus
from trace_node.accounting.records.approvals import FactorApproval, TermApproval
from trace_node.accounting.records.factor_entry import FactorEntry
from trace_node.accounting.records.releases import FactorRelease, MethodRelease
from trace_node.accounting.records.signer_trust import SignerRole, SignerTrust
from trace_node.crypto.sm3 import sm3
from trace_node.ids import OrganisationId
from trace_node.record.statement import Content

PLANT = OrganisationId("plant-a")
BALANCE = sm3(b"carbon balance")
GRID_PAGE = sm3(b"page of the operator")
ROOT, ROOT_BEFORE = sm3(b"root of the release"), sm3(b"root before")
METHOD = one_formula("m * e", "tCO2", gas="CO2", m="t[fuel]", e="tCO2/t[fuel]")
ROW = FactorRow(
    id="own.plant_a.grid.kr.2018",
    name_zh="韩国电网排放因子",
    name_en="Grid of Korea",
    kind=FactorKind.GRID,
    value=Decimal("0.4594"),
    unit="tCO2/MWh",
    region="KR",
    scheme="own.plant_a",
    applies_to=("electricity",),
    source_year=2018,
    valid_from=date(2018, 1, 1),
    valid_to=date(2018, 12, 31),
    source="operator of the grid, table 3",
    confidence=Confidence.MEDIUM,
    status=FactorStatus.DRAFT,
)
ROW_FIELDS: dict = {
    "applies_to": ["electricity"],
    "basis": None,
    "confidence": "medium",
    "gwp_set": None,
    "id": "own.plant_a.grid.kr.2018",
    "kind": "grid",
    "name_en": "Grid of Korea",
    "name_zh": "韩国电网排放因子",
    "note": None,
    "region": "KR",
    "scheme": "own.plant_a",
    "second_source": None,
    "source": "operator of the grid, table 3",
    "source_year": 2018,
    "status": "draft",
    "substance": None,
    "supersedes": None,
    "unit": "tCO2/MWh",
    "valid_from": "2018-01-01",
    "valid_to": "2018-12-31",
    "value": "0.4594",
}
ROW_DIGEST = sm3(canonical_json.encode(ROW_FIELDS))

CONTENTS: dict[str, Content] = {
    "factor approval": FactorApproval(
        row=ROW.id,
        digest=ROW_DIGEST,
        proposed_by="王芳",
        approved_by="李明",
        organisation=PLANT,
        evidence=GRID_PAGE,
        reason="compared with the page of the operator",
    ),
    "factor entry": FactorEntry(
        organisation=PLANT,
        row=ROW,
        entered_by="王芳",
        evidence=GRID_PAGE,
        reason="the library holds no factor of that grid",
    ),
    "factor release": FactorRelease(
        name="2026-11", count=722, root=ROOT, replaces=ROOT_BEFORE, note="grid factors of 2024"
    ),
    "method release": MethodRelease.of(METHOD),
    "signer trust": SignerTrust(
        role=SignerRole.LABORATORY,
        name="某煤质检测中心",
        key=key("laboratory").public,
        trusted=True,
        reason="contract of 2026",
    ),
    "term approval": TermApproval(
        method="cn.ndrc.coal.2014.open_pit@1",
        digest=sm3(b"definition of the method"),
        step="E_expl",
        proposed_by="王芳",
        approved_by="李明",
        organisation=PLANT,
        evidence=BALANCE,
        reason="the equation is the stoichiometric one",
    ),
}
SIGNERS = dict.fromkeys(CONTENTS, "node") | dict.fromkeys(
    ("factor release", "method release", "signer trust"), "authority"
)
FIELDS: dict[str, dict] = {
    "factor approval": {
        "approved_by": "李明",
        "digest": b64(ROW_DIGEST),
        "evidence": b64(GRID_PAGE),
        "organisation": "plant-a",
        "proposed_by": "王芳",
        "reason": "compared with the page of the operator",
        "row": "own.plant_a.grid.kr.2018",
        "type": "factor-approval@1",
    },
    "factor entry": {
        "digest": b64(ROW_DIGEST),
        "entered_by": "王芳",
        "evidence": b64(GRID_PAGE),
        "organisation": "plant-a",
        "reason": "the library holds no factor of that grid",
        "row": ROW_FIELDS,
        "type": "factor-entry@1",
    },
    "factor release": {
        "count": 722,
        "name": "2026-11",
        "note": "grid factors of 2024",
        "replaces": b64(ROOT_BEFORE),
        "root": b64(ROOT),
        "type": "factor-release@1",
    },
    "method release": {
        "definition": METHOD.definition,
        "digest": b64(sm3(canonical_json.encode(METHOD.definition))),
        "method": "example@1",
        "type": "method-release@1",
    },
    "signer trust": {
        "key": b64(key("laboratory").public.point),
        "key_id": key("laboratory").public.key_id,
        "name": "某煤质检测中心",
        "reason": "contract of 2026",
        "role": "laboratory",
        "trusted": True,
        "type": "signer-trust@1",
    },
    "term approval": {
        "approved_by": "李明",
        "digest": b64(sm3(b"definition of the method")),
        "evidence": b64(BALANCE),
        "method": "cn.ndrc.coal.2014.open_pit@1",
        "organisation": "plant-a",
        "proposed_by": "王芳",
        "reason": "the equation is the stoichiometric one",
        "step": "E_expl",
        "type": "term-approval@1",
    },
}
