"""Totals of a class, from the tonnes in its contra accounts."""

from collections.abc import Mapping

from trace_node.quota.ledger.kinds import Place
from trace_node.quota.ledger.rows import ClassRow
from trace_node.quota.ledger.state import ClassContent


def class_content(number: int, row: ClassRow, cells: Mapping[tuple[int, int], int]) -> ClassContent:
    """A class with its totals.

    Args:
        number: Number of the class.
        row: What it is.
        cells: Tonnes in the contra accounts, by class and place.
    """
    ends = (Place.SURRENDERED, Place.CANCELLED, Place.CONVERTED)
    surrendered, cancelled, converted = (cells.get((number, place), 0) for place in ends)
    issued = -cells.get((number, Place.NONE), 0)
    return ClassContent(
        next_serial=issued + 1,
        held=issued - surrendered - cancelled - converted,
        surrendered=surrendered,
        cancelled=cancelled,
        converted=converted,
        vintage=row.vintage,
        instrument=row.instrument,
        code=row.code,
        record=row.record,
    )
