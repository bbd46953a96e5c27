"""Years in records."""

from trace_node.canonical_json import JsonObject
from trace_node.period import Period, PeriodKind
from trace_node.record.errors import RecordError
from trace_node.record.statement_fields import read_period


def read_year(fields: JsonObject, key: str) -> Period:
    """Read a year such as 2026.

    Raises:
        RecordError: It is no period, or another kind of period.
    """
    period = read_period(fields, key)
    if period.kind is not PeriodKind.YEAR:
        raise RecordError(
            "{field}: must be a year such as 2026",
            field=key,
            remedy="write four digits in quotes",
            code=f"record.{key}",
        )
    return period
