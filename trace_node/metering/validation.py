"""Is a reading valid? Rules that look at one reading and what is known of its meter register.

A rule adds a flag; no value is ever changed or dropped. Rule Q1 is the range of the instrument
(002 §8.1.1): valid if and only if minimum <= value <= maximum, both ends included. Rule Q6 compares
the meter's clock with the collector's.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from trace_node.metering.meter import MeterRegister
from trace_node.metering.records.chained import ChainedRecord
from trace_node.metering.scaled import to_scaled
from trace_node.metering.series import Sample

RANGE_RULE: Final = "range@1"
CLOCK_RULE: Final = "clock@1"
SKEW_OK_MS: Final = 5_000
SKEW_BOUND_MS: Final = 300_000
# The meter's clock of these shows another time than ours on purpose.
_OTHER_TIME: Final = frozenset({"replay", "manual"})


class QualityFlag(StrEnum):
    """What a rule says against a reading (质量标记)."""

    FAILED = "failed"  # there is no value; the reading says why
    OUT_OF_RANGE = "out_of_range"
    UNIT_MISMATCH = "unit_mismatch"
    SCALE_MISMATCH = "scale_mismatch"
    CLOCK_UNSYNCHRONISED = "clock_unsynchronised"
    CLOCK_SKEW = "clock_skew"  # more than 5 s
    CLOCK_WRONG = "clock_wrong"  # more than 300 s


INVALID: Final = frozenset(
    {
        *(QualityFlag.FAILED, QualityFlag.OUT_OF_RANGE),
        *(QualityFlag.UNIT_MISMATCH, QualityFlag.SCALE_MISMATCH),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """What the rules say of a reading (有效性).

    Attributes:
        flags: What they say against it.
        value: The scaled value that calculations may use; None where the reading is not valid.
    """

    flags: frozenset[QualityFlag]
    value: int | None

    @property
    def is_valid(self) -> bool:
        """Whether calculations may use the value."""
        return self.value is not None


class RangeRule:
    """The rules for the readings of one meter register, with its bounds as scaled integers.

    Args:
        meter_register: The description that holds at the time of the readings.
    """

    def __init__(self, meter_register: MeterRegister) -> None:
        self._unit = meter_register.unit
        self._scale = meter_register.scale
        self._least = to_scaled(meter_register.minimum, scale=self._scale)
        self._greatest = to_scaled(meter_register.maximum, scale=self._scale)

    def validate(self, record: ChainedRecord) -> Validity:
        """Look at one reading of the meter register."""
        flags = clock_flags(record)
        value = record.value_scaled
        if value is None:
            flags.add(QualityFlag.FAILED)
        else:
            if record.unit != self._unit:
                flags.add(QualityFlag.UNIT_MISMATCH)
            if record.scale != self._scale:
                flags.add(QualityFlag.SCALE_MISMATCH)
            elif not self._least <= value <= self._greatest:
                flags.add(QualityFlag.OUT_OF_RANGE)
        return Validity(flags=frozenset(flags), value=value if flags.isdisjoint(INVALID) else None)


def sample_of(record: ChainedRecord, *, digest: bytes, rule: RangeRule) -> Sample | None:
    """The sample that calculations may use; None where the reading is not valid.

    Args:
        record: A reading of the meter register the rule was made for.
        digest: Its 32-byte digest.
        rule: The rule.
    """
    value = rule.validate(record).value
    if value is None:
        return None
    return Sample(at_ms=record.observed_at_ms, value=value, digest=digest)


def clock_flags(record: ChainedRecord) -> set[QualityFlag]:
    """What is to be said of the clocks behind a record.

    The skew is ``observed_at - collected_at`` where the meter's clock is the one that observed; a
    replayed or manual value is older on purpose and has none.
    """
    flags: set[QualityFlag] = set()
    if record.clock != "synchronised":
        flags.add(QualityFlag.CLOCK_UNSYNCHRONISED)
    if record.observed_by == "meter" and record.origin not in _OTHER_TIME:
        skew = abs(record.observed_at_ms - record.collected_at_ms)
        if skew > SKEW_BOUND_MS:
            flags.add(QualityFlag.CLOCK_WRONG)
        elif skew > SKEW_OK_MS:
            flags.add(QualityFlag.CLOCK_SKEW)
    return flags
