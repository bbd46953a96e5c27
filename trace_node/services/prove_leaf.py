"""The offline proof of any leaf: that its entry is in the log, by docs/spec/tlog-proof.md."""

from trace_node.ports.log_reader import LogReader
from trace_node.services.prove import Vouched, evidence_for
from trace_node.tlog import proof
from trace_node.tlog.tlog_proof import TlogProof


def prove_leaf(index: int, *, reader: LogReader, vouched: Vouched | None = None) -> bytes:
    """Make the proof of the leaf at ``index``: a C2SP tlog-proof with its checkpoint.

    Raises:
        StateError: No checkpoint covers it yet; code ``prove.not_sealed``.
    """
    checkpoint, _anchor = evidence_for(index, reader=reader, vouched=vouched)
    hashes = proof.inclusion(index=index, size=checkpoint.size, reader=reader.subtrees())
    found = TlogProof(index=index, hashes=tuple(hashes), checkpoint=checkpoint.note)
    return found.format()
