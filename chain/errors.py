"""Every error the chain side raises, in one tree under the kinds of the core.

* TraceNodeError
  + UnavailableError
  |   + ChainUnavailableError    the endpoint does not answer
  |       + ChainAnswerError     it answers with something that is not what was asked for
  |       + RpcError             it answers with a JSON-RPC error
  |       + StaleEndpointError   it has not reached a block that was already seen
  |       + LogsIncompleteError  it left events out of an answer
  |       + StateGoneError       it has no state of a past block any more
  |       + SenderRejectedError  it will not take a transaction of this sender
  + BusyError
  |   + SignerBusyError          another process holds the signer's lock
  + ConfigError
  |   + ChainConfigError         wrong chain, wrong contract, wrong setting
  |   + KeyFileError             the anchor key file
  + ConflictError
  |   + ContractRefusalError     the contract reverted; its own errors are in ``revert``
  |   + OutboxConflictError      the row is already there
  + StateError
      + DeepReorgError           a block deeper than the undo limit was replaced
"""

from trace_node.errors import (
    BusyError,
    ConfigError,
    ConflictError,
    StateError,
    UnavailableError,
)


class ChainUnavailableError(UnavailableError):
    """The endpoint does not answer, or not in time; whether it acted is not known."""

    code = "chain.unavailable"


class ChainAnswerError(ChainUnavailableError):
    """The endpoint's answer is not JSON-RPC, over its bound, or not what was asked for."""

    code = "chain.bad_answer"


class RpcError(ChainUnavailableError):
    """The endpoint answered with a JSON-RPC error.

    Args:
        method: What was asked.
        number: The error's code, 0 when it had none.
        text: The error's message, cut to 300 characters.
        data: The error's data when it was a hex string (revert data), else empty.
    """

    code = "chain.rpc_error"

    def __init__(self, *, method: str, number: int, text: str, data: bytes = b"") -> None:
        super().__init__(
            "{method}: the endpoint answered error {number}: {text}",
            method=method,
            number=number,
            text=text[:300],
        )
        self.number = number
        self.text = text[:300]
        self.data = data


class StaleEndpointError(ChainUnavailableError):
    """The endpoint has not reached a block that was already seen (a lagging load-balanced one)."""

    code = "chain.stale_endpoint"


class LogsIncompleteError(ChainUnavailableError):
    """Blocks or receipts show events that the endpoint left out of ``eth_getLogs``."""

    code = "chain.logs_incomplete"


class StateGoneError(ChainUnavailableError):
    """The endpoint cannot answer for the state of that block, only for newer ones."""

    code = "chain.state_gone"


class SenderRejectedError(ChainUnavailableError):
    """The endpoint will take no transaction of this sender, not even an empty one."""

    code = "chain.sender_rejected"


class SignerBusyError(BusyError):
    """Another process or thread holds the lock of this signer."""

    code = "chain.signer_busy"


class ChainConfigError(ConfigError):
    """The endpoint serves another chain, the contract is another one, or a setting is wrong."""

    code = "chain.config"


class KeyFileError(ConfigError):
    """The anchor key file is missing, readable by others, damaged, or the passphrase is wrong."""

    code = "chain.key_file"


class ContractRefusalError(ConflictError):
    """The contract reverted: what was asked contradicts what it holds."""

    code = "chain.refused"


class OutboxConflictError(ConflictError):
    """A row with this request id, or this signer and nonce, is already stored."""

    code = "chain.outbox_conflict"


class DeepReorgError(StateError):
    """A block below the undo limit was replaced: nothing is applied until a person has looked."""

    code = "chain.deep_reorg"
