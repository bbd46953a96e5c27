"""Make a bundle of statements: what people put on record, with one proof for all of it."""

from collections.abc import Iterable

from trace_node.errors import NotFoundError
from trace_node.ports.store import Store
from trace_node.services.prove import Vouched, evidence_for
from trace_node.tlog.batch_proof import build_batch_proof
from trace_node.tlog.period_bundle import LoggedRecord
from trace_node.tlog.statement_bundle import StatementBundle, format_statement_bundle


def prove_statements(
    indexes: Iterable[int], *, store: Store, vouched: Vouched | None = None
) -> bytes:
    """Make the bundle of the statements at some leaves.

    Args:
        indexes: Leaf indexes, in any order, at least one.
        store: The log.
        vouched: See ``prove.evidence_for``.

    Returns:
        The file, ``statement-proof@v1``.

    Raises:
        NotFoundError: None is named, or there is none at a leaf.
        StateError: No checkpoint covers them yet.
        TooLargeError: The file would be over its bound.
    """
    wanted, reader = sorted(set(indexes)), store.reader()
    if not wanted:
        raise NotFoundError(
            "{field}: there is no statement to prove",
            field="statements",
            remedy="name the leaves of statements",
            code="prove.no_statement",
        )
    checkpoint, anchor = evidence_for(wanted[-1], reader=reader, vouched=vouched)
    return format_statement_bundle(
        StatementBundle(
            hash_name=store.identity.hash_name,
            leaves=tuple(
                LoggedRecord(index=index, body=reader.entry(index).body) for index in wanted
            ),
            proof=tuple(
                build_batch_proof(indexes=wanted, size=checkpoint.size, reader=reader.subtrees())
            ),
            checkpoint=checkpoint.note.decode(),
            anchor=anchor,
        )
    )
