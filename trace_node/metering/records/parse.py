"""Read any record: the ``type`` decides which reader it is handed to."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias

from trace_node.canonical_json import JsonObject, decode_object
from trace_node.ids import KeyId
from trace_node.metering.records.context import CONTEXT, Context, context_from_fields
from trace_node.metering.records.delivery import (
    DELIVERY,
    Delivery,
    delivery_from_fields,
    require_collector,
)
from trace_node.metering.records.device_registration import (
    DEVICE_REGISTRATION,
    DeviceRegistration,
    device_registration_from_fields,
)
from trace_node.metering.records.event import EVENT, Event, event_from_fields
from trace_node.metering.records.finding import FINDING, Finding, finding_from_fields
from trace_node.metering.records.key_registration import (
    KEY_REGISTRATION,
    KEY_REPLACEMENT,
    KeyRegistration,
    key_registration_from_fields,
)
from trace_node.metering.records.key_revocation import (
    KEY_REVOCATION,
    KeyRevocation,
    key_revocation_from_fields,
)
from trace_node.metering.records.reading import READING, Reading, reading_from_fields
from trace_node.metering.records.received import RECEIVED, Received, received_from_fields
from trace_node.record.errors import RecordError, RecordVersionError
from trace_node.record.signing import split_signature

Record: TypeAlias = (
    Reading
    | Event
    | Context
    | Delivery
    | Received
    | Finding
    | KeyRegistration
    | KeyRevocation
    | DeviceRegistration
)

_PLAIN: Final = MappingProxyType[str, Callable[[JsonObject], Record]](
    {READING: reading_from_fields, EVENT: event_from_fields, CONTEXT: context_from_fields}
)


class _SignedReader(Protocol):
    def __call__(self, fields: JsonObject, *, signed_by: KeyId) -> Record: ...


def _delivery(fields: JsonObject, *, signed_by: KeyId) -> Delivery:
    return require_collector(delivery_from_fields(fields), signed_by)


_SIGNED: Final = MappingProxyType[str, _SignedReader](
    {
        DELIVERY: _delivery,
        RECEIVED: received_from_fields,
        FINDING: finding_from_fields,
        KEY_REGISTRATION: key_registration_from_fields,
        KEY_REPLACEMENT: key_registration_from_fields,
        KEY_REVOCATION: key_revocation_from_fields,
        DEVICE_REGISTRATION: device_registration_from_fields,
    }
)
RECORD_TYPES: Final = frozenset({*_PLAIN, *_SIGNED})


def parse_record(raw: bytes) -> Record:
    """Read the bytes of a record of any known type; signatures are verified elsewhere.

    Raises:
        TooLargeError: More than 65,535 bytes; it was not parsed.
        CanonicalFormError: Not in canonical form.
        RecordVersionError: The type is not known (``record.type``), or its version is not
            (``record.version``).
        RecordError: A member breaks its rule; the code is ``record.<field>``.
        MeterError: A description of a meter contradicts itself.
    """
    fields = decode_object(raw)
    record_type = type_of(fields)
    plain = _PLAIN.get(record_type)
    if plain is not None:
        return plain(fields)
    body, signed_by = split_signature(fields)
    return _SIGNED[record_type](body, signed_by=signed_by)


def type_of(fields: JsonObject) -> str:
    """The type of a record if this reader knows it.

    Raises:
        RecordError: There is no type.
        RecordVersionError: The type or its version is not known.
    """
    record_type = fields.get("type")
    if not isinstance(record_type, str):
        raise RecordError(
            "{field}: every record has a type, such as reading@1",
            field="type",
            remedy="hand in records only",
            code="record.type",
        )
    if record_type in RECORD_TYPES:
        return record_type
    name = record_type.partition("@")[0]
    if any(name == known.partition("@")[0] for known in RECORD_TYPES):
        raise RecordVersionError(
            "{field}: this version of a record is not known: {found}",
            field="type",
            found=repr(record_type[:64]),
            remedy="use a reader that knows this version",
        )
    raise RecordVersionError(
        "{field}: not a known type of record: {found}",
        field="type",
        found=repr(record_type[:64]),
        remedy="use one of the types of docs/spec/records.md",
        code="record.type",
    )
