"""What only a log's owner does: open it, name its successor, rotate its signer (日志所有者)."""

import time
from collections.abc import Callable

from chain.addresses import checksum_address, log_id_of, origin_hash
from chain.errors import ChainConfigError, ChainUnavailableError, ContractRefusalError
from chain.registry import RegistryContract
from chain.sender import TransactionSender
from chain.settling import ChainCall
from trace_node.ids import Origin
from trace_node.ports.outbox import Submission, SubmissionState

_GAS = 500_000
_POLL_SECONDS = 1
_BLOCK_SECONDS = 15  # the longest a chain is given for one block on top


class LogOwner:
    """Acts as the owner of logs in one registry.

    Every method returns when its transaction is final, and does nothing when the contract already
    holds what it would bring about, so each may be repeated after a crash.

    Args:
        contract: The registry.
        sender: Sends as the owner.
        pause: Called between two questions with the seconds to wait.
        timeout_s: Seconds after which waiting ends; the transaction stays stored.
    """

    def __init__(
        self,
        contract: RegistryContract,
        sender: TransactionSender,
        *,
        pause: Callable[[float], None] = time.sleep,
        timeout_s: int = 120,
    ) -> None:
        self._contract = contract
        self._sender = sender
        self._pause = pause
        self._timeout = timeout_s

    def open_log(self, origin: Origin, *, signer: bytes) -> bytes:
        """Open the log of ``origin``, unless it is open, and return its id.

        Args:
            origin: First line of the log's checkpoints.
            signer: 20-byte address that may move the head.

        Raises:
            ChainConfigError: It is open with another signer; code ``chain.other_signer``.
            ContractRefusalError: The contract refuses; nothing was sent.
            ChainUnavailableError: No answer, or not final in time.
        """
        log_id = log_id_of(owner=self._sender.address, origin=origin)
        if not self._is_open(log_id, signer=signer):
            self._act("openLog", origin_hash(origin), checksum_address(signer))
        return log_id

    def open_successor(self, origin: Origin, *, signer: bytes, old_log_id: bytes) -> bytes:
        """Close ``old_log_id`` for good and open the log that continues it; return its id.

        Args:
            origin: First line of the new log's checkpoints; differs from the old one.
            signer: 20-byte address that may move the new head.
            old_log_id: 32-byte id of the log whose entries are lost.

        Raises:
            ChainConfigError: The new log is open with another signer, or continues another log.
            ContractRefusalError: The contract refuses; nothing was sent.
            ChainUnavailableError: No answer, or not final in time.
        """
        log_id = log_id_of(owner=self._sender.address, origin=origin)
        if not self._is_open(log_id, signer=signer):
            self._act("openSuccessor", origin_hash(origin), checksum_address(signer), old_log_id)
        info = self._contract.log_info(log_id)
        if info is None or info.predecessor != old_log_id:
            raise ChainConfigError(
                "{field}: log {log_id} does not continue {old}",
                field="origin",
                log_id="0x" + log_id.hex(),
                old="0x" + old_log_id.hex(),
                remedy="choose another origin for the successor",
                code="chain.other_predecessor",
            )
        return log_id

    def rotate_signer(self, log_id: bytes, *, signer: bytes) -> None:
        """Let ``signer``, and nobody else, move the head of ``log_id``.

        Raises:
            ContractRefusalError: The contract refuses; nothing was sent.
            ChainUnavailableError: No answer, or not final in time.
        """
        info = self._contract.log_info(log_id)
        if info is None or info.signer != signer:
            self._act("rotateSigner", log_id, checksum_address(signer))

    def _is_open(self, log_id: bytes, *, signer: bytes) -> bool:
        info = self._contract.log_info(log_id)
        if info is not None and info.signer != signer:
            raise ChainConfigError(
                "{field}: log {log_id} is open with signer {found}, not {expected}",
                field="signer",
                log_id="0x" + log_id.hex(),
                found=checksum_address(info.signer),
                expected=checksum_address(signer),
                remedy="use the key of that signer, or rotate the signer",
                code="chain.other_signer",
            )
        return info is not None

    def _act(self, function: str, *arguments: object) -> None:
        contract, sender = self._contract, self._sender
        contract.rehearse(function, *arguments, sender=sender.address)
        data = contract.call_data(function, *arguments)
        step = f"{function}/{contract.address.hex()}/{data.hex()}"
        call = ChainCall(request_id=sender.open_id(step), to=contract.address, data=data, gas=_GAS)
        wait_until_final(sender, sender.submit(call), pause=self._pause, timeout_s=self._timeout)


def wait_until_final(
    sender: TransactionSender,
    submission: Submission,
    *,
    pause: Callable[[float], None] = time.sleep,
    timeout_s: int = 120,
) -> Submission:
    """Follow a submission until it is final and successful.

    Mined is not enough: what rests on it (an address, an open log) would be wrong if the chain put
    another block in the place of that one.

    Args:
        sender: Its sender.
        submission: As it was returned by ``submit``.
        pause: Called between two questions with the seconds to wait.
        timeout_s: Seconds after which waiting for a block ends; each block on top has 15 more.

    Raises:
        ContractRefusalError: It was mined and reverted, or can no longer be mined.
        ChainUnavailableError: Not final in time; code ``chain.not_mined``.
    """
    patience = timeout_s + sender.finality_depth * _BLOCK_SECONDS
    for _ in range(max(1, patience // _POLL_SECONDS)):
        if submission.failed:
            raise ContractRefusalError(
                "{field}: the transaction failed: {detail}",
                field=submission.request_id.split("/")[0],
                detail=submission.refusal or submission.state.value,
            )
        if submission.state is SubmissionState.FINAL:
            return submission
        pause(_POLL_SECONDS)
        sender.settle()
        submission = sender.find(submission.request_id) or submission
    raise ChainUnavailableError(
        "{field}: the transaction was not mined and final in {seconds} s",
        field=submission.request_id.split("/")[0],
        seconds=patience,
        remedy="check that the chain makes blocks and repeat the command: nothing is sent twice",
        code="chain.not_mined",
    )
