"""The PACT exchange put together."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.home import Home
from api.pact.desk import PactDesk
from api.pact.partner_host import HttpPartnerHost
from api.periodic import Periodic
from api.settings import Settings
from api.wiring.keys import read_link_secret
from trace_node.clock import Clock
from trace_node.crypto import secret_file
from trace_node.errors import ConfigError
from trace_node.ports.store import Store
from trace_node.services.pact_access import PactAccess
from trace_node.services.pact_exchange import PactExchange
from trace_node.services.pact_footprints import PactFootprints
from trace_node.services.pact_outbox import PactOutbox
from trace_node.services.pact_rate import PactRate


@dataclass(frozen=True, slots=True, kw_only=True)
class PactSide:
    """What a node does of the exchange.

    Attributes:
        desk: For its routes; None where it is not set up.
        tasks: What sends its events.
    """

    desk: PactDesk | None
    tasks: Sequence[Periodic]


def pact_side(settings: Settings, home: Home, store: Store, *, clock: Clock) -> PactSide:
    """The exchange of a node that runs; without ``pact_url`` there is none.

    Raises:
        ConfigError: Neither certificate and key nor a proxy ends TLS, or both do.
    """
    if not settings.pact_url:
        return PactSide(desk=None, tasks=())
    _require_tls(settings)
    outbox = PactOutbox(
        store,
        host=HttpPartnerHost(lambda name: own_secret(home, name)),
        clock=clock,
    )
    task = Periodic(name="pact", verb=outbox.send_due, interval=settings.pact_interval)
    return PactSide(desk=pact_desk(settings, home, store, clock=clock), tasks=(task,))


def pact_desk(settings: Settings, home: Home, store: Store, *, clock: Clock) -> PactDesk:
    """The verbs of the exchange over a store.

    Raises:
        ConfigError: ``pact_url`` is not set.
    """
    if not settings.pact_url:
        raise ConfigError(
            "{field}: there is no PACT exchange without its public address",
            field="pact_url",
            remedy="set it to the https address that partners use",
        )
    base = settings.pact_url
    return PactDesk(
        base=base,
        proxies=frozenset(settings.pact_proxies),
        access=PactAccess(store, key=read_link_secret(home), clock=clock),
        footprints=PactFootprints(store, base=base, clock=clock),
        exchange=PactExchange(store, base=base, clock=clock),
        rate=PactRate(settings.pact_rate, clock=clock),
    )


def own_secret(home: Home, partner: str) -> str:
    """The secret of this node at a partner's host.

    Raises:
        ConfigError: It is not on record, or others can read its file.
    """
    return secret_file.read(home.pact_secret(partner)).decode("utf-8").strip()


def _require_tls(settings: Settings) -> None:
    has_both = settings.pact_certificate is not None and settings.pact_key is not None
    has_any = settings.pact_certificate is not None or settings.pact_key is not None
    if has_any and not has_both:
        raise ConfigError(
            "{field}: certificate and key go together",
            field="pact_certificate",
            remedy="set pact_certificate and pact_key",
        )
    if has_both == bool(settings.pact_proxies):
        raise ConfigError(
            "{field}: either this node ends TLS or a proxy does",
            field="pact_certificate",
            remedy="set pact_certificate and pact_key, or the proxy's address in pact_proxies",
        )
