"""A destination that is reached by files: deliveries are signed and wait to be carried there.

``trace-node readings export`` writes those without a receipt into one file; the receipt that comes
back marks what the destination has. An export can be repeated: nothing is doubled.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final

from collectors.errors import CollectedDataError
from collectors.runtime.delivery_signing import delivery_signer
from collectors.runtime.destination import DestinationConfig
from collectors.runtime.drafts import to_ms
from collectors.runtime.new_key import sign_anew
from collectors.runtime.outbox import Outbox
from collectors.runtime.receipt import MAX_BYTES, Receipt, read_receipt
from collectors.runtime.recorder import SpoolThread
from collectors.runtime.report_gate import FOLDER
from collectors.runtime.report_rule import ReportMode
from collectors.runtime.retention import Finality
from collectors.runtime.spool import Spool
from collectors.runtime.spool_notes import SpoolNotes
from collectors.runtime.stored_delivery import StoredDelivery
from collectors.runtime.upload import MOST_BYTES, Standstill
from trace_node.clock import Clock
from trace_node.crypto.signer import Signer

LOOK_S: Final = 1.0
_TAKEN: Final = 201

logger = logging.getLogger(__name__)


def receipt_file(spool: Path, destination: str) -> Path:
    """Where a receipt is put for the collector to take."""
    return spool.parent / FOLDER / f"{destination}.receipt"


class FileOutlet:
    """Signs deliveries for one destination, and takes its receipts.

    Args:
        config: The destination.
        spool: The spool.
        thread: Its thread.
        signer: The collector's key.
        clock: Tells the time.
        sleep: Waits a number of seconds.
    """

    def __init__(
        self,
        config: DestinationConfig,
        *,
        spool: Spool,
        thread: SpoolThread,
        signer: Signer,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.config = config
        self.outbox = Outbox(spool, destination=config.name, origin=config.origin)
        self.standstill: Standstill | None = None
        self.waiting = ReportMode.FILE.value
        self._finality = Finality(spool, destination=config.name)
        self._notes = SpoolNotes(spool)
        self._thread, self._clock, self._sleep = thread, clock, sleep
        self._sign = delivery_signer(signer, origin=config.origin)
        self._key_id = signer.public.key_id
        self._is_own = False  # whether every delivery that waits is signed by that key
        self._receipt = receipt_file(spool.path, config.name)

    async def run(self) -> None:
        """Serve the destination until cancelled."""
        while True:
            await self._sleep(await self.step())

    async def step(self) -> float:
        """Do the next thing; give the seconds to wait before the one after."""
        await self._thread(self._take_receipt)
        if not self._is_own:
            await self._sign_anew()
        packed = await self._thread(self._pack)
        return 0 if packed >= self.config.most_count else max(self.config.linger_ms / 1000, LOOK_S)

    async def drained(self) -> bool:
        """Whether everything recorded is in a signed delivery."""
        counts = await self._thread(self.outbox.counts)
        return not counts.unpacked

    async def _sign_anew(self) -> None:
        """Sign what an earlier key signed; one at a time, since others write to the spool too."""
        for delivery in await self._thread(self.outbox.pending):
            await self._thread(partial(self._sign_one_anew, delivery))
        self._is_own = True

    def _sign_one_anew(self, delivery: StoredDelivery) -> None:
        sign_anew(delivery, self.outbox, self._sign, collector=self._key_id)

    def _pack(self) -> int:
        return self.outbox.pack(
            self._sign, most_count=self.config.most_count, most_bytes=MOST_BYTES
        )

    def _take_receipt(self) -> None:
        """Take the receipt that lies there; one that is wrong is put aside with an alarm."""
        if not self._receipt.exists():
            return
        try:
            with self._receipt.open("rb") as file:
                receipt = read_receipt(file.read(MAX_BYTES + 1))
            self._note(receipt)
        except CollectedDataError as error:
            self._receipt.replace(self._receipt.with_suffix(".refused"))
            now_ms = to_ms(self._clock.now())
            self._notes.raise_alarm(
                "receipt_refused", self.config.name, detail=error.message, now_ms=now_ms
            )
        else:
            self._receipt.unlink()
            self._notes.clear_alarm("receipt_refused", self.config.name)

    def _note(self, receipt: Receipt) -> None:
        if receipt.origin != self.config.origin:
            raise CollectedDataError(
                "{field}: is of the log {other}, not of {origin}",
                field="receipt",
                other=receipt.origin,
                origin=self.config.origin,
                remedy="take the receipt of this destination",
                code="collected.receipt",
            )
        for delivery in self.outbox.pending():
            index = receipt.deliveries.get(delivery.digest)
            if index is not None:
                self.outbox.acknowledged(delivery, next_index=index, status=_TAKEN, answer=b"")
        self._finality.finalise(size=receipt.final)
        logger.info("receipt_taken destination=%s", self.config.name)
