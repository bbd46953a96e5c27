"""Errors of the PACT exchange.

* InputError
  + FootprintDocumentError  a footprint breaks the data model, or holds what may not be inside it
  + CriteriaError           a filter or limit is not one of the specification
  + EventError              an event breaks its form, or answers no request of ours
    + EventTypeError        an event of another version or kind
"""

from typing import ClassVar

from trace_node.errors import InputError


class FootprintDocumentError(InputError):
    """A footprint breaks the data model, or holds what may not be inside it; nothing was stored."""

    code: ClassVar[str] = "pact.footprint"


class CriteriaError(InputError):
    """A filter or limit is not one of the specification."""

    code: ClassVar[str] = "pact.criteria"


class EventError(InputError):
    """An event breaks its form, or answers no request of ours; nothing was stored."""

    code: ClassVar[str] = "pact.event"


class EventTypeError(EventError):
    """An event of another version or kind of exchange."""

    code: ClassVar[str] = "pact.event.type"
