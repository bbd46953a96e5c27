"""What the routes of the exchange are given."""

from dataclasses import dataclass

from trace_node.services.pact_access import PactAccess
from trace_node.services.pact_exchange import PactExchange
from trace_node.services.pact_footprints import PactFootprints
from trace_node.services.pact_rate import PactRate


@dataclass(frozen=True, slots=True, kw_only=True)
class PactDesk:
    """The verbs of the exchange.

    Attributes:
        base: Public address, ``https://host[:port][/path]`` without a slash at the end.
        proxies: Addresses of proxies whose word is taken that a caller came over TLS; empty where
            this process ends TLS itself.
        access: Secrets and tokens.
        footprints: Published footprints.
        exchange: Events.
        rate: How often each partner may ask.
    """

    base: str
    proxies: frozenset[str]
    access: PactAccess
    footprints: PactFootprints
    exchange: PactExchange
    rate: PactRate
