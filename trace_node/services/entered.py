"""What people entered: laboratory records with what is wrong with their days, and activity data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from trace_node.accounting.activity.entry import ACTIVITY_ENTRY, ActivityEntry
from trace_node.accounting.laboratory.dates import date_findings
from trace_node.accounting.laboratory.record import LABORATORY_RECORD, LaboratoryRecord
from trace_node.accounting.nonconformity import NonConformity
from trace_node.ids import KeyId
from trace_node.period import SHANGHAI
from trace_node.ports.statements import LoggedStatement
from trace_node.ports.store import Store
from trace_node.services.statement_leaves import Leaf, leaves


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredRecord:
    """A laboratory record or an activity entry in the log.

    Attributes:
        logged: How it is found.
        content: What it says.
        signed_by: Key id of the signer.
        holds: Whether it is the newest of its topic.
        anchored_on: Day of China of the block that anchored it; None while none did.
        findings: What a person has to settle: days out of order, samples dated anew.
    """

    logged: LoggedStatement
    content: LaboratoryRecord | ActivityEntry
    signed_by: KeyId
    holds: bool
    anchored_on: date | None
    findings: tuple[NonConformity, ...]


def laboratory_records(store: Store, *, organisation: str | None = None) -> Sequence[EnteredRecord]:
    """Laboratory records in log order, of one organisation if named, each with its findings."""
    return _entered(store, LABORATORY_RECORD, organisation)


def activity_entries(store: Store, *, organisation: str | None = None) -> Sequence[EnteredRecord]:
    """Activity entries in log order, of one organisation if named."""
    return _entered(store, ACTIVITY_ENTRY, organisation)


def _entered(store: Store, kind: str, organisation: str | None) -> Sequence[EnteredRecord]:
    with store.view() as view:
        found = [
            leaf
            for leaf in leaves(view, kind)
            if organisation is None or _content(leaf).organisation == organisation
        ]
    newest = {leaf.logged.topic: leaf.logged.index for leaf in found}
    days = _anchored(store, [leaf.logged.index for leaf in found])
    earlier: dict[str, list[LaboratoryRecord]] = {}
    rows: list[EnteredRecord] = []
    for leaf in found:
        content, index = _content(leaf), leaf.logged.index
        findings: tuple[NonConformity, ...] = ()
        if isinstance(content, LaboratoryRecord):
            before = earlier.setdefault(content.topic, [])
            findings = date_findings(content, anchored_on=days.get(index), earlier=before)
            before.append(content)
        rows.append(
            EnteredRecord(
                logged=leaf.logged,
                content=content,
                signed_by=leaf.signed_by,
                holds=newest[content.topic] == index,
                anchored_on=days.get(index),
                findings=findings,
            )
        )
    return rows


def _content(leaf: Leaf) -> LaboratoryRecord | ActivityEntry:
    assert isinstance(leaf.content, LaboratoryRecord | ActivityEntry)  # noqa: S101 (by kind)
    return leaf.content


def _anchored(store: Store, indexes: Sequence[int]) -> dict[int, date]:
    """The day on which each leaf was anchored, of those that were."""
    days: dict[int, date] = {}
    reader = store.reader()
    for first in range(0, len(indexes), 4096):
        for known in reader.knowledge(indexes[first : first + 4096]):
            if known.anchor is not None:
                at = datetime.fromtimestamp(known.anchor.block_time, tz=UTC)
                days[known.index] = at.astimezone(SHANGHAI).date()
    return days
