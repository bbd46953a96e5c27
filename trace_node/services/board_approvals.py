"""Which drafts of the library a person has approved for which year, as the log says."""

from trace_node.ids import to_base64url
from trace_node.ports.store import UnitOfWork
from trace_node.quota.board.case import ApprovedDraft
from trace_node.quota.records.draft_approval import DRAFT_APPROVAL, DraftApproval
from trace_node.quota.records.parse import parse_statement

PAGE = 500


def approved_drafts(view: UnitOfWork) -> frozenset[ApprovedDraft]:
    """Every approval in the log; it holds for exactly the row whose digest it names."""
    found: set[ApprovedDraft] = set()
    after = -1
    while page := view.statements.find(DRAFT_APPROVAL, after=after, limit=PAGE):
        after = page[-1].index
        for each in page:
            (body,) = view.entries.bodies(each.index, each.index + 1)
            content = parse_statement(body).content
            if isinstance(content, DraftApproval):
                found.add((content.year, content.draft, to_base64url(content.digest)))
    return frozenset(found)
