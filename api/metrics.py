"""Figures of a node for Prometheus; read from the log when they are asked for."""

import logging
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from typing_extensions import override

from api.ledger_metrics import LedgerFigures
from api.services import Services
from trace_node.errors import TraceNodeError
from trace_node.ports.anchoring import AnchorProgress

logger = logging.getLogger(__name__)

LINK_LABELS = ("collector", "link")


class RequestFigures:
    """What the HTTP layer counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "tracenode_http_requests",
            "Requests by route template and status",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "tracenode_http_seconds",
            "Duration of requests by route template",
            ["route"],
            registry=self.registry,
        )


class LogFigures(Collector):
    """How far the log has come, asked of the log itself."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @override
    def collect(self) -> Iterator[Metric]:
        """Yield each figure; where the log cannot be read, that alone and what needs no log."""
        yield _one("tracenode_queue_depth", "Records waiting for the writer", self._queue())
        yield from self._links()
        try:
            figures = self._of_the_log()
        except TraceNodeError as error:
            logger.warning("log unreadable", extra={"reason": error.reason})
            figures = []
        yield from self._node_key()
        yield _one("tracenode_log_readable", "1 while the log can be read", int(bool(figures)))
        yield from figures

    def _node_key(self) -> Iterator[Metric]:
        try:
            term = self._services.node_key()
        except TraceNodeError as error:
            logger.warning("key unreadable", extra={"reason": error.reason})
            return
        if term is not None:
            left = term.valid_to - self._services.clock.now()
            yield _one(
                "tracenode_node_key_seconds_left",
                "Time until the node's key signs no longer; negative once it has ended",
                int(left.total_seconds()),
            )

    def _of_the_log(self) -> list[Metric]:
        progress = self._services.reader.progress()
        return [
            self._progress(progress),
            _one(
                "tracenode_unanchored_entries",
                "Entries without a mined anchor",
                self._behind(progress),
            ),
            _one(
                "tracenode_anchor_lag_seconds",
                "Age of the oldest checkpoint that is not anchored",
                self._anchor_lag(progress),
            ),
            self._lags(),
        ]

    def _queue(self) -> int:
        return self._services.queue_depth()

    @staticmethod
    def _behind(progress: AnchorProgress) -> int:
        return progress.received - progress.mined

    def _anchor_lag(self, progress: AnchorProgress) -> int:
        if progress.checkpointed <= progress.mined:
            return 0
        waiting = self._services.reader.checkpoint_covering(progress.mined)
        if waiting is None:
            return 0
        return int((self._services.clock.now() - waiting.sealed_at).total_seconds())

    @staticmethod
    def _progress(progress: AnchorProgress) -> Metric:
        family = GaugeMetricFamily(
            "tracenode_log_size", "Entries that have reached a state", labels=["state"]
        )
        for state in ("received", "durable", "checkpointed", "submitted", "mined", "final"):
            family.add_metric([state], getattr(progress, state))
        return family

    def _lags(self) -> Metric:
        family = GaugeMetricFamily(
            "tracenode_projection_lag_entries",
            "Entries a projection has not seen",
            labels=["projection"],
        )
        for lag in self._services.reader.lags():
            family.add_metric([lag.name], lag.entries)
        return family

    def _links(self) -> Iterator[Metric]:
        try:
            links = self._services.links()
        except TraceNodeError as error:
            logger.warning("links unreadable", extra={"reason": error.reason})
            links = ()
        for name, text, value in (
            ("sent", "Requests sent over a link", lambda link: link.sent),
            ("lost", "Requests without an answer in time", lambda link: link.lost),
            ("outages", "Times a link went down", lambda link: link.outages),
            ("down", "1 while a link is down", lambda link: int(link.down_since is not None)),
        ):
            family = GaugeMetricFamily(f"tracenode_link_{name}", text, labels=LINK_LABELS)
            for link in links:
                family.add_metric([link.collector, link.name], value(link))
            yield family
        trip = GaugeMetricFamily(
            "tracenode_link_round_trip_seconds", "Smoothed round-trip time", labels=LINK_LABELS
        )
        for link in links:
            if link.round_trip_us is not None:
                trip.add_metric([link.collector, link.name], link.round_trip_us / 1_000_000)
        yield trip


def exposition(services: Services, figures: RequestFigures | None = None) -> tuple[bytes, str]:
    """All figures in the Prometheus text format, and its media type."""
    encode, media_type = choose_encoder("text/plain")
    registry = CollectorRegistry()
    registry.register(LogFigures(services))
    if services.ledger is not None and services.ledger.joined():
        registry.register(LedgerFigures(services.ledger, services.clock))
    body = encode(registry)
    if figures is not None:
        body += encode(figures.registry)
    return body, media_type


def _one(name: str, text: str, value: int) -> Metric:
    return GaugeMetricFamily(name, text, value=value)
