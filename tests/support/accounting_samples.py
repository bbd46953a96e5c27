"""One accounting statement of each type, with its fields written by hand: tests and spec share them."""

from datetime import date
from decimal import Decimal

from support import library_samples, outlook_samples
from support.statement_samples import STATED_AT, STATED_TEXT, b64, key, salt

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.activity.entry import ActivityEntry
from trace_node.accounting.laboratory.basis import Basis
from trace_node.accounting.laboratory.parameter import LabValue, Parameter
from trace_node.accounting.laboratory.record import (
    Certificate,
    LaboratoryRecord,
    SampledFrom,
    Scheme,
)
from trace_node.accounting.standing import Standing
from trace_node.crypto.sm3 import sm3
from trace_node.ids import OrganisationId
from trace_node.period import parse_period
from trace_node.record.fields import Code
from trace_node.record.statement import Content

__all__ = ["CONTENTS", "FIELDS", "SIGNERS", "STATED_AT", "key", "salt", "whole_fields"]

REPORT = sm3(b"report of the laboratory")
INVOICE = sm3(b"invoice of the diesel")
CORRECTED = sm3(b"leaf of the entry that is corrected")
PLANT = OrganisationId("plant-a")

CONTENTS: dict[str, Content] = {
    "activity entry": ActivityEntry(
        organisation=PLANT,
        activity="diesel.forklifts",
        source="transport",
        period=parse_period("2025-12"),
        quantity=Decimal("12.480"),
        unit="t",
        standing=Standing.FINAL,
        document="增值税发票 25412000000123456789",
        evidence=INVOICE,
        entered_by="王芳",
        replaces=EvidenceLink(4711, CORRECTED),
    ),
    "laboratory record": LaboratoryRecord(
        organisation=PLANT,
        substance=Code("coal.bituminous"),
        sample="2025-12-07-A",
        batch="B-2025-1207",
        sampled_from=SampledFrom.RECEIVED,
        period=parse_period("2025-12-07"),
        quantity=Decimal("3120.55"),
        unit="t",
        values=(
            LabValue(
                parameter=Parameter.CARBON,
                value=Decimal("0.6120"),
                basis=Basis.AD,
                standard="GB/T 476-2008",
                repeats=(Decimal("0.6113"), Decimal("0.6127")),
            ),
            LabValue(
                parameter=Parameter.MOISTURE,
                value=Decimal("0.125"),
                basis=Basis.AR,
                standard="GB/T 211-2017",
            ),
            LabValue(
                parameter=Parameter.MOISTURE,
                value=Decimal("0.023"),
                basis=Basis.AD,
                standard="GB/T 212-2008",
            ),
            LabValue(
                parameter=Parameter.NCV,
                value=Decimal("20.908"),
                basis=Basis.AR,
                standard="GB/T 213-2008",
            ),
        ),
        laboratory="某煤质检测中心",
        certificates=(Certificate(scheme=Scheme.CMA, number="150000000001"),),
        report="MZ-2025-0331",
        sampled_on=date(2025, 12, 7),
        tested_on=date(2025, 12, 9),
        issued_on=date(2025, 12, 11),
        received_on=date(2025, 12, 12),
        evidence=REPORT,
    ),
}
CONTENTS |= outlook_samples.CONTENTS
SIGNERS = dict.fromkeys(CONTENTS, "node") | library_samples.SIGNERS
CONTENTS |= library_samples.CONTENTS


def lab_value(parameter: str, basis: str, value: str, unit: str, standard: str) -> dict:
    return {
        "basis": basis,
        "parameter": parameter,
        "repeats": [],
        "standard": standard,
        "unit": unit,
        "value": value,
    }


FIELDS: dict[str, dict] = {
    "activity entry": {
        "activity": "diesel.forklifts",
        "document": "增值税发票 25412000000123456789",
        "entered_by": "王芳",
        "evidence": b64(INVOICE),
        "organisation": "plant-a",
        "period": "2025-12",
        "quantity": "12.480",
        "replaces": {"digest": b64(CORRECTED), "index": 4711},
        "source": "transport",
        "standing": "final",
        "type": "activity-entry@1",
        "unit": "t",
    },
    "laboratory record": {
        "batch": "B-2025-1207",
        "certificates": [{"number": "150000000001", "scheme": "CMA"}],
        "evidence": b64(REPORT),
        "issued_on": "2025-12-11",
        "laboratory": "某煤质检测中心",
        "organisation": "plant-a",
        "period": "2025-12-07",
        "quantity": "3120.55",
        "received_on": "2025-12-12",
        "report": "MZ-2025-0331",
        "sample": "2025-12-07-A",
        "sampled_from": "received",
        "sampled_on": "2025-12-07",
        "substance": "coal.bituminous",
        "tested_on": "2025-12-09",
        "type": "laboratory-record@1",
        "unit": "t",
        "values": [
            lab_value("carbon", "ad", "0.6120", "1", "GB/T 476-2008")
            | {"repeats": ["0.6113", "0.6127"]},
            lab_value("moisture", "ar", "0.125", "1", "GB/T 211-2017"),
            lab_value("moisture", "ad", "0.023", "1", "GB/T 212-2008"),
            lab_value("ncv", "ar", "20.908", "GJ/t", "GB/T 213-2008"),
        ],
    },
}
FIELDS |= outlook_samples.FIELDS | library_samples.FIELDS


def whole_fields(name: str) -> dict:
    """All members but the signature."""
    return FIELDS[name] | {"salt": b64(salt(name)), "stated_at": STATED_TEXT}
