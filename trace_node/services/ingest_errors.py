"""Why a delivery is refused, or cannot be taken now.

* InputError
  + DeliveryError          the delivery contradicts itself or what is enrolled
* AccessError
  + CollectorKeyError      the key may not sign deliveries of this log now, or not for this stream
* ConflictError
  + RecordConflictError    another record is logged for the same (device, boot, seq)
* StateError
  + LogStoppedError        the writer has stopped, because going on could fork or lose the log
* UnavailableError
  + CommitUnknownError     the database failed during the commit: send again, nothing is doubled
"""

from trace_node.errors import (
    AccessError,
    ConflictError,
    InputError,
    StateError,
    UnavailableError,
)


class DeliveryError(InputError):
    """The delivery contradicts itself or what is enrolled."""

    code = "ingest.delivery"


class CollectorKeyError(AccessError):
    """The key may not sign deliveries of this log now, or not for this stream."""

    code = "ingest.key"


class RecordConflictError(ConflictError):
    """Another record is logged for the same (device, boot, seq); both are kept."""

    code = "ingest.conflict"


class LogStoppedError(StateError):
    """The writer has stopped, because going on could fork or lose the log."""

    code = "ingest.stopped"


class CommitUnknownError(UnavailableError):
    """The database failed during the commit; sending the same again is safe."""

    code = "ingest.commit"
