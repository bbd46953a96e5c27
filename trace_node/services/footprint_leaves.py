"""Leaves that came in a file, as a footprint asks for them: nothing but what is in the file."""

from collections.abc import Mapping, Sequence

from trace_node.canonical_json import decode_object
from trace_node.ports.footprints import BatchUse, KnownBatch, LeafBody
from trace_node.ports.statements import LoggedStatement
from trace_node.record.statement import Statement
from trace_node.services.footprint_rows import lineage_rows
from trace_node.services.statement_types import STATEMENT_TYPES, parse_statement
from trace_node.tlog.hasher import TreeHasher


class LooseLeaves:
    """See ``trace_node.services.footprint_lineage.LeafView``.

    Args:
        bodies: Entries by leaf index.
        hasher: Hash of the log they are from.

    Raises:
        InputError: An entry is no record.
    """

    def __init__(self, bodies: Mapping[int, bytes], *, hasher: TreeHasher) -> None:
        self._bodies: dict[int, LeafBody] = {}
        self._batches: dict[str, KnownBatch] = {}
        self._uses: list[BatchUse] = []
        self._statements: list[LoggedStatement] = []
        for index in sorted(bodies):
            body = bodies[index]
            kind = str(decode_object(body).get("type"))
            leaf = LeafBody(index=index, kind=kind, body=body, leaf_hash=hasher.leaf(body))
            self._bodies[index] = leaf
            if kind in STATEMENT_TYPES:
                self._take(leaf, parse_statement(body))

    @property
    def footprints(self) -> "LooseLeaves":
        """Batches, their uses, and entries."""
        return self

    @property
    def statements(self) -> "LooseLeaves":
        """Statements by topic."""
        return self

    def batches(self, names: Sequence[str]) -> Sequence[KnownBatch]:
        """Those of the batches that are known."""
        return [self._batches[name] for name in sorted(set(names)) if name in self._batches]

    def uses(self, names: Sequence[str]) -> Sequence[BatchUse]:
        """The uses of these batches, in log order."""
        return [each for each in self._uses if each.batch in set(names)]

    def bodies(self, indexes: Sequence[int]) -> Mapping[int, LeafBody]:
        """The entries at these leaves."""
        return {index: self._bodies[index] for index in indexes if index in self._bodies}

    def newest(self, kind: str, topic: str) -> LoggedStatement | None:
        """The last statement of a kind on a topic."""
        found = self.find(kind, topic=topic, limit=len(self._statements))
        return found[-1] if found else None

    def find(
        self, kind: str, *, topic: str | None = None, after: int = -1, limit: int
    ) -> Sequence[LoggedStatement]:
        """Statements of a kind in log order."""
        found = [
            each
            for each in self._statements
            if each.kind == kind and each.index > after and topic in {None, each.topic}
        ]
        return found[:limit]

    def _take(self, leaf: LeafBody, statement: Statement) -> None:
        content = statement.content
        self._statements.append(
            LoggedStatement(
                index=leaf.index,
                digest=leaf.leaf_hash,
                kind=content.TYPE,
                topic=content.topic,
                content_key=statement.content_key,
            )
        )
        rows = lineage_rows(content, index=leaf.index)
        if rows is not None:
            for each in rows.made:
                self._batches.setdefault(each.batch, each)
            self._uses += rows.uses
