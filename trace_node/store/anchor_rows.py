"""How anchors and requests are written to and read from their tables."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from trace_node.period import to_ms
from trace_node.ports.anchoring import AnchorState
from trace_node.store.tables import ANCHOR_REQUESTS, ANCHORS
from trace_node.tlog.anchor import Anchor, AnchoredHead


def standing_anchors() -> Select[Any]:
    """The anchors whose blocks are part of the chain: mined or final.

    Told as what they are not: two states to look for would be read whole and sorted.
    """
    return select(ANCHORS).where(ANCHORS.c.state != AnchorState.REORGED.value)


def largest_requests(connection: Connection) -> Mapping[AnchorState, int]:
    """The largest size among the requests in each state; 0 where there is none.

    Each state is asked for by itself, because only then the index answers without reading on.
    """
    largest = func.max(ANCHOR_REQUESTS.c.size)
    return {
        state: connection.execute(
            select(largest).where(ANCHOR_REQUESTS.c.state == state.value)
        ).scalar_one()
        or 0
        for state in AnchorState
    }


def anchor_of(row: Row[Any]) -> Anchor:
    """The anchor a row holds."""
    return Anchor(
        engine=row.engine,
        chain_id=row.chain_id,
        genesis_hash=row.genesis_hash,
        contract=row.contract,
        log_id=row.log_id,
        transaction_hash=row.transaction_hash,
        block_number=row.block_number,
        block_hash=row.block_hash,
        block_time=row.block_time,
        previous=AnchoredHead(size=row.previous_size, root=row.previous_root),
        head=AnchoredHead(size=row.size, root=row.root),
    )


def values_of(anchor: Anchor, *, state: AnchorState, seen_at: datetime) -> Mapping[str, object]:
    """The row that holds an anchor."""
    return {
        "transaction_hash": anchor.transaction_hash,
        "block_hash": anchor.block_hash,
        "state": state.value,
        "size": anchor.head.size,
        "root": anchor.head.root,
        "previous_size": anchor.previous.size,
        "previous_root": anchor.previous.root,
        "engine": anchor.engine,
        "chain_id": anchor.chain_id,
        "genesis_hash": anchor.genesis_hash,
        "contract": anchor.contract,
        "log_id": anchor.log_id,
        "block_number": anchor.block_number,
        "block_time": anchor.block_time,
        "seen_at": to_ms(seen_at),
    }
