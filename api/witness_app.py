"""The witness as an HTTP server: c2sp.org/tlog-witness over the pure state machine.

A request may propose the time of the cosignature (query ``time``, seconds); it is used when it lies
within ten seconds of the witness's own clock. That lets a log fold BLS cosignatures of one time.
"""

import hashlib
import logging
import re
from collections.abc import Mapping, Sequence

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from api.body import read_bounded
from trace_node.clock import Clock
from trace_node.errors import TooLargeError, TraceNodeError, UnavailableError
from trace_node.ids import Origin
from trace_node.store.witness_file import WitnessFile
from trace_node.tlog import checkpoint as checkpoints
from trace_node.tlog import note as notes
from trace_node.tlog.cosignature import Cosigner
from trace_node.tlog.witness_request import MAX_REQUEST_BYTES
from trace_node.tlog.witness_state import Outcome, WitnessedLog, add_checkpoint

logger = logging.getLogger(__name__)
TIME_TOLERANCE = 10  # seconds
_SECONDS = re.compile(r"[1-9][0-9]{0,11}")


def create_witness_app(
    *,
    logs: Mapping[Origin, WitnessedLog],
    store: WitnessFile,
    cosigners: Sequence[Cosigner],
    clock: Clock,
) -> Starlette:
    """Make the application of a witness over its file and keys."""
    by_digest = {hashlib.sha256(origin.encode()).hexdigest(): origin for origin in logs}

    def decide(raw: bytes, time: int) -> Outcome:
        outcome = add_checkpoint(raw, logs=logs, store=store, cosigners=cosigners, time=time)
        if outcome.conflict is not None:
            cosigned, offered = outcome.conflict
            origin = checkpoints.parse(notes.parse(offered).text).origin
            store.keep_conflict(origin, cosigned=cosigned, offered=offered, time=time)
            logger.error("the log showed two histories", extra={"origin": origin})
        return outcome

    async def add(request: Request) -> Response:
        """Answer add-checkpoint."""
        try:
            raw = await read_bounded(request, MAX_REQUEST_BYTES)
        except TooLargeError as error:
            return PlainTextResponse(f"{error.reason}: {error.message}\n", status_code=413)
        now = int(clock.now().timestamp())
        now = _agreed_time(request.query_params.get("time", ""), now)
        outcome = await run_in_threadpool(decide, raw, now)
        return Response(outcome.body, outcome.status, {"content-type": outcome.content_type})

    async def newest(request: Request) -> Response:
        """Answer with the largest checkpoint that was cosigned."""
        origin = by_digest.get(request.path_params["digest"])
        head = await run_in_threadpool(store.head, origin) if origin else None
        if head is None:
            return PlainTextResponse("no checkpoint of this log was cosigned\n", status_code=404)
        return Response(head.checkpoint, media_type="text/plain; charset=utf-8")

    shown_keys = "".join(f"{cosigner.key.vkey}\n" for cosigner in cosigners)

    return Starlette(
        routes=[
            Route("/add-checkpoint", add, methods=["POST"]),
            Route("/keys", lambda _request: PlainTextResponse(shown_keys)),
            Route("/{digest}/checkpoint", newest),
        ],
        exception_handlers={TraceNodeError: _own_fault},
    )


async def _own_fault(_request: Request, error: Exception) -> Response:
    """The record or a key fails: nothing is cosigned, and the details are for the log alone."""
    reason = error.reason if isinstance(error, TraceNodeError) else "error"
    logger.error("cannot answer", extra={"reason": reason, "detail": str(error)})
    return PlainTextResponse(
        f"{reason}\n", status_code=503 if isinstance(error, UnavailableError) else 500
    )


def _agreed_time(proposed: str, now: int) -> int:
    if _SECONDS.fullmatch(proposed) and abs(int(proposed) - now) <= TIME_TOLERANCE:
        return int(proposed)
    return now
