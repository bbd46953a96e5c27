"""Events between hosts: CloudEvents 1.0 in structured form (Technical Specifications 3.0)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NoReturn

from trace_node.accounting.pact import values as v
from trace_node.accounting.pact.criteria import Criteria, parse_criteria
from trace_node.accounting.pact.errors import (
    CriteriaError,
    EventError,
    EventTypeError,
    FootprintDocumentError,
)
from trace_node.accounting.pact.footprint import rfc3339
from trace_node.accounting.pact.members import RECEIVED, RECEIVED_PCF, Member, check_members

_PREFIX: Final = "org.wbcsd."
_REMEDY: Final = "docs/spec/pact.md describes the events"
MAX_ID: Final = 256
MOST_FOOTPRINTS: Final = 1_000
ERRORS: Final = (
    "BadRequest",
    "AccessDenied",
    "TokenExpired",
    "NotFound",
    "InternalError",
    "NotImplemented",
)


class EventType(StrEnum):
    """The four events of version 3."""

    REQUEST_CREATED = "org.wbcsd.pact.ProductFootprint.RequestCreatedEvent.3"
    REQUEST_FULFILLED = "org.wbcsd.pact.ProductFootprint.RequestFulfilledEvent.3"
    REQUEST_REJECTED = "org.wbcsd.pact.ProductFootprint.RequestRejectedEvent.3"
    PUBLISHED = "org.wbcsd.pact.ProductFootprint.PublishedEvent.3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event.

    Attributes:
        type: What it tells.
        id: Set by whoever sent it; with ``source`` it is unique.
        source: Address it comes from, and where an answer goes.
        time: When it occurred.
        data: What it carries, checked for its type.
    """

    type: EventType
    id: str
    source: str
    time: datetime
    data: Mapping[str, Any]

    @property
    def request(self) -> str:
        """Id of the request it answers; empty for other events."""
        return str(self.data.get("requestEventId", ""))

    def criteria(self) -> Criteria:
        """What a request looks for.

        Raises:
            EventError: A criterion breaks its form.
        """
        given: dict[str, Sequence[str]] = {}
        for name, value in self.data.items():
            if name == "comment":
                continue
            values = [value] if isinstance(value, str) else value
            if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
                _refuse_event(f"data.{name}", "must be a text or a list of texts")
            given[name] = values
        try:
            return parse_criteria(given)
        except CriteriaError as error:
            _refuse_event(f"data.{error.field}", "is no filter, or breaks the form of its values")

    def to_json(self) -> dict[str, Any]:
        """The event as it is sent."""
        return {
            "type": self.type.value,
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "time": rfc3339(self.time),
            "data": dict(self.data),
        }


_ENVELOPE: Final = MappingProxyType(
    {
        "type": Member(v.some_text, required=True),
        "specversion": Member(v.choice("1.0"), required=True),
        "id": Member(v.some_text, required=True),
        "source": Member(v.some_text, required=True),
        "time": Member(v.time, required=True),
    }
)
_ERROR: Final = MappingProxyType(
    {"code": Member(v.choice(*ERRORS), required=True), "message": Member(v.text, required=True)}
)


def parse_event(value: object) -> Event:
    """Read an event of another host.

    Raises:
        EventTypeError: It is an event of another version or kind.
        EventError: It breaks its form.
    """
    try:
        check_members(value, _ENVELOPE, field="event", more=True)
        envelope: dict[str, Any] = value  # type: ignore[assignment]  # just checked
        kind = _type(envelope["type"])
        data = envelope.get("data")
        if not isinstance(data, dict):
            _refuse_event("data", "must be an object")
        _CHECKS[kind](data)
    except FootprintDocumentError as error:
        rule = {name: str(value) for name, value in error.params.items()}
        raise EventError(error.template, **rule, remedy=_REMEDY) from error
    if len(envelope["id"]) > MAX_ID:
        _refuse_event("id", "must be a text of at most {most} characters", most=str(MAX_ID))
    event = Event(
        type=kind,
        id=envelope["id"],
        source=envelope["source"],
        time=v.instant(envelope["time"]),
        data=data,
    )
    if kind is EventType.REQUEST_CREATED:
        event.criteria()
    return event


def _type(name: str) -> EventType:
    if name in list(EventType):
        return EventType(name)
    if not name.startswith(_PREFIX):
        _refuse_event("type", "is no event of this exchange")
    raise EventTypeError(
        "{field}: events of the kind {kind} are not taken",
        field="type",
        kind=name[:120],
        remedy="send an event of version 3",
    )


def _request(data: dict[str, Any]) -> None:
    if "comment" in data:
        v.text(data["comment"], "data.comment")


def _fulfilled(data: dict[str, Any]) -> None:
    v.some_text(data.get("requestEventId"), "data.requestEventId")
    footprints = data.get("pfs")
    if not isinstance(footprints, list) or not 0 < len(footprints) <= MOST_FOOTPRINTS:
        _refuse_event(
            "data.pfs", "must be a list of 1 to {most} footprints", most=str(MOST_FOOTPRINTS)
        )
    for place, each in enumerate(footprints):
        check_members(each, RECEIVED, field=f"data.pfs[{place}]", more=True)
        check_members(each.get("pcf"), RECEIVED_PCF, field=f"data.pfs[{place}].pcf", more=True)


def _rejected(data: dict[str, Any]) -> None:
    v.some_text(data.get("requestEventId"), "data.requestEventId")
    check_members(data.get("error"), _ERROR, field="data.error", more=True)


def _published(data: dict[str, Any]) -> None:
    v.set_of(v.uuid)(data.get("pfIds"), "data.pfIds")


_CHECKS: Final = MappingProxyType(
    {
        EventType.REQUEST_CREATED: _request,
        EventType.REQUEST_FULFILLED: _fulfilled,
        EventType.REQUEST_REJECTED: _rejected,
        EventType.PUBLISHED: _published,
    }
)


def _refuse_event(field: str, rule: str, **params: str) -> NoReturn:
    raise EventError(
        "{field}: " + rule,
        field=field,
        **params,
        remedy=_REMEDY,
    )
