"""What the collector sees of a destination, however its records get there."""

from typing import Protocol

from collectors.runtime.destination import DestinationConfig
from collectors.runtime.outbox import Outbox
from collectors.runtime.upload import Standstill


class Outlet(Protocol):
    """Serves one destination: ``Uploader``, ``GatedUploader`` or ``FileOutlet``."""

    @property
    def config(self) -> DestinationConfig:
        """The destination."""

    @property
    def outbox(self) -> Outbox:
        """Its deliveries."""

    @property
    def standstill(self) -> Standstill | None:
        """Why it takes nothing at present; None while it does."""

    @property
    def waiting(self) -> str:
        """For what its records wait by its rule; empty where they are delivered at once."""

    async def run(self) -> None:
        """Serve it until cancelled."""

    async def drained(self) -> bool:
        """Whether nothing is left to do for it now."""
