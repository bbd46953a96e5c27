"""Boards put together: positions from the mirror, channels for alerts, the task that looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from api.home import Home
from api.notify.email import Email, MailServer
from api.notify.errors import ChannelConfigError
from api.notify.webhook import Webhook
from api.periodic import Periodic
from api.settings import Settings
from chain.ledger_rule_ids import admission_rule
from trace_node.clock import Clock
from trace_node.errors import ConfigError
from trace_node.period import SHANGHAI
from trace_node.ports.board import Channel
from trace_node.quota.board.alert import Schedule
from trace_node.services.board import QuotaBoards
from trace_node.services.board_alerts import BoardAlerts
from trace_node.services.board_delivery import AlertDelivery
from trace_node.services.board_rules import BoardLibrary
from trace_node.services.usage_plans import PlanDesk
from trace_node.store.board_positions import SqlPositions
from trace_node.store.sql_store import SqlStore

MAX_RULES_BYTES = 131_072
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """What commands and routes use of the boards, without the log's writer.

    Attributes:
        boards: Computes boards.
        alerts: Raises, shows and acknowledges alerts.
        plans: Keeps and compares usage plans.
        library: Rules and methods.
    """

    boards: QuotaBoards
    alerts: BoardAlerts
    plans: PlanDesk
    library: BoardLibrary


def desks_of(home: Home, store: SqlStore, *, clock: Clock) -> Desks:
    """The boards over a store.

    Raises:
        ConfigError: The file of thresholds cannot be read, or contradicts itself.
    """
    library = library_of(home, clock=clock)
    positions = SqlPositions(store.database, admission_rule=admission_rule, clock=clock)
    boards = QuotaBoards(store=store, positions=positions, library=library, clock=clock)
    return Desks(
        boards=boards,
        alerts=BoardAlerts(store=store, boards=boards, library=library, clock=clock),
        plans=PlanDesk(store=store, positions=positions, clock=clock),
        library=library,
    )


def library_of(home: Home, *, clock: Clock) -> BoardLibrary:
    """Rules and methods, with the operator's own thresholds where there are some.

    Raises:
        ConfigError: The file cannot be read, or its thresholds contradict themselves.
        InputError: The file breaks its form.
    """
    path, own = home.board_rules, None
    if path.is_file():
        if path.stat().st_size > MAX_RULES_BYTES:
            raise ConfigError(
                "{path}: has more than {bound} bytes",
                field="board-rules.toml",
                path=str(path),
                bound=MAX_RULES_BYTES,
                remedy="keep only the thresholds in it",
                code="config.file",
            )
        own = path.read_bytes()
    library = BoardLibrary.packaged(own, file=path.name)
    library.require_thresholds(clock.now().astimezone(SHANGHAI).date())
    return library


def board_task(settings: Settings, desks: Desks, store: SqlStore, *, clock: Clock) -> Periodic:
    """The task that looks at every board, and delivers the alerts that are due.

    Raises:
        ConfigError: A channel is set up in a way that cannot work.
    """
    delivery = AlertDelivery(
        store=store,
        channels=channels_of(settings, clock=clock),
        schedule=Schedule(
            repeat=timedelta(seconds=settings.board_repeat),
            retry=timedelta(seconds=settings.board_retry),
        ),
        clock=clock,
    )

    def look() -> None:
        try:
            desks.alerts.raise_due()
        finally:  # a board that cannot be computed keeps no alert of another from its reader
            delivery.deliver_due()

    # A failed delivery is due again after board_retry, so the task comes round at least as often.
    interval = min(settings.board_interval, settings.board_retry)
    return Periodic(name="board", verb=look, interval=interval)


def channels_of(settings: Settings, *, clock: Clock) -> Sequence[Channel]:
    """The ways to tell of an alert that are set up.

    Raises:
        ConfigError: One is set up in a way that cannot work.
    """
    return [*_webhooks(settings, clock=clock), *_emails(settings, clock=clock)]


def _webhooks(settings: Settings, *, clock: Clock) -> list[Webhook]:
    secret = settings.board_webhook_secret.get_secret_value().encode()
    if settings.board_webhooks and not secret:
        raise _missing("board_webhook_secret", "the secret that alerts are signed under")
    return [
        Webhook(
            url,
            secret=secret,
            origin=settings.log_origin,
            language=settings.language,
            clock=clock,
        )
        for url in settings.board_webhooks
    ]


def _emails(settings: Settings, *, clock: Clock) -> list[Email]:
    if not settings.board_mail_to:
        return []
    if not settings.board_mail_server:
        raise _missing("board_mail_server", "the server that takes mail")
    if not settings.board_mail_from:
        raise _missing("board_mail_from", "the address that mail comes from")
    host, _, port = settings.board_mail_server.rpartition(":")
    is_open = settings.board_mail_security == "none"
    if is_open and host not in _LOOPBACK:
        raise ChannelConfigError(
            "{field}: mail leaves this machine only over TLS, and {host} is another one",
            field="board_mail_security",
            host=host,
            remedy="set it to starttls or tls",
        )
    server = MailServer(
        host=host,
        port=int(port),
        security=settings.board_mail_security,
        authority=settings.board_mail_ca,
        user=settings.board_mail_user,
        password=settings.board_mail_password.get_secret_value(),
        sender=settings.board_mail_from,
    )
    return [
        Email(recipient, server=server, language=settings.language, clock=clock)
        for recipient in settings.board_mail_to
    ]


def _missing(field: str, why: str) -> ChannelConfigError:
    return ChannelConfigError("{field}: missing: " + why, field=field, remedy="set it")
