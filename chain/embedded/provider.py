"""The embedded chain behind web3.py, inside this process."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self, cast

import orjson
from typing_extensions import override
from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from chain.embedded.chain import EmbeddedChain
from chain.embedded.dispatch import answer_body


class EmbeddedProvider(JSONBaseProvider):
    """A web3.py provider over a chain file, which this process owns until ``close``.

    Requests take the same way as over HTTP, JSON included, so that both behave alike.

    Args:
        chain: The chain file, or a chain that is already open (and then stays open).
        chain_id: As for ``EmbeddedChain``; for a path only.
        senders: As for ``EmbeddedChain``; for a path only.
    """

    def __init__(
        self,
        chain: Path | EmbeddedChain,
        *,
        chain_id: int | None = None,
        senders: Iterable[bytes] | None = None,
    ) -> None:
        super().__init__()
        self._owned = None
        if isinstance(chain, Path):
            chain = self._owned = EmbeddedChain(chain, chain_id=chain_id, senders=senders)
        self.chain = chain

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the chain when this provider opened it; a second call does nothing."""
        if self._owned is not None:
            self._owned.close()

    @override
    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Answer one call in this thread."""
        body = self.encode_rpc_request(method, params)
        return cast("RPCResponse", orjson.loads(answer_body(self.chain, body)))

    @override
    def is_connected(self, show_traceback: bool = False) -> bool:  # web3's signature
        """Always: the chain is in this process."""
        return True
