"""How single fields of a record are read; every refusal names field, rule and remedy.

The finer code of a refusal is ``record.<field>``. Nothing here repairs: one value has one spelling.
"""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Final, NewType, TypeVar

from trace_node.canonical_json import MAX_INTEGER, JsonObject
from trace_node.errors import InputError
from trace_node.ids import NAME_PATTERN, KeyId, Origin, from_base64url
from trace_node.record.errors import RecordError, RecordVersionError
from trace_node.units import UNITS

_T = TypeVar("_T")
Code = NewType("Code", str)  # 1 to 48 of a-z, 0-9, _ and ., beginning with a letter

DIGEST_BYTES: Final = 32
SALT_BYTES: Final = 16
MAX_SCALE: Final = 9
MAX_DIGITS: Final = 18  # a scaled value fits a signed 64-bit integer
MAX_ORIGIN: Final = 200

TIME_PATTERN: Final = re.compile(
    r"(?:19[7-9]\d|[2-9]\d{3})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII
)
DECIMAL_PATTERN: Final = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,9})?", re.ASCII)
CODE_PATTERN: Final = re.compile(r"[a-z][a-z0-9_.]{0,47}")
KEY_ID_PATTERN: Final = re.compile(r"[0-9a-f]{32}")
PRINTABLE_PATTERN: Final = re.compile(r"[!-~](?:[ -~]{0,62}[!-~])?")
ORIGIN_PATTERN: Final = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]*/){2,8}(?:sm3|sha256)")


def require_keys(fields: JsonObject, expected: frozenset[str]) -> None:
    """Require exactly the members ``expected``.

    Raises:
        RecordError: A member is missing or not known.
    """
    if fields.keys() == expected:
        return
    missing = sorted(expected - fields.keys())
    if missing:
        raise RecordError(
            "{field}: missing in a record of type {type}",
            field=missing[0],
            type=repr(fields.get("type")),
            remedy="write every member of the type; null where there is no value",
            code=f"record.{missing[0]}",
        )
    unknown = min(fields.keys() - expected)
    raise RecordError(
        "{field}: not a member of a record of type {type}",
        field=unknown[:64],
        type=repr(fields.get("type")),
        remedy="leave it out, or use the version of the type that has it",
        code="record.unknown_member",
    )


def require_type(fields: JsonObject, expected: str) -> None:
    """Require the member ``type`` to be ``expected``.

    Raises:
        RecordVersionError: It is missing or another.
    """
    if fields.get("type") != expected:
        raise RecordVersionError(
            "{field}: must be {expected}, not {found}",
            field="type",
            expected=expected,
            found=repr(fields.get("type"))[:80],
            remedy="hand the record to the reader of its type and version",
        )


def read_text(fields: JsonObject, key: str, pattern: re.Pattern[str], rule: str) -> str:
    """Read a string that matches ``pattern`` wholly; ``rule`` says so in words.

    Raises:
        RecordError: It is not a string or does not match.
    """
    text = fields[key]
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise RecordError(
            "{field}: must be {rule}",
            field=key,
            rule=rule,
            remedy="see docs/spec/records.md for the field and an example",
            code=f"record.{key}",
        )
    return text


def read_name(fields: JsonObject, key: str) -> str:
    """Read a name: 1 to 64 letters, digits and ``. _ : -``, the first a letter or digit."""
    return read_text(fields, key, NAME_PATTERN, "a name: 1 to 64 letters, digits or . _ : -")


def read_code(fields: JsonObject, key: str) -> Code:
    """Read a code: 1 to 48 of a-z, 0-9, underscore and dot, beginning with a letter."""
    rule = "a code: 1 to 48 of a-z, 0-9, _ and ., beginning with a letter"
    return Code(read_text(fields, key, CODE_PATTERN, rule))


def read_key_id(fields: JsonObject, key: str) -> KeyId:
    """Read a key id: 32 lower-case hexadecimal digits."""
    return KeyId(read_text(fields, key, KEY_ID_PATTERN, "a key id: 32 lower-case hex digits"))


def read_printable(fields: JsonObject, key: str) -> str:
    """Read 1 to 64 printable ASCII characters, no space at either end."""
    rule = "1 to 64 printable ASCII characters, no space at either end"
    return read_text(fields, key, PRINTABLE_PATTERN, rule)


def read_origin(fields: JsonObject, key: str) -> Origin:
    """Read the origin of a log: at most 200 characters, ``host/name/hash``."""
    rule = "the origin of a log, such as trace-node.local/plant-a/sm3"
    text = read_text(fields, key, ORIGIN_PATTERN, rule)
    if len(text) > MAX_ORIGIN:
        raise RecordError(
            "{field}: longer than {bound} characters",
            field=key,
            bound=MAX_ORIGIN,
            remedy="choose a shorter origin",
            code=f"record.{key}",
        )
    return Origin(text)


def read_choice(fields: JsonObject, key: str, choices: frozenset[str]) -> str:
    """Read one of ``choices``.

    Raises:
        RecordError: It is none of them.
    """
    text = fields[key]
    if not isinstance(text, str) or text not in choices:
        raise RecordError(
            "{field}: must be one of {choices}",
            field=key,
            choices=", ".join(sorted(choices)),
            remedy="use one of them, in this spelling",
            code=f"record.{key}",
        )
    return text


def read_unit(fields: JsonObject, key: str) -> str:
    """Read the symbol of a unit that ``trace_node.units`` knows.

    Raises:
        RecordError: There is none, or it is not known.
    """
    text = fields[key]
    if not isinstance(text, str) or text not in UNITS:
        raise RecordError(
            "{field}: must be the symbol of a known unit; a value without a unit is refused",
            field=key,
            remedy="name the unit in the point list, for example kWh, t, Nm3/h or 1",
            code=f"record.{key}",
        )
    return text


def read_integer(fields: JsonObject, key: str, *, minimum: int, maximum: int = MAX_INTEGER) -> int:
    """Read an integer from ``minimum`` to ``maximum``.

    Raises:
        RecordError: It is not an integer (true and false are not), or outside.
    """
    number = fields[key]
    if not isinstance(number, int) or isinstance(number, bool) or not minimum <= number <= maximum:
        raise RecordError(
            "{field}: must be an integer from {minimum} to {maximum}",
            field=key,
            minimum=minimum,
            maximum=maximum,
            remedy="write it as a JSON number without fraction",
            code=f"record.{key}",
        )
    return number


def read_bytes(fields: JsonObject, key: str, *, size: int = DIGEST_BYTES) -> bytes:
    """Read ``size`` bytes of base64url without padding.

    Raises:
        RecordError: Not base64url, not its canonical spelling, or another length.
    """
    text = fields[key]
    try:
        if isinstance(text, str):
            return from_base64url(text, size=size, field=key)
    except InputError as error:
        raise _not_bytes(key, size) from error
    raise _not_bytes(key, size)


def read_time(fields: JsonObject, key: str) -> datetime:
    """Read an instant: RFC 3339, UTC, from 1970 on, exactly three decimals and ``Z``.

    Raises:
        RecordError: Another spelling, or no such instant.
    """
    text = fields[key]
    if isinstance(text, str) and TIME_PATTERN.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError as error:
            raise _not_time(key) from error
    raise _not_time(key)


def read_decimal(fields: JsonObject, key: str) -> Decimal:
    """Read a decimal of at most 18 digits, at most 9 of them after the point.

    Raises:
        RecordError: An exponent, a sign of plus, a minus zero, a leading zero or too many digits.
    """
    text = fields[key]
    if isinstance(text, str) and DECIMAL_PATTERN.fullmatch(text):
        value = Decimal(text)
        digits = sum(character.isdigit() for character in text)
        if digits <= MAX_DIGITS and not (text.startswith("-") and not value):
            return value
    raise RecordError(
        "{field}: must be a decimal as a string: at most {digits} digits, at most {scale} of them"
        " after the point, no exponent, no leading zero, no minus zero",
        field=key,
        digits=MAX_DIGITS,
        scale=MAX_SCALE,
        remedy='write for example "1250.00", with all decimals of the meter register',
        code=f"record.{key}",
    )


def read_object(fields: JsonObject, key: str) -> JsonObject:
    """Read a JSON object.

    Raises:
        RecordError: It is something else.
    """
    value = fields[key]
    if not isinstance(value, dict):
        raise RecordError(
            "{field}: must be an object",
            field=key,
            remedy="write {{}} when there is nothing to say",
            code=f"record.{key}",
        )
    return value


def read_optional(fields: JsonObject, key: str, read: Callable[[JsonObject, str], _T]) -> _T | None:
    """Read a member with ``read``, or None where it is null."""
    return None if fields[key] is None else read(fields, key)


def _not_bytes(key: str, size: int) -> RecordError:
    return RecordError(
        "{field}: must be {size} bytes as base64url without padding",
        field=key,
        size=size,
        remedy="write 43 characters for a digest, 22 for a salt or a boot id",
        code=f"record.{key}",
    )


def _not_time(key: str) -> RecordError:
    return RecordError(
        "{field}: must be a time in UTC, from 1970 on, such as 2026-11-21T03:10:00.123Z",
        field=key,
        remedy="write exactly three decimals and Z",
        code=f"record.{key}",
    )
