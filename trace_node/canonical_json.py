"""Restricted RFC 8785 JSON: the one form in which records, bundles and trust roots are written.

Allowed: objects with ASCII keys, arrays, strings, booleans, null and integers of magnitude below
2^53. Floats are refused; decimals travel as strings. One value has exactly one byte form, so bytes
that are not that form are refused rather than repaired: what is hashed or signed must not depend on
a parser.
"""

import json
from collections.abc import Iterable
from typing import NoReturn

import orjson

from trace_node.errors import InputError, TooLargeError

JsonValue = None | bool | int | str | list["JsonValue"] | dict[str, "JsonValue"]
JsonObject = dict[str, JsonValue]

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 16
MAX_RECORD_BYTES = 65_535  # C2SP tlog-tiles: an entry's length is a 16-bit number


class CanonicalFormError(InputError):
    """The bytes are not the canonical form of any permitted value."""

    code = "input.canonical"


def encode(value: JsonValue) -> bytes:
    """Write ``value`` in its canonical form.

    Raises:
        CanonicalFormError: ``value`` holds a float, a large integer or a non-ASCII key, or is too
            deep.
    """
    _require_permitted(value)
    return encode_trusted(value)


def encode_trusted(value: JsonValue) -> bytes:
    """Write ``value``, known to hold permitted values only, without walking it first."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def decode(raw: bytes, *, max_bytes: int = MAX_RECORD_BYTES) -> JsonValue:
    """Read ``raw``, which must be the canonical form of a permitted value.

    Raises:
        TooLargeError: ``raw`` is longer than ``max_bytes``; it was not parsed.
        CanonicalFormError: ``raw`` is not JSON, not permitted, or not in its canonical form.
    """
    if len(raw) > max_bytes:
        raise TooLargeError(
            "{size} bytes of JSON exceed the bound of {bound}", size=len(raw), bound=max_bytes
        )
    try:
        value: JsonValue = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise CanonicalFormError("not JSON: {detail}", detail=str(error)) from error
    _require_permitted(value)
    if encode_trusted(value) != raw:
        _explain_other_form(raw)
    return value


def decode_object(raw: bytes, *, max_bytes: int = MAX_RECORD_BYTES) -> JsonObject:
    """Read ``raw`` like ``decode`` and require an object at the top.

    Raises:
        TooLargeError: See ``decode``.
        CanonicalFormError: See ``decode``, or the top value is not an object.
    """
    value = decode(raw, max_bytes=max_bytes)
    if not isinstance(value, dict):
        raise CanonicalFormError("the top value must be an object")
    return value


def _require_permitted(value: object) -> None:
    """Refuse what is not permitted; where it sits is looked for only then."""
    if not _is_plain(value, MAX_DEPTH):
        _require_each(value, path="$", depth=0)


def _is_plain(value: object, deeper: int) -> bool:
    """Whether a value is permitted, and nested no deeper than so many levels."""
    if isinstance(value, str):
        return _is_unicode(value)
    if isinstance(value, list | dict):
        return deeper > 0 and _are_plain(value, deeper - 1)
    return value is None or (isinstance(value, int) and -MAX_INTEGER <= value <= MAX_INTEGER)


def _are_plain(value: list[object] | dict[object, object], deeper: int) -> bool:
    items: Iterable[object] = value
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str) or not key.isascii():
                return False
        items = value.values()
    for item in items:
        if type(item) is str and item.isascii():  # most of what a record holds
            continue
        if not _is_plain(item, deeper):
            return False
    return True


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _require_each(value: object, *, path: str, depth: int) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _require_unicode(value, path=path)
    elif isinstance(value, int):
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise CanonicalFormError("{field}: an integer must lie within 2^53 - 1", field=path)
    elif isinstance(value, list | dict):
        _require_each_member(value, path=path, depth=depth + 1)
    else:
        raise CanonicalFormError(
            "{field}: {kind} is not permitted",
            field=path,
            kind=type(value).__name__,
            remedy="write a decimal as a string",
        )


def _require_each_member(
    value: list[object] | dict[object, object], *, path: str, depth: int
) -> None:
    if depth > MAX_DEPTH:
        raise CanonicalFormError("{field}: nested deeper than {bound}", field=path, bound=MAX_DEPTH)
    if isinstance(value, list):
        for position, item in enumerate(value):
            _require_each(item, path=f"{path}[{position}]", depth=depth)
        return
    for key, item in value.items():
        if not isinstance(key, str) or not key.isascii():
            raise CanonicalFormError("{field}: keys must be ASCII strings", field=path)
        _require_each(item, path=f"{path}.{key}", depth=depth)


def _require_unicode(text: str, *, path: str) -> None:
    if not _is_unicode(text):
        raise CanonicalFormError("{field}: a lone surrogate is not a character", field=path)


def _explain_other_form(raw: bytes) -> NoReturn:
    """Name the reason why bytes that parse are not canonical."""

    def refuse_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise CanonicalFormError(
                    "the key {key} is repeated", key=repr(key), code="input.canonical.repeated_key"
                )
            seen.add(key)
        return dict(pairs)

    json.loads(raw, object_pairs_hook=refuse_repeats)
    raise CanonicalFormError(
        "valid JSON, but not in canonical form (RFC 8785)",
        remedy="sort the keys, remove white space and write strings in their shortest form",
    )
