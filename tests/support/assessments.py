"""Statements on errors, as tests write them."""

from datetime import date
from typing import Any

from support.builders import ORGANISATION

from trace_node.accounting.records.accuracy import Accuracy, SubjectKind
from trace_node.canonical_json import JsonObject

CLASS_HALF = {"by": "class", "limit": "0.005"}
NOTHING: JsonObject = {
    "by": None,
    "document": "nameplate",
    "k": None,
    "limit": None,
    "parameter": None,
    "repeats": [],
    "substance": None,
    "unit": None,
}


def accuracy(
    name: str,
    *parts: Any,
    subject: SubjectKind = SubjectKind.METER,
    valid_to: date | None = None,
    together: str | None = None,
) -> Accuracy:
    """What is stated of a meter, or of something else."""
    return Accuracy.from_fields(
        {
            "evidence": "A" * 43,
            "name": name,
            "organisation": ORGANISATION,
            "parts": [{**NOTHING, **part} for part in parts],
            "stated_by": "王芳",
            "subject": subject.value,
            "together": together,
            "valid_from": "2026-01-01",
            "valid_to": valid_to and valid_to.isoformat(),
        }
    )
