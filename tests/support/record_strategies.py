"""Hypothesis strategies for records of a device chain and their parts."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import strategies as st

from trace_node.ids import NAME_PATTERN
from trace_node.metering.records.device_record import CLOCKS, OBSERVERS, READING_ORIGINS
from trace_node.metering.records.event import Event
from trace_node.metering.records.reading import Reading
from trace_node.metering.scaled import from_scaled
from trace_node.record.fields import CODE_PATTERN
from trace_node.units import UNITS

SALTS = st.binary(min_size=16, max_size=16)
DIGESTS = st.binary(min_size=32, max_size=32)
NAMES = st.from_regex(NAME_PATTERN, fullmatch=True)
CODES = st.from_regex(CODE_PATTERN, fullmatch=True)
COUNTS = st.integers(min_value=0, max_value=2**53 - 1)
TIMES = st.builds(
    lambda ms: datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000),
    st.integers(min_value=0, max_value=253_402_300_799_999),
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
DETAILS = st.dictionaries(
    st.text(st.characters(max_codepoint=127), max_size=5), JSON_VALUES, max_size=3
)


@st.composite
def decimals(draw: st.DrawFn) -> Decimal:
    digits = draw(st.integers(min_value=-(10**18) + 1, max_value=10**18 - 1))
    scale = draw(st.integers(min_value=0, max_value=9))
    # "0.00000001" is written with nine digits.
    return from_scaled(digits, scale=scale)


CHAIN = {
    "boot": SALTS,
    "clock": st.sampled_from(sorted(CLOCKS)),
    "collected_at": TIMES,
    "context": DIGESTS,
    "device": NAMES,
    "observed_at": TIMES,
    "observed_by": st.sampled_from(sorted(OBSERVERS)),
    "origin": st.sampled_from(sorted(READING_ORIGINS)),
    "prev": st.none() | DIGESTS,
    "raw": st.none() | DIGESTS,
    "salt": SALTS,
    "seq": COUNTS,
}
_READING = {**CHAIN, "meter_register": NAMES, "unit": st.sampled_from(sorted(UNITS))}
READINGS = st.builds(Reading, **_READING, value=decimals(), reason=st.none()) | st.builds(
    Reading, **_READING, value=st.none(), reason=CODES
)
EVENTS = st.builds(Event, **CHAIN, event=CODES, detail=DETAILS, meter_register=st.none() | NAMES)
