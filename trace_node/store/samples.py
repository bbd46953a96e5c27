"""The series of a point as calculations take it: scaled integers with the digests behind them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from trace_node.errors import InputError
from trace_node.metering.series import Sample
from trace_node.period import to_ms
from trace_node.store.columns import from_ms
from trace_node.store.tables import ENTRIES, READINGS

_SAMPLES = (
    select(READINGS.c.observed_at, READINGS.c.value, READINGS.c.scale, ENTRIES.c.leaf_hash)
    .join(ENTRIES, ENTRIES.c.leaf_index == READINGS.c.leaf_index)
    .where(
        READINGS.c.point_id == bindparam("point_id"),
        READINGS.c.observed_at >= bindparam("begin"),
        READINGS.c.observed_at < bindparam("end"),
        READINGS.c.valid == 1,
    )
    .order_by(READINGS.c.observed_at, READINGS.c.leaf_index)
    .limit(bindparam("most"))
)
_LAST = (
    select(READINGS.c.observed_at)
    .where(
        READINGS.c.point_id == bindparam("point_id"),
        READINGS.c.observed_at < bindparam("before"),
        READINGS.c.valid == 1,
    )
    .order_by(READINGS.c.observed_at.desc())
    .limit(1)
)


def read_samples(
    connection: Connection,
    point_id: int,
    *,
    begin: datetime,
    end: datetime,
    scale: int,
    limit: int,
) -> Sequence[Sample]:
    """The valid values of a point observed in [begin, end), with ``scale`` decimals.

    Raises:
        InputError: A value has more decimals than that.
    """
    parameters = {"point_id": point_id, "begin": to_ms(begin), "end": to_ms(end), "most": limit}
    rows = connection.execute(_SAMPLES, parameters)
    return [
        Sample(
            at_ms=at_ms,
            value=value if own == scale else _rescaled(value, own, scale),
            digest=leaf_hash,
        )
        for at_ms, value, own, leaf_hash in rows
    ]


def last_sample_at(connection: Connection, point_id: int, *, before: datetime) -> datetime | None:
    """When the last valid value before an instant was observed; None without one."""
    found = connection.execute(_LAST, {"point_id": point_id, "before": to_ms(before)})
    at_ms = found.scalar_one_or_none()
    return None if at_ms is None else from_ms(at_ms)


def _rescaled(value: int, own: int, scale: int) -> int:
    if own > scale:
        raise InputError(
            "{field}: readings with {own} decimals lie where the meter register has {scale}",
            field="from",
            own=own,
            scale=scale,
            remedy="ask for periods on one side of the change of the meter register",
            code="log.scale",
        )
    return value * int(10 ** (scale - own))
