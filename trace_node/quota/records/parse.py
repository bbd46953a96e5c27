"""Read any statement: its ``type`` decides which content it has."""

from types import MappingProxyType
from typing import Final

from trace_node.crypto import signed_record
from trace_node.quota.records.allocation_input import ALLOCATION_INPUT, AllocationInput
from trace_node.quota.records.allocation_sheet import ALLOCATION_SHEET, AllocationSheet
from trace_node.quota.records.ccer_project import CCER_PROJECT, CcerProject
from trace_node.quota.records.draft_approval import DRAFT_APPROVAL, DraftApproval
from trace_node.quota.records.emission_statement import EMISSION_STATEMENT, EmissionStatement
from trace_node.quota.records.organisation_binding import (
    ORGANISATION_BINDING,
    OrganisationBinding,
)
from trace_node.quota.records.quota_basis import QUOTA_BASIS, QuotaBasis
from trace_node.quota.records.rule_change import RULE_CHANGE, RuleChange
from trace_node.record.statement import (
    Content,
    Statement,
    read_statement,
    unknown_statement,
)

CONTENTS: Final = MappingProxyType[str, type[Content]](
    {
        ALLOCATION_INPUT: AllocationInput,
        ALLOCATION_SHEET: AllocationSheet,
        CCER_PROJECT: CcerProject,
        DRAFT_APPROVAL: DraftApproval,
        EMISSION_STATEMENT: EmissionStatement,
        ORGANISATION_BINDING: OrganisationBinding,
        QUOTA_BASIS: QuotaBasis,
        RULE_CHANGE: RuleChange,
    }
)
STATEMENT_TYPES: Final = frozenset(CONTENTS)


def parse_statement(raw: bytes) -> Statement:
    """Read the bytes of a statement; its signature is verified elsewhere.

    Raises:
        TooLargeError: More than 65,535 bytes; it was not parsed.
        CanonicalFormError: Not in canonical form.
        RecordVersionError: It is no statement of a known type.
        RecordError: A member breaks its rule; the code is ``record.<field>``.
    """
    return read_statement(raw, CONTENTS)


def verify_binding(raw: bytes) -> Statement:
    """Read an ``organisation-binding@1`` and verify that its own key signed it.

    Raises:
        InputError: See ``parse_statement``; or it is another statement.
        SignatureError: Another key signed, or the signature does not verify.
    """
    statement = parse_statement(raw)
    if not isinstance(statement.content, OrganisationBinding):
        raise unknown_statement(statement.content.TYPE)
    signed_record.verify(raw, statement.content.key)
    return statement
