"""Many JSON-RPC requests in few HTTP bodies, as many at once as the endpoint takes (批量请求)."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import orjson

from chain.errors import ChainAnswerError, RpcError
from chain.transport import HttpTransport, raise_rpc_error
from trace_node.canonical_json import JsonValue

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RpcCall:
    """One request of a batch.

    Attributes:
        method: Its method; one that sends a transaction goes first, by ``ask_once``.
        params: Its positional parameters.
    """

    method: str
    params: tuple[JsonValue, ...]


class BatchingRpc:
    """Sends batches over HTTP, and learns how long they may be.

    An endpoint that answers a batch with anything but a list does not take so many, or none at all:
    it is asked again for half as many, down to single requests.

    Args:
        transport: Where the bodies go.
        most: Most requests in one batch, 1 or more.
    """

    def __init__(self, transport: HttpTransport, *, most: int) -> None:
        self._transport = transport
        self._most = most
        self._ids = count(1)

    def ask(self, calls: Sequence[RpcCall]) -> list[JsonValue | RpcError]:
        """The results in the order of the calls; an error in its place.

        Raises:
            ChainUnavailableError: No answer; see ``HttpTransport.post``.
            ChainAnswerError: The answers are not the answers to these requests.
        """
        found: list[JsonValue | RpcError] = []
        while len(found) < len(calls):
            piece = calls[len(found) : len(found) + self._most]
            answers = self._exchange(piece)
            if answers is not None:
                found += answers
        return found

    def ask_once(self, calls: Sequence[RpcCall]) -> list[JsonValue | RpcError]:
        """As ``ask``, in one body that is not sent again in smaller ones.

        Raises:
            ChainUnavailableError: No answer; see ``HttpTransport.post``.
            ChainAnswerError: The answers are not the answers to these requests; what the endpoint
                did of them is not known.
        """
        answers = self._exchange(calls)
        if answers is None:
            raise self._malformed(calls)
        return answers

    def _exchange(self, calls: Sequence[RpcCall]) -> list[JsonValue | RpcError] | None:
        """The answers; ``None`` when fewer have to be asked for at once."""
        first = next(self._ids)
        bodies = [
            {"jsonrpc": "2.0", "id": first + at, "method": call.method, "params": list(call.params)}
            for at, call in enumerate(calls)
        ]
        for _ in calls[1:]:
            next(self._ids)
        lone = len(calls) == 1
        body = orjson.dumps(bodies[0] if lone else bodies)
        try:
            answers = orjson.loads(self._transport.post(body, method=calls[0].method))
        except ChainAnswerError:  # longer than its bound
            if lone:
                raise
            self._learn(len(calls))
            return None
        except orjson.JSONDecodeError as error:
            raise self._malformed(calls) from error
        if lone:
            answers = [answers]
        elif not isinstance(answers, list):
            self._learn(len(calls))
            return None
        return self._matched(calls, answers, first)

    def _matched(
        self, calls: Sequence[RpcCall], answers: list[JsonValue], first: int
    ) -> list[JsonValue | RpcError]:
        wanted = range(first, first + len(calls))
        by_id = {
            each.get("id"): each
            for each in answers
            if isinstance(each, dict) and ("result" in each or each.get("error"))
        }
        if len(calls) == 1 and None in by_id:  # a server that could not even read the id says so
            by_id[first] = by_id.pop(None)
        if len(answers) != len(calls) or by_id.keys() != set(wanted):
            raise self._malformed(calls)
        return [_result(by_id[at], call.method) for at, call in zip(wanted, calls, strict=True)]

    def _learn(self, refused: int) -> None:
        self._most = refused // 2
        logger.info("rpc_batch_refused endpoint=%s most=%d", self._transport.shown, self._most)

    def _malformed(self, calls: Sequence[RpcCall]) -> ChainAnswerError:
        return ChainAnswerError(
            "{endpoint}: answered other requests than {method}",
            endpoint=self._transport.shown,
            method=calls[0].method,
        )


def _result(answer: dict[str, JsonValue], method: str) -> JsonValue | RpcError:
    try:
        raise_rpc_error(answer, method=method)
    except RpcError as error:
        return error
    return answer["result"]
