"""Statements of a kind with what they say, in the order of the log."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from trace_node.ids import KeyId
from trace_node.ports.statements import LoggedStatement
from trace_node.ports.store import UnitOfWork
from trace_node.record.statement import Content
from trace_node.services.statement_types import parse_statement

_PAGE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A logged statement and what it says.

    Attributes:
        logged: How it is found.
        content: What it says.
        signed_by: Key id of the signer.
        body: Its exact bytes.
    """

    logged: LoggedStatement
    content: Content
    signed_by: KeyId
    body: bytes


def leaves(
    view: UnitOfWork, kind: str, *, topic: str | None = None, organisation: str | None = None
) -> Iterator[Leaf]:
    """Every statement of a kind, on one topic if named; see ``Statements.find``."""
    after = -1
    while True:
        page = view.statements.find(
            kind, topic=topic, after=after, limit=_PAGE, organisation=organisation
        )
        for logged in page:
            (body,) = view.entries.bodies(logged.index, logged.index + 1)
            statement = parse_statement(body)
            yield Leaf(
                logged=logged,
                content=statement.content,
                signed_by=statement.signed_by,
                body=body,
            )
        if len(page) < _PAGE:
            return
        after = page[-1].index
