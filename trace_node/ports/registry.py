"""What is enrolled in a log: keys and meters, each by a signed leaf of it."""

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
