"""The range of the instrument and the state of the clocks, as flags on a reading.

Shows S2-8.1.1: a reading below the minimum or above the maximum of the instrument is invalid.
"""

from datetime import timedelta
from decimal import Decimal

import pytest
from support import metering_samples as samples

from trace_node.metering.records.chained import ChainedRecord, read_chained
from trace_node.metering.records.reading import build_reading
from trace_node.metering.series import Sample
from trace_node.metering.validation import QualityFlag, RangeRule, Validity, sample_of

RULE = RangeRule(
    samples.meter_register(
        kind="gauge",
        capacity=None,
        minimum=Decimal("-20.00"),
        maximum=Decimal("150.00"),
        unit="degC",
    )
)


def reading(**changes: object) -> ChainedRecord:
    return read_chained(build_reading(samples.reading(**({"unit": "degC"} | changes))))


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ("-20.00", True),
        ("-20.01", False),
        ("150.00", True),
        ("150.01", False),
        ("0.00", True),
        ("-9999999.00", False),
    ],
)
def test_the_range_includes_both_its_ends(value: str, valid: bool) -> None:
    found = RULE.validate(reading(value=Decimal(value)))
    assert found.is_valid is valid
    assert (QualityFlag.OUT_OF_RANGE in found.flags) is not valid
    assert found.value == (int(Decimal(value) * 100) if valid else None)


def test_a_failed_reading_is_not_valid_and_not_out_of_range() -> None:
    found = RULE.validate(reading(value=None, reason="timeout"))
    assert found == Validity(flags=frozenset({QualityFlag.FAILED}), value=None)


def test_another_unit_or_number_of_decimals_is_not_valid() -> None:
    found = RULE.validate(reading(unit="K", value=Decimal("20.00")))
    assert found.flags == {QualityFlag.UNIT_MISMATCH}
    assert not found.is_valid
    found = RULE.validate(reading(value=Decimal("20.000")))
    assert found.flags == {QualityFlag.SCALE_MISMATCH}
    assert not found.is_valid


@pytest.mark.parametrize(
    ("seconds", "flag"),
    [
        (0, None),
        (5, None),
        (5.001, QualityFlag.CLOCK_SKEW),
        (300, QualityFlag.CLOCK_SKEW),
        (300.001, QualityFlag.CLOCK_WRONG),
        (-5, None),
        (-5.001, QualityFlag.CLOCK_SKEW),
        (-300.001, QualityFlag.CLOCK_WRONG),
    ],
)
def test_the_clock_of_the_meter_is_compared(seconds: float, flag: QualityFlag | None) -> None:
    collected_at = samples.reading().collected_at
    observed_at = collected_at + timedelta(milliseconds=round(seconds * 1000))

    def flags(**changes: object) -> frozenset[QualityFlag]:
        return RULE.validate(
            reading(value=Decimal("20.00"), observed_at=observed_at, **changes)
        ).flags

    assert flags(observed_by="meter") == (frozenset() if flag is None else {flag})
    assert flags(observed_by="collector") == frozenset()
    assert flags(observed_by="meter", origin="replay") == frozenset()
    assert flags(observed_by="meter", origin="manual") == frozenset()


def test_only_valid_readings_become_samples() -> None:
    good = reading(value=Decimal("20.00"))
    assert sample_of(good, digest=b"d", rule=RULE) == Sample(
        at_ms=1_795_230_600_000, value=2000, digest=b"d"
    )
    for bad in (reading(value=None, reason="timeout"), reading(value=Decimal("150.01"))):
        assert sample_of(bad, digest=b"d", rule=RULE) is None


@pytest.mark.parametrize("clock", ["unsynchronised", "unknown"])
def test_a_clock_that_is_not_disciplined_is_flagged_and_the_value_kept(clock: str) -> None:
    found = RULE.validate(reading(value=Decimal("20.00"), clock=clock))
    assert found.flags == {QualityFlag.CLOCK_UNSYNCHRONISED}
    assert found.value == 2000
