"""Where a stored transaction stands, and sending it (again) when that is what is missing.

No error text is believed: after any error the endpoint is asked by hash and then by nonce, and the
stored bytes are sent again until they, or another transaction with their nonce, are in a block.
"""

import logging
from dataclasses import dataclass, replace

from chain.client import EvmClient
from chain.errors import ChainUnavailableError, RpcError, SenderRejectedError
from chain.send_errors import SendHint, classify_send_error
from chain.signer_key import AnchorKey
from chain.values import TxReceipt
from trace_node.clock import Clock
from trace_node.ports.outbox import (
    Attempt,
    AttemptKind,
    MinedIn,
    OutboxStore,
    Submission,
    SubmissionState,
)

logger = logging.getLogger(__name__)

PATIENCE = 3  # passes in a row before an answer that may come from a lagging endpoint is believed
REBROADCAST_MS = 20_000
NOOP_GAS = 21_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainCall:
    """What is to be sent.

    Attributes:
        request_id: Sending the same id twice sends one transaction.
        to: 20-byte address of the contract; ``None`` creates one.
        data: Call data or creation code.
        gas: Most gas it may use, at least 21,000.
    """

    request_id: str
    to: bytes | None
    data: bytes
    gas: int


class Settler:
    """Follows and sends the submissions of one signer; its caller holds the signer's lock.

    Args:
        client: The endpoint.
        key: Signs.
        store: Holds what was signed.
        clock: Tells when a transaction was last handed in.
    """

    def __init__(
        self, *, client: EvmClient, key: AnchorKey, store: OutboxStore, clock: Clock
    ) -> None:
        self._client = client
        self._key = key
        self._store = store
        self._clock = clock

    def sign(self, submission: Submission, call: ChainCall, kind: AttemptKind) -> Attempt:
        """A transaction of ``submission`` with its nonce."""
        signed = self._key.sign(
            chain_id=self._client.chain_id,
            nonce=submission.nonce,
            to=call.to,
            data=call.data,
            gas=call.gas,
        )
        return Attempt(
            transaction_hash=signed.transaction_hash,
            request_id=submission.request_id,
            kind=kind,
            raw=signed.raw,
        )

    def noop(self, submission: Submission) -> Attempt:
        """An empty transaction to the signer itself, which uses up the nonce."""
        call = ChainCall(
            request_id=submission.request_id, to=self._key.address, data=b"", gas=NOOP_GAS
        )
        return self.sign(submission, call, AttemptKind.NOOP)

    # -- where it stands ---------------------------------------------------------------------

    def settle(self, submission: Submission) -> Submission:
        """Find out where it stands and send it when the endpoint does not have it.

        Raises:
            ChainUnavailableError: No answer, or one that shows it was not taken.
        """
        if submission.state is SubmissionState.MINED:
            return self._confirm(submission)
        attempts = self._store.attempts(submission.request_id)
        for attempt in attempts:
            found = self._client.tx_receipt(attempt.transaction_hash)
            if found is not None and self._is_canonical(found.block_number, found.block_hash):
                return self._confirm(self.keep(_mined(submission, found)))
        if self._client.nonce(self._key.address, pending=False) > submission.nonce:
            return self._count_miss(submission)
        known = any(self._client.knows_transaction(item.transaction_hash) for item in attempts)
        if known or submission.state is SubmissionState.SENT:
            submission = self.keep(replace(submission, state=SubmissionState.SENT, misses=0))
            if self.now() - submission.sent_at < REBROADCAST_MS:
                return submission
        return self.hand_in(submission, attempts[0])

    def _confirm(self, submission: Submission) -> Submission:
        """Deep enough is final; in a block that was replaced is not mined; else it stays."""
        mined = submission.mined
        if mined is None:
            raise AssertionError("a mined submission has a block")
        height = self._client.height()
        header = self._client.block(mined.block_number)
        if height < mined.block_number or header is None:
            if self._client.config.profile.can_lag:
                return submission  # it says nothing about a block it has not reached
            return self.unmine(submission)
        if header.block_hash != mined.block_hash:
            logger.warning("transaction_reorged request=%s", submission.request_id)
            return self.unmine(submission)  # the next pass looks for it elsewhere
        if height - mined.block_number < self._client.config.depth:
            return submission
        return self.keep(replace(submission, state=self._final_state(submission, mined)))

    def _final_state(self, submission: Submission, mined: MinedIn) -> SubmissionState:
        for attempt in self._store.attempts(submission.request_id):
            if attempt.transaction_hash == mined.transaction_hash:
                asked = attempt.kind is AttemptKind.ASKED
                if not asked:
                    return SubmissionState.VOIDED
        return SubmissionState.FINAL if mined.succeeded else SubmissionState.REVERTED

    def unmine(self, submission: Submission) -> Submission:
        """It has lost its block: it waits to be mined again."""
        return self.keep(
            replace(
                submission,
                state=SubmissionState.SENT,
                mined=None,
                contract=None,
                reorgs=submission.reorgs + 1,
                misses=0,
                sent_at=0,  # sent again in the next pass
            )
        )

    def _count_miss(self, submission: Submission) -> Submission:
        """Its nonce is used and its transactions are not found: by another, or not shown yet."""
        misses = submission.misses + 1
        state = SubmissionState.SUPERSEDED if misses >= PATIENCE else submission.state
        if state is SubmissionState.SUPERSEDED:
            logger.warning("transaction_superseded request=%s", submission.request_id)
        return self.keep(replace(submission, state=state, misses=misses))

    def _is_canonical(self, number: int, block_hash: bytes) -> bool:
        header = self._client.block(number)
        return header is not None and header.block_hash == block_hash

    # -- sending -----------------------------------------------------------------------------

    def hand_in(self, submission: Submission, attempt: Attempt) -> Submission:
        """Send one stored transaction.

        Raises:
            ChainUnavailableError: No answer, or one that shows it was not taken.
        """
        submission = replace(submission, sent_at=self.now())
        self._store.count_send(submission, attempt.transaction_hash)
        return self._send(submission, attempt)

    def hand_in_new(self, submission: Submission, attempt: Attempt) -> Submission:
        """Send a call that was just stored as sent once, and follow it as far as it goes now.

        An engine that makes the block in sending is asked for it in the same request; what stands
        on disk meanwhile is that it may have been sent, which is what a crash leaves to ``settle``.

        Raises:
            ChainUnavailableError: See ``hand_in`` and ``settle``.
        """
        if not self._client.config.profile.immediate:
            submission = self._send(submission, attempt)
            return submission if submission.state.finished else self.settle(submission)
        try:
            found, newest = self._client.send_and_look(attempt.raw, attempt.transaction_hash)
        except ChainUnavailableError as error:
            submission = self._after_error(submission, attempt, error)
            return submission if submission.state.finished else self.settle(submission)
        if found is None or newest is None or found.block_hash != newest.block_hash:
            sent = replace(submission, state=SubmissionState.SENT, misses=0)
            return self.settle(self.keep(sent))
        submission = _mined(submission, found)
        if self._client.config.depth == 0:
            final = SubmissionState.FINAL if found.succeeded else SubmissionState.REVERTED
            submission = replace(submission, state=final)
        return self.keep(submission)

    def _send(self, submission: Submission, attempt: Attempt) -> Submission:
        try:
            self._client.send_raw(attempt.raw)
        except ChainUnavailableError as error:
            return self._after_error(submission, attempt, error)
        return self.keep(replace(submission, state=SubmissionState.SENT, misses=0))

    def _after_error(
        self, submission: Submission, attempt: Attempt, error: ChainUnavailableError
    ) -> Submission:
        """Ask by hash, then by nonce; only what neither answers is left to the error's text."""
        hint = classify_send_error(error.text) if isinstance(error, RpcError) else SendHint.UNKNOWN
        logger.info("send_error request=%s hint=%s", submission.request_id, hint)
        sent = replace(submission, state=SubmissionState.SENT, misses=0)
        if self._client.knows_transaction(attempt.transaction_hash):
            return self.keep(sent)
        if self._client.tx_receipt(attempt.transaction_hash) is not None:
            return self.keep(sent)
        if self._client.nonce(self._key.address, pending=False) > submission.nonce:
            return submission
        if hint is SendHint.KNOWN:
            return self.keep(sent)
        if hint in {SendHint.NONCE_TAKEN, SendHint.NONCE_USED, SendHint.NONCE_GAP}:
            return submission  # asked again, and gaps filled, in the next pass
        if hint is SendHint.REJECTED:
            return self._fill(submission, attempt, error)
        raise error

    def _fill(
        self, submission: Submission, attempt: Attempt, error: ChainUnavailableError
    ) -> Submission:
        """The endpoint will never take it: use up its nonce, or all later ones would wait."""
        if attempt.kind is AttemptKind.NOOP:
            raise SenderRejectedError(
                "{endpoint}: takes no transaction of {sender}: {detail}",
                endpoint=self._client.shown,
                sender=self._key.shown,
                detail=error.message,
                remedy="let the chain accept this sender without a fee, or give it funds",
            ) from error
        logger.error("transaction_rejected request=%s", submission.request_id)
        submission = self.keep(replace(submission, refusal=error.message[:300]))
        attempts = self._store.attempts(submission.request_id)
        noop = next((item for item in attempts if item.kind is AttemptKind.NOOP), None)
        if noop is None:
            noop = self.noop(submission)
            self._store.add_attempt(noop)
        return self.hand_in(submission, noop)

    def keep(self, submission: Submission) -> Submission:
        """Store and return it."""
        self._store.update(submission)
        return submission

    def now(self) -> int:
        """Milliseconds since the epoch."""
        return int(self._clock.now().timestamp() * 1000)


def _mined(submission: Submission, tx_receipt: TxReceipt) -> Submission:
    return replace(
        submission,
        state=SubmissionState.MINED,
        mined=MinedIn(
            transaction_hash=tx_receipt.transaction_hash,
            block_number=tx_receipt.block_number,
            block_hash=tx_receipt.block_hash,
            succeeded=tx_receipt.succeeded,
        ),
        contract=tx_receipt.contract,
        misses=0,
    )
