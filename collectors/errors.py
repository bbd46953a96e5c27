"""Errors of the collectors, all derived from the general kinds in ``trace_node.errors``.

* ConfigError
  + FileError               a TOML file of the collectors is wrong (``collector.file.<rule>``)
  |   + PointListError      the point list is wrong (``collector.points.<rule>``)
  |   + BusTimeError        what the point list asks of a line does not fit into its time
  + ReplayTableError        a table of readings to be replayed is wrong
* InputError
  + CollectedDataError      a data file of a collector or a receipt for one is wrong
  + DecodeError             bytes of a meter that are no value; ``reason`` goes into the record
* UnavailableError
  + ReadError               a meter did not answer, or not to the question
  + SilentNodeError        everything was read, but a destination gives no answer
* StateError
  + SpoolFullError          the bound of the spool is reached: collection pauses
  + SpoolError              the spool is damaged or belongs to another collector
  + DrainError              a meter that hands out stored rows is out of step with the collector
  + UndeliveredError        everything was read, but a destination does not take it
"""

from typing import ClassVar

from trace_node.errors import ConfigError, InputError, StateError, UnavailableError


class FileError(ConfigError):
    """A TOML file of the collectors is wrong."""

    code = "collector.file"


class PointListError(FileError):
    """The point list is wrong."""

    code = "collector.points"


class BusTimeError(PointListError):
    """What the point list asks of a line does not fit into its time."""

    code: ClassVar[str] = "collector.points.bus_time"


class ReplayTableError(ConfigError):
    """A table of readings to be replayed is wrong."""

    code: ClassVar[str] = "collector.replay"


class CollectedDataError(InputError):
    """A data file of a collector, or a receipt for one, is wrong."""

    code: ClassVar[str] = "collected"


class DecodeError(InputError):
    """The bytes of a meter register are not a value.

    Args:
        template: See ``TraceNodeError``.
        why: Code for the record: ``absent``, ``not_a_number``, ``infinite`` or ``too_large``.
    """

    code: ClassVar[str] = "collector.decode"

    def __init__(self, template: str, /, *, why: str, **params: object) -> None:
        super().__init__(template, **params)  # type: ignore[arg-type]  # code and remedy stay default
        self.why = why


class ReadError(UnavailableError):
    """A meter did not answer, or its answer is not one to the question.

    Args:
        template: See ``TraceNodeError``.
        why: Code for the record: ``timeout``, ``connection``, ``garbled``, ``wrong_echo`` or
            ``exception_<n>`` with the Modbus exception code.
        sent: Bytes that were sent, for the evidence.
        received: Bytes that came, if any.
    """

    code: ClassVar[str] = "collector.read"

    def __init__(
        self,
        template: str,
        /,
        *,
        why: str,
        sent: bytes = b"",
        received: bytes = b"",
        **params: object,
    ) -> None:
        super().__init__(template, **params)  # type: ignore[arg-type]  # code and remedy stay default
        self.why = why
        self.sent = sent
        self.received = received


class SpoolFullError(StateError):
    """The bound of the spool is reached: nothing is dropped, collection pauses."""

    code: ClassVar[str] = "collector.spool.full"


class SpoolError(StateError):
    """The spool is damaged, or belongs to another collector."""

    code: ClassVar[str] = "collector.spool"


class DrainError(StateError):
    """A meter that hands out stored rows is out of step with the collector."""

    code: ClassVar[str] = "collector.drain"


class UndeliveredError(StateError):
    """Everything was read, but a destination does not take it; it is kept in the spool."""

    code: ClassVar[str] = "collector.undelivered"


class SilentNodeError(UnavailableError):
    """Everything was read, but a destination gives no answer; it is kept in the spool."""

    code: ClassVar[str] = "collector.undelivered.silent"
