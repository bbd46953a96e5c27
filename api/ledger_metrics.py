"""Figures of the ledger's mirror for Prometheus; read from the mirror when they are asked for."""

import logging
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from api.services import LedgerFaces
from trace_node.clock import Clock
from trace_node.errors import TraceNodeError
from trace_node.period import from_ms
from trace_node.ports.ledger_mirror_head import StopCause
from trace_node.ports.orders import OrderFigures, OrderPhase
from trace_node.services.ledger_health import HealthReport

logger = logging.getLogger(__name__)


class LedgerFigures(Collector):
    """How far the mirror has come, whether orders are stopped, and how many there are.

    Args:
        ledger: The mirror as it is shown.
        clock: Time, for the age of orders.
    """

    def __init__(self, ledger: LedgerFaces, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    @override
    def collect(self) -> Iterator[Metric]:
        """Yield each figure; where the mirror cannot be read, that alone."""
        try:
            health = self._ledger.health.look()
            orders = self._ledger.order_figures()
        except TraceNodeError as error:
            logger.warning("ledger mirror unreadable", extra={"reason": error.reason})
            yield GaugeMetricFamily("tracenode_ledger_ready", _READY, value=0)
            return
        yield GaugeMetricFamily("tracenode_ledger_ready", _READY, value=int(health.ready))
        yield self._blocks(health)
        yield self._stops(health)
        if health.behind is not None:
            yield GaugeMetricFamily(
                "tracenode_ledger_behind_seconds",
                "Time since the mirror was level with the chain",
                value=health.behind.total_seconds(),
            )
        yield from self._orders(orders)

    def _orders(self, orders: OrderFigures) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "tracenode_ledger_orders_open",
            "Orders handed in here that have not ended for good",
            labels=["phase"],
        )
        for phase in OrderPhase:
            family.add_metric([phase.value], orders.open.get(phase, 0))
        yield family
        yield GaugeMetricFamily(
            "tracenode_ledger_orders_ended",
            "Orders handed in here that have ended for good",
            value=orders.ended,
        )
        if orders.oldest_open_ms is not None:
            age = self._clock.now() - from_ms(orders.oldest_open_ms)
            yield GaugeMetricFamily(
                "tracenode_ledger_oldest_open_order_seconds",
                "Age of the oldest order that has not ended for good",
                value=max(age.total_seconds(), 0),
            )

    @staticmethod
    def _blocks(health: HealthReport) -> Metric:
        family = GaugeMetricFamily(
            "tracenode_ledger_block", "Heights of the ledger's mirror", labels=["of"]
        )
        head = health.head
        family.add_metric(["mirror"], head.tip.number)
        family.add_metric(["chain"], head.height)
        family.add_metric(["final"], head.final)
        if head.reconciled is not None:
            family.add_metric(["reconciled"], head.reconciled.block)
        return family

    @staticmethod
    def _stops(health: HealthReport) -> Metric:
        family = GaugeMetricFamily(
            "tracenode_ledger_orders_stopped", "1 while orders are stopped", labels=["cause"]
        )
        for cause in StopCause:
            stopped = health.stop is not None and health.stop.cause is cause
            family.add_metric([cause.value], int(stopped))
        return family


_READY = "1 while the mirror can be relied on"
