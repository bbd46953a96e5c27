"""``trace-node pact`` with all its commands."""

from api.cli import pact_events, pact_partners
from api.cli.pact import group

__all__ = ["group", "pact_events", "pact_partners"]
