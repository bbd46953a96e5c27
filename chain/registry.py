"""The CheckpointRegistry contract: its views, its calls, and the port the core anchors through."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from eth_typing import ChecksumAddress
from hexbytes import HexBytes
from web3.types import Wei

from chain.addresses import checksum_address
from chain.artifacts import CHECKPOINT_REGISTRY, load
from chain.client import EvmClient
from chain.errors import StaleEndpointError
from chain.event_reader import EventReader
from chain.events import Anchored, event_topics, registry_event
from chain.sender import TransactionSender
from chain.settling import ChainCall
from trace_node.ports.anchoring import AnchorState
from trace_node.ports.chain import AnchorPresence, AnchorSubmission
from trace_node.ports.outbox import Submission, SubmissionState
from trace_node.tlog.anchor import Anchor, AnchoredHead

_ZERO_ADDRESS = bytes(20)
_BASE_GAS = 500_000
_GAS_PER_HASH = 120_000  # each hash of a proof is folded into the old and into the new root
_FAILURES = {
    SubmissionState.REVERTED: "chain.refused",
    SubmissionState.VOIDED: "chain.sender_rejected",
    SubmissionState.SUPERSEDED: "chain.superseded",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogInfo:
    """What the contract knows of a log (登记信息).

    Attributes:
        owner: 20-byte address that opened it.
        signer: 20-byte address that may move the head.
        origin_hash: keccak256 of the origin line.
        successor: Id of the log that continues it; ``None`` while it is open.
        predecessor: Id of the log it continues; ``None`` for a first one.
        predecessor_head: Last head of that one; ``None`` for a first one.
    """

    owner: bytes
    signer: bytes
    origin_hash: bytes
    successor: bytes | None
    predecessor: bytes | None
    predecessor_head: AnchoredHead | None


class RegistryContract:
    """One deployed CheckpointRegistry: views and call data.

    Args:
        client: The endpoint.
        address: 20-byte address of the contract.
    """

    def __init__(self, client: EvmClient, address: bytes) -> None:
        self.client = client
        self.address = address
        self._contract = client.contract(address, load(CHECKPOINT_REGISTRY).abi)
        self._events = EventReader(client, topics={address: event_topics()})

    def head(self, log_id: bytes) -> AnchoredHead | None:
        """The newest head; ``None`` when no such log was opened."""
        size, root, _ = self._view("head", log_id)
        return AnchoredHead(size=size, root=bytes(root)) if any(root) else None

    def anchored_block(self, log_id: bytes, size: int) -> int | None:
        """Number of the block that anchored exactly ``size``; ``None`` when none did."""
        root, number, _ = self._view("anchoredAt", log_id, size)
        return int(number) if any(root) else None

    def log_info(self, log_id: bytes) -> LogInfo | None:
        """Owner, signer and relatives of a log; ``None`` when it was never opened."""
        owner, signer, origin_hash, successor, predecessor, size, root = self._view(
            "logInfo", log_id
        )
        owner_bytes = bytes(HexBytes(owner))
        if owner_bytes == _ZERO_ADDRESS:
            return None
        first = not any(predecessor)
        return LogInfo(
            owner=owner_bytes,
            signer=bytes(HexBytes(signer)),
            origin_hash=bytes(origin_hash),
            successor=bytes(successor) if any(successor) else None,
            predecessor=None if first else bytes(predecessor),
            predecessor_head=None if first else AnchoredHead(size=size, root=bytes(root)),
        )

    def anchored(self, log_id: bytes, size: int) -> tuple[Anchored, int] | None:
        """The event that anchored exactly ``size``, and the time of its block in seconds.

        Raises:
            StaleEndpointError: The contract names a block that does not hold the event.
        """
        number = self.anchored_block(log_id, size)
        if number is None:
            return None
        (block,) = self._events.read(number, number)
        for raw in block.events:
            event = registry_event(raw)
            if isinstance(event, Anchored) and (event.log_id, event.head.size) == (log_id, size):
                return event, block.header.time
        raise StaleEndpointError(
            "{endpoint}: block {number} does not hold the anchor of size {size}",
            endpoint=self.client.shown,
            number=number,
            size=size,
            remedy="ask again: the chain changed, or hosts behind this address differ",
        )

    def call_data(self, function: str, *arguments: object) -> bytes:
        """ABI-encoded call of a function."""
        with self.client.translated():
            return bytes(HexBytes(self._contract.encode_abi(function, args=list(arguments))))

    def rehearse(self, function: str, *arguments: object, sender: bytes) -> None:
        """Execute a call without sending it.

        Raises:
            ContractRefusalError: The contract reverts.
        """
        with self.client.translated():
            self._contract.functions[function](*arguments).call(
                {"from": _checksum(sender), "gasPrice": Wei(0)}
            )

    def _view(self, function: str, *arguments: object) -> Any:  # noqa: ANN401  decoded by the ABI
        with self.client.translated():
            return self._contract.functions[function](*arguments).call()


class ChainAnchorRegistry:
    """The ``AnchorRegistry`` of the core on one chain.

    A step is tried out before it is sent, so that one that would revert costs no transaction and
    its reason is known. An immediate engine executes it in sending; there it is tried out only once
    it has reverted, for the reason, and before every further one until one succeeds.

    Args:
        contract: The registry.
        sender: Sends as the signer of the logs.
    """

    def __init__(self, contract: RegistryContract, sender: TransactionSender) -> None:
        self._contract = contract
        self._client = contract.client
        self._sender = sender
        self._trusting = contract.client.config.profile.immediate

    def head(self, log_id: bytes) -> AnchoredHead | None:
        """See ``AnchorRegistry``."""
        self._client.check_identity()
        return self._contract.head(log_id)

    def anchored_at(self, log_id: bytes, size: int) -> Anchor | None:
        """See ``AnchorRegistry``."""
        found = self._contract.anchored(log_id, size)
        if found is None:
            return None
        event, block_time = found
        return Anchor(
            engine=self._client.config.engine,
            chain_id=self._client.chain_id,
            genesis_hash=self._client.genesis_hash,
            contract=self._contract.address,
            log_id=log_id,
            transaction_hash=event.raw.transaction_hash,
            block_number=event.raw.block_number,
            block_hash=event.raw.block_hash,
            block_time=block_time,
            previous=event.previous,
            head=event.head,
        )

    def presence(self, anchor: Anchor) -> AnchorPresence:
        """See ``AnchorRegistry``."""
        height = self._client.height()
        header = self._client.block(anchor.block_number)
        if height < anchor.block_number or header is None:
            lost = not self._client.config.profile.can_lag
            return AnchorPresence.GONE if lost else AnchorPresence.UNKNOWN
        if header.block_hash != anchor.block_hash:
            return AnchorPresence.GONE
        if height - anchor.block_number >= self._client.config.depth:
            return AnchorPresence.FINAL
        return AnchorPresence.MINED

    def submit(
        self, log_id: bytes, *, previous: AnchoredHead, head: AnchoredHead, proof: Sequence[bytes]
    ) -> AnchorSubmission:
        """See ``AnchorRegistry``."""
        arguments = (log_id, previous.size, previous.root, head.size, head.root, list(proof))
        trusting = self._trusting
        if not trusting:
            self._try_out(arguments)
        step = f"{self._prefix(log_id)}{previous.size}/{head.size}/{head.root.hex()}"
        submission = self._sender.submit(
            ChainCall(
                request_id=self._sender.open_id(step),
                to=self._contract.address,
                data=self._contract.call_data("anchor", *arguments),
                gas=_BASE_GAS + _GAS_PER_HASH * len(proof),
            )
        )
        reverted = submission.state is SubmissionState.REVERTED
        self._trusting = self._client.config.profile.immediate and not reverted
        if reverted and trusting:
            self._try_out(arguments)
        return self._shown(submission)

    def settle(self, log_id: bytes) -> Sequence[AnchorSubmission]:
        """See ``AnchorRegistry``."""
        self._client.check_identity()
        prefix = self._prefix(log_id)
        return [
            self._shown(item)
            for item in self._sender.settle()
            if item.request_id.startswith(prefix)
        ]

    def _try_out(self, arguments: Sequence[object]) -> None:
        self._contract.rehearse("anchor", *arguments, sender=self._sender.address)

    def _shown(self, submission: Submission) -> AnchorSubmission:
        _, _, _, _, size, root, _ = submission.request_id.split("/")
        failure = _FAILURES.get(submission.state, "")
        if not failure and submission.failed:
            failure = "chain.refused"
        state = AnchorState.RESUBMITTED if submission.reorgs else AnchorState.SUBMITTED
        if submission.state is SubmissionState.MINED:
            state = AnchorState.MINED
        elif submission.state is SubmissionState.FINAL:
            state = AnchorState.FINAL
        return AnchorSubmission(
            head=AnchoredHead(size=int(size), root=bytes.fromhex(root)),
            state=state,
            failure=failure,
            sends=self._sender.sends(submission.request_id),
        )

    def _prefix(self, log_id: bytes) -> str:
        return f"anchor/{self._contract.address.hex()}/{log_id.hex()}/"


def _checksum(address: bytes) -> ChecksumAddress:
    return cast("ChecksumAddress", checksum_address(address))
