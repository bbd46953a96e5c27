"""A witness as the log sees it: something elsewhere that cosigns what extends what it knows."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessAnswer:
    """What a witness answered to add-checkpoint (c2sp.org/tlog-witness).

    Attributes:
        status: HTTP status: 200, 409 and so on.
        body: Signature lines, the size it knows, or the reason; at most a few kilobytes.
    """

    status: int
    body: str


class WitnessPort(Protocol):
    """One witness, wherever it runs."""

    @property
    def name(self) -> str:
        """For logs and messages."""

    def add_checkpoint(self, request: bytes, *, time: int) -> WitnessAnswer:
        """Send a request and return the answer.

        Args:
            request: Body of add-checkpoint.
            time: Proposed time of the cosignature, seconds since the epoch.

        Raises:
            UnavailableError: The witness does not answer, or answers with something over the bound.
        """
