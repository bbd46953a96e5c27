"""The web3 provider of every endpoint: bounded HTTP, or an engine in this process.

web3's own ``HTTPProvider`` is not used: it reads answers of any size and repeats
``eth_sendRawTransaction`` five times, which turns a lost answer into a misleading error.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

from typing_extensions import override
from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from chain.batches import BatchingRpc, RpcCall
from chain.config import ChainConfig, embedded_path, shown_url
from chain.errors import RpcError
from chain.transport import HttpTransport, decode_answer, raise_rpc_error
from trace_node.canonical_json import JsonValue


class InProcessEngine(Protocol):
    """An engine that answers in this process, as web3 providers do."""

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:  # noqa: ANN401  web3's
        """Answer one JSON-RPC request."""


class BoundedProvider(JSONBaseProvider):
    """Answers web3's requests, raising ``RpcError`` for every error an endpoint answers.

    Args:
        config: The endpoint.
        engine: The engine to ask instead of the network.
        on_close: Called when the provider is closed.
    """

    # EIP-3668: an endpoint could make the client fetch any URL through a forged revert
    global_ccip_read_enabled = False

    def __init__(
        self,
        config: ChainConfig,
        *,
        engine: InProcessEngine | None = None,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self.shown = shown_url(config.url)
        self._batches: BatchingRpc | None
        if engine is None:
            transport = HttpTransport(config)
            self._answer = self._over(transport)
            self._batches = BatchingRpc(transport, most=config.profile.max_batch)
            self._on_close = transport.close
        else:
            self._batches = None
            self._answer = engine.make_request
            self._on_close = on_close or _nothing

    @override
    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Answer one request.

        Raises:
            ChainUnavailableError: No answer; see ``HttpTransport.post``.
            RpcError: The endpoint answered with an error.
        """
        answer = self._answer(method, params)
        raise_rpc_error(cast("dict[str, JsonValue]", answer), method=method)
        return answer

    def ask(self, method: str, *params: JsonValue) -> JsonValue:
        """The result of one request; raises what ``make_request`` does."""
        return cast("JsonValue", self.make_request(RPCEndpoint(method), list(params))["result"])

    def ask_many(self, calls: Sequence[RpcCall]) -> list[JsonValue | RpcError]:
        """The results of several requests, in their order; an error in its place.

        Over HTTP they go in as few batches as the endpoint takes.

        Raises:
            ChainUnavailableError: No answer; see ``HttpTransport.post``.
        """
        if self._batches is not None:
            return self._batches.ask(calls)
        return self._ask_each(calls)

    def ask_once(self, calls: Sequence[RpcCall]) -> list[JsonValue | RpcError]:
        """As ``ask_many``, in one body that goes over the wire once, whatever comes of it.

        Raises:
            ChainUnavailableError: No answer; what the endpoint did of the requests is not known.
        """
        if self._batches is not None:
            return self._batches.ask_once(calls)
        return self._ask_each(calls)

    def _ask_each(self, calls: Sequence[RpcCall]) -> list[JsonValue | RpcError]:
        found: list[JsonValue | RpcError] = []
        for call in calls:
            try:
                found.append(self.ask(call.method, *call.params))
            except RpcError as error:
                found.append(error)
        return found

    def close(self) -> None:
        """Close the connections of all threads, or the engine."""
        self._on_close()

    def _over(self, transport: HttpTransport) -> Callable[[RPCEndpoint, Any], RPCResponse]:
        def answer(method: RPCEndpoint, params: Any) -> RPCResponse:  # noqa: ANN401  web3's
            raw = transport.post(self.encode_rpc_request(method, params), method=method)
            return cast("RPCResponse", decode_answer(raw, shown=self.shown))

        return answer


def provider_for(config: ChainConfig) -> BoundedProvider:
    """The provider of an endpoint, by the scheme of its URL.

    Raises:
        TraceNodeError: The chain file of an ``embedded:`` URL cannot be opened.
    """
    path = embedded_path(config.url)
    if path is None:
        return BoundedProvider(config)
    from chain.embedded.chain import EmbeddedChain  # noqa: PLC0415  loads py-evm
    from chain.embedded.provider import EmbeddedProvider  # noqa: PLC0415

    chain = EmbeddedChain(path, chain_id=config.chain_id)
    return BoundedProvider(config, engine=EmbeddedProvider(chain), on_close=chain.close)


def _nothing() -> None:
    pass
