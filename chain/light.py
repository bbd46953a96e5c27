"""An anchor checked against any endpoint by plain JSON-RPC, without web3.py and without our node.

This is what ``trace-node verify --rpc`` runs. Nothing the endpoint says is believed beyond what the
trust root demands, and the endpoint's operator is trusted for the rest: the verdict says so.
"""

from collections.abc import Callable

from chain.config import ChainConfig, embedded_path
from chain.engines import block_seconds
from chain.errors import ChainAnswerError, ChainConfigError, RpcError
from chain.light_questions import LATEST, RegistryQuestions, compare, failed
from chain.rpc_values import (
    ANCHORED,
    ANCHORED_DATA_WORDS,
    data_bytes,
    event_topic,
    json_object,
    objects,
    quantity,
    to_data,
    uint64,
    word,
    words,
)
from chain.transport import HttpTransport, JsonRpc
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.ports.chain import ExpectedRegistry, LiveAnchorResult, LiveCheck, LiveOutcome
from trace_node.tlog.anchor import Anchor, AnchoredHead

_ANSWER_BOUND = 1024 * 1024  # a block of some thousand transaction hashes


class LightChain:
    """Reads one endpoint (独立链上核对).

    Args:
        rpc_url: ``http://…`` or ``https://…``.
        timeout_s: Seconds one request may take in all, 1 to 300.

    Raises:
        ChainConfigError: Not such a URL; code ``chain.url``.
    """

    def __init__(self, rpc_url: str, *, timeout_s: int = 10) -> None:
        config = ChainConfig(url=rpc_url, timeout_s=timeout_s, max_answer_bytes=_ANSWER_BOUND)
        if embedded_path(rpc_url) is not None:
            raise ChainConfigError(
                "{field}: a chain file is not an endpoint",
                field="rpc",
                remedy="start the node that owns the file and give the http address of its chain",
                code="chain.url",
            )
        self._rpc = JsonRpc(HttpTransport(config))

    @property
    def endpoint(self) -> str:
        """The URL as it may be shown."""
        return self._rpc.shown

    def check_anchor(self, anchor: Anchor, *, expected: ExpectedRegistry) -> LiveAnchorResult:
        """Ask the endpoint for everything the anchor claims; see ``ChainReader``."""
        return _AnchorCheck(self._rpc, anchor, expected).run()

    def head(self, *, expected: ExpectedRegistry) -> AnchoredHead | None:
        """The head of the log now; see ``ChainReader``."""
        questions = RegistryQuestions(self._rpc, expected)
        for check in (questions.chain_id(), questions.genesis(), questions.code()):
            if check.outcome is LiveOutcome.FAILED:
                raise ChainConfigError(
                    "{endpoint}: {name} is {found}, must be {expected}",
                    endpoint=self.endpoint,
                    name=check.name,
                    found=check.found,
                    expected=check.expected,
                    code=check.reason,
                )
        return questions.head()

    def close(self) -> None:
        """Close the connection."""
        self._rpc.close()


class _AnchorCheck:
    """The checks of one anchor, in order; what cannot be asked after a failure is not done."""

    def __init__(self, rpc: JsonRpc, anchor: Anchor, expected: ExpectedRegistry) -> None:
        self.ask = RegistryQuestions(rpc, expected)
        self.anchor = anchor
        self.expected = expected
        self.block_time: int | None = None
        self.confirmations: int | None = None

    def run(self) -> LiveAnchorResult:
        steps: tuple[tuple[str, Callable[[], LiveCheck]], ...] = (
            ("claim", self._claim),
            ("chain_id", self.ask.chain_id),
            ("genesis", self.ask.genesis),
            ("code", self.ask.code),
            ("block", self._block),
            ("event", self._event),
            ("state", self._state),
            ("head", self._head),
            ("finality", self._finality),
        )
        checks: list[LiveCheck] = []
        for name, step in steps:
            if checks and checks[-1].outcome is not LiveOutcome.PASSED:
                checks.append(
                    LiveCheck(name=name, outcome=LiveOutcome.NOT_DONE, reason="chain.earlier_check")
                )
            else:
                checks.append(step())
        return LiveAnchorResult(
            endpoint=self.ask.rpc.shown,
            checks=tuple(checks),
            block_time=self.block_time,
            confirmations=self.confirmations,
        )

    def _claim(self) -> LiveCheck:
        """Does the bundle speak of the chain and log that the trust root names?"""
        names = ("engine", "chain_id", "genesis_hash", "contract", "log_id")
        for name in names:
            check = compare(
                "claim",
                getattr(self.expected, name),
                getattr(self.anchor, name),
                f"chain.claim.{name}",
            )
            if check.outcome is LiveOutcome.FAILED:
                return check
        return LiveCheck(name="claim", outcome=LiveOutcome.PASSED)

    def _block(self) -> LiveCheck:
        """Is the block known, canonical, and of that number and time?"""
        height = self.ask.height()
        if height < self.anchor.block_number:
            return LiveCheck(
                name="block",
                outcome=LiveOutcome.NOT_DONE,
                reason="chain.stale_endpoint",
                expected=str(self.anchor.block_number),
                found=str(height),
            )
        block = self.ask.block("eth_getBlockByNumber", hex(self.anchor.block_number))
        found = b"" if block is None else data_bytes(block.get("hash"), field="hash", size=32)
        check = compare("block", self.anchor.block_hash, found, "chain.block_replaced")
        if block is None or check.outcome is LiveOutcome.FAILED:
            return check
        time = block_seconds(quantity(block.get("timestamp"), field="timestamp"))
        self.block_time = time
        self.confirmations = height - self.anchor.block_number
        return compare("block", self.anchor.block_time, time, "chain.block_time")

    def _event(self) -> LiveCheck:
        """Did the transaction succeed in that block and emit exactly this event?"""
        answer = self.ask.rpc.call(
            "eth_getTransactionReceipt", to_data(self.anchor.transaction_hash)
        )
        if answer is None:
            return self._event_of_block()
        mined = json_object(answer, field="eth_getTransactionReceipt")
        if quantity(mined.get("status"), field="status") != 1:
            return failed("event", "chain.transaction_reverted")
        block_hash = data_bytes(mined.get("blockHash"), field="blockHash", size=32)
        if block_hash != self.anchor.block_hash:
            return compare(
                "event", self.anchor.block_hash, block_hash, "chain.transaction_elsewhere"
            )
        if any(self._is_our_event(entry) for entry in objects(mined.get("logs"), field="logs")):
            return LiveCheck(name="event", outcome=LiveOutcome.PASSED)
        return failed("event", "chain.event_missing")

    def _event_of_block(self) -> LiveCheck:
        """The event without the receipt: many endpoints find no transaction after some months."""
        wanted: JsonObject = {
            "blockHash": to_data(self.anchor.block_hash),
            "address": to_data(self.anchor.contract),
            "topics": list(self._topics()),
        }
        entries = objects(self.ask.rpc.call("eth_getLogs", wanted), field="eth_getLogs")
        wanted_hash = self.anchor.transaction_hash
        if any(
            data_bytes(entry.get("transactionHash"), field="transactionHash") == wanted_hash
            and data_bytes(entry.get("blockHash"), field="blockHash") == self.anchor.block_hash
            and self._is_our_event(entry)
            for entry in entries
        ):
            return LiveCheck(name="event", outcome=LiveOutcome.PASSED)
        return failed("event", "chain.transaction_unknown")

    def _topics(self) -> list[str]:
        return [
            to_data(event_topic(ANCHORED)),
            to_data(self.anchor.log_id),
            to_data(word(self.anchor.head.size)),
        ]

    def _is_our_event(self, entry: JsonObject) -> bool:
        topics = entry.get("topics")
        address = data_bytes(entry.get("address"), field="address", size=20)
        if address != self.anchor.contract or not isinstance(topics, list):
            return False
        if [str(topic).lower() for topic in topics] != self._topics():
            return False
        raw = data_bytes(entry.get("data"), field="data")
        if len(raw) != ANCHORED_DATA_WORDS * 32:
            raise ChainAnswerError("{field}: the event is malformed", field="data")
        size, previous_root, root, time = words(raw, count=ANCHORED_DATA_WORDS, field="data")
        previous = AnchoredHead(size=uint64(size, field="prevSize"), root=previous_root)
        return (
            previous == self.anchor.previous
            and root == self.anchor.head.root
            and block_seconds(uint64(time, field="time")) == self.anchor.block_time
        )

    def _state(self) -> LiveCheck:
        """Does the contract's storage hold the anchor?"""
        root, number = self._anchored_then() or self._anchored_at(LATEST)
        check = compare("state", self.anchor.head.root, root, "chain.state_differs")
        if check.outcome is LiveOutcome.FAILED:
            return check
        return compare("state", self.anchor.block_number, number, "chain.state_differs")

    def _anchored_then(self) -> tuple[bytes, int] | None:
        """The answer as of that very block; ``None`` where it cannot be asked.

        Most endpoints drop the state of blocks older than some hundred. The contract never forgets
        an anchor, so the state of today says the same.
        """
        if not self.ask.profile.call_by_block_hash:
            return None
        block: JsonObject = {
            "blockHash": to_data(self.anchor.block_hash),
            "requireCanonical": True,
        }
        try:
            return self._anchored_at(block)
        except RpcError:
            return None

    def _anchored_at(self, block: JsonValue) -> tuple[bytes, int]:
        return self.ask.anchored_at(self.anchor.head.size, at=block)

    def _head(self) -> LiveCheck:
        """Is the head of today still at or beyond the anchor?"""
        head = self.ask.head()
        if head is None or head.size < self.anchor.head.size:
            found = "-" if head is None else str(head.size)
            return failed("head", "chain.head_behind", str(self.anchor.head.size), found)
        if head.size == self.anchor.head.size:
            return compare("head", self.anchor.head.root, head.root, "chain.head_differs")
        return LiveCheck(name="head", outcome=LiveOutcome.PASSED, found=str(head.size))

    def _finality(self) -> LiveCheck:
        depth, found = self.ask.profile.finality_depth, self.confirmations or 0
        return LiveCheck(
            name="finality",
            outcome=LiveOutcome.PASSED if found >= depth else LiveOutcome.NOT_DONE,
            reason="" if found >= depth else "chain.not_final",
            expected=str(depth),
            found=str(found),
        )
