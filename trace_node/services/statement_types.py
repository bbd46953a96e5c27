"""Every type of statement that a log takes in: those of the market and those of accounting."""

from types import MappingProxyType
from typing import Final

from trace_node.accounting.records.releases import FACTOR_RELEASE, METHOD_RELEASE
from trace_node.accounting.statements import LOGGED, OWN_KINDS, accounted_for
from trace_node.ids import OrganisationId
from trace_node.quota.records.emission_statement import EMISSION_STATEMENT
from trace_node.quota.records.parse import CONTENTS as QUOTA
from trace_node.quota.records.quota_basis import QUOTA_BASIS
from trace_node.quota.records.signers import spoken_for as quota_spoken_for
from trace_node.record.statement import Content, Statement, read_statement

CONTENTS: Final = MappingProxyType[str, type[Content]]({**QUOTA, **LOGGED})
STATEMENT_TYPES: Final = frozenset(CONTENTS)
OF_AN_ORGANISATION: Final = OWN_KINDS | {EMISSION_STATEMENT, QUOTA_BASIS}
"""Types that one organisation states of itself; their topics begin with its name."""
RELEASED: Final = frozenset({FACTOR_RELEASE, METHOD_RELEASE})
"""Types that are published for every enterprise."""


def parse_statement(raw: bytes) -> Statement:
    """Read the bytes of any statement; its signature is verified elsewhere.

    Raises:
        TooLargeError: More than 65,535 bytes; it was not parsed.
        CanonicalFormError: Not in canonical form.
        RecordVersionError: It is no statement of a known type.
        InputError: A member breaks its rule.
    """
    return read_statement(raw, CONTENTS)


def spoken_for(content: Content) -> OrganisationId | None:
    """The organisation whose node signs it, unless an authority does; None for any node's key."""
    return quota_spoken_for(content) or accounted_for(content)
