"""A published footprint, and the document a data recipient is given of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from trace_node.accounting.pact.draft import GEOGRAPHY, Draft, validity
from trace_node.accounting.pact.members import SPEC_VERSION

EXTENSION_VERSION: Final = "2.0.0"
EXTENSION_SCHEMA: Final = "/schemas/trace-node-proof-1.0.0.json"


class Status(StrEnum):
    """Whether a footprint is the newest of its product (状态)."""

    ACTIVE = "Active"
    DEPRECATED = "Deprecated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """A published footprint; only its status ever changes.

    Attributes:
        number: Its place in the order of publication, from 1; zero before it is stored.
        id: UUID.
        lineage: Id of the first version; grants are given to it, so they hold for every version.
        preceding: Ids of the versions it supersedes, the newest last.
        created: When it was published, in UTC.
        published_by: Who published it.
        status: Active or deprecated.
        draft: What was published.
    """

    number: int
    id: str
    lineage: str
    preceding: tuple[str, ...]
    created: datetime
    published_by: str
    status: Status
    draft: Draft

    def document(self, *, base: str) -> dict[str, Any]:
        """The ProductFootprint that is handed out.

        Args:
            base: Public address of the exchange, under which the extension's schema is.
        """
        answer: dict[str, Any] = {
            "id": self.id,
            "specVersion": SPEC_VERSION,
            "created": rfc3339(self.created),
            "status": self.status.value,
            **self.draft.product,
        }
        if self.preceding:
            answer["precedingPfIds"] = list(self.preceding)
        if self.draft.proof is not None or self.draft.stages:
            answer["extensions"] = [self._extension(base)]
        return answer

    def _extension(self, base: str) -> dict[str, Any]:
        data: dict[str, Any] = {}
        if self.draft.proof is not None:
            data["proof"] = dict(self.draft.proof)
        if self.draft.stages:
            data["stages"] = [dict(each) for each in self.draft.stages]
        return {
            "specVersion": EXTENSION_VERSION,
            "dataSchema": base + EXTENSION_SCHEMA,
            "data": data,
        }

    @property
    def geography(self) -> str:
        """Country, subdivision or region; empty for the whole world."""
        pcf: Mapping[str, Any] = self.draft.product["pcf"]
        return next((str(pcf[name]) for name in GEOGRAPHY if name in pcf), "")

    @property
    def validity(self) -> tuple[datetime, datetime]:
        """From when to when it is valid."""
        return validity(self.draft.product)


def rfc3339(instant: datetime) -> str:
    """An instant in UTC to the second."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
