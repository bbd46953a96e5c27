"""Figures of the ledger's mirror for Prometheus; read from the mirror when they are asked for."""

import logging
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from api.services import LedgerFaces
from trace_node.errors import TraceNodeError
from trace_node.ports.ledger_mirror_head import StopCause
from trace_node.services.ledger_health import HealthReport

logger = logging.getLogger(__name__)


class LedgerFigures(Collector):
    """How far the mirror has come, and whether orders are stopped."""

    def __init__(self, ledger: LedgerFaces) -> None:
        self._ledger = ledger

    @override
    def collect(self) -> Iterator[Metric]:
        """Yield each figure; where the mirror cannot be read, that alone."""
        try:
            health = self._ledger.health.look()
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
