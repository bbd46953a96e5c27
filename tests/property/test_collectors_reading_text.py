"""The collector's fast writer writes exactly the bytes the record module defines."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from collectors.runtime.drafts import Evidence, ReadingsDraft, Shown
from collectors.runtime.reading_text import ReadingWriter
from trace_node.metering.records.device_record import CLOCKS, OBSERVERS, READING_ORIGINS
from trace_node.metering.records.reading import Reading, build_reading
from trace_node.record.fields import Code
from trace_node.units import UNITS

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", fullmatch=True)
CODES = st.from_regex(r"[a-z][a-z0-9_.]{0,47}", fullmatch=True)
TIMES = st.integers(0, 4_000_000_000_000).map(
    lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
DIGESTS = st.binary(min_size=32, max_size=32)
VALUES = st.builds(
    lambda number, places: Decimal(number).scaleb(-places),
    st.integers(-(10**18) + 1, 10**18 - 1),
    st.integers(0, 9),
)
SHOWN = st.builds(Shown, NAMES, st.sampled_from(sorted(UNITS)), VALUES, st.none()) | st.builds(
    Shown, NAMES, st.sampled_from(sorted(UNITS)), st.none(), CODES
)


@given(
    draft=st.builds(
        ReadingsDraft,
        device=NAMES,
        origin=st.sampled_from(sorted(READING_ORIGINS)),
        shown=st.lists(SHOWN, min_size=1, max_size=4),
        observed_at=TIMES,
        observed_by=st.sampled_from(sorted(OBSERVERS)),
        collected_at=TIMES,
        clock=st.sampled_from(sorted(CLOCKS)),
        evidence=st.none()
        | st.builds(
            Evidence,
            digest=DIGESTS,
            nonce=st.just(bytes(16)),
            sent=st.just(b""),
            received=st.just(b""),
            at_ms=st.just(0),
        ),
    ),
    boot=st.binary(min_size=16, max_size=16),
    context=DIGESTS,
    prev=st.none() | DIGESTS,
    salt=st.binary(min_size=16, max_size=16),
    seq=st.integers(0, 2**53 - 1),
)
def test_every_reading_is_the_same_bytes(  # noqa: PLR0917 - what a reading consists of
    draft: ReadingsDraft, boot: bytes, context: bytes, prev: bytes | None, salt: bytes, seq: int
) -> None:
    writer = ReadingWriter(boot)
    answer = writer.begin(draft, context=context)
    for shown in draft.shown * 2:  # the second time without the comparison of its own
        expected = build_reading(
            Reading(
                boot=boot,
                clock=draft.clock,
                collected_at=draft.collected_at,
                context=context,
                device=draft.device,
                meter_register=shown.meter_register,
                observed_at=draft.observed_at,
                observed_by=draft.observed_by,
                origin=draft.origin,
                prev=prev,
                raw=draft.evidence.digest if draft.evidence else None,
                reason=None if shown.reason is None else Code(shown.reason),
                salt=salt,
                seq=seq,
                unit=shown.unit,
                value=shown.value,
            )
        )
        assert answer.write(shown, prev=prev, salt=salt, seq=seq) == expected
