"""Who may make a statement, and for which log: decided by what it says alone."""

from trace_node.crypto.sm2 import PublicKey
from trace_node.ids import OrganisationId, Origin
from trace_node.quota.records.emission_statement import EmissionStatement
from trace_node.quota.records.organisation_binding import OrganisationBinding
from trace_node.quota.records.quota_basis import QuotaBasis
from trace_node.record.statement import Content


def log_of(content: Content) -> Origin | None:
    """The log that it counts for; None where any log may take it."""
    return content.origin if isinstance(content, EmissionStatement | QuotaBasis) else None


def own_key(content: Content) -> PublicKey | None:
    """The key in it, which alone may sign it; None where keys that are known otherwise sign."""
    return content.key if isinstance(content, OrganisationBinding) else None


def spoken_for(content: Content) -> OrganisationId | None:
    """The organisation whose node signs it, unless an authority does; None for the key of any node.

    What an enterprise emits, and what its board rests on, no other enterprise may state.
    """
    return content.organisation if isinstance(content, EmissionStatement | QuotaBasis) else None
