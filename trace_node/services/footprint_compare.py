"""Compare a footprint on record with the same computed again, and name the first difference."""

from collections.abc import Iterator, Mapping

from trace_node.accounting.footprint.errors import FootprintAlteredError
from trace_node.accounting.footprint.record import FootprintRecord, stage_to_fields
from trace_node.canonical_json import JsonValue
from trace_node.ids import to_base64url


def require_same(record: FootprintRecord, rebuilt: FootprintRecord) -> None:
    """Require both to say the same.

    Raises:
        FootprintAlteredError: They do not; the first leaf, factor, stage or member is named.
    """
    for what, before, now in _pairs(record, rebuilt):
        if before != now:
            raise FootprintAlteredError(
                "{what} of the footprint of {batch} was {before}, and is {now} now",
                field=what,
                what=what,
                batch=record.batch,
                before=str(before),
                now=str(now),
                remedy="a leaf, a factor or the record was changed: run trace-node fsck",
                code="footprint.altered.figure",
            )


def _pairs(
    record: FootprintRecord, rebuilt: FootprintRecord
) -> Iterator[tuple[str, JsonValue, JsonValue]]:
    """What is compared, causes before their effects."""
    yield from _by_name(
        {f"leaf {each.index}": each.digest for each in record.links},
        {f"leaf {each.index}": each.digest for each in rebuilt.links},
    )
    yield from _by_name(
        {f"factor {each.row}": each.digest for each in record.factors},
        {f"factor {each.row}": each.digest for each in rebuilt.factors},
    )
    before = {f"{each.stage.value} {each.side.value}": each for each in record.stages}
    now = {f"{each.stage.value} {each.side.value}": each for each in rebuilt.stages}
    for name in before | now:
        was, is_now = before.get(name), now.get(name)
        yield (
            f"stage {name}",
            None if was is None else stage_to_fields(was),
            None if is_now is None else stage_to_fields(is_now),
        )
    said, says = record.to_fields(), rebuilt.to_fields()
    for name in sorted(said):
        yield name, said[name], says[name]


def _by_name(
    before: Mapping[str, bytes], now: Mapping[str, bytes]
) -> Iterator[tuple[str, JsonValue, JsonValue]]:
    for name in {**before, **now}:
        yield name, _text(before.get(name)), _text(now.get(name))


def _text(digest: bytes | None) -> str | None:
    return None if digest is None else to_base64url(digest)
