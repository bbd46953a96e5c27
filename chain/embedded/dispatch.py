"""JSON-RPC 2.0 envelopes: one request, or a bounded batch of them."""

import logging
import time
from typing import Final

import orjson

from chain.embedded.chain import EmbeddedChain
from chain.embedded.errors import (
    INTERNAL_ERROR,
    INVALID_REQUEST,
    LIMIT_EXCEEDED,
    PARSE_ERROR,
    UNAVAILABLE,
    RpcRefusal,
)
from chain.embedded.methods import answer
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.errors import TraceNodeError, UnavailableError

MAX_BODY_BYTES: Final = 1024 * 1024
MAX_BATCH: Final = 100
BATCH_SECONDS: Final = 30.0

logger = logging.getLogger(__name__)


def answer_body(chain: EmbeddedChain, body: bytes) -> bytes:
    """Answer one HTTP body.

    Args:
        chain: Whom it is asked of.
        body: JSON of a request or of a list of requests; its size was bounded by the caller.

    Returns:
        The JSON of the answer or answers; empty when there were only notifications.
    """
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return orjson.dumps(_error(None, PARSE_ERROR, f"not JSON: {error}"))
    if not isinstance(given, list):
        found = answer_request(chain, given)
        return b"" if found is None else orjson.dumps(found)
    if not 0 < len(given) <= MAX_BATCH:
        return orjson.dumps(_error(None, INVALID_REQUEST, f"a batch has 1 to {MAX_BATCH} requests"))
    answers = _answer_batch(chain, given)
    return orjson.dumps(answers) if answers else b""


def _answer_batch(chain: EmbeddedChain, given: list[JsonValue]) -> list[JsonObject]:
    deadline = time.monotonic() + BATCH_SECONDS
    answers: list[JsonObject] = []
    for request in given:
        if time.monotonic() > deadline:
            identity = request.get("id") if isinstance(request, dict) else None
            answers.append(_error(identity, LIMIT_EXCEEDED, "the batch takes too long: split it"))
        elif (found := answer_request(chain, request)) is not None:
            answers.append(found)
    return answers


def answer_request(chain: EmbeddedChain, request: object) -> JsonObject | None:
    """Answer one request object; ``None`` for a notification."""
    if not isinstance(request, dict) or request.get("jsonrpc", "2.0") != "2.0":
        return _error(None, INVALID_REQUEST, "not a JSON-RPC 2.0 request object")
    identity, method = request.get("id"), request.get("method")
    if isinstance(identity, list | dict | bool):
        return _error(None, INVALID_REQUEST, "id: must be a string, a number or null")
    if not isinstance(method, str):
        return _error(identity, INVALID_REQUEST, "method: must be a string")
    shown = answer_call(chain, method, request.get("params", []))
    return None if "id" not in request else {"jsonrpc": "2.0", "id": identity} | shown


def answer_call(chain: EmbeddedChain, method: str, params: object) -> JsonObject:
    """Answer one call as ``{"result": …}`` or ``{"error": {…}}``.

    A damaged file or a full disk becomes an error of its own with the product's dotted code in its
    data, so that a client elsewhere can say what is wrong.
    """
    try:
        return {"result": answer(chain, method, params)}
    except RpcRefusal as refusal:
        error: JsonObject = {"code": refusal.number, "message": refusal.text}
        if refusal.data is not None:
            error["data"] = "0x" + refusal.data.hex()
        return {"error": error}
    except UnavailableError as failure:
        return {"error": _failure(UNAVAILABLE, failure)}
    except TraceNodeError as failure:
        logger.exception("embedded_chain_failed method=%s code=%s", method, failure.reason)
        return {"error": _failure(INTERNAL_ERROR, failure)}
    except Exception as fault:
        # The supervisor's edge: a fault in one call must spoil neither its batch nor the others.
        logger.exception("embedded_chain_fault method=%s", method)
        return {"error": {"code": INTERNAL_ERROR, "message": f"fault: {type(fault).__name__}"}}


def _failure(number: int, failure: TraceNodeError) -> JsonObject:
    return {
        "code": number,
        "message": failure.message,
        "data": {"code": failure.reason, "remedy": failure.remedy},
    }


def _error(identity: JsonValue, number: int, text: str) -> JsonObject:
    return {"jsonrpc": "2.0", "id": identity, "error": {"code": number, "message": text}}
