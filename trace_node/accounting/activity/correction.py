"""A verifier's conservative corrections: CETS-VG-01.01-V02-2026 3.4.1.1 and 3.4.1.4.

Activity data of a meter that is worse than demanded are raised, production data are lowered, by
found minus required accuracy; where the meter was not calibrated, by the required accuracy.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from trace_node.accounting.activity.errors import ActivityError
from trace_node.accounting.arithmetic import precise

MOST_ACCURACY: Final = Decimal("0.5")
ACTIVITY_CLAUSE: Final = "CETS-VG-01.01-V02-2026 3.4.1.1"
PRODUCTION_CLAUSE: Final = "CETS-VG-01.01-V02-2026 3.4.1.4"


class Direction(StrEnum):
    """Which way is conservative (保守方向).

    Attributes:
        ACTIVITY: Activity data: upwards.
        PRODUCTION: Production data: downwards.
    """

    ACTIVITY = "activity"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A corrected reading (保守修正).

    Attributes:
        reading: As read.
        corrected: As it counts.
        rate: What the reading was changed by, a fraction with its sign; 0 where nothing was wrong.
        clause: Where it stands.
    """

    reading: Decimal
    corrected: Decimal
    rate: Decimal
    clause: str


def correct(
    reading: Decimal, *, required: Decimal, found: Decimal | None, direction: Direction
) -> Correction:
    """Correct a reading for its meter.

    Args:
        reading: As read, 0 or more.
        required: Accuracy demanded, a fraction.
        found: Accuracy found, a fraction; None where the meter was not calibrated.
        direction: Which way is conservative.

    Raises:
        ActivityError: The reading is negative, or an accuracy is a percent.
    """
    for field, accuracy in (("required", required), ("found", found)):
        if accuracy is not None and not 0 <= accuracy <= MOST_ACCURACY:
            raise ActivityError(
                "{field}: {value} is no accuracy of a meter as a fraction",
                field=field,
                value=accuracy,
                remedy="divide a percent by 100: 0.5 % is 0.005",
                code="activity.accuracy",
            )
    if reading < 0:
        raise ActivityError(
            "{field}: a correction of {value} has no conservative direction",
            field="reading",
            value=reading,
            remedy="settle the negative reading first",
            code="activity.reading",
        )
    with precise():
        excess = required if found is None else max(found - required, Decimal(0))
        rate = excess if direction is Direction.ACTIVITY else -excess
        corrected = reading * (1 + rate)
    clause = ACTIVITY_CLAUSE if direction is Direction.ACTIVITY else PRODUCTION_CLAUSE
    return Correction(reading=reading, corrected=corrected, rate=rate, clause=clause)
