"""What is enrolled in a log: keys and meters, each by a signed leaf of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

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
        replaces: Ids of the keys of collectors whose place it takes.
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
    replaces: tuple[KeyId, ...] = ()

    def speaks_for(self, collector: KeyId) -> bool:
        """Whether it may deliver what was collected under that key: its own, or one replaced."""
        return collector == self.key_id or collector in self.replaces


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokedKey:
    """A collector's key that the log no longer takes deliveries of, and the leaf that says so.

    Attributes:
        index: Leaf index of the key revocation.
        digest: Its record digest.
        key_id: Id of the key.
        reason: Why.
        revoked_at: Since when it is not to be trusted, as the authority states it.
    """

    index: int
    digest: bytes
    key_id: KeyId
    reason: str
    revoked_at: datetime


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
    held = last_begun(keys, key_id=key_id, usage=usage, at=at)
    return held if held is not None and at < held.valid_to else None


def last_begun(
    keys: Iterable[EnrolledKey], *, key_id: KeyId, usage: str, at: datetime
) -> EnrolledKey | None:
    """The registration that counts at ``at``, even if it has ended; None before the first."""
    begun = [
        key for key in keys if key.key_id == key_id and key.usage == usage and key.valid_from <= at
    ]
    return begun[-1] if begun else None


class Enrolments(Protocol):
    """Keys and meters that are enrolled."""

    def keys(
        self, *, first: int = 0, end: int | None = None, key_id: KeyId | None = None
    ) -> Sequence[EnrolledKey]:
        """Key registrations logged from ``first`` up to ``end``, in log order; of one key if named.

        Without ``end`` to the end of the log.
        """

    def meters(
        self, *, first: int = 0, end: int | None = None, device: str | None = None
    ) -> Sequence[EnrolledMeter]:
        """Device registrations of the same kind of range, in log order; of one device if named."""

    def revocations(self, *, first: int = 0, end: int | None = None) -> Sequence[RevokedKey]:
        """Key revocations of the same kind of range, in log order."""

    def index_of(self, digest: bytes) -> int | None:
        """Leaf index of the registration or revocation of that digest; None when not logged."""

    def add_key(self, key: EnrolledKey) -> None:
        """Remember a key registration that was logged."""

    def add_revocation(self, revoked: RevokedKey) -> None:
        """Remember a key revocation that was logged."""

    def add_meter(self, meter: EnrolledMeter) -> None:
        """Remember a device registration that was logged."""
