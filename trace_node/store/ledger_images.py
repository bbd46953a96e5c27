"""Rows as they were before blocks that are not final, as JSON, and how they are put back."""

import json
from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import Connection, LargeBinary, delete, select

from trace_node.quota.ledger.rows import Table
from trace_node.quota.ledger.worksheet import Image
from trace_node.store.bulk import insert_rows
from trace_node.store.bulk_keys import delete_rows, replace_rows
from trace_node.store.errors import sound_row
from trace_node.store.ledger_codec import CODECS
from trace_node.store.ledger_shapes import Values
from trace_node.store.tables import LEDGER_IMAGES

Overlay = dict[tuple[Table, Values], Values | None]
"""What a row was, by its table and the values of its key; ``None`` for no row."""


def write_images(connection: Connection, images: Iterable[Image]) -> None:
    """Keep images; those of one (block, table, key) are written once."""
    rows = []
    for image in images:
        key = image.key if isinstance(image.key, tuple) else (image.key,)
        content = None if image.row is None else _text(CODECS[image.table].encode(key, image.row))
        rows.append((image.block, int(image.table), _text(key), content))
    insert_rows(connection, LEDGER_IMAGES, rows)


def read_overlay(connection: Connection, *, above: int) -> Overlay:
    """Every row that blocks above a height changed, as it was at that height."""
    statement = (
        select(LEDGER_IMAGES)
        .where(LEDGER_IMAGES.c.block > above)
        .order_by(LEDGER_IMAGES.c.block.desc())
    )
    overlay: Overlay = {}
    for row in connection.execute(statement):
        with sound_row("ledger_images", row.row_key):
            table = Table(row.kind)
            columns = CODECS[table].table.columns
            key = _values(row.row_key, [columns[name] for name in CODECS[table].lookup])
            before = None if row.content is None else _values(row.content, list(columns))
            overlay[table, key] = before  # the lowest block comes last, and holds
    return overlay


def put_back(connection: Connection, *, above: int) -> None:
    """Make every row what it was at a height, and forget the images above it."""
    overlay = read_overlay(connection, above=above)
    for table, codec in CODECS.items():
        there = {key: row for (each, key), row in overlay.items() if each is table}
        gone = [key for key, row in there.items() if row is None]
        delete_rows(connection, codec.table, codec.lookup, gone)
        replace_rows(connection, codec.table, [row for row in there.values() if row is not None])
    connection.execute(delete(LEDGER_IMAGES).where(LEDGER_IMAGES.c.block > above))


def _text(values: Values) -> str:
    try:
        return orjson.dumps(values, default=_plain).decode("ascii")
    except orjson.JSONEncodeError:  # a number above 64 bits
        return json.dumps(values, default=_plain, separators=(",", ":"))


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(type(value).__name__)


def _values(text: str, columns: list[Any]) -> Values:
    values = json.loads(text)
    return tuple(
        bytes.fromhex(value)
        if isinstance(column.type, LargeBinary) and value is not None
        else value
        for value, column in zip(values, columns, strict=True)
    )
