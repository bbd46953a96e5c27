"""Checks of single values of the PACT data model (Technical Specifications 3.0, data types).

A check takes a value and the name of its field and returns nothing; numbers are texts of decimal
digits, never JSON numbers, so that no digit is lost on the way.
"""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import NoReturn
from uuid import UUID

from trace_node.accounting.pact.errors import FootprintDocumentError

Check = Callable[[object, str], None]
MAX_TEXT = 10_000
_DECIMAL = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?", re.ASCII)
_URN = re.compile(r"[uU][rR][nN]:[\x21-\x7e]{1,500}")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def refuse_document(field: str, rule: str, **params: str) -> NoReturn:
    """Refuse a footprint.

    Raises:
        FootprintDocumentError: Always.
    """
    raise FootprintDocumentError(
        "{field}: " + rule,
        field=field,
        **params,
        remedy="correct the document; docs/spec/pact.md lists its members",
    )


def amount(text: object) -> Decimal:
    """The number in a text that was checked; zero for a member that is absent."""
    return Decimal(0) if text is None else Decimal(str(text))


def instant(text: str) -> datetime:
    """The time of an RFC 3339 text.

    Raises:
        ValueError: It is none; a time without a zone is none.
    """
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def decimal(
    *, least: int | None = None, most: int | None = None, above_zero: bool = False
) -> Check:
    """A decimal number as text, perhaps within bounds (both included)."""

    def check(value: object, field: str) -> None:
        if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
            refuse_document(field, "must be a decimal number as text, such as '12.5'")
        number = Decimal(value)
        if least is not None and number < least:
            refuse_document(field, "must be at least {least}", least=str(least))
        if most is not None and number > most:
            refuse_document(field, "must be at most {most}", most=str(most))
        if above_zero and number <= 0:
            refuse_document(field, "must be more than zero")

    return check


def text(value: object, field: str) -> None:
    """A text of up to 10,000 characters."""
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        refuse_document(field, "must be a text of at most {most} characters", most=str(MAX_TEXT))


def some_text(value: object, field: str) -> None:
    """A text that is not empty."""
    text(value, field)
    if not value:
        refuse_document(field, "must not be empty")


def truth(value: object, field: str) -> None:
    """True or false."""
    if not isinstance(value, bool):
        refuse_document(field, "must be true or false")


def urn(value: object, field: str) -> None:
    """A Uniform Resource Name (RFC 8141)."""
    if not isinstance(value, str) or not _URN.fullmatch(value):
        refuse_document(field, "must be a URN, such as urn:gtin:4712345060507")


def uuid(value: object, field: str) -> None:
    """A UUID in its usual spelling."""
    if not is_uuid(value):
        refuse_document(field, "must be a UUID")


def is_uuid(value: object) -> bool:
    """Whether a value is a UUID in its usual spelling."""
    return isinstance(value, str) and bool(_UUID.fullmatch(value)) and UUID(value).int >= 0


def time(value: object, field: str) -> None:
    """An RFC 3339 time with its zone."""
    try:
        if not isinstance(value, str):
            raise ValueError  # noqa: TRY004, TRY301  # one refusal for both
        instant(value)
    except ValueError:
        refuse_document(field, "must be a time with its zone, such as 2026-01-31T00:00:00Z")


def choice(*allowed: str) -> Check:
    """One of some words."""

    def check(value: object, field: str) -> None:
        if value not in allowed:
            refuse_document(field, "must be one of: {allowed}", allowed=", ".join(allowed))

    return check


def pattern(form: str, example: str) -> Check:
    """A text of a form."""
    compiled = re.compile(form)

    def check(value: object, field: str) -> None:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            refuse_document(field, "must have the form of {example}", example=example)

    return check


def set_of(item: Check) -> Check:
    """A list of at least one value, none of them twice."""

    def check(value: object, field: str) -> None:
        if not isinstance(value, list) or not value:
            refuse_document(field, "must be a list of at least one value")
        for place, one in enumerate(value):
            item(one, f"{field}[{place}]")
        if any(one in value[:place] for place, one in enumerate(value)):
            refuse_document(field, "holds a value twice")

    return check
