"""What the wire models share: strict objects, names, times and decimals as text."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from trace_node.ids import NAME_PATTERN

_INSTANT: Final = re.compile(
    r"(?:19[7-9]\d|[2-9]\d{3})-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d)", re.ASCII
)
LAST_INDEX: Final = 2**53 - 1


class WireModel(BaseModel):
    """An object on the wire: no unknown fields, no conversion between types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _read_instant(value: object) -> datetime:
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):  # no such day, hour or offset
            pass
    raise PydanticCustomError("rfc3339", "not a time by RFC 3339")


Name = Annotated[
    str, Field(pattern=f"^{NAME_PATTERN.pattern}$", max_length=64, examples=["meter-1"])
]
Instant = Annotated[
    datetime,
    BeforeValidator(_read_instant),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "maxLength": 35,
            "examples": ["2026-11-21T11:10:00+08:00"],
        }
    ),
]
Index = Annotated[int, Field(ge=0, le=LAST_INDEX, examples=[1024])]
Digest = Annotated[
    str, Field(description="32 bytes, base64url without padding", min_length=43, max_length=43)
]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
DecimalText = Annotated[str, Field(description="Exact decimal", examples=["1234.50"])]


def time_text(instant: datetime) -> str:
    """An instant by RFC 3339 in UTC with exactly three decimals."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def optional_time(instant: datetime | None) -> str | None:
    """``time_text``, or None for none."""
    return None if instant is None else time_text(instant)


def optional_decimal(value: Decimal | None) -> str | None:
    """A decimal in plain notation with all its decimals, or None for none."""
    return None if value is None else f"{value:f}"
