"""Sends transactions exactly once, whatever is lost on the way (交易发送).

The order is what makes it safe: sign, store durably, only then send; ``settling`` follows what was
stored. Every method that acts holds the signer's lock, so one writer gives out nonces.
"""

import logging
from dataclasses import replace

from chain.client import EvmClient
from chain.errors import ChainConfigError, StaleEndpointError
from chain.settling import PATIENCE, ChainCall, Settler
from chain.signer_key import AnchorKey
from chain.signer_lock import SignerLock
from trace_node.clock import Clock
from trace_node.ports.outbox import (
    Attempt,
    AttemptKind,
    OutboxStore,
    Submission,
    SubmissionState,
)

logger = logging.getLogger(__name__)

_MAX_TRIES = 1_000


class TransactionSender:
    """The one writer of one signer on one chain.

    Args:
        client: The endpoint.
        key: Signs.
        store: Holds what was signed; belongs to the client's chain.
        lock: Keeps other senders of this key away.
        clock: Tells when a transaction was last handed in.
    """

    def __init__(
        self,
        *,
        client: EvmClient,
        key: AnchorKey,
        store: OutboxStore,
        lock: SignerLock,
        clock: Clock,
    ) -> None:
        self._client = client
        self._key = key
        self._store = store
        self._lock = lock
        self._settler = Settler(client=client, key=key, store=store, clock=clock)

    @property
    def address(self) -> bytes:
        """20-byte address of the signer."""
        return self._key.address

    @property
    def finality_depth(self) -> int:
        """Blocks on top of a block before what it holds is final."""
        return self._client.config.depth

    def submit(self, call: ChainCall) -> Submission:
        """Store and send ``call``, unless its request id is stored already.

        Raises:
            ChainUnavailableError: The endpoint does not answer, or not as expected. When the call
                was stored before that, ``settle`` goes on with it.
            SignerBusyError: Another sender holds the lock.
        """
        with self._lock.hold():
            mined, pending = self._client.nonces(self.address)
            if self._settle_all(mined):  # something was sent, perhaps
                _, pending = self._client.nonces(self.address)
            submission = self._store.find(call.request_id)
            if submission is None:
                return self._settler.hand_in_new(*self._store_new(call, pending))
            return submission if submission.state.finished else self._settler.settle(submission)

    def settle(self) -> list[Submission]:
        """Carry on with everything unfinished: ask, send again, confirm, fill nonce gaps.

        Returns:
            What was unfinished when it began, as it stands now, smallest nonce first.

        Raises:
            ChainUnavailableError: The endpoint does not answer, or not as expected.
            SignerBusyError: Another sender holds the lock.
        """
        with self._lock.hold():
            return self._settle_all(self._client.nonce(self.address, pending=False))

    def find(self, request_id: str) -> Submission | None:
        """What is stored for a request; asks nobody."""
        return self._store.find(request_id)

    def sends(self, request_id: str) -> int:
        """How often the transactions of a request were handed in."""
        return sum(attempt.sends for attempt in self._store.attempts(request_id))

    def open_id(self, step: str, *, once: bool = False) -> str:
        """The request id of the first try of ``step`` that has neither failed nor is finished.

        A try that is under way keeps its id, so the same step is never sent twice at once; one that
        failed gives way to the next, and so does one that succeeded, unless ``once``.

        Args:
            step: What is to be done, as text.
            once: A try that succeeded is the answer for ever.

        Raises:
            ChainConfigError: It failed too often; code ``chain.step_fails``.
        """
        for attempt in range(_MAX_TRIES):
            request_id = f"{step}/{attempt}"
            stored = self._store.find(request_id)
            if stored is None or not (stored.failed or (stored.state.finished and not once)):
                return request_id
        raise ChainConfigError(
            "{field}: {step} failed {count} times",
            field="request_id",
            step=step,
            count=_MAX_TRIES,
            code="chain.step_fails",
        )

    def _settle_all(self, mined: int) -> list[Submission]:
        self._fill_gaps(mined)
        return [self._settler.settle(item) for item in self._store.unfinished(self.address)]

    def _store_new(self, call: ChainCall, pending: int) -> tuple[Submission, Attempt]:
        """Give out a nonce, sign and store; nothing is sent before this has returned.

        It is stored as sent once, now: one durable write for what follows at once.
        """
        stored = self._store.next_nonce(self.address)
        if pending > stored > 0:
            logger.warning(
                "signer_used_elsewhere signer=%s expected_nonce=%d found_nonce=%d",
                self._key.shown,
                stored,
                pending,
            )
        submission = Submission(
            request_id=call.request_id,
            signer=self.address,
            nonce=max(stored, pending),
            state=SubmissionState.STORED,
            sent_at=self._settler.now(),
        )
        attempt = replace(self._settler.sign(submission, call, AttemptKind.ASKED), sends=1)
        self._store.add(submission, attempt)
        return submission, attempt

    def _fill_gaps(self, mined: int) -> None:
        """Nonces below ours that the chain lacks: send what they were used for, or a NOOP."""
        for nonce in range(mined, self._store.next_nonce(self.address)):
            owner = self._store.at_nonce(self.address, nonce)
            if owner is None:
                self._fill_unknown(nonce)
            elif owner.state.finished:
                self._revive(owner)

    def _fill_unknown(self, nonce: int) -> None:
        logger.warning("nonce_gap signer=%s nonce=%d", self._key.shown, nonce)
        submission = Submission(
            request_id=f"noop/{self.address.hex()}/{nonce}",
            signer=self.address,
            nonce=nonce,
            state=SubmissionState.STORED,
        )
        attempt = self._settler.noop(submission)
        self._store.add(submission, attempt)
        self._settler.hand_in(submission, attempt)

    def _revive(self, owner: Submission) -> None:
        """The chain does not count a finished transaction: it was put back, or this one lags.

        Raises:
            StaleEndpointError: It may lag; believed after ``PATIENCE`` passes.
        """
        mined = owner.mined
        if mined is not None:
            header = self._client.block(mined.block_number)
            replaced = header is not None and header.block_hash != mined.block_hash
            patient = owner.misses + 1 < PATIENCE and self._client.config.profile.can_lag
            if not replaced and (header is not None or patient):
                self._settler.keep(replace(owner, misses=owner.misses + 1))
                raise StaleEndpointError(
                    "{endpoint}: does not count transaction {nonce} of {sender}, which was final",
                    endpoint=self._client.shown,
                    nonce=owner.nonce,
                    sender=self._key.shown,
                    remedy="wait until the endpoint has caught up, or use another",
                )
        logger.error("final_transaction_lost request=%s", owner.request_id)
        self._settler.unmine(owner)
