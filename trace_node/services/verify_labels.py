"""What limits the worth of records although everything about them verifies."""

from collections.abc import Iterable

from trace_node.metering.records.chained import ChainedRecord
from trace_node.services.verify_examination import Examination

NOT_FROM_AN_INSTRUMENT = frozenset({"replay", "simulator", "manual"})


def label_records(examination: Examination, records: Iterable[ChainedRecord]) -> None:
    """Label every origin that is no instrument, and every state of a clock that is not set.

    Args:
        examination: Where the labels are kept; each is there once, however many records it is of.
        records: The records.
    """
    origins: set[str] = set()
    clocks: set[str] = set()
    for record in records:
        origins.add(record.origin)
        clocks.add(record.clock)
    for origin in sorted(origins & NOT_FROM_AN_INSTRUMENT):
        examination.label(
            f"origin.{origin}",
            "origin {origin}: not read from an instrument at the time it is for",
            origin=origin,
        )
    for state in sorted(clocks - {"synchronised"}):
        examination.label(
            "clock", "the collector's clock was {state} when it was read", state=state
        )
