"""The local log against the head on the chain, before anything is written (启动核对).

* The chain is ahead: this log has lost entries that were anchored. Writing would give their indexes
  to other entries, so the node refuses to write until the entries are restored.
* The local log is ahead, and has the anchored head in its past: go on.
* Another root at a size both know: one of the two was rewritten. Both heads are kept as evidence,
  and the node stops.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from trace_node.canonical_json import JsonObject, encode
from trace_node.errors import ConfigError, StateError, UnavailableError
from trace_node.ids import to_base64url
from trace_node.ports.anchoring import EvidenceSink, LogHistory
from trace_node.ports.chain import AnchorRegistry
from trace_node.ports.entries import StoredCheckpoint
from trace_node.tlog.anchor import Anchor, AnchoredHead
from trace_node.tlog.anchor_evidence import anchor_to_json, head_to_json

EVIDENCE_TYPE = "chain-contradiction@1"


class BehindChainError(StateError):
    """Entries that were anchored are missing here."""

    code = "state.behind_chain"


class ForkedChainError(StateError):
    """The chain holds another root than this log at the same size."""

    code = "state.forked_chain"


class HeadRelation(StrEnum):
    """How the local log stands to the anchored head; any other relation is an error."""

    EQUAL = "equal"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartReport:
    """What the check found.

    Attributes:
        relation: ``EQUAL`` or ``AHEAD``.
        local: Head of the local log.
        chain: Head on the chain.
    """

    relation: HeadRelation
    local: AnchoredHead
    chain: AnchoredHead


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCheck:
    """Compares the local log with the chain.

    When the chain cannot be reached, ``run`` raises ``UnavailableError``: nothing is known then.
    The node may go on receiving, but it signs no checkpoint before the check has passed once.

    Attributes:
        log_id: 32-byte id of the log.
        history: The local log.
        registry: The chain.
        evidence: Where a contradiction is kept.
    """

    log_id: bytes
    history: LogHistory
    registry: AnchorRegistry
    evidence: EvidenceSink

    def run(self) -> StartReport:
        """Read both heads and compare them.

        Raises:
            BehindChainError: The chain is ahead.
            ForkedChainError: Other roots at the same size; the evidence was saved before.
            ConfigError: The log is not open on this chain; code ``chain.log_not_open``.
            UnavailableError: The chain does not answer.
        """
        return self.compare(read_head(self.registry, self.log_id))

    def compare(self, chain: AnchoredHead) -> StartReport:
        """Compare the local log with a head that was read already; raises as ``run`` does."""
        local = self.history.head()
        if chain.size > local.size:
            raise BehindChainError(
                "the log holds {local} entries, {chain} are anchored: {missing} are lost here",
                local=local.size,
                chain=chain.size,
                missing=chain.size - local.size,
                remedy="restore the database from the backup and the archive up to entry {chain};"
                " nothing is written before that",
            )
        same_size = self.history.root_at(chain.size)
        if same_size != chain.root:
            raise self._fork(local, same_size, chain)
        relation = HeadRelation.EQUAL if chain.size == local.size else HeadRelation.AHEAD
        return StartReport(relation=relation, local=local, chain=chain)

    def _fork(self, local: AnchoredHead, same_size: bytes, chain: AnchoredHead) -> ForkedChainError:
        signed = self.history.checkpoint()
        content = contradiction(
            log_id=self.log_id,
            local=local,
            local_root_at_chain_size=same_size,
            checkpoint=b"" if signed is None else signed.note,
            proof=self._proof(chain.size, signed),
            chain=chain,
            anchor=self._anchor(chain.size),
        )
        name = f"contradiction-{self.log_id.hex()[:16]}-{chain.size}-{same_size.hex()[:16]}.json"
        saved = self.evidence.save(name, content)
        return ForkedChainError(
            "at size {size} the chain holds root {chain}, this log {local}: one was rewritten",
            size=chain.size,
            chain=chain.root.hex(),
            local=same_size.hex(),
            saved=saved,
            remedy="do not write; both heads are kept in {saved}: find out which history is the"
            " true one, and restore it",
        )

    def _proof(self, size: int, signed: StoredCheckpoint | None) -> Sequence[bytes] | None:
        """That the signed checkpoint continues our root at ``size``; ``None`` if it is smaller."""
        if signed is None or not 0 < size <= signed.size:
            return None
        return self.history.consistency(old_size=size, new_size=signed.size)

    def _anchor(self, size: int) -> Anchor | None:
        """The anchor as further evidence; without it the two heads must do."""
        try:
            return self.registry.anchored_at(self.log_id, size)
        except UnavailableError:
            return None


def read_head(registry: AnchorRegistry, log_id: bytes) -> AnchoredHead:
    """The head of a log that must be open.

    Raises:
        ConfigError: It is not open on this chain; code ``chain.log_not_open``.
        UnavailableError: The chain does not answer.
    """
    head = registry.head(log_id)
    if head is None:
        raise ConfigError(
            "{field}: the log {log_id} is not open on this chain",
            field="log_id",
            log_id="0x" + log_id.hex(),
            remedy="open it: trace-node chain deploy; or correct the chain's address",
            code="chain.log_not_open",
        )
    return head


def contradiction(
    *,
    log_id: bytes,
    local: AnchoredHead,
    local_root_at_chain_size: bytes,
    checkpoint: bytes,
    proof: Sequence[bytes] | None,
    chain: AnchoredHead,
    anchor: Anchor | None,
) -> bytes:
    """The evidence of a contradiction as canonical JSON; it speaks for itself.

    Args:
        log_id: 32-byte id of the log.
        local: Head of the local log.
        local_root_at_chain_size: Its root at the size of ``chain``.
        checkpoint: The newest signed checkpoint of the local log, verbatim; may be empty.
        proof: Consistency proof from that root to the checkpoint, so that the signature on it holds
            for the contradiction; ``None`` when the checkpoint is smaller.
        chain: Head on the chain.
        anchor: The event that set it; ``None`` when it could not be read.
    """
    content: JsonObject = {
        "type": EVIDENCE_TYPE,
        "log_id": "0x" + log_id.hex(),
        "local": {
            "head": head_to_json(local),
            "root_at_chain_size": to_base64url(local_root_at_chain_size),
            "checkpoint": checkpoint.decode(errors="backslashreplace"),
            "proof": None if proof is None else [to_base64url(item) for item in proof],
        },
        "chain": {
            "head": head_to_json(chain),
            "anchor": None if anchor is None else anchor_to_json(anchor),
        },
    }
    return encode(content)
