"""What is enrolled in a log: keys and meters, each by a signed leaf of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from trace_node.ids import KeyId, OrganisationId
from trace_node.metering.meter import Meter


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledKey:
    """A key the log knows, and the leaf that says so (已登记密钥).

    Attributes:
        index: Leaf index of the key registration.
        digest: Its record digest.
        key_id: Id of the key.
        usage: ``collector``, ``log``, ``node`` or ``witness``.
        point: 65-byte uncompressed point.
        subject: Who holds the private key.
        organisation: Organisation of the subject.
        valid_from: First instant at which it may sign.
        valid_to: First instant at which it may sign no longer.
        address: EIP-55 address bound to the key; None when none is.
    """

    index: int
    digest: bytes
    key_id: KeyId
    usage: str
    point: bytes
    subject: str
    organisation: OrganisationId
    valid_from: datetime
    valid_to: datetime
    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledMeter:
    """A meter the log knows, and the leaf that says so (已登记计量器具).

    Attributes:
        index: Leaf index of the device registration.
        digest: Its record digest.
        meter: The meter and its meter registers, from ``meter.valid_from`` on.
    """

    index: int
    digest: bytes
    meter: Meter


def key_at(
    keys: Iterable[EnrolledKey], *, key_id: KeyId, usage: str, at: datetime
) -> EnrolledKey | None:
    """The registration by which a key may sign for ``usage`` at ``at``; None if it may not.

    Of the registrations that have begun, the one logged last holds. So a key is renewed by a
    registration that begins later, and revoked by one that begins at once and ends.

    Args:
        keys: Registrations in the order in which they were logged.
        key_id: Id of the key.
        usage: ``collector``, ``log``, ``node`` or ``witness``.
        at: The instant.
    """
    begun = [
        key for key in keys if key.key_id == key_id and key.usage == usage and key.valid_from <= at
    ]
    return begun[-1] if begun and at < begun[-1].valid_to else None
