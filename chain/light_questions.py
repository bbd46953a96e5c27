"""Single questions a verifier puts to an endpoint, by plain JSON-RPC."""

from chain.addresses import checksum_address, keccak256
from chain.engines import engine_profile
from chain.errors import RpcError
from chain.revert import refusal
from chain.rpc_values import (
    call_data,
    data_bytes,
    json_object,
    quantity,
    to_data,
    uint64,
    word,
    words,
)
from chain.transport import JsonRpc
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.ports.chain import ExpectedRegistry, LiveCheck, LiveOutcome
from trace_node.tlog.anchor import AnchoredHead

LATEST = "latest"


class RegistryQuestions:
    """Single questions about one registry.

    Args:
        rpc: The endpoint.
        expected: What the trust root demands.
    """

    def __init__(self, rpc: JsonRpc, expected: ExpectedRegistry) -> None:
        self.rpc = rpc
        self.expected = expected
        self.profile = engine_profile(expected.engine)

    def chain_id(self) -> LiveCheck:
        """Is it the expected chain id?"""
        found = quantity(self.rpc.call("eth_chainId"), field="eth_chainId")
        return compare("chain_id", self.expected.chain_id, found, "chain.wrong_chain_id")

    def genesis(self) -> LiveCheck:
        """Is block 0 the expected one?"""
        block = self.block("eth_getBlockByNumber", "0x0")
        found = b"" if block is None else data_bytes(block.get("hash"), field="hash", size=32)
        return compare("genesis", self.expected.genesis_hash, found, "chain.wrong_genesis")

    def code(self) -> LiveCheck:
        """Is the run-time code at the contract's address the expected one?"""
        code = data_bytes(
            self.rpc.call("eth_getCode", to_data(self.expected.contract), LATEST),
            field="eth_getCode",
        )
        reason = "chain.wrong_code" if code else "chain.no_contract"
        return compare("code", self.expected.runtime_code_hash, keccak256(code), reason)

    def block(self, method: str, block: str) -> JsonObject | None:
        """A block without its transactions; ``None`` when the endpoint has none such."""
        answer = self.rpc.call(method, block, False)
        return None if answer is None else json_object(answer, field=method)

    def call(self, signature: str, *arguments: bytes, at: JsonValue = LATEST) -> bytes:
        """Call a view of the contract.

        Raises:
            ContractRefusalError: It reverted.
        """
        request: JsonObject = {
            "to": to_data(self.expected.contract),
            "data": to_data(call_data(signature, *arguments)),
        }
        try:
            return data_bytes(self.rpc.call("eth_call", request, at), field="eth_call")
        except RpcError as error:
            if error.data:
                raise refusal(error.data, text=error.text) from error
            raise

    def head(self) -> AnchoredHead | None:
        """The head of the log now; ``None`` when it was not opened."""
        raw = self.call("head(bytes32)", self.expected.log_id)
        size, root, _ = words(raw, count=3, field="head")
        if not any(root):
            return None
        return AnchoredHead(size=uint64(size, field="head.size"), root=root)

    def anchored_at(self, size: int, *, at: JsonValue) -> tuple[bytes, int]:
        """Root and block number of the anchor of ``size``, zeros when there is none."""
        signature = "anchoredAt(bytes32,uint64)"
        raw = self.call(signature, self.expected.log_id, word(size), at=at)
        root, number, _ = words(raw, count=3, field="anchoredAt")
        return root, uint64(number, field="anchoredAt.blockNumber")

    def height(self) -> int:
        """Number of the endpoint's newest block."""
        return quantity(self.rpc.call("eth_blockNumber"), field="eth_blockNumber")


def compare(name: str, expected: object, found: object, reason: str) -> LiveCheck:
    """A check that passes when two values are equal."""
    same = expected == found
    return LiveCheck(
        name=name,
        outcome=LiveOutcome.PASSED if same else LiveOutcome.FAILED,
        reason="" if same else reason,
        expected=_shown(expected),
        found=_shown(found),
    )


def failed(name: str, reason: str, expected: str = "", found: str = "") -> LiveCheck:
    """A check that failed."""
    return LiveCheck(
        name=name, outcome=LiveOutcome.FAILED, reason=reason, expected=expected, found=found
    )


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        return checksum_address(value) if len(value) == 20 else to_data(value)  # noqa: PLR2004
    return str(value)
