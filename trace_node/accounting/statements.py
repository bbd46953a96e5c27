"""Statements of accounting: one family with those of the market, read by the type they name.

The byte-exact specification is in docs/spec/accounting-statements.md.
"""

from types import MappingProxyType
from typing import Final

from trace_node.accounting.activity.entry import ACTIVITY_ENTRY, ActivityEntry
from trace_node.accounting.footprint.statements import FOOTPRINT_CONTENTS, OF_FOOTPRINTS
from trace_node.accounting.laboratory.record import LABORATORY_RECORD, LaboratoryRecord
from trace_node.ids import OrganisationId
from trace_node.record.statement import Content, Statement, read_statement

CONTENTS: Final = MappingProxyType[str, type[Content]](
    {ACTIVITY_ENTRY: ActivityEntry, LABORATORY_RECORD: LaboratoryRecord}
)
LOGGED: Final = MappingProxyType[str, type[Content]]({**CONTENTS, **FOOTPRINT_CONTENTS})
_OWN: Final = ActivityEntry | LaboratoryRecord | OF_FOOTPRINTS


def parse_accounting_statement(raw: bytes) -> Statement:
    """Read the bytes of a statement of accounting; its signature is verified elsewhere.

    Raises:
        TooLargeError: More than 65,535 bytes; it was not parsed.
        CanonicalFormError: Not in canonical form.
        RecordVersionError: It is no statement of a known type.
        InputError: A member breaks its rule; the code is ``record.<field>``, or
            ``laboratory.percent`` of a percent that stands for a fraction.
    """
    return read_statement(raw, CONTENTS)


def accounted_for(content: Content) -> OrganisationId | None:
    """The organisation whose node signs it, unless an authority does; None for any node's key."""
    return content.organisation if isinstance(content, _OWN) else None
