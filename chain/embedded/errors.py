"""What can go wrong with the embedded chain.

* TraceNodeError
  + IntegrityError
  |   + ChainCorruptError     the chain file is damaged
  + ConfigError
  |   + ChainFileError        not a chain file, another chain's file, or no place to write
  |   + UnsafeBindError       a bind address that others can reach
  + BusyError
  |   + ChainFileOwnedError   another process owns the chain file
  + UnavailableError
  |   + ChainWriteError       the disk refused a block
  + InputError
      + RpcRefusal            a JSON-RPC request that cannot be served
"""

from trace_node.errors import (
    BusyError,
    ConfigError,
    InputError,
    IntegrityError,
    UnavailableError,
)


class ChainCorruptError(IntegrityError):
    """The chain file is damaged: a page, a stored value or the link between tables is wrong."""

    code = "chain.embedded.corrupt"


class ChainFileError(ConfigError):
    """The file is not an embedded chain, holds another chain, or cannot be opened."""

    code = "chain.embedded.file"


class UnsafeBindError(ConfigError):
    """The embedded chain answers on loopback addresses only."""

    code = "chain.embedded.bind"


class ChainFileOwnedError(BusyError):
    """Another process owns the chain file."""

    code = "chain.embedded.owned"


class ChainWriteError(UnavailableError):
    """The disk refused to take a block; nothing of it was stored."""

    code = "chain.embedded.write"


class RpcRefusal(InputError):  # noqa: N818  a refusal is an answer of the protocol
    """A JSON-RPC error answer.

    Args:
        number: Code of the JSON-RPC error (negative, or 3 for a revert).
        text: Message of the JSON-RPC error.
        data: Revert data, when the number is 3.
    """

    code = "chain.embedded.rpc"

    def __init__(self, *, number: int, text: str, data: bytes | None = None) -> None:
        super().__init__("{text}", text=text)
        self.number = number
        self.text = text
        self.data = data


PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
REFUSED = -32000
NOT_FOUND = -32001
UNAVAILABLE = -32002
SENDER_REFUSED = -32003
LIMIT_EXCEEDED = -32005
EXECUTION_REVERTED = 3


def invalid_params(text: str) -> RpcRefusal:
    """A refusal of the parameters of a call."""
    return RpcRefusal(number=INVALID_PARAMS, text=text)
