"""Hands orders to the AllowanceRegistry: any sender may, the signatures decide (指令中继).

A step's request id names contract, order, step and call, so that a call that was stored is found
again after a crash or a lost answer and never sent as a second transaction while the first may
still count.
"""

import threading
from typing import Final, cast

from eth_typing import ChecksumAddress
from hexbytes import HexBytes
from web3.types import Wei

from chain.addresses import checksum_address, keccak256
from chain.artifacts import load
from chain.client import EvmClient
from chain.errors import ChainUnavailableError, ContractRefusalError
from chain.ledger_calls import OrderArguments, arguments_of, gas_of
from chain.ledger_standing import standing_of
from chain.sender import TransactionSender
from chain.settling import ChainCall
from trace_node.ports.orders import OrderStep, Relayed, Standing
from trace_node.ports.outbox import Submission, SubmissionState
from trace_node.quota.ledger.signed_order import SignedOrder

ALLOWANCE_REGISTRY: Final = "AllowanceRegistry"
_CALL_DIGITS = 16  # of the hash of the call data: enough to tell two calls of one step apart
_MOST_TRIES = 3  # a call that reverted, and would not now: another order of the lots went first


class LedgerRelay:
    """The ``OrderRelay`` of the core on one chain; safe to share between threads.

    Args:
        client: The endpoint.
        contract: 20-byte address of the AllowanceRegistry.
        sender: Sends; its key has no rights over anything.
    """

    def __init__(self, client: EvmClient, contract: bytes, sender: TransactionSender) -> None:
        self._client = client
        self.contract = contract
        self._sender = sender
        self._calls = client.contract(contract, load(ALLOWANCE_REGISTRY).abi)
        self._turn = threading.Lock()  # threads queue here instead of polling the signer's file
        self._trusting = client.config.profile.immediate

    @property
    def chain_id(self) -> int:
        """See ``OrderRelay``."""
        return self._client.chain_id

    def relay(self, signed: SignedOrder, step: OrderStep) -> Relayed:
        """See ``OrderRelay``."""
        arguments = arguments_of(signed, step)
        data = self._data(step, arguments)
        for _ in range(_MOST_TRIES):
            submission = self._send(signed, step, arguments, data)
            if not submission.failed:
                return _relayed(submission)
            if submission.state is not SubmissionState.SUPERSEDED:
                self._rehearse(step, arguments)
        raise ContractRefusalError(
            "{field}: the transaction of step {step} failed {count} times",
            field="order",
            step=step.value,
            count=_MOST_TRIES,
            remedy="try again; the order stands where it stood",
        )

    def standing(self, order_id: bytes) -> Standing:
        """See ``OrderRelay``."""
        return standing_of(self._client, self.contract, order_id)

    def settle(self) -> None:
        """See ``OrderRelay``."""
        with self._turn:
            self._sender.settle()

    def _send(
        self, signed: SignedOrder, step: OrderStep, arguments: OrderArguments, data: bytes
    ) -> Submission:
        """Store and send the call; found again by its request id."""
        if not self._trusting:
            self._rehearse(step, arguments)
        call = keccak256(data).hex()[:_CALL_DIGITS]
        name = f"order/{self.contract.hex()}/{signed.order.order_id.hex()}/{step.value}/{call}"
        with self._turn:
            submission = self._sender.submit(
                ChainCall(
                    request_id=self._sender.open_id(name, once=True),
                    to=self.contract,
                    data=data,
                    gas=gas_of(signed, step),
                )
            )
        if submission.state is SubmissionState.VOIDED:
            raise ChainUnavailableError(
                "{endpoint}: takes no such transaction: {detail}",
                endpoint=self._client.shown,
                detail=submission.refusal or submission.state.value,
                remedy="let the chain accept transactions of the relay's key",
                code="chain.sender_rejected",
            )
        return submission

    def _data(self, step: OrderStep, arguments: OrderArguments) -> bytes:
        with self._client.translated():
            return bytes(HexBytes(self._calls.encode_abi(step.value, args=list(arguments))))

    def _rehearse(self, step: OrderStep, arguments: OrderArguments) -> None:
        """Carry the call out without sending it; raises the reason when it is refused."""
        address = cast("ChecksumAddress", checksum_address(self._sender.address))
        with self._client.translated():
            self._calls.functions[step.value](*arguments).call(
                {"from": address, "gasPrice": Wei(0)}
            )


def _relayed(submission: Submission) -> Relayed:
    mined = submission.mined
    return Relayed(
        transaction=None if mined is None else mined.transaction_hash,
        block=None if mined is None else mined.block_number,
    )
