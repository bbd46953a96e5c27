"""Bring the spool's records to one destination: in order, byte-identical, until it has them.

A delivery is signed and on the disk before it is sent, so a resend after a crash is the same bytes.
A node that is down, full or slow is waited for, with back-off. What a node refuses is kept with its
answer, shown as an alarm, divided by device so that the others go through, and tried again later.
While nothing gets through, ``standstill`` says why.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import httpx

from collectors.runtime.delivery_signing import delivery_signer
from collectors.runtime.destination import Answer, Destination, Kind, LogState
from collectors.runtime.drafts import to_ms
from collectors.runtime.link_quality import LinkMeter
from collectors.runtime.new_key import sign_anew
from collectors.runtime.outbox import Outbox
from collectors.runtime.recorder import SpoolThread
from collectors.runtime.retention import Finality
from collectors.runtime.spool import Spool
from collectors.runtime.spool_notes import SpoolNotes
from collectors.runtime.stored_delivery import StoredDelivery
from trace_node.clock import Clock
from trace_node.crypto.signer import Signer
from trace_node.ids import to_base64url
from trace_node.metering.records.context import SeenHead
from trace_node.metering.records.digests import record_digest
from trace_node.metering.records.wire import MAX_BODY_BYTES, encode_delivery
from trace_node.tlog.anchor import AnchoredHead

MOST_BYTES: Final = MAX_BODY_BYTES - 2 * 65_537  # leaves room for delivery and context
FIRST_WAIT_S: Final = 1
LAST_WAIT_S: Final = 60
REFUSED_AGAIN_MS: Final = 300_000
REFUSED_DOUBLINGS: Final = 4  # 5, 10, 20, 40, 80 minutes

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standstill:
    """Why a destination takes nothing.

    Attributes:
        since_ns: When that began, on the monotonic clock.
        answers: Whether it answers at all.
        needs_operator: Whether it will not be over by waiting.
        detail: What it says, or why no answer came.
    """

    since_ns: int
    answers: bool
    needs_operator: bool
    detail: str


class Uploader:
    """Serves one destination.

    Args:
        destination: The destination.
        spool: The spool.
        thread: Its thread.
        signer: The collector's key.
        clock: Tells the time.
        link: Measures the link.
        on_head: Told the newest anchored head of the log.
        sleep: Waits a number of seconds.
    """

    def __init__(
        self,
        destination: Destination,
        *,
        spool: Spool,
        thread: SpoolThread,
        signer: Signer,
        clock: Clock,
        link: LinkMeter,
        on_head: Callable[[SeenHead], None] = lambda _: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.config = config = destination.config
        self.waiting = ""  # nothing waits for its time here
        self.outbox = Outbox(spool, destination=config.name, origin=config.origin)
        self.finality = Finality(spool, destination=config.name)
        self._notes = SpoolNotes(spool)
        self._destination = destination
        self._thread = thread
        self._sign = delivery_signer(signer, origin=config.origin)
        self._key_id = signer.public.key_id
        self._clock = clock
        self._link = link
        self._on_head = on_head
        self._sleep = sleep
        self.standstill: Standstill | None = None
        self._failures = 0
        self._next_pack_ns = 0
        self._next_state_ns = 0

    async def run(self) -> None:
        """Serve the destination until cancelled."""
        while True:
            await self._sleep(await self.step())

    async def drained(self) -> bool:
        """Whether everything recorded is on the destination's disk, or refused by it."""
        counts = await self._thread(self.outbox.counts)
        return not counts.unpacked and not counts.pending

    async def step(self) -> float:
        """Do the next thing; give the seconds to wait before the one after."""
        if self._clock.monotonic() >= self._next_state_ns:
            await self._ask_state()
        now_ms = to_ms(self._clock.now())
        delivery = await self._thread(lambda: self.outbox.due(now_ms=now_ms))
        if delivery is not None:
            return await self._send(delivery)
        return await self._pack()

    async def _pack(self) -> float:
        """Pack what has gathered, at most once in the linger time unless a delivery gets full."""
        config = self.config
        rest_ns = self._next_pack_ns - self._clock.monotonic()
        if rest_ns > 0:
            counts = await self._thread(self.outbox.counts)
            if counts.unpacked < config.most_count:
                return min(rest_ns, config.linger_ms * 1_000_000) / 1_000_000_000
        packed = await self._thread(
            lambda: self.outbox.pack(
                self._sign, most_count=config.most_count, most_bytes=MOST_BYTES
            )
        )
        self._next_pack_ns = self._clock.monotonic() + config.linger_ms * 1_000_000
        return 0 if packed else config.linger_ms / 1000

    async def _send(self, stored: StoredDelivery) -> float:
        delivery = await self._thread(
            lambda: sign_anew(stored, self.outbox, self._sign, collector=self._key_id)
        )
        body = await self._thread(lambda: self._wire(delivery))
        digest = to_base64url(record_digest(delivery.body))
        started = self._clock.monotonic()
        try:
            answer = await self._destination.deliver(body, digest=digest, now=self._clock.now())
        except httpx.HTTPError as error:
            return self._unreachable(error)
        self._link.answered(
            round_trip_ns=self._clock.monotonic() - started, now_ms=to_ms(self._clock.now())
        )
        if answer.kind is Kind.ACCEPTED:
            await self._accepted(delivery, answer)
            return 0
        logger.warning("delivery_not_taken destination=%s answer=%s", self.config.name, answer.told)
        if answer.kind is Kind.REFUSED:
            await self._refused(delivery, answer)
            return 0
        held = answer.kind is Kind.HOLD
        self._stands_still(answer.told, answers=True, needs_operator=held)
        if held:
            await self._raise("destination_setup", answer.told)
        return self._back_off(answer.wait_s)

    def _stands_still(self, detail: str, *, answers: bool, needs_operator: bool) -> None:
        before = self.standstill
        self.standstill = Standstill(
            since_ns=before.since_ns if before else self._clock.monotonic(),
            answers=answers,
            needs_operator=needs_operator,
            detail=detail,
        )

    def _moves(self) -> None:
        self._failures = 0
        self.standstill = None

    def _wire(self, delivery: StoredDelivery) -> bytes:
        self.outbox.note_attempt(delivery)
        context, records = self.outbox.contents(delivery)
        return encode_delivery(delivery=delivery.body, context=context, records=records)

    async def _accepted(self, delivery: StoredDelivery, answer: Answer) -> None:
        self._moves()

        def note() -> None:
            self.outbox.acknowledged(
                delivery,
                next_index=answer.next_index,
                status=answer.status,
                answer=answer.body,
            )
            if answer.final is not None:
                self.finality.finalise(size=answer.final)
            self._clear_alarms()

        await self._thread(note)

    def _clear_alarms(self) -> None:
        name = self.config.name
        for alarm in self._notes.alarms():
            over = alarm.code == "destination_setup" or (
                alarm.code == "delivery_refused" and not self.outbox.counts().refused
            )
            if over and alarm.subject == name:
                self._notes.clear_alarm(alarm.code, name)

    async def _refused(self, delivery: StoredDelivery, answer: Answer) -> None:
        """Keep it as evidence and go on; one that can be divided is divided first."""
        self._moves()
        doublings = min(delivery.attempts, REFUSED_DOUBLINGS)
        not_before_ms = to_ms(self._clock.now()) + (REFUSED_AGAIN_MS << doublings)

        def keep() -> None:
            too_large = answer.status == httpx.codes.REQUEST_ENTITY_TOO_LARGE
            if self.outbox.split(delivery, self._sign, halve=too_large) == 1:
                self.outbox.refused(
                    delivery, status=answer.status, answer=answer.body, not_before_ms=not_before_ms
                )

        await self._thread(keep)
        await self._raise("delivery_refused", answer.told)

    async def _raise(self, code: str, detail: str) -> None:
        name, now_ms = self.config.name, to_ms(self._clock.now())
        await self._thread(
            lambda: self._notes.raise_alarm(code, name, detail=detail, now_ms=now_ms)
        )

    def _unreachable(self, error: httpx.HTTPError) -> float:
        why = "timeout" if isinstance(error, httpx.TimeoutException) else "connection"
        self._link.failed(why, now_ms=to_ms(self._clock.now()))
        detail = f"{why}: {type(error).__name__} {error}".strip()
        if self.standstill is None:
            logger.warning("no_answer destination=%s reason=%s", self.config.name, detail)
        self._stands_still(detail, answers=False, needs_operator=False)
        return self._back_off(None)

    def _back_off(self, wait_s: int | None) -> float:
        """Seconds to wait: what the destination asks for, else 1, 2, 4 … 60; with jitter.

        Never less than a second: a destination that asks for no pause is not asked without one.
        """
        self._failures += 1
        if wait_s is not None:
            return max(wait_s, FIRST_WAIT_S)
        longest = min(FIRST_WAIT_S << min(self._failures - 1, 10), LAST_WAIT_S)
        return longest * random.uniform(0.8, 1.2)  # noqa: S311 - no secret

    async def _ask_state(self) -> None:
        """Learn what is final, whether the log lost entries, and its newest anchored head."""
        self._next_state_ns = self._clock.monotonic() + (self.config.state_ms * 1_000_000)
        started = self._clock.monotonic()
        try:
            state = await self._destination.state()
        except httpx.HTTPError as error:
            self._unreachable(error)
            return
        self._link.answered(
            round_trip_ns=self._clock.monotonic() - started, now_ms=to_ms(self._clock.now())
        )
        if state is not None:
            await self._use_state(state)

    async def _use_state(self, state: LogState) -> None:
        lost = await self._thread(lambda: self.finality.reclaim(size=state.size))
        if lost:
            await self._raise(
                "log_lost_entries", f"{lost} deliveries are sent again: size {state.size}"
            )
        head = state.final
        if head is None:
            return
        seen = await self._thread(self.finality.seen_head)
        if seen is not None and (
            head.size < seen.size or (head != seen and head.size == seen.size)
        ):
            await self._raise(
                "head_conflict",
                f"shown {head.size} {head.root.hex()}, seen {seen.size} {seen.root.hex()}",
            )
            return
        await self._thread(lambda: self._note_head(head))
        self._on_head(SeenHead(origin=self.config.origin, size=head.size, root=head.root))

    def _note_head(self, head: AnchoredHead) -> None:
        self.finality.keep_head(head)
        self.finality.finalise(size=head.size)
