"""The rows that wait to be anchored, and the log as anchoring sees it (ports ``anchoring``)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, select, update

from trace_node.clock import Clock
from trace_node.errors import InputError
from trace_node.period import to_ms
from trace_node.ports.anchoring import AnchorRequest, AnchorState
from trace_node.store.anchor_rows import anchor_of, standing_anchors, values_of
from trace_node.store.database import Database
from trace_node.store.tables import ANCHOR_REQUESTS, ANCHORS, CHECKPOINTS
from trace_node.store.unit_of_work import SqlUnitOfWork, reading, writing
from trace_node.tlog.anchor import Anchor

_MINED = AnchorState.MINED.value
_FINAL = AnchorState.FINAL.value
_UNSENT = (AnchorState.CHECKPOINTED.value, AnchorState.SUBMITTED.value)
_LOST = (AnchorState.REORGED.value, AnchorState.RESUBMITTED.value)
_SENT = (AnchorState.SUBMITTED, AnchorState.RESUBMITTED)
_SEEN = (AnchorState.MINED, AnchorState.FINAL)


class SqlAnchorRequests:
    """See ``trace_node.ports.anchoring.AnchorRequests``; every method is one transaction."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def pending(self) -> AnchorRequest | None:
        """The newest request that is neither mined nor final; None when there is none."""
        statement = (
            select(ANCHOR_REQUESTS.c.state, CHECKPOINTS)
            .join(CHECKPOINTS, CHECKPOINTS.c.size == ANCHOR_REQUESTS.c.size)
            .where(_in((*_UNSENT, *_LOST)))
            .order_by(ANCHOR_REQUESTS.c.size.desc())
            .limit(1)
        )
        with reading(self._database) as work:
            row = work.connection.execute(statement).one_or_none()
        if row is None:
            return None
        return AnchorRequest(
            size=row.size, root=row.root, checkpoint=row.note, state=AnchorState(row.state)
        )

    def newest(self) -> Anchor | None:
        """The recorded anchor with the largest head, mined or final; None before the first."""
        largest = standing_anchors().order_by(ANCHORS.c.size.desc(), ANCHORS.c.block_number.desc())
        with reading(self._database) as work:
            row = work.connection.execute(largest.limit(1)).one_or_none()
        return None if row is None else anchor_of(row)

    def unsettled(self) -> Sequence[Anchor]:
        """Recorded anchors that are mined and not yet final, smallest head first."""
        mined = select(ANCHORS).where(ANCHORS.c.state == _MINED)
        with reading(self._database) as work:
            rows = work.connection.execute(mined.order_by(ANCHORS.c.size, ANCHORS.c.block_number))
            return [anchor_of(row) for row in rows]

    def mark(self, *, size: int, state: AnchorState, anchor: Anchor | None = None) -> None:
        """Record how far the requests of at most ``size`` have come; repeating changes nothing."""
        with writing(self._database) as work:
            if state in _SENT:
                self._set(work, _up_to(size) & _in(_UNSENT), state=state.value)
                self._set(work, _up_to(size) & _in(_LOST), state=AnchorState.RESUBMITTED.value)
            elif anchor is None:
                raise InputError(
                    "{field}: needed to mark a request as {state}",
                    field="anchor",
                    state=state.value,
                    remedy="hand in the anchor that was seen",
                )
            elif state in _SEEN:
                kept = self._record(work, anchor, state)
                self._carry(work, _up_to(size) & ANCHOR_REQUESTS.c.block_hash.is_(None), anchor)
                self._set(work, _carrying(anchor), state=kept)
            elif state is AnchorState.REORGED:
                self._record(work, anchor, state)
                self._set(
                    work,
                    _carrying(anchor),
                    state=state.value,
                    transaction_hash=None,
                    block_hash=None,
                )

    def _carry(self, work: SqlUnitOfWork, which: ColumnElement[bool], anchor: Anchor) -> None:
        self._set(
            work,
            which,
            transaction_hash=anchor.transaction_hash,
            block_hash=anchor.block_hash,
        )

    def _set(self, work: SqlUnitOfWork, which: ColumnElement[bool], **values: object) -> None:
        changed_at = to_ms(self._clock.now())
        work.connection.execute(
            update(ANCHOR_REQUESTS).where(which).values(**values, changed_at=changed_at)
        )

    def _record(self, work: SqlUnitOfWork, anchor: Anchor, state: AnchorState) -> str:
        """Keep the anchor in ``state`` and return its state: what is final stays so when mined."""
        same = and_(
            ANCHORS.c.transaction_hash == anchor.transaction_hash,
            ANCHORS.c.block_hash == anchor.block_hash,
        )
        known = work.connection.execute(select(ANCHORS.c.state).where(same)).scalar_one_or_none()
        if known is None:
            values = values_of(anchor, state=state, seen_at=self._clock.now())
            work.connection.execute(insert(ANCHORS), values)
            return state.value
        kept = _FINAL if (known, state.value) == (_FINAL, _MINED) else state.value
        work.connection.execute(update(ANCHORS).where(same).values(state=kept))
        return kept


def _up_to(size: int) -> ColumnElement[Any]:
    return ANCHOR_REQUESTS.c.size <= size


def _in(states: Sequence[str]) -> ColumnElement[Any]:
    return ANCHOR_REQUESTS.c.state.in_(states)


def _carrying(anchor: Anchor) -> ColumnElement[bool]:
    return and_(
        ANCHOR_REQUESTS.c.transaction_hash == anchor.transaction_hash,
        ANCHOR_REQUESTS.c.block_hash == anchor.block_hash,
    )
