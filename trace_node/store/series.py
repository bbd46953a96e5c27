"""Repository part: chain states, roll-up states, increments and totals."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, select

from trace_node.metering.device_chain import BootState, DeviceTail
from trace_node.metering.increment import Flag, Increment
from trace_node.metering.period_total import Coverage, PeriodTotal
from trace_node.metering.series import Sample
from trace_node.period import Period, PeriodKind, end_ms, to_ms
from trace_node.period import from_ms as civil_time
from trace_node.ports.series import Grade, SeriesState, StoredIncrement, StoredTotal
from trace_node.store.bulk import insert_rows, replace_rows
from trace_node.store.tables import (
    CHAIN_STATES,
    DEVICE_TAILS,
    ENTRIES,
    INCREMENTS,
    PERIOD_TOTALS,
    READINGS,
    SERIES_STATES,
)

_MOST_ROWS_TOO_MANY = 1000  # are looked at where rows are compared


class SqlSeries:
    """The part of ``trace_node.ports.projections.Projections`` that concerns chains and series."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def chain_state(self, stream_id: int) -> BootState | None:
        """What the device-chain check remembers of a (device, boot)."""
        found = select(CHAIN_STATES).where(CHAIN_STATES.c.stream_id == stream_id)
        row = self._connection.execute(found).one_or_none()
        if row is None:
            return None
        return BootState(
            next_seq=row.next_seq, last=row.last_digest, missing=row.missing, branch=row.branch
        )

    def device_tail(self, device: str) -> DeviceTail | None:
        """The newest record of a device that the check has seen."""
        found = select(DEVICE_TAILS).where(DEVICE_TAILS.c.device == device)
        row = self._connection.execute(found).one_or_none()
        return None if row is None else DeviceTail(boot=row.boot, digest=row.digest)

    def set_chain(
        self, *, states: Mapping[int, BootState], tails: Mapping[str, DeviceTail]
    ) -> None:
        """Replace what the check remembers of streams and devices."""
        replace_rows(
            self._connection,
            CHAIN_STATES,
            [
                (stream_id, state.next_seq, state.last, state.missing, state.branch)
                for stream_id, state in states.items()
            ],
            changed=("next_seq", "last_digest", "missing", "branch"),
        )
        replace_rows(
            self._connection,
            DEVICE_TAILS,
            [(device, tail.boot, tail.digest) for device, tail in tails.items()],
            changed=("boot", "digest"),
        )

    def samples(self, point_id: int, *, after_ms: int, limit: int) -> Sequence[Sample]:
        """Valid readings of a point observed after an instant, by (instant, leaf index)."""
        statement = (
            select(READINGS.c.observed_at, READINGS.c.value, ENTRIES.c.leaf_hash)
            .join(ENTRIES, ENTRIES.c.leaf_index == READINGS.c.leaf_index)
            .where(
                READINGS.c.point_id == point_id,
                READINGS.c.observed_at > after_ms,
                READINGS.c.valid == 1,
            )
            .order_by(READINGS.c.observed_at, READINGS.c.leaf_index)
            .limit(limit)
        )
        return [
            Sample(at_ms=at_ms, value=value, digest=digest)
            for at_ms, value, digest in self._connection.execute(statement)
        ]

    def series_state(self, point_id: int, *, before_ms: int | None = None) -> SeriesState | None:
        """The newest state of a point's roll-up, of an item before an instant if one is named."""
        newest = select(SERIES_STATES).where(SERIES_STATES.c.point_id == point_id)
        if before_ms is not None:
            newest = newest.where(SERIES_STATES.c.at_ms < before_ms)
        row = self._connection.execute(
            newest.order_by(SERIES_STATES.c.at_ms.desc()).limit(1)
        ).one_or_none()
        if row is None:
            return None
        return SeriesState(
            point_id=point_id, at_ms=row.at_ms, state=row.state, grade=Grade(row.grade)
        )

    def add_series(
        self,
        *,
        increments: Sequence[StoredIncrement],
        totals: Sequence[StoredTotal],
        states: Sequence[SeriesState],
    ) -> None:
        """Add what new items of points gave."""
        insert_rows(self._connection, INCREMENTS, [_increment_row(item) for item in increments])
        insert_rows(self._connection, PERIOD_TOTALS, [_total_row(item) for item in totals])
        replace_rows(
            self._connection,
            SERIES_STATES,
            [(item.point_id, item.at_ms, item.state, int(item.grade)) for item in states],
            changed=("state", "grade"),
        )

    def forget_series(self, point_id: int, *, after_ms: int | None) -> None:
        """Drop what was computed from items of a point after an instant, or all of it."""
        since = -(2**62) if after_ms is None else after_ms
        for table, instant in (
            (INCREMENTS, INCREMENTS.c.to_ms),
            (PERIOD_TOTALS, PERIOD_TOTALS.c.until_ms),
            (SERIES_STATES, SERIES_STATES.c.at_ms),
        ):
            newer = delete(table).where(table.c.point_id == point_id, instant > since)
            self._connection.execute(newer)

    def thin_states(self, point_id: int, *, frequent_ms: int, daily_ms: int) -> None:
        """Drop the states of either grade that are older than its instant."""
        for grade, instant in ((Grade.FREQUENT, frequent_ms), (Grade.DAILY, daily_ms)):
            older = delete(SERIES_STATES).where(
                SERIES_STATES.c.point_id == point_id,
                SERIES_STATES.c.grade == int(grade),
                SERIES_STATES.c.at_ms < instant,
            )
            self._connection.execute(older)

    def increments(
        self, point_id: int, *, begin: datetime, end: datetime, limit: int
    ) -> Sequence[StoredIncrement]:
        """Increments that end in (begin, end], by their ends."""
        statement = (
            select(INCREMENTS)
            .where(
                INCREMENTS.c.point_id == point_id,
                INCREMENTS.c.to_ms > to_ms(begin),
                INCREMENTS.c.to_ms <= to_ms(end),
            )
            .order_by(INCREMENTS.c.to_ms, INCREMENTS.c.digest)
            .limit(limit)
        )
        return [_increment(row) for row in self._connection.execute(statement)]

    def totals(
        self, point_id: int, kind: PeriodKind, *, begin: datetime, end: datetime, limit: int
    ) -> Sequence[PeriodTotal]:
        """Totals of finished periods of a kind that begin in [begin, end), by their starts."""
        statement = (
            select(PERIOD_TOTALS)
            .where(
                PERIOD_TOTALS.c.point_id == point_id,
                PERIOD_TOTALS.c.kind == kind.value,
                PERIOD_TOTALS.c.begin_ms >= to_ms(begin),
                PERIOD_TOTALS.c.begin_ms < to_ms(end),
            )
            .order_by(PERIOD_TOTALS.c.begin_ms)
            .limit(limit)
        )
        return [_total(row) for row in self._connection.execute(statement)]

    def wrong_increments(
        self, increments: Sequence[StoredIncrement], *, point_id: int, after_ms: int, until_ms: int
    ) -> Sequence[int]:
        """Ends, in (after, until], of the rows that are not exactly those of ``increments``."""
        there = select(INCREMENTS).where(INCREMENTS.c.point_id == point_id)
        there = there.where(INCREMENTS.c.to_ms > after_ms, INCREMENTS.c.to_ms <= until_ms)
        rows = {_increment_row(item) for item in increments}
        at = INCREMENTS.columns.keys().index("to_ms")
        return sorted({row[at] for row in self._other_rows(there, rows)})

    def wrong_totals(
        self, totals: Sequence[StoredTotal], *, point_id: int, after_ms: int, until_ms: int
    ) -> Sequence[tuple[str, int]]:
        """Kind and begin of the rows that end in (after, until] and are not those of ``totals``."""
        there = select(PERIOD_TOTALS).where(PERIOD_TOTALS.c.point_id == point_id)
        there = there.where(PERIOD_TOTALS.c.until_ms > after_ms)
        there = there.where(PERIOD_TOTALS.c.until_ms <= until_ms)
        rows = {_total_row(item) for item in totals}
        names = PERIOD_TOTALS.columns.keys()
        kind, begin = names.index("kind"), names.index("begin_ms")
        return sorted({(row[kind], row[begin]) for row in self._other_rows(there, rows)})

    def _other_rows(self, there: Select[Any], rows: set[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
        """The rows that are in the database and not in ``rows``, or the other way round."""
        found = self._connection.execute(there.limit(len(rows) + _MOST_ROWS_TOO_MANY))
        return rows ^ {tuple(row) for row in found}


def _increment_row(item: StoredIncrement) -> tuple[Any, ...]:
    step = item.increment
    return (
        item.point_id,
        step.to_ms,
        step.inputs[-1],
        step.from_ms,
        step.inputs[0] if len(step.inputs) > 1 else None,
        step.value,
        item.scale,
        step.flag.value,
        step.rule,
    )


def _increment(row: Row[Any]) -> StoredIncrement:
    inputs = (row.digest,) if row.from_digest is None else (row.from_digest, row.digest)
    step = Increment(
        flag=Flag(row.flag),
        value=row.value,
        from_ms=row.from_ms,
        to_ms=row.to_ms,
        inputs=inputs,
        rule=row.rule,
    )
    return StoredIncrement(point_id=row.point_id, increment=step, scale=row.scale)


def _total_row(item: StoredTotal) -> tuple[Any, ...]:
    total, coverage = item.total, item.total.coverage
    kind, begin_ms = total.period.kind, to_ms(total.period.start)
    return (
        item.point_id,
        kind.value,
        begin_ms,
        end_ms(begin_ms, kind),
        _text(total.total),
        _text(total.minimum),
        _text(total.maximum),
        _text(total.least_step),
        _text(total.greatest_step),
        _text(total.sample_sum),
        total.samples,
        None if coverage is None else coverage.valid,
        None if coverage is None else coverage.expected,
        None if coverage is None else coverage.required,
        None if coverage is None or coverage.by is None else coverage.by.value,
        " ".join(sorted(total.flags)),
        total.rule,
    )


def _total(row: Row[Any]) -> PeriodTotal:
    coverage = None
    if row.covered is not None:
        by = None if row.judged_by is None else PeriodKind(row.judged_by)
        coverage = Coverage(valid=row.covered, expected=row.expected, required=row.required, by=by)
    return PeriodTotal(
        period=Period(kind=PeriodKind(row.kind), start=civil_time(row.begin_ms)),
        total=_decimal(row.total),
        minimum=_decimal(row.minimum),
        maximum=_decimal(row.maximum),
        least_step=_decimal(row.least_step),
        greatest_step=_decimal(row.greatest_step),
        sample_sum=Decimal(row.sample_sum),
        samples=row.samples,
        coverage=coverage,
        flags=frozenset(row.flags.split()),
        is_complete=True,
        rule=row.rule,
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
