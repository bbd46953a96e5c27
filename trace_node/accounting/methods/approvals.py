"""Which drafts and unconfirmed terms a person has approved, each by a logged act."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals:
    """Approvals that hold (采用批准).

    Attributes:
        rows: Digest of a factor row to the logged act.
        terms: Digest of a method and id of its step to the logged act.
    """

    rows: Mapping[bytes, str] = field(default_factory=lambda: MappingProxyType({}))
    terms: Mapping[tuple[bytes, str], str] = field(default_factory=lambda: MappingProxyType({}))


NO_APPROVALS = Approvals()
