"""Errors of metering, all derived from the general kinds in ``trace_node.errors``.

* InputError
  + WireError             the framing of a delivery is wrong
  + MeterError            a meter or meter register is described wrongly
  + SeriesError           readings were handed to a calculation in a way it cannot take
* TooLargeError
  + WireTooLargeError     a delivery is over a bound; it was not parsed
"""

from trace_node.errors import InputError, TooLargeError


class WireError(InputError):
    """The framing of a delivery on the wire is wrong."""

    code = "delivery.wire"


class WireTooLargeError(TooLargeError):
    """A delivery on the wire is over a bound; it was not parsed."""

    code = "delivery.too_large"


class MeterError(InputError):
    """A meter or a meter register is described wrongly."""

    code = "meter"


class SeriesError(InputError):
    """Readings were handed to a calculation in a way it cannot take."""

    code = "series"
