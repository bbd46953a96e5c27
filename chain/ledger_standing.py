"""How the AllowanceRegistry sees one order (指令状态)."""

from chain.abi_values import AbiError
from chain.client import EvmClient
from chain.errors import ChainAnswerError, RpcError
from chain.ledger_contracts import CONTRACT_NAMES, view
from chain.pinned_calls import require_output
from trace_node.ports.orders import Standing
from trace_node.quota.ledger.kinds import Book
from trace_node.quota.ledger.state import OrderContent

_NAME = CONTRACT_NAMES[Book.ORDERS]


def standing_of(client: EvmClient, contract: bytes, order_id: bytes) -> Standing:
    """How the newest block sees an order, and whether the newest final one sees the same.

    Args:
        client: The endpoint.
        contract: 20-byte address of the AllowanceRegistry.
        order_id: 32 bytes.

    Raises:
        ChainConfigError: There is no contract; code ``chain.no_contract``.
        ChainAnswerError: It answers something else.
        ChainUnavailableError: No answer.
    """
    data = view(Book.ORDERS, "orderOf", OrderContent).data(order_id)
    if client.config.depth == 0 and client.config.profile.immediate:
        height, output = client.newest_call(contract, data)
        found = settled = _read(client, output)
    else:
        height = client.height()
        found = _read(client, _output(client, contract, data, at=height))
        final = max(height - client.config.depth, 0)
        settled = (
            found if final == height else _read(client, _output(client, contract, data, at=final))
        )
    return Standing(
        state=found.state,
        content_hash=found.content_hash,
        executable_at=found.executable_at,
        initiator=found.initiator,
        approver=found.approver,
        confirmation=found.confirmation,
        final=settled.state == found.state,
        block=height,
    )


def _output(client: EvmClient, contract: bytes, data: bytes, *, at: int) -> bytes:
    (found,) = client.call_many([(contract, data)], block=hex(at))
    if isinstance(found, RpcError):
        with client.translated():
            raise found
    return found


def _read(client: EvmClient, output: bytes) -> OrderContent:
    raw = require_output(output, endpoint=client.shown, contract=_NAME)
    try:
        content: OrderContent = view(Book.ORDERS, "orderOf", OrderContent).read(raw)
    except AbiError as error:
        raise ChainAnswerError(
            "{endpoint}: {contract} answered something malformed: {detail}",
            endpoint=client.shown,
            contract=_NAME,
            detail=str(error),
            remedy="check the recorded addresses of the contracts against the chain",
        ) from error
    return content
