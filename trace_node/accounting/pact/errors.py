"""Errors of the PACT exchange.

* InputError
  + FootprintDocumentError  a footprint breaks the data model, or holds what may not be inside it
  | + FootprintSheetError   a sheet states what the leaves say, or lacks what they do not
  + FootprintGapError       a footprint on record has gaps, or rests on weak figures
  + CriteriaError           a filter or limit is not one of the specification
  + EventError              an event breaks its form, or answers no request of ours
    + EventTypeError        an event of another version or kind
"""

from typing import ClassVar

from trace_node.errors import InputError


class FootprintDocumentError(InputError):
    """A footprint breaks the data model, or holds what may not be inside it; nothing was stored."""

    code: ClassVar[str] = "pact.footprint"


class FootprintSheetError(FootprintDocumentError):
    """A sheet states what the leaves say, or lacks what they do not."""

    code: ClassVar[str] = "pact.sheet"


class FootprintGapError(InputError):
    """A footprint on record has gaps before the gate, or rests on weak figures."""

    code: ClassVar[str] = "pact.gaps"


class CriteriaError(InputError):
    """A filter or limit is not one of the specification."""

    code: ClassVar[str] = "pact.criteria"


class EventError(InputError):
    """An event breaks its form, or answers no request of ours; nothing was stored."""

    code: ClassVar[str] = "pact.event"


class EventTypeError(EventError):
    """An event of another version or kind of exchange."""

    code: ClassVar[str] = "pact.event.type"
