"""Running code without making a block: ``eth_call`` and ``eth_estimateGas``."""

from dataclasses import dataclass
from typing import cast

from eth.abc import BlockHeaderAPI, ComputationAPI, MiningChainAPI, SignedTransactionAPI, StateAPI
from eth.exceptions import OutOfGas, Revert
from eth.vm.spoof import SpoofTransaction
from eth_typing import Address
from eth_utils.exceptions import ValidationError

from chain.embedded.chain import EmbeddedChain
from chain.embedded.errors import EXECUTION_REVERTED, REFUSED, RpcRefusal, invalid_params
from chain.embedded.machine import MAX_INITCODE_BYTES

CALL_GAS_LIMIT = 30_000_000  # some seconds of py-evm at the worst; a 20-level proof needs 0.8 M


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is run.

    Attributes:
        sender: 20 bytes that the code sees as its caller.
        to: 20 bytes of the contract; empty to run creation code.
        data: Call data or creation code.
        value: Wei that are handed over; the sender must have them.
        gas: Most gas it may use, intrinsic gas included.
    """

    sender: bytes
    to: bytes
    data: bytes
    value: int = 0
    gas: int = CALL_GAS_LIMIT

    def __post_init__(self) -> None:
        if self.gas > CALL_GAS_LIMIT:
            raise invalid_params(f"gas: a call may use at most {CALL_GAS_LIMIT}")


def run(chain: EmbeddedChain, call: Call, *, at: BlockHeaderAPI) -> bytes:
    """The output of a call against the state after block ``at``.

    Raises:
        RpcRefusal: The code reverted (code 3, with its data), failed, or the call is not possible.
    """
    with chain.using() as machine:
        state = machine.get_vm(at).state
        computation = _execute(machine, state, call, gas=call.gas)
        _raise_failure(computation)
        return computation.output


def estimate(chain: EmbeddedChain, call: Call, *, at: BlockHeaderAPI) -> int:
    """The least gas limit, within a hundredth, with which the call succeeds.

    Raises:
        RpcRefusal: It does not succeed even with ``call.gas``.
    """
    with chain.using() as machine:
        state = machine.get_vm(at).state
        computation = _execute(machine, state, call, gas=call.gas)
        _raise_failure(computation)
        used = call.gas - computation.get_gas_remaining() + computation.data_floor_gas
        # Inner calls keep a 64th back, so that a little more than what was used can be needed.
        low, high, guess = used - 1, call.gas, used
        while high - low > max(1, high // 100):
            if _execute(machine, state, call, gas=guess).is_error:
                low = guess
            else:
                high = guess
            guess = (low + high) // 2
        return high


def _execute(machine: MiningChainAPI, state: StateAPI, call: Call, *, gas: int) -> ComputationAPI:
    unsigned = machine.create_unsigned_transaction(
        nonce=state.get_nonce(Address(call.sender)),
        gas_price=0,
        gas=gas,
        to=Address(call.to),
        value=call.value,
        data=call.data,
    )
    spoofed = cast("SignedTransactionAPI", SpoofTransaction(unsigned, from_=call.sender))
    if not call.to and len(call.data) > MAX_INITCODE_BYTES:
        raise RpcRefusal(
            number=REFUSED, text=f"max initcode size exceeded: at most {MAX_INITCODE_BYTES} bytes"
        )
    if gas < unsigned.intrinsic_gas:
        raise RpcRefusal(
            number=REFUSED, text=f"intrinsic gas too low: needs {unsigned.intrinsic_gas}"
        )
    snapshot = state.snapshot()
    try:
        return state.apply_transaction(spoofed)
    except ValidationError as error:
        raise RpcRefusal(number=REFUSED, text=str(error)[:200]) from error
    finally:
        state.revert(snapshot)


def _raise_failure(computation: ComputationAPI) -> None:
    if not computation.is_error:
        return
    if isinstance(computation.error, Revert):
        raise RpcRefusal(
            number=EXECUTION_REVERTED, text="execution reverted", data=computation.output
        )
    if isinstance(computation.error, OutOfGas):
        raise RpcRefusal(number=REFUSED, text="out of gas")
    raise RpcRefusal(number=REFUSED, text=f"execution failed: {type(computation.error).__name__}")
