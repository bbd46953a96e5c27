"""A factor row read back from its canonical JSON."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from trace_node.accounting.errors import LibraryFileError
from trace_node.accounting.factors.row import Confidence, FactorKind, FactorRow, FactorStatus
from trace_node.canonical_json import JsonObject


def row_from_json(form: JsonObject) -> FactorRow:
    """Read what ``FactorRow.to_json`` wrote; the row it supersedes need not be there.

    Raises:
        LibraryFileError: It is another form.
    """
    try:
        row = _row(form)
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise _refusal(form) from error
    if row.to_json() != form:
        raise _refusal(form)
    return row


def _row(form: Any) -> FactorRow:  # noqa: ANN401 (whatever a stranger wrote)
    return FactorRow(
        id=form["id"],
        name_zh=form["name_zh"],
        name_en=form["name_en"],
        kind=FactorKind(form["kind"]),
        substance=form["substance"] or "",
        value=Decimal(form["value"]),
        unit=form["unit"],
        basis=form["basis"] or "",
        region=form["region"] or "",
        scheme=form["scheme"],
        applies_to=tuple(form["applies_to"]),
        gwp_set=form["gwp_set"] or "",
        source_year=form["source_year"],
        valid_from=_day(form["valid_from"]),
        valid_to=_day(form["valid_to"]),
        supersedes=form["supersedes"] or "",
        source=form["source"],
        second_source=form["second_source"],
        confidence=Confidence(form["confidence"]),
        status=FactorStatus(form["status"]),
        note=form["note"] or "",
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _refusal(form: JsonObject) -> LibraryFileError:
    return LibraryFileError(
        "{row}: not the canonical form of a factor",
        field="factors",
        row=str(form.get("id"))[:120],
        remedy="take the row from its release",
    )
