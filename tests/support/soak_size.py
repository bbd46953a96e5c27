"""How much a long campaign does: all of it, or with ``TN_SOAK=short`` a part."""

import os
from typing import TypeVar

T = TypeVar("T")


def soak(*, full: T, short: T) -> T:
    """The size of a campaign in this run."""
    return short if os.environ.get("TN_SOAK", "full") == "short" else full
