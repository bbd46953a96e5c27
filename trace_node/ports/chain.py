"""What the core needs from a chain.

``AnchorRegistry`` is the chain as the node writes to it, ``ChainReader`` the chain as a verifier
reads it. What anchoring needs from the node's own store is in ``trace_node.ports.anchoring``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from trace_node.errors import ConflictError
from trace_node.ports.anchoring import AnchorState
from trace_node.tlog.anchor import Anchor, AnchoredHead


class HeadMovedError(ConflictError):
    """The head on the chain is not the one that was read before: somebody else moved it."""

    code = "chain.refused.head_mismatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorSubmission:
    """An anchoring transaction that is on its way.

    Attributes:
        head: The head it sets when it is mined.
        state: ``SUBMITTED``, ``RESUBMITTED`` after it lost its block, ``MINED`` or ``FINAL``.
        failure: Reason code when it did not, and will not, move the head; empty otherwise.
        sends: How often its transaction was handed in.
    """

    head: AnchoredHead
    state: AnchorState
    failure: str
    sends: int


class AnchorPresence(StrEnum):
    """Where an anchor that was seen in a block stands now."""

    MINED = "mined"
    FINAL = "final"
    GONE = "gone"
    UNKNOWN = "unknown"  # the endpoint has not reached that block: it lags


class AnchorRegistry(Protocol):
    """The CheckpointRegistry contract on a chain, as the node uses it (链上登记合约).

    Every method raises ``UnavailableError`` when no answer can be had, with nothing assumed about
    the chain, and ``ConfigError`` with code ``chain.wrong_chain_id`` or ``chain.wrong_genesis``
    when the endpoint serves another chain.
    """

    def head(self, log_id: bytes) -> AnchoredHead | None:
        """The head the contract holds; ``None`` when no such log was opened."""

    def anchored_at(self, log_id: bytes, size: int) -> Anchor | None:
        """The anchor that set the head to ``size``; ``None`` when none did."""

    def presence(self, anchor: Anchor) -> AnchorPresence:
        """Where an anchor recorded earlier stands now."""

    def submit(
        self, log_id: bytes, *, previous: AnchoredHead, head: AnchoredHead, proof: Sequence[bytes]
    ) -> AnchorSubmission:
        """Store and send the transaction that moves the head, once per (previous, head).

        Args:
            log_id: 32-byte id of the log.
            previous: The head the contract holds.
            head: The head to set.
            proof: Consistency proof between the two; empty when ``previous.size`` is 0.

        Raises:
            HeadMovedError: ``previous`` is not the head; the head stays as it is.
            ConflictError: The contract refuses it for another reason; the head stays as it is.
        """

    def settle(self, log_id: bytes) -> Sequence[AnchorSubmission]:
        """Carry on with what was stored: ask, send again, fill nonce gaps.

        Returns:
            The submissions of this log that were open when it began, as they stand now.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedRegistry:
    """The chain facts of a trust root: what an endpoint has to show before it is believed.

    Attributes:
        engine: ``embedded``, ``anvil``, ``besu``, ``fisco`` or ``evm``.
        chain_id: EVM chain id, at least 1.
        genesis_hash: 32-byte hash of block 0.
        contract: 20-byte address of the CheckpointRegistry.
        runtime_code_hash: 32-byte keccak256 of the contract's run-time code (EXTCODEHASH).
        log_id: 32-byte id of the log.
    """

    engine: str
    chain_id: int
    genesis_hash: bytes
    contract: bytes
    runtime_code_hash: bytes
    log_id: bytes


class LiveOutcome(StrEnum):
    """Outcome of one check against a live chain; the words of a verdict."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_DONE = "not_done"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCheck:
    """One question put to a live chain.

    Attributes:
        name: ``claim`` (the bundle speaks of the trust root's chain and log), ``chain_id``,
            ``genesis``, ``code``, ``block``, ``event``, ``state``, ``head`` or ``finality``.
        outcome: What came of it.
        reason: Dotted reason code; empty when passed.
        expected: What the trust root or the anchor says, as text; may be empty.
        found: What the endpoint said, as text.
    """

    name: str
    outcome: LiveOutcome
    reason: str = ""
    expected: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAnchorResult:
    """What an endpoint says about one anchor (链上核对).

    The endpoint's operator is trusted for it: a verdict names ``endpoint`` and says so.

    Attributes:
        endpoint: The URL with any secret taken out.
        checks: In the order in which they were made; those after a failed one may be not done.
        block_time: Seconds since the epoch by the block; ``None`` unless the block was found.
        confirmations: Blocks on top of the anchor's; ``None`` unless the block was found.
    """

    endpoint: str
    checks: tuple[LiveCheck, ...]
    block_time: int | None
    confirmations: int | None

    @property
    def outcome(self) -> LiveOutcome:
        """Passed when every check passed, failed when one failed, otherwise not done."""
        outcomes = {check.outcome for check in self.checks}
        if LiveOutcome.FAILED in outcomes:
            return LiveOutcome.FAILED
        if outcomes == {LiveOutcome.PASSED}:
            return LiveOutcome.PASSED
        return LiveOutcome.NOT_DONE


class ChainReader(Protocol):
    """A chain as a verifier reads it: no key, no account, any endpoint."""

    def check_anchor(self, anchor: Anchor, *, expected: ExpectedRegistry) -> LiveAnchorResult:
        """Ask the endpoint for everything the anchor claims.

        Args:
            anchor: What the bundle claims.
            expected: What the trust root demands.

        Raises:
            UnavailableError: The endpoint does not answer, or answers with something else.
        """

    def head(self, *, expected: ExpectedRegistry) -> AnchoredHead | None:
        """The head of the log now; ``None`` when it was not opened.

        Raises:
            UnavailableError: The endpoint does not answer, or answers with something else.
            ConfigError: It serves another chain or another contract.
        """
