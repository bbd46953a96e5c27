"""Emission records follow each other, and a closed one changes by an adjustment alone."""

from trace_node.accounting.records.emission import Emission
from trace_node.accounting.standing import Standing
from trace_node.errors import ConflictError
from trace_node.ports.statements import LoggedStatement
from trace_node.ports.store import UnitOfWork
from trace_node.record.statement import Content


def require_successor(content: Content, newest: LoggedStatement | None, work: UnitOfWork) -> None:
    """Require an emission record to follow the newest of its topic; other contents pass.

    Raises:
        ConflictError: It names another leaf than the newest, or changes a final one without
            a reason.
    """
    if not isinstance(content, Emission):
        return
    named = None if content.replaces is None else content.replaces.index
    index = None if newest is None else newest.index
    if named != index:
        raise ConflictError(
            "{field}: the newest record of this period is {newest}, the record names {named}",
            field="replaces",
            newest="none" if index is None else f"leaf {index}",
            named="none" if named is None else f"leaf {named}",
            remedy="account again",
            code="account.successor",
        )
    before = None if index is None else work.accounting.at(index)
    if before is not None and before.standing == Standing.FINAL and content.reason is None:
        raise ConflictError(
            "{field}: leaf {newest} is final, and no reason for an adjustment is given",
            field="reason",
            newest=before.index,
            remedy="state the reason",
            code="account.closed",
        )
