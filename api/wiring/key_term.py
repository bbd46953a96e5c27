"""How the node's key stands, as the log alone tells it: for commands beside a node."""

from api.settings import Settings
from trace_node.clock import Clock
from trace_node.ports.log_reader import LogReader
from trace_node.services.node_key_term import KeyTerm, term_of
from trace_node.services.statement_signers import NODE_USAGE


def stored_key_term(settings: Settings, reader: LogReader, *, clock: Clock) -> KeyTerm | None:
    """The term of the key that was registered last as the own node's; None before the first."""
    keys = reader.enrolled_keys()
    own = [
        key for key in keys if key.usage == NODE_USAGE and key.organisation == settings.organisation
    ]
    return term_of(keys, key_id=own[-1].key_id, at=clock.now()) if own else None
