"""Enrol keys and meters, and revoke keys: what an authority signed becomes a leaf of the log."""

from collections.abc import Sequence
from dataclasses import dataclass

from trace_node.crypto import signed_record
from trace_node.crypto.sm2 import PublicKey
from trace_node.errors import AccessError, InputError
from trace_node.ids import KeyId, Origin
from trace_node.metering.records.device_registration import DEVICE_REGISTRATION, DeviceRegistration
from trace_node.metering.records.key_registration import KEY_REGISTRATION, KeyRegistration
from trace_node.metering.records.key_revocation import KEY_REVOCATION, KeyRevocation
from trace_node.metering.records.parse import parse_record
from trace_node.ports.registry import EnrolledKey, EnrolledMeter, RevokedKey
from trace_node.services.enrolled import EnrolmentBook
from trace_node.services.group_commit import GroupCommit
from trace_node.services.log_tail import Batch
from trace_node.tlog.hasher import SM3

Registration = KeyRegistration | KeyRevocation | DeviceRegistration


class AuthorityError(AccessError):
    """The registration is not signed by an authority of the trust root."""

    code = "enrol.authority"


class RegistrationError(InputError):
    """The record is no registration, or one for another log."""

    code = "enrol.registration"


class Enrolment:
    """Takes in registrations (登记).

    Args:
        origin: Origin of the log.
        authorities: Keys that may sign registrations: the device authorities of the trust root.
        writer: The writer of the log.
        book: Is renewed after each registration.
    """

    def __init__(
        self,
        *,
        origin: Origin,
        authorities: Sequence[PublicKey],
        writer: GroupCommit,
        book: EnrolmentBook,
    ) -> None:
        self._origin = origin
        self._authorities = {key.key_id: key for key in authorities}
        self._writer = writer
        self._book = book

    def enrol(self, raw: bytes) -> int:
        """Log a registration and return its leaf index; the same bytes again give the same index.

        Waits for the commit.

        Args:
            raw: The bytes of a ``key-registration``, ``key-revocation`` or ``device-registration``.

        Raises:
            InputError: Not a registration, or a member breaks its rule.
            RegistrationError: Another record, or for another log; of a key that was revoked
                (``enrol.revoked``), or the revocation of one that is no collector's
                (``enrol.unknown_key``).
            AuthorityError: Signed by a key that is no authority.
            SignatureError: The signature does not verify.
            BusyError: The queue is full.
        """
        index = self._writer.submit(self.job(raw)).result()
        self._book.renew()
        return index

    def job(self, raw: bytes) -> "RegistrationJob":
        """What writes a registration; raises as ``enrol`` does."""
        registration = self._checked(raw)
        return RegistrationJob(raw=raw, registration=registration, digest=SM3.leaf(raw))

    def _checked(self, raw: bytes) -> Registration:
        registration = parse_record(raw)
        if not isinstance(registration, KeyRegistration | KeyRevocation | DeviceRegistration):
            raise RegistrationError(
                "{field}: must be {key}, {revocation} or {device}",
                field="type",
                key=KEY_REGISTRATION,
                revocation=KEY_REVOCATION,
                device=DEVICE_REGISTRATION,
                remedy="hand in a registration",
            )
        if registration.origin != self._origin:
            raise RegistrationError(
                "{field}: the registration is for the log {named}, this is {origin}",
                field="log",
                named=registration.origin,
                origin=self._origin,
                remedy="let the authority sign a registration for this log",
            )
        signed_record.verify(raw, self._authority(registration.signed_by))
        return registration

    def _authority(self, key_id: KeyId) -> PublicKey:
        authority = self._authorities.get(key_id)
        if authority is None:
            raise AuthorityError(
                "{field}: the key {key} may not register keys and devices of this log",
                field="signature",
                key=key_id,
                remedy="sign with a device authority that the trust root names",
            )
        return authority


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationJob:
    """Writes one registration.

    Attributes:
        raw: Its bytes.
        registration: What they say; the signature was verified.
        digest: Its record digest.
    """

    raw: bytes
    registration: Registration
    digest: bytes

    @property
    def weight(self) -> int:
        """One entry."""
        return 1

    def write(self, batch: Batch) -> int:
        """Stage it, unless it is logged already; return its leaf index."""
        enrolments = batch.work.enrolments
        known = enrolments.index_of(self.digest)
        if known is not None:
            return known
        if isinstance(self.registration, KeyRegistration):
            _require_not_revoked(self.registration, batch)
            return self._append(batch, self.registration.type)
        if isinstance(self.registration, KeyRevocation):
            return self._revoke(batch, self.registration)
        return self._append(batch, DEVICE_REGISTRATION)

    def _revoke(self, batch: Batch, revocation: KeyRevocation) -> int:
        """Stage a revocation; a key that is revoked already stays so by its first one."""
        enrolments, key_id = batch.work.enrolments, revocation.key_id
        before = [each for each in enrolments.revocations() if each.key_id == key_id]
        if before:
            return before[0].index
        if not any(key.usage == "collector" for key in enrolments.keys(key_id=key_id)):
            raise RegistrationError(
                "{field}: {key} is not enrolled as the key of a collector",
                field="key_id",
                key=key_id,
                remedy="name the key as trace-node keys show prints it",
                code="enrol.unknown_key",
            )
        batch.add_revoked(key_id)
        return self._append(batch, KEY_REVOCATION)

    def _append(self, batch: Batch, kind: str) -> int:
        index = batch.append(kind=kind, body=self.raw, leaf_hash=self.digest)
        batch.flush()  # the rows below refer to the entry
        remember_registration(batch, self.registration, index=index, digest=self.digest)
        return index


def _require_not_revoked(registration: KeyRegistration, batch: Batch) -> None:
    if registration.usage == "collector" and batch.is_revoked(registration.key.key_id):
        raise RegistrationError(
            "{field}: the key {key} was revoked, and is never enrolled again",
            field="key_id",
            key=registration.key.key_id,
            remedy="make a new key: trace-node keys generate FILE, and enrol that",
            code="enrol.revoked",
        )


def remember_registration(
    batch: Batch, registration: Registration, *, index: int, digest: bytes
) -> None:
    """Write the rows by which a logged registration or revocation is found."""
    enrolments = batch.work.enrolments
    if isinstance(registration, KeyRegistration):
        enrolments.add_key(enrolled_key(registration, index=index, digest=digest))
    elif isinstance(registration, KeyRevocation):
        enrolments.add_revocation(revoked_key(registration, index=index, digest=digest))
    else:
        enrolments.add_meter(EnrolledMeter(index=index, digest=digest, meter=registration.meter))


def revoked_key(revocation: KeyRevocation, *, index: int, digest: bytes) -> RevokedKey:
    """The revoked key that a logged revocation makes."""
    return RevokedKey(
        index=index,
        digest=digest,
        key_id=revocation.key_id,
        reason=revocation.reason,
        revoked_at=revocation.revoked_at,
    )


def enrolled_key(registration: KeyRegistration, *, index: int, digest: bytes) -> EnrolledKey:
    """The enrolled key that a logged registration makes."""
    return EnrolledKey(
        index=index,
        digest=digest,
        key_id=registration.key.key_id,
        usage=registration.usage,
        point=registration.key.point,
        subject=registration.subject,
        organisation=registration.organisation,
        valid_from=registration.valid_from,
        valid_to=registration.valid_to,
        address=registration.address,
        replaces=registration.replaces,
    )
