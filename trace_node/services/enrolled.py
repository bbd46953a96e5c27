"""What is enrolled, as ingest asks for it: a snapshot, brought up to date when something is amiss.

Nothing that was enrolled ever changes, so only what was logged since the last look is read.
"""

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from trace_node.accounting.records.signer_trust import SIGNER_TRUST, SignerTrust, trust_topic
from trace_node.accounting.statements import trusted_role
from trace_node.clock import Clock
from trace_node.crypto.sm2 import PublicKey
from trace_node.ids import KeyId
from trace_node.metering.meter import Meter, MeterRegister
from trace_node.period import to_ms
from trace_node.ports.registry import EnrolledKey, EnrolledMeter, RevokedKey, key_at
from trace_node.ports.store import Store
from trace_node.record.statement import Statement
from trace_node.services.statement_types import parse_statement

_LEAST_BETWEEN_READS_NS = 1_000_000_000


class Enrolled:
    """One snapshot of the enrolled keys and meters; it never changes.

    Args:
        keys: Key registrations of each key, in log order.
        meters: Descriptions of each device, by the time from which they hold.
        revoked: Revocation of each key that was revoked.
    """

    def __init__(
        self,
        *,
        keys: Mapping[KeyId, tuple[EnrolledKey, ...]],
        meters: Mapping[str, "tuple[_Description, ...]"],
        revoked: Mapping[KeyId, RevokedKey],
    ) -> None:
        self._keys = keys
        self._meters = meters
        self._revoked = revoked

    def followed_by(
        self,
        *,
        keys: Iterable[EnrolledKey],
        meters: Iterable[EnrolledMeter],
        revoked: Iterable[RevokedKey],
    ) -> "Enrolled":
        """The snapshot after these registrations, which were logged later, in log order."""
        all_keys, all_meters = dict(self._keys), dict(self._meters)
        for key in keys:
            all_keys[key.key_id] = (*all_keys.get(key.key_id, ()), key)
        for enrolled in meters:
            device, described = enrolled.meter.device, _Description(enrolled.meter)
            known = (*all_meters.get(device, ()), described)
            # stable: of two that hold from the same time, the one logged later comes later
            all_meters[device] = tuple(sorted(known, key=lambda item: item.valid_from_ms))
        all_revoked = {**self._revoked, **{each.key_id: each for each in revoked}}
        return Enrolled(keys=all_keys, meters=all_meters, revoked=all_revoked)

    def revocation(self, key_id: KeyId) -> RevokedKey | None:
        """The revocation of a collector's key; None while it was not revoked."""
        return self._revoked.get(key_id)

    def key(self, key_id: KeyId, *, usage: str, at: datetime) -> EnrolledKey | None:
        """The registration by which a key may sign for ``usage`` at ``at``; None if it may not."""
        return key_at(self._keys.get(key_id, ()), key_id=key_id, usage=usage, at=at)

    def keys_of(self, key_id: KeyId) -> tuple[EnrolledKey, ...]:
        """Every registration of a key, in log order."""
        return self._keys.get(key_id, ())

    def has_device(self, device: str, *, at_ms: int) -> bool:
        """Whether a device is described for that instant."""
        return self._description(device, at_ms) is not None

    def meter_register(self, device: str, name: str, *, at_ms: int) -> MeterRegister | None:
        """The description of a meter register that holds at an instant; None without one."""
        description = self._description(device, at_ms)
        return None if description is None else description.meter_registers.get(name)

    def meter_registers(
        self, device: str, *, first_ms: int, last_ms: int
    ) -> Mapping[str, MeterRegister] | None:
        """The meter registers of a device by name, if one description holds from first to last."""
        description = self._description(device, first_ms)
        if description is None or description is not self._description(device, last_ms):
            return None
        return description.meter_registers

    def _description(self, device: str, at_ms: int) -> "_Description | None":
        found = None
        for description in self._meters.get(device, ()):
            if description.valid_from_ms > at_ms:
                break
            found = description
        return found


class _Description:
    __slots__ = ("meter_registers", "valid_from_ms")

    def __init__(self, meter: Meter) -> None:
        self.valid_from_ms = to_ms(meter.valid_from)
        self.meter_registers: dict[str, MeterRegister] = {
            item.name: item for item in meter.meter_registers
        }


class EnrolmentBook:
    """Keeps the newest snapshot; safe to share between threads.

    Args:
        store: The database of the log.
        clock: Bounds how often the database is asked again.
    """

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at: int | None = None
        self._size = 0
        self._current = Enrolled(keys={}, meters={}, revoked={})
        self.renew()

    @property
    def current(self) -> Enrolled:
        """The newest snapshot."""
        return self._current

    def renew(self) -> Enrolled:
        """Read the database now."""
        with self._lock:
            return self._read()

    def renew_if_stale(self) -> Enrolled:
        """Read the database, unless that was done within the last second."""
        with self._lock:
            now = self._clock.monotonic()
            if self._read_at is not None and now - self._read_at < _LEAST_BETWEEN_READS_NS:
                return self._current
            return self._read()

    def trust_for(self, statement: Statement) -> SignerTrust | None:
        """What the log says last of the signer as publisher or laboratory; None without."""
        role = trusted_role(statement.content)
        if role is None:
            return None
        with self._store.view() as view:
            found = view.statements.newest(SIGNER_TRUST, trust_topic(role, statement.signed_by))
            if found is None:
                return None
            (body,) = view.entries.bodies(found.index, found.index + 1)
        content = parse_statement(body).content
        return content if isinstance(content, SignerTrust) else None

    def _read(self) -> Enrolled:
        with self._store.view() as view:
            size = view.entries.state().size
            keys = view.enrolments.keys(first=self._size)
            meters = view.enrolments.meters(first=self._size)
            revoked = view.enrolments.revocations(first=self._size)
        self._read_at, self._size = self._clock.monotonic(), size
        if keys or meters or revoked:
            self._current = self._current.followed_by(keys=keys, meters=meters, revoked=revoked)
        return self._current


@lru_cache(maxsize=4096)
def public_key(point: bytes) -> PublicKey:
    """The public key of a registered point; its place on the curve is checked once."""
    return PublicKey.from_point(point)
