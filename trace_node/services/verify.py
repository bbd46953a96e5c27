"""Verify any bundle against a trust root: the one entry.

Needs no node, no account and no database. What is checked, and in which order, is listed in
``verify_checks``; ``verify_proof`` follows the list of a single proof, ``verify_period`` that of a
period, ``verify_emission`` that of a figure, ``verify_statements`` that of statements.
"""

from typing import TYPE_CHECKING, TypeAlias

from trace_node.services.verify_against import Against
from trace_node.services.verify_proof import ProofReport, verify_proof
from trace_node.tlog.bundle_file import (
    EMISSION_PROOF,
    PERIOD_PROOF,
    STATEMENT_PROOF,
    claimed_type,
)

if TYPE_CHECKING:
    from trace_node.services.verify_emission import EmissionReport
    from trace_node.services.verify_period import PeriodReport
    from trace_node.services.verify_statements import StatementsReport

Report: TypeAlias = "ProofReport | PeriodReport | EmissionReport | StatementsReport"


def verify_file(raw: bytes, *, against: Against) -> Report:
    """Verify a file of any type.

    Args:
        raw: The file; what is no bundle at all is reported as a single proof of wrong form.
        against: What the verifier brings along.

    Returns:
        The report; every failure is in its verdict.

    Raises:
        ConfigError: This machine cannot check anything, for lack of a working library.
    """
    if claimed_type(raw) == PERIOD_PROOF:
        from trace_node.services.verify_period import (  # noqa: PLC0415 (a single proof starts fast)
            verify_period,
        )

        return verify_period(raw, against=against)
    if claimed_type(raw) == EMISSION_PROOF:
        from trace_node.services.verify_emission import (  # noqa: PLC0415 (see above)
            verify_emission,
        )

        return verify_emission(raw, against=against)
    if claimed_type(raw) == STATEMENT_PROOF:
        from trace_node.services.verify_statements import (  # noqa: PLC0415 (see above)
            verify_statements,
        )

        return verify_statements(raw, against=against)
    return verify_proof(raw, against=against)
