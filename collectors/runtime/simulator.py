"""Serve the meters of simulated plants, one Modbus TCP endpoint for each line of a point list."""

import asyncio
from collections.abc import Mapping, Sequence

from collectors.errors import FileError
from collectors.runtime.config import LineConfig, PointList
from collectors.runtime.plant_reader import Plant
from collectors.runtime.simulated_meter import Fault, MeterBank, PlantClock, SimulatedMeter
from collectors.runtime.simulator_server import Bank, SimulatorServer
from collectors.source import TcpEndpoint


class Endpoints:
    """The servers of the lines of one point list.

    Args:
        points: The point list; every line must be Modbus TCP.
        banks: The meters of each line, by its name.
        free_ports: Whether the system chooses the ports, instead of the point list.

    Raises:
        FileError: A line is not Modbus TCP.
        ConfigError: A line is not on the loopback interface.
    """

    def __init__(
        self, points: PointList, banks: Mapping[str, Bank], *, free_ports: bool = False
    ) -> None:
        self._servers: dict[str, tuple[TcpEndpoint, SimulatorServer]] = {}
        for line in points.lines:
            endpoint = _tcp(line)
            port = 0 if free_ports else endpoint.port
            server = SimulatorServer(banks[line.name], host=endpoint.host, port=port)
            self._servers[line.name] = (endpoint, server)

    async def start(self) -> None:
        """Begin to listen on every line.

        Raises:
            ConfigError: A port is taken.
        """
        await asyncio.gather(*(server.start() for _, server in self._servers.values()))

    async def stop(self) -> None:
        """Close every line."""
        await asyncio.gather(*(server.stop() for _, server in self._servers.values()))

    def controllers(self) -> dict[str, str]:
        """Where each line listens, as the ``controller`` of a point list."""
        return {
            name: f"tcp://{endpoint.host}:{server.port}"
            for name, (endpoint, server) in self._servers.items()
        }

    def relocated(self, text: str) -> str:
        """The text of the point list with the ports the lines really have."""
        for endpoint, server in self._servers.values():
            old = f"tcp://{endpoint.host}:{endpoint.port}"
            text = text.replace(f'"{old}"', f'"{old.rpartition(":")[0]}:{server.port}\0"')
        return text.replace("\0", "")


def plant_banks(plant: Plant, *, faults: Sequence[Fault], clock: PlantClock) -> dict[str, Bank]:
    """The meters of a plant by line.

    Args:
        plant: The plant.
        faults: Faults besides those of its file.
        clock: The plant's time.
    """
    every = (*plant.faults, *faults)
    return {
        line.name: MeterBank(
            [
                SimulatedMeter(
                    device,
                    signals={
                        field: signal
                        for (name, field), signal in plant.signals.items()
                        if name == device.name
                    },
                    faults=[fault for fault in every if fault.device == device.name],
                    clock=clock,
                )
                for device in line.devices
            ]
        )
        for line in plant.points.lines
    }


def _tcp(line: LineConfig) -> TcpEndpoint:
    endpoint = line.link.endpoint
    if not isinstance(endpoint, TcpEndpoint) or endpoint.rtu_frames:
        raise FileError(
            "{field}: only Modbus TCP can be simulated",
            field=f"line {line.name}",
            remedy='give the line a controller such as "tcp://127.0.0.1:5020"',
            code="collector.plant.line",
        )
    return endpoint
