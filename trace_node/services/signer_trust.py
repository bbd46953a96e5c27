"""The leaf that says why a signature counts, where the signer is no node of the enterprise."""

from collections.abc import Iterable, Mapping

from trace_node.accounting.records.signer_trust import SIGNER_TRUST, SignerTrust, trust_topic
from trace_node.accounting.statements import may_sign, trusted_role
from trace_node.ports.store import UnitOfWork
from trace_node.record.statement import Statement
from trace_node.services.statement_types import parse_statement


def leaf_with_trust(view: UnitOfWork, index: int) -> tuple[int, ...]:
    """The leaf of a statement, and before it that of the trust by which its signature counts.

    A statement signed by a node or an authority stands alone.
    """
    statement = _statement(view, index)
    role = trusted_role(statement.content)
    if role is None:
        return (index,)
    topic = trust_topic(role, statement.signed_by)
    found = view.statements.newest(SIGNER_TRUST, topic, before=index)
    trust = None if found is None else _statement(view, found.index).content
    if found is None or not isinstance(trust, SignerTrust):
        return (index,)
    return (found.index, index) if may_sign(statement.content, trust) else (index,)


def trust_before(
    statement: Statement, index: int, trusts: Mapping[int, SignerTrust]
) -> Iterable[SignerTrust]:
    """The trusts before a leaf by which its signature may count."""
    return (
        trust for at, trust in trusts.items() if at < index and may_sign(statement.content, trust)
    )


def _statement(view: UnitOfWork, index: int) -> Statement:
    (body,) = view.entries.bodies(index, index + 1)
    return parse_statement(body)
