"""``trace-node status``: how far the node has come, and what needs looking at."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import HomeOption, Output, OutputOption, load, show
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.errors import ConfigError

if TYPE_CHECKING:
    from api.home import Home
    from api.settings import Settings


def status(
    collector: Annotated[
        list[Path] | None, typer.Option(help="Status file of a collector; repeatable.")
    ] = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show the states of the log, the lag of what is derived, findings, collectors and links."""
    from api.wiring.links import read_collectors, read_links

    settings, files = load(home)
    reporting = [files.collector_status, *settings.collectors, *(collector or [])]
    collectors = read_collectors(reporting)
    answer = {**_reached(files), **_log_facts(settings), **_ledger_facts(settings, files)}
    links: list[JsonValue] = [
        {
            "collector": link.collector,
            "link": link.name,
            "round_trip_us": link.round_trip_us,
            "sent": link.sent,
            "lost": link.lost,
            "outages": link.outages,
            "down_since": link.down_since,
        }
        for link in read_links(reporting)
    ]
    if output is Output.JSON:
        show({**answer, "collectors": [*collectors], "links": links}, output=output)
        return
    for part in (answer, *collectors, *links):
        show(part, output=output)


def _reached(files: "Home") -> JsonObject:
    from api.running import read_running
    from chain.config import shown_url

    try:
        running = read_running(files)
    except ConfigError as error:
        if error.reason != "config.starting":
            raise
        return {"node": "starting", "chain": "starting"}
    return {
        "node": running.url if running else "stopped",
        "chain": shown_url(running.chain_url) if running else "stopped",
    }


def _log_facts(settings: "Settings") -> JsonObject:
    from api.wiring.intake import identity_of
    from api.wiring.key_term import stored_key_term
    from trace_node.clock import SystemClock
    from trace_node.store.errors import StoreMissingError
    from trace_node.store.sql_store import open_store

    try:
        store = open_store(settings.database, identity=identity_of(settings))
    except StoreMissingError:
        return {"log": settings.log_origin, "received": 0}
    try:
        reader = store.reader()
        progress = reader.progress()
        newest = reader.checkpoint()
        term = stored_key_term(settings, reader, clock=SystemClock())
        return {
            "log": settings.log_origin,
            "received": progress.received,
            "durable": progress.durable,
            "checkpointed": progress.checkpointed,
            "submitted": progress.submitted,
            "mined": progress.mined,
            "final": progress.final,
            "sealed_at": newest.sealed_at.isoformat() if newest else None,
            "lag": {lag.name: lag.entries for lag in reader.lags()},
            "findings": len(reader.findings(limit=100)),
            "conflicts": len(reader.conflicts(limit=100)),
            "node_key": term.state.value if term else None,
            "node_key_valid_to": term.valid_to.isoformat() if term else None,
        }
    finally:
        store.close()


def _ledger_facts(settings: "Settings", files: "Home") -> JsonObject:
    """How the mirror of the ledger is, where one is joined."""
    from api.wiring.ledger_mirror import health_of, stored_mirror, stored_order_figures
    from trace_node.clock import SystemClock
    from trace_node.errors import NotFoundError
    from trace_node.services.ledger_queries import standing
    from trace_node.store.errors import StoreMissingError

    if not files.ledger.exists():
        return {}
    try:
        with stored_mirror(settings) as mirror:
            health = health_of(settings, mirror, clock=SystemClock()).look()
        orders = stored_order_figures(settings)
    except (StoreMissingError, NotFoundError):
        return {"ledger": "joined, not mirrored yet"}
    stopped = "" if health.stop is None else f"{health.stop.cause}: {health.stop.detail}"
    return {
        "ledger": {
            **standing(health.head),
            "ready": health.ready,
            "orders_stopped": stopped or None,
            "orders_open": {phase.value: count for phase, count in orders.open.items()},
            "orders_ended": orders.ended,
        }
    }
