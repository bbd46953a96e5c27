"""Deliver alerts over every channel, again and again until somebody acknowledges them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from trace_node.clock import Clock
from trace_node.errors import ConfigError, TraceNodeError, UnavailableError
from trace_node.ports.board import Channel
from trace_node.ports.store import Store
from trace_node.quota.board.alert import Alert, Attempt, Schedule

MOST_ALERTS = 1_000
MAX_DETAIL = 300


class AlertDeliveryError(UnavailableError):
    """Alerts did not arrive; each failed attempt is kept and shown, and is made again."""

    code = "board.delivery"


class AlertDelivery:
    """Delivers alerts (推送预警).

    Every attempt is kept with what went wrong. An attempt that was made but not kept, because the
    node ended meanwhile, is made again: whoever is told tells doubles apart by the alert's number.

    Args:
        store: The database.
        channels: Ways to tell somebody.
        schedule: When an alert is delivered again.
        clock: Time.
    """

    def __init__(
        self, *, store: Store, channels: Sequence[Channel], schedule: Schedule, clock: Clock
    ) -> None:
        self._store = store
        self._channels = channels
        self._schedule = schedule
        self._clock = clock

    def deliver_due(self) -> int:
        """Make every attempt that is due, and return how many alerts arrived.

        Raises:
            AlertDeliveryError: One has not arrived, now or when it was tried last; all that are due
                were tried.
        """
        now = self._clock.now()
        arrived, failed = 0, list[Attempt]()
        for alert, channel, before in self._open():
            attempt = before[-1] if before else None
            at = self._schedule.due(alert, before)
            if at is not None and at <= now:
                attempt = self._try(alert, channel, len(before) + 1, now)
                with self._store.unit_of_work() as work:
                    work.alerts.add_attempt(attempt)
                arrived += attempt.delivered
            if attempt is not None and not attempt.delivered:
                failed.append(attempt)
        if failed:
            raise AlertDeliveryError(
                "{count} alerts have not arrived, the first of them over {channel} to {target}:"
                " {detail}",
                count=len(failed),
                channel=failed[0].channel,
                target=failed[0].target,
                detail=failed[0].detail,
                remedy="see to it that the address is right and answers",
            )
        return arrived

    def _open(self) -> list[tuple[Alert, Channel, list[Attempt]]]:
        """Open alerts with each channel and the earlier attempts over it."""
        if not self._channels:
            return []
        with self._store.view() as view:
            alerts = view.alerts.open(limit=MOST_ALERTS)
            attempts = view.alerts.attempts([alert.number for alert in alerts])
        made: dict[tuple[int, str, str], list[Attempt]] = defaultdict(list)
        for each in attempts:
            made[each.alert, each.channel, each.target].append(each)
        return [
            (alert, channel, made[alert.number, channel.name, channel.target])
            for alert in alerts
            for channel in self._channels
        ]

    def _try(self, alert: Alert, channel: Channel, number: int, now: datetime) -> Attempt:
        detail = ""
        try:
            channel.send(alert, attempt=number)
        except (UnavailableError, ConfigError) as error:
            detail = _said(error)
        return Attempt(
            alert=alert.number,
            channel=channel.name,
            target=channel.target,
            at=now,
            delivered=not detail,
            detail=detail,
        )


def _said(error: TraceNodeError) -> str:
    return error.message[:MAX_DETAIL] or error.reason
