"""View calls whose answers all belong to one block (固定区块读取)."""

from collections.abc import Sequence

from chain.client import LATEST, EvmClient
from chain.errors import ChainConfigError, RpcError, StaleEndpointError, StateGoneError
from chain.revert import refusal
from chain.rpc_values import to_data
from trace_node.canonical_json import JsonValue
from trace_node.ports.ledger import BlockMark

Call = tuple[bytes, bytes]
"""A contract's 20-byte address and call data."""


class PinnedCalls:
    """Calls views at one block: by its hash where the engine takes one (EIP-1898).

    An engine that knows no hashes, or no past at all, is asked what it holds before and after: the
    answers count only if it was that very block both times.

    Args:
        client: The endpoint.
    """

    def __init__(self, client: EvmClient) -> None:
        self._client = client
        self._profile = client.config.profile

    def ask(self, calls: Sequence[Call], at: BlockMark) -> list[bytes]:
        """The outputs of ``calls``; empty where the contract was not there yet.

        Raises:
            StateGoneError: The endpoint has no state of that block, or only of its newest one.
            StaleEndpointError: That block is not, or no longer, on the endpoint's chain.
            ContractRefusalError: A call reverted.
            ChainUnavailableError: No answer.
        """
        block: JsonValue = hex(at.number)
        if self._profile.call_by_block_hash:
            block = {"blockHash": to_data(at.block_hash)}
        else:
            self._require_there(at)
        answers = self._client.call_many(calls, block=block)
        found = []
        for call, answer in zip(calls, answers, strict=True):
            if isinstance(answer, RpcError):
                raise self._meant(answer, call, at) from answer
            found.append(answer)
        self._require_there(at)
        return found

    def _require_there(self, at: BlockMark) -> None:
        header = self._client.block(at.number)
        if header is None or header.block_hash != at.block_hash:
            raise StaleEndpointError(
                "{endpoint}: block {number} is not {expected} any more",
                endpoint=self._client.shown,
                number=at.number,
                expected=to_data(at.block_hash),
                remedy="ask again at a newer block: the chain changed, or this endpoint lags",
            )
        if not self._profile.historical_call and self._client.height() != at.number:
            raise self._gone(at)

    def _meant(self, error: RpcError, call: Call, at: BlockMark) -> Exception:
        """What an error means: engines say it in many words, so that more is asked."""
        if error.data:
            return refusal(error.data, text=error.text)
        self._require_there(at)
        (now,) = self._client.call_many([call], block=LATEST)
        return error if isinstance(now, RpcError) else self._gone(at)

    def _gone(self, at: BlockMark) -> StateGoneError:
        return StateGoneError(
            "{endpoint}: holds no state of block {number} any more",
            endpoint=self._client.shown,
            number=at.number,
            remedy="ask at a newer block, or use an endpoint that keeps the state of past blocks"
            " (an archive node)",
        )


def require_output(output: bytes, *, endpoint: str, contract: str) -> bytes:
    """The output of a call that must have one.

    Raises:
        ChainConfigError: There is none: no contract is there; code ``chain.no_contract``.
    """
    if not output:
        raise ChainConfigError(
            "{endpoint}: there is no {contract} at the recorded address",
            endpoint=endpoint,
            contract=contract,
            remedy="check the recorded deployment against the chain",
            code="chain.no_contract",
        )
    return output
