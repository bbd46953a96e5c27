"""The web3 provider of every endpoint: bounded HTTP, or an engine in this process.

web3's own ``HTTPProvider`` is not used: it reads answers of any size and repeats
``eth_sendRawTransaction`` five times, which turns a lost answer into a misleading error.
"""

from typing import Any, Protocol, cast

from typing_extensions import override
from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from chain.config import ChainConfig, embedded_path
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
    """

    # EIP-3668: an endpoint could make the client fetch any URL through a forged revert
    global_ccip_read_enabled = False

    def __init__(self, config: ChainConfig, engine: InProcessEngine | None = None) -> None:
        super().__init__()
        self._engine = engine
        self._transport = None if engine else HttpTransport(config)
        self.shown = self._transport.shown if self._transport else config.url

    @override
    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Answer one request.

        Raises:
            ChainUnavailableError: No answer; see ``HttpTransport.post``.
            RpcError: The endpoint answered with an error.
        """
        answer = self._answer(method, params)
        raise_rpc_error(answer, method=method)
        return cast("RPCResponse", answer)

    def _answer(self, method: RPCEndpoint, params: Any) -> dict[str, JsonValue]:  # noqa: ANN401
        if self._transport is None:
            engine = cast("InProcessEngine", self._engine)
            return cast("dict[str, JsonValue]", engine.make_request(method, params))
        body = self.encode_rpc_request(method, params)
        return decode_answer(self._transport.post(body, method=method), shown=self.shown)

    def close(self) -> None:
        """Close this thread's connection."""
        if self._transport is not None:
            self._transport.close()


def provider_for(config: ChainConfig) -> BoundedProvider:
    """The provider of an endpoint, by the scheme of its URL."""
    path = embedded_path(config.url)
    if path is None:
        return BoundedProvider(config)
    from chain.embedded.provider import EmbeddedProvider  # noqa: PLC0415  loads py-evm

    return BoundedProvider(config, EmbeddedProvider(path))
