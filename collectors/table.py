"""From the kind of endpoint to the connector that serves it: the one place where they meet."""

from collections.abc import Callable
from typing import Final

from collectors.source import LinkSettings, ReadingSource, SerialEndpoint, TcpEndpoint
from trace_node.clock import Clock

Factory = Callable[[LinkSettings, Clock], ReadingSource]


def _modbus(settings: LinkSettings, clock: Clock) -> ReadingSource:
    from collectors.connectors.modbus import ModbusSource  # noqa: PLC0415 - loads the library late

    return ModbusSource(settings, clock=clock)


FACTORIES: Final[dict[type, Factory]] = {TcpEndpoint: _modbus, SerialEndpoint: _modbus}


def open_source(settings: LinkSettings, clock: Clock) -> ReadingSource:
    """The connector for the endpoint of ``settings``; it opens the line at the first read."""
    return FACTORIES[type(settings.endpoint)](settings, clock)
