"""What a forger could write instead of a value of a JSON file, at every place of it."""

import json
from collections.abc import Iterator
from typing import Any

from trace_node.canonical_json import encode
from trace_node.ids import to_base64url
from trace_node.tlog.bundle_file import MAX_BYTES, write_bundle_file

Path = tuple[str | int, ...]


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place below the top of a value, those of objects and arrays too."""
    if path:
        yield path
    if isinstance(value, dict):
        for name in sorted(value):
            yield from places(value[name], (*path, name))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from places(item, (*path, place))


def at(members: Any, path: Path) -> Any:
    """The value at a place."""
    for step in path:
        members = members[step]
    return members


def others(value: Any) -> Iterator[Any]:
    """Other values to stand in the place of one: near ones, and ones of another type."""
    if value is None:
        yield from (1, "x", [], {})
    elif isinstance(value, bool):
        yield from (not value, int(value), None)
    elif isinstance(value, int):
        yield from (value + 1, abs(value - 1), 0 if value else 2, -1, 2**53 - 1, str(value), None)
    elif isinstance(value, str):
        yield from _other_texts(value)
    elif isinstance(value, list):
        yield from _other_arrays(value)
    else:
        yield from ({name: value[name] for name in value if name != left} for left in value)
        yield from ({**value, "more": None}, None, [])


def _other_texts(text: str) -> Iterator[Any]:
    for place in sorted({len(text) // 2, max(len(text) - 1, 0)}):
        other = "B" if text[place : place + 1] == "A" else "A"
        yield text[:place] + other + text[place + 1 :]
    lines = text.split("\n")
    for number, line in enumerate(lines) if len(lines) > 1 else ():
        before, after = lines[:number], lines[number + 1 :]
        yield "\n".join([*before, *after])
        yield "\n".join([*before, line, line, *after])
        yield "\n".join([*before, line + "\r", *after])
        if line:
            other = ("B" if line[-1] == "A" else "A") + line[-1:]
            yield "\n".join([*before, line[:-2] + other, *after])
    yield from (text[:-1], text + "=", text + "\n", "\0" + text, "", None, 0)


def _other_arrays(array: list[Any]) -> Iterator[Any]:
    for place, item in enumerate(array):
        yield [*array[:place], *array[place + 1 :]]
        yield [*array[:place], item, *array[place:]]
    if len(array) > 1:
        yield array[::-1]
    yield from ([*array, None], [*array, "A" * 43], None, {})


def altered(raw: bytes, path: Path, other: Any) -> bytes:
    """The file with another value at one place and the digest computed again."""
    members = json.loads(raw)
    target = at(members, path[:-1])
    target[path[-1]] = other
    return refiled(members)


def refiled(members: dict[str, Any]) -> bytes:
    """The file of these members; its digest fits where the type is one that has a digest."""
    rest = {name: value for name, value in members.items() if name != "digest"}
    if rest.get("type") in list(MAX_BYTES):
        return write_bundle_file(rest)
    return encode({**rest, "digest": to_base64url(bytes(32))})
