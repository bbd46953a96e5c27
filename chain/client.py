"""One client for every EVM endpoint (以太坊虚拟机客户端)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, cast

from eth_typing import ChecksumAddress
from eth_utils.exceptions import ValidationError
from hexbytes import HexBytes
from web3 import Web3
from web3.contract import Contract
from web3.exceptions import BadFunctionCallOutput, TransactionNotFound, Web3Exception
from web3.types import BlockIdentifier, RPCEndpoint, TxParams, Wei

from chain.addresses import checksum_address
from chain.batches import RpcCall
from chain.config import ChainConfig
from chain.engines import block_seconds, require_client
from chain.errors import ChainAnswerError, ChainConfigError, RpcError
from chain.provider import BoundedProvider, provider_for
from chain.revert import refusal
from chain.rpc_shapes import block_header, event_logs, hex_bytes, tx_receipt
from chain.rpc_values import json_object, quantity, to_data
from chain.values import BlockHeader, EventLog, TxReceipt
from chain.wrong_chain import wrong_chain_id, wrong_genesis
from trace_node.canonical_json import JsonObject, JsonValue

LATEST: Final = "latest"
_REVERT_CODE: Final = 3
_SEND: Final = "eth_sendRawTransaction"


class EvmClient:
    """Reads from and sends to one endpoint that serves the expected chain.

    Args:
        config: The endpoint and what is expected of it.
        provider: Where its answers come from.

    Attributes:
        config: As given.
        chain_id: The chain's id.
        genesis_hash: 32-byte hash of block 0.

    Raises:
        ChainConfigError: ``chain.wrong_chain_id``, ``chain.wrong_genesis``, ``chain.wrong_engine``
            or ``chain.engine_too_old``.
        ChainUnavailableError: The endpoint does not answer.
    """

    def __init__(self, config: ChainConfig, provider: BoundedProvider) -> None:
        self.config = config
        self._provider = provider
        self._web3 = Web3(provider)
        # it asks for the chain id before every call; check_identity asks once for a whole pass
        self._web3.middleware_onion.remove("validation")
        try:
            self.chain_id, self.genesis_hash = self._identity()
            self._require_identity(self.chain_id, self.genesis_hash)
            with self.translated():
                version = self._web3.client_version
            require_client(config.profile, client_version=version)
        except BaseException:
            provider.close()
            raise

    @classmethod
    def connect(cls, config: ChainConfig) -> "EvmClient":
        """Connect to the endpoint of ``config``; raises what the class raises."""
        return cls(config, provider_for(config))

    @property
    def shown(self) -> str:
        """The endpoint as it may be shown."""
        return self._provider.shown

    def check_identity(self) -> None:
        """Ask again which chain this is: an address can come to lead elsewhere.

        Raises:
            ChainConfigError: ``chain.wrong_chain_id`` or ``chain.wrong_genesis``.
        """
        found = self._identity()
        self._require_identity(*found)
        if found[0] != self.chain_id:
            raise wrong_chain_id(self.shown, expected=self.chain_id, found=found[0])
        if found[1] != self.genesis_hash:
            raise wrong_genesis(self.shown, expected=self.genesis_hash, found=found[1])

    def height(self) -> int:
        """Number of the newest block."""
        with self.translated():
            return int(self._web3.eth.block_number)

    def block(self, which: int | bytes) -> BlockHeader | None:
        """The block of that number or hash; ``None`` when the endpoint has none such."""
        return self.blocks([which])[0]

    def blocks(self, which: Sequence[int | bytes]) -> list[BlockHeader | None]:
        """The blocks of those numbers or hashes, in few requests; ``None`` for one it lacks."""
        calls = [
            RpcCall("eth_getBlockByNumber", (hex(each), False))
            if isinstance(each, int)
            else RpcCall("eth_getBlockByHash", (to_data(each), False))
            for each in which
        ]
        with self.translated():
            found = [_result(answer) for answer in self._provider.ask_many(calls)]
            return [None if each is None else block_header(each) for each in found]

    def counts_milliseconds(self) -> bool:
        """Whether contracts see times in milliseconds, as on FISCO BCOS before 3.12."""
        with self.translated():
            newest = self._provider.ask("eth_getBlockByNumber", LATEST, False)
            stamp = quantity(json_object(newest, field="block")["timestamp"], field="timestamp")
        return block_seconds(stamp) != stamp

    def code(self, address: bytes, *, at: int | None = None) -> bytes:
        """Run-time code at an address, now or after block ``at``; empty when there is none."""
        block = LATEST if at is None else hex(at)
        with self.translated():
            return hex_bytes(self._provider.ask("eth_getCode", to_data(address), block))

    def nonce(self, address: bytes, *, pending: bool) -> int:
        """Number of transactions of an address, mined, or mined and waiting."""
        tag = cast("BlockIdentifier", "pending" if pending else LATEST)
        with self.translated():
            return int(self._web3.eth.get_transaction_count(_checksum(address), tag))

    def nonces(self, address: bytes) -> tuple[int, int]:
        """Number of transactions of an address: mined, and mined and waiting."""
        calls = [
            RpcCall("eth_getTransactionCount", (to_data(address), tag))
            for tag in (LATEST, "pending")
        ]
        with self.translated():
            found = [_result(answer) for answer in self._provider.ask_many(calls)]
            mined, pending = (quantity(each, field="nonce") for each in found)
        return mined, pending

    def send_raw(self, raw: bytes) -> None:
        """Hand in a signed transaction, once; every error means "perhaps accepted".

        Raises:
            ChainUnavailableError: No answer.
            RpcError: The endpoint answered with an error, whatever it means by it.
        """
        self._provider.make_request(RPCEndpoint(_SEND), [to_data(raw)])

    def send_and_look(
        self, raw: bytes, transaction_hash: bytes
    ) -> tuple[TxReceipt | None, BlockHeader | None]:
        """As ``send_raw``; gives what came of it and the newest block, asked in the same request.

        ``None`` where the endpoint has no answer to that.
        """
        sent, *answers = self._provider.ask_once(
            [
                RpcCall(_SEND, (to_data(raw),)),
                RpcCall("eth_getTransactionReceipt", (to_data(transaction_hash),)),
                RpcCall("eth_getBlockByNumber", (LATEST, False)),
            ]
        )
        _result(sent)
        with self.translated():
            found, newest = (None if isinstance(each, RpcError) else each for each in answers)
            return (
                None if found is None else tx_receipt(found),
                None if newest is None else block_header(newest),
            )

    def newest_call(self, to: bytes, data: bytes) -> tuple[int, bytes]:
        """Number of the newest block, and the output of a view call at it or at one after it."""
        call: JsonObject = {"to": to_data(to), "data": to_data(data)}
        with self.translated():
            height, output = self._provider.ask_many(
                [RpcCall("eth_blockNumber", ()), RpcCall("eth_call", (call, LATEST))]
            )
            return quantity(_result(height), field="height"), hex_bytes(_result(output))

    def knows_transaction(self, transaction_hash: bytes) -> bool:
        """Whether the endpoint has the transaction, waiting or mined."""
        with self.translated():
            try:
                self._web3.eth.get_transaction(HexBytes(transaction_hash))
            except TransactionNotFound:
                return False
        return True

    def tx_receipt(self, transaction_hash: bytes) -> TxReceipt | None:
        """What became of a transaction; ``None`` while it is not mined or not known."""
        with self.translated():
            found = self._provider.ask("eth_getTransactionReceipt", to_data(transaction_hash))
            return None if found is None else tx_receipt(found)

    def logs(
        self, *, addresses: Sequence[bytes], topics: Sequence[bytes], first: int, last: int
    ) -> list[EventLog]:
        """Events of some contracts whose first topic is one of ``topics``, in blocks first to last.

        The caller keeps within the engine's window and checks what comes back.
        """
        wanted: JsonObject = {
            "address": [to_data(address) for address in addresses],
            "fromBlock": hex(first),
            "toBlock": hex(last),
            "topics": [[to_data(topic) for topic in topics]],
        }
        with self.translated():
            return event_logs(self._provider.ask("eth_getLogs", wanted))

    def call_many(
        self, calls: Sequence[tuple[bytes, bytes]], *, block: JsonValue
    ) -> list[bytes | RpcError]:
        """Outputs of view calls in few requests; an error in the place of one that failed.

        Args:
            calls: Pairs of a contract's 20-byte address and call data.
            block: Number, tag or EIP-1898 object, as JSON.
        """
        asked = [
            RpcCall("eth_call", ({"to": to_data(to), "data": to_data(data)}, block))
            for to, data in calls
        ]
        with self.translated():
            return [
                each if isinstance(each, RpcError) else hex_bytes(each)
                for each in self._provider.ask_many(asked)
            ]

    def estimate_gas(self, *, sender: bytes, data: bytes) -> int:
        """Gas that creating a contract takes."""
        fields: TxParams = {
            "from": _checksum(sender),
            "data": HexBytes(data),
            "value": Wei(0),
            "gasPrice": Wei(0),
        }
        with self.translated():
            return int(self._web3.eth.estimate_gas(fields))

    def contract(self, address: bytes, abi: Sequence[Any]) -> Contract:
        """A web3 contract; call it inside ``translated``."""
        return self._web3.eth.contract(address=_checksum(address), abi=abi)

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn web3's and the endpoint's errors into those of ``chain.errors``."""
        try:
            yield
        except RpcError as error:
            if error.data or error.number == _REVERT_CODE or "revert" in error.text.lower():
                raise refusal(error.data, text=error.text) from error
            raise
        except BadFunctionCallOutput as error:
            raise ChainConfigError(
                "{endpoint}: there is no such contract at the given address",
                endpoint=self.shown,
                remedy="check the recorded deployment against the chain",
                code="chain.no_contract",
            ) from error
        except (Web3Exception, ValidationError, ValueError, KeyError, TypeError) as error:
            raise ChainAnswerError(
                "{endpoint}: an answer is malformed: {detail}",
                endpoint=self.shown,
                detail=str(error)[:200] or type(error).__name__,
            ) from error

    def close(self) -> None:
        """Close the connections of all threads; none of them may be asking meanwhile."""
        self._provider.close()

    def _identity(self) -> tuple[int, bytes]:
        with self.translated():
            chain_id = int(self._web3.eth.chain_id)
        block = self.block(0)
        if block is None:
            raise ChainAnswerError("{endpoint}: it has no block 0", endpoint=self.shown)
        return chain_id, block.block_hash

    def _require_identity(self, chain_id: int, genesis_hash: bytes) -> None:
        expected = self.config
        if expected.chain_id is not None and chain_id != expected.chain_id:
            raise wrong_chain_id(self.shown, expected=expected.chain_id, found=chain_id)
        if expected.genesis_hash is not None and genesis_hash != expected.genesis_hash:
            raise wrong_genesis(self.shown, expected=expected.genesis_hash, found=genesis_hash)


def _checksum(address: bytes) -> ChecksumAddress:
    return cast("ChecksumAddress", checksum_address(address))


def _result(answer: JsonValue | RpcError) -> JsonValue:
    if isinstance(answer, RpcError):
        raise answer
    return answer
