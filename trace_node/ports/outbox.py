"""The chain side's store of signed transactions: written before anything is sent.

A submission owns one nonce of one signer for ever. Its first attempt is the transaction that was
asked for; a second one may be an empty transaction that fills the nonce when the first is refused.
Whichever of them is mined decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class SubmissionState(StrEnum):
    """How far a submission has come (交易状态).

    Attributes:
        STORED: Signed and on disk; perhaps sent, perhaps accepted.
        SENT: An endpoint has it, or said so.
        MINED: In a block of the canonical chain, successful or reverted.
        FINAL: In a block deep enough, and successful.
        REVERTED: In a block deep enough, and reverted.
        VOIDED: Its nonce was filled with an empty transaction, deep enough.
        SUPERSEDED: Another transaction used its nonce.
    """

    STORED = "stored"
    SENT = "sent"
    MINED = "mined"
    FINAL = "final"
    REVERTED = "reverted"
    VOIDED = "voided"
    SUPERSEDED = "superseded"

    @property
    def finished(self) -> bool:
        """Nothing more is expected to happen to it."""
        return self in _FINISHED


_FINISHED = frozenset(
    {
        SubmissionState.FINAL,
        SubmissionState.REVERTED,
        SubmissionState.VOIDED,
        SubmissionState.SUPERSEDED,
    }
)


class AttemptKind(StrEnum):
    """What a transaction is for."""

    ASKED = "asked"  # what the request asked for
    NOOP = "noop"  # empty, to itself: fills the nonce


@dataclass(frozen=True, slots=True, kw_only=True)
class MinedIn:
    """Where a transaction was mined.

    Attributes:
        transaction_hash: 32-byte hash of the attempt that was mined.
        block_number: Height of the block.
        block_hash: 32 bytes.
        succeeded: It did not revert.
    """

    transaction_hash: bytes
    block_number: int
    block_hash: bytes
    succeeded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One request to the chain and the nonce it owns.

    Attributes:
        request_id: What makes sending it twice impossible; unique.
        signer: 20-byte address.
        nonce: 0 or more; unique together with ``signer``.
        state: How far it has come.
        mined: Where it was mined; ``None`` while it is not.
        contract: 20-byte address of the contract it created; ``None`` when none was.
        reorgs: How often it lost its block.
        misses: How often in a row its nonce was seen used and none of its transactions found.
        refusal: What the endpoint said when it refused the transaction; empty if it never did.
        sent_at: Milliseconds since the epoch of the last sending; 0 before the first.
    """

    request_id: str
    signer: bytes
    nonce: int
    state: SubmissionState
    mined: MinedIn | None = None
    contract: bytes | None = None
    reorgs: int = 0
    misses: int = 0
    refusal: str = ""
    sent_at: int = 0

    @property
    def failed(self) -> bool:
        """It will not do what was asked, or was mined and reverted."""
        if self.mined is not None and not self.mined.succeeded:
            return True
        return self.state.finished and self.state is not SubmissionState.FINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One signed transaction of a submission.

    Attributes:
        transaction_hash: 32 bytes; unique.
        request_id: The submission.
        kind: What it is for.
        raw: The signed bytes, as they are sent and sent again.
        sends: How often they were handed in.
    """

    transaction_hash: bytes
    request_id: str
    kind: AttemptKind
    raw: bytes
    sends: int = 0


class OutboxStore(Protocol):
    """Durable store of submissions and attempts; every method is one transaction (发件箱)."""

    def find(self, request_id: str) -> Submission | None:
        """The submission of a request; ``None`` when there is none."""

    def at_nonce(self, signer: bytes, nonce: int) -> Submission | None:
        """The submission that owns a nonce; ``None`` when none does."""

    def attempts(self, request_id: str) -> Sequence[Attempt]:
        """Its transactions, oldest first."""

    def next_nonce(self, signer: bytes) -> int:
        """One more than the largest nonce stored for the signer; 0 before the first."""

    def unfinished(self, signer: bytes) -> Sequence[Submission]:
        """Submissions of the signer that are not finished, smallest nonce first."""

    def add(self, submission: Submission, attempt: Attempt) -> None:
        """Store a submission with its first transaction, durably, before it is sent.

        Raises:
            ConflictError: Its request id, or its signer and nonce, are stored already.
        """

    def add_attempt(self, attempt: Attempt) -> None:
        """Store a further transaction of a submission, durably, before it is sent.

        Raises:
            ConflictError: Its hash is stored already.
        """

    def update(self, submission: Submission) -> None:
        """Replace the state of a submission; its request id, signer and nonce never change."""

    def count_send(self, submission: Submission, transaction_hash: bytes) -> None:
        """Record that a transaction of a submission is handed in once more, and its new state."""
