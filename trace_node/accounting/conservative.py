"""A verifier's conservative correction of a reading (CETS-VG-01.01-V02-2026, 3.4.1.1 and 3.4.1.4).

Accuracies are fractions: 0.005 for a meter of class 0.5. Activity data grow by the excess,
production data shrink by it, so that a bad meter never helps whoever reports.
"""

from decimal import Decimal

from trace_node.accounting.arithmetic import precise
from trace_node.accounting.errors import CaseError


def corrected_activity(reading: Decimal, *, required: Decimal, found: Decimal | None) -> Decimal:
    """Activity data after the correction.

    Args:
        reading: The reading.
        required: Accuracy the meter must have, a fraction from 0 to 1.
        found: Accuracy that was found; None for a meter that was not calibrated.

    Raises:
        CaseError: An accuracy is no fraction, as when a percentage is given.
    """
    with precise():
        return reading * (1 + _excess(required, found))


def corrected_production(reading: Decimal, *, required: Decimal, found: Decimal | None) -> Decimal:
    """Production data after the correction; see ``corrected_activity``.

    Raises:
        CaseError: An accuracy is no fraction, as when a percentage is given.
    """
    with precise():
        return reading * (1 - _excess(required, found))


def _excess(required: Decimal, found: Decimal | None) -> Decimal:
    for name, accuracy in (("required", required), ("found", found)):
        if accuracy is not None and not 0 <= accuracy < 1:
            raise CaseError(
                "{field}: {accuracy} is no fraction",
                field=name,
                accuracy=accuracy,
                remedy="divide a percentage by 100",
                code="accounting.case.accuracy",
            )
    return required if found is None else max(found - required, Decimal(0))
