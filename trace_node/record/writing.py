"""How fields of a record are written, and the record as a whole; reading them is in ``fields``."""

from datetime import UTC, datetime
from decimal import Decimal

from trace_node.canonical_json import MAX_RECORD_BYTES, JsonObject, encode
from trace_node.errors import TooLargeError
from trace_node.ids import to_base64url
from trace_node.record.errors import RecordError


def encode_record(fields: JsonObject) -> bytes:
    """Write a record in canonical form.

    Raises:
        CanonicalFormError: It holds a value that canonical JSON does not permit.
        TooLargeError: It would be longer than 65,535 bytes.
    """
    raw = encode(fields)
    if len(raw) > MAX_RECORD_BYTES:
        raise TooLargeError(
            "a record of {size} bytes exceeds the bound of {bound}",
            size=len(raw),
            bound=MAX_RECORD_BYTES,
            remedy="say less in its detail, or write several records",
        )
    return raw


def write_time(instant: datetime, *, field: str) -> str:
    """Write an instant in UTC with exactly three decimals and ``Z``.

    Raises:
        RecordError: It is naive, or finer than a millisecond.
    """
    if instant.tzinfo is None or instant.microsecond % 1000:
        raise RecordError(
            "{field}: must be an aware time of whole milliseconds",
            field=field,
            remedy="attach the time zone and cut to milliseconds where the time is taken",
            code=f"record.{field}",
        )
    utc = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"


def write_bytes(raw: bytes | None) -> str | None:
    """Write bytes as base64url; None as null."""
    return None if raw is None else to_base64url(raw)


def write_decimal(value: Decimal | None, *, field: str) -> str | None:
    """Write a decimal with all its decimals and without exponent; None as null.

    Raises:
        RecordError: It is not a ``Decimal``; the digits of a float were never measured.
    """
    number: object = value  # the annotation is not enforced; floats do arrive
    if number is None:
        return None
    if not isinstance(number, Decimal):
        raise RecordError(
            "{field}: must be a Decimal, not {kind}",
            field=field,
            kind=type(number).__name__,
            remedy="build it from the text or the integer that was measured",
            code=f"record.{field}",
        )
    return f"{number:f}"


def scale_of(value: Decimal) -> int:
    """The number of decimals ``value`` is written with."""
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0
