"""A typed figure becomes an activity entry; a correction names the entry that is there."""

from dataclasses import dataclass

from trace_node.accounting.activity.entry import ACTIVITY_ENTRY, ActivityEntry
from trace_node.accounting.standing import Standing
from trace_node.canonical_json import JsonObject
from trace_node.ids import to_base64url
from trace_node.ports.store import UnitOfWork
from trace_node.services.statement_types import parse_statement


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedFigure:
    """What a person typed; read as the record's members are.

    Attributes:
        activity: Name of the activity data.
        source: Emission source.
        period: Period of civil time.
        quantity: The figure in plain notation.
        unit: Its unit.
        document: Kind and number of the document.
        evidence: 32-byte SM3 of the document.
        entered_by: The person.
        is_provisional: Whether it will be entered again.
    """

    activity: str
    source: str
    period: str
    quantity: str
    unit: str
    document: str
    evidence: bytes
    entered_by: str
    is_provisional: bool = False


def entry_of(
    figure: TypedFigure, view: UnitOfWork, *, organisation: str, corrects: bool
) -> ActivityEntry:
    """The entry.

    Args:
        figure: What was typed.
        view: The log.
        organisation: Whose activity.
        corrects: Name the newest entry of the activity and period, if there is one that says
            something else.

    Raises:
        RecordError: A member breaks its rule; the code is ``record.<member>``.
    """
    standing = Standing.PROVISIONAL if figure.is_provisional else Standing.FINAL
    fields: JsonObject = {
        "activity": figure.activity,
        "document": figure.document,
        "entered_by": figure.entered_by,
        "evidence": to_base64url(figure.evidence),
        "organisation": organisation,
        "period": figure.period,
        "quantity": figure.quantity,
        "replaces": None,
        "source": figure.source,
        "standing": standing.value,
        "unit": figure.unit,
    }
    entry = ActivityEntry.from_fields(fields)
    newest = view.statements.newest(ACTIVITY_ENTRY, entry.topic) if corrects else None
    if newest is None:
        return entry
    (body,) = view.entries.bodies(newest.index, newest.index + 1)
    there = parse_statement(body).content
    if {**there.to_fields(), "replaces": None} == entry.to_fields():
        assert isinstance(there, ActivityEntry)  # noqa: S101 (by kind)
        return there  # it says that already, and is not logged again
    leaf: JsonObject = {"digest": to_base64url(newest.digest), "index": newest.index}
    return ActivityEntry.from_fields({**fields, "replaces": leaf})
