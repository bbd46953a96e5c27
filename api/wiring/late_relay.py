"""A relay whose chain answers later than the node starts."""

import threading
from collections.abc import Callable

from trace_node.ports.orders import OrderRelay, OrderStep, Relayed, Standing
from trace_node.quota.ledger.signed_order import SignedOrder


class LateRelay:
    """An ``OrderRelay`` that connects when it is asked, again and again until that succeeds.

    Args:
        connect: Gives the relay; raises ``UnavailableError`` while the chain does not answer.
        chain_id: EVM chain id of the recorded ledger.
        contract: 20-byte address of its AllowanceRegistry.
    """

    def __init__(
        self, connect: Callable[[], OrderRelay], *, chain_id: int, contract: bytes
    ) -> None:
        self.chain_id = chain_id
        self.contract = contract
        self._connect = connect
        self._lock = threading.Lock()
        self._found: OrderRelay | None = None

    def relay(self, signed: SignedOrder, step: OrderStep) -> Relayed:
        """See ``OrderRelay``."""
        return self._relay().relay(signed, step)

    def standing(self, order_id: bytes) -> Standing:
        """See ``OrderRelay``."""
        return self._relay().standing(order_id)

    def settle(self) -> None:
        """See ``OrderRelay``."""
        self._relay().settle()

    def _relay(self) -> OrderRelay:
        with self._lock:
            if self._found is None:
                self._found = self._connect()
            return self._found
