"""What a statement of accounting has to agree with: the libraries, and what the log holds of it.

Intake asks before a statement is logged, the check of the log asks again for each leaf.
"""

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.activity.entry import ActivityEntry
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.methods.method_form import read_method
from trace_node.accounting.records.approvals import FactorApproval, same_person
from trace_node.accounting.records.factor_entry import FACTOR_ENTRY, FactorEntry, entry_topic
from trace_node.accounting.records.releases import FactorRelease, MethodRelease
from trace_node.errors import ConflictError
from trace_node.ports.statements import LoggedStatement
from trace_node.ports.store import UnitOfWork
from trace_node.record.statement import Content
from trace_node.services.statement_leaves import leaves
from trace_node.services.statement_types import parse_statement


def require_fitting(content: Content) -> None:
    """Require what a statement brings to be of use; other contents pass.

    Raises:
        InputError: A method breaks the form, or its units do not fit.
        MethodNotFoundError: It includes a module that is not there.
        ConflictError: A factor of one's own has the id of a row of the package.
    """
    if isinstance(content, MethodRelease):
        read_method(content.definition, place=content.method)
    elif isinstance(content, FactorEntry):
        known = {row.id for row in packaged_factors()}
        if content.row.id in known:
            raise ConflictError(
                "{field}: the library has a factor {row}",
                field="row",
                row=content.row.id,
                remedy="give it an id of its own",
                code="accounting.factor.id",
            )


def require_in_order(content: Content, work: UnitOfWork, *, before: int | None = None) -> None:
    """Require a statement to follow what the log holds of its topic; other contents pass.

    Args:
        content: The statement.
        work: The log.
        before: Its leaf index, of one that is logged already.

    Raises:
        ConflictError: It does not; the code tells which rule it breaks.
    """
    if isinstance(content, FactorApproval):
        _require_other_person(content, work, before)
        return
    if not isinstance(content, ActivityEntry | FactorEntry | FactorRelease | MethodRelease):
        return
    newest = work.statements.newest(content.TYPE, content.topic, before=before)
    if isinstance(content, ActivityEntry):
        _require_correction(content, newest)
    elif isinstance(content, FactorRelease):
        _require_next_release(content, newest, work)
    elif newest is not None:
        raise _changed(content, newest)
    elif isinstance(content, FactorEntry):
        _require_one_meaning(content, work, before)
        _require_own_predecessor(content, work, before)


def _require_correction(entry: ActivityEntry, newest: LoggedStatement | None) -> None:
    """A second figure of one activity and period is a correction, and says of which leaf."""
    expected = None if newest is None else EvidenceLink(newest.index, newest.digest)
    if entry.replaces == expected:
        return
    raise ConflictError(
        "{field}: the newest entry of this activity and period is {newest}, and {named} is named",
        field="replaces",
        newest=_leaf(expected),
        named=_leaf(entry.replaces),
        remedy="name leaf and digest of the newest entry in a correction, and null in the first",
        code="activity.replaces",
    )


def _require_next_release(
    release: FactorRelease, newest: LoggedStatement | None, work: UnitOfWork
) -> None:
    last = None if newest is None else _content(newest, work)
    root = last.root if isinstance(last, FactorRelease) else None
    if release.replaces != root:
        raise ConflictError(
            "{field}: the release before is {expected}",
            field="replaces",
            expected="none" if root is None else root.hex(),
            remedy="name the root of the newest release, and null in the first",
            code="accounting.release.replaces",
        )


def _require_one_meaning(entry: FactorEntry, work: UnitOfWork, before: int | None) -> None:
    """An id is one row in a log, whoever entered it: footprints name rows of several owners."""
    for leaf in leaves(work, FACTOR_ENTRY):
        other = leaf.content
        if before is not None and leaf.logged.index >= before:
            return
        if (
            isinstance(other, FactorEntry)
            and other.row.id == entry.row.id
            and other.row.digest != entry.row.digest
        ):
            raise ConflictError(
                "{field}: {row} is another factor, of {organisation}, in leaf {index}",
                field="row",
                row=entry.row.id,
                organisation=other.organisation,
                index=leaf.logged.index,
                remedy="give it an id of its own, such as one that begins with your name",
                code="accounting.factor.id",
            )


def _require_own_predecessor(entry: FactorEntry, work: UnitOfWork, before: int | None) -> None:
    """What the package says is not superseded by one organisation for itself."""
    old = entry.row.supersedes
    if not old:
        return
    topic = entry_topic(entry.organisation, old)
    if work.statements.newest(FACTOR_ENTRY, topic, before=before) is None:
        raise ConflictError(
            "{field}: {old} is no factor that {organisation} entered",
            field="row.supersedes",
            old=old,
            organisation=entry.organisation,
            remedy="supersede a factor of your own, or leave it out",
            code="accounting.factor.supersedes",
        )


def _require_other_person(approval: FactorApproval, work: UnitOfWork, before: int | None) -> None:
    """Nobody approves the factor that they entered themselves, whoever is named as proposing it."""
    topic = entry_topic(approval.organisation, approval.row)
    found = work.statements.newest(FACTOR_ENTRY, topic, before=before)
    entry = None if found is None else _content(found, work)
    if not isinstance(entry, FactorEntry):
        return
    if entry.row.digest != approval.digest:
        raise ConflictError(
            "{field}: is not that of the factor {row} in leaf {index}",
            field="digest",
            row=approval.row,
            index=0 if found is None else found.index,
            remedy="approve the row as it was entered",
            code="accounting.approval.digest",
        )
    if same_person(entry.entered_by, approval.approved_by):
        raise ConflictError(
            "{field}: {person} entered this factor",
            field="approved_by",
            person=approval.approved_by,
            remedy="let another person approve it",
            code="accounting.approval.person",
        )


def _changed(content: FactorEntry | MethodRelease, newest: LoggedStatement) -> ConflictError:
    if isinstance(content, MethodRelease):
        return ConflictError(
            "{field}: {method} was released in leaf {index}, and says something else there",
            field="method",
            method=content.method,
            index=newest.index,
            remedy="a change is a new version",
            code="accounting.method.version",
        )
    return ConflictError(
        "{field}: {row} was entered in leaf {index}, and is something else there",
        field="row",
        row=content.row.id,
        index=newest.index,
        remedy="enter a row with an id of its own that supersedes it",
        code="accounting.factor.changed",
    )


def _content(logged: LoggedStatement, work: UnitOfWork) -> Content:
    (body,) = work.entries.bodies(logged.index, logged.index + 1)
    return parse_statement(body).content


def _leaf(link: EvidenceLink | None) -> str:
    return "none" if link is None else f"leaf {link.index}"
