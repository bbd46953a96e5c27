"""Signatures of records by keys that the log enrolled, and of registrations by authorities."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from trace_node.accounting.footprint.batch_event import BatchEvent
from trace_node.accounting.records.signer_trust import SignerTrust, trust_topic
from trace_node.accounting.statements import trusted_role
from trace_node.crypto import signed_record
from trace_node.crypto.sm2 import PublicKey
from trace_node.ids import KeyId
from trace_node.metering.records.device_registration import DeviceRegistration
from trace_node.metering.records.key_registration import KeyRegistration
from trace_node.metering.records.key_revocation import KeyRevocation
from trace_node.metering.records.parse import Record
from trace_node.ports.entries import StoredEntry
from trace_node.ports.registry import EnrolledKey, RevokedKey, key_at
from trace_node.record.statement import Statement
from trace_node.services.enrolled import public_key
from trace_node.services.fsck_report import Findings
from trace_node.services.fsck_signatures import SignatureCheck
from trace_node.services.statement_signers import NODE_USAGE, statement_key


class KeyCheck:
    """Knows the keys that were enrolled by the entries read so far.

    Args:
        authorities: Keys that may sign registrations; empty if they are not known here.
        signatures: Verifies the signatures.
        found: Where problems go.
    """

    def __init__(
        self, *, authorities: Sequence[PublicKey], signatures: SignatureCheck, found: Findings
    ) -> None:
        self._authorities = {key.key_id: key for key in authorities}
        self._signatures = signatures
        self._found = found
        self._keys: dict[KeyId, list[EnrolledKey]] = {}
        self._revoked: dict[KeyId, int] = {}
        self._trusts: dict[str, SignerTrust] = {}

    def add(self, key: EnrolledKey) -> None:
        """Take in a key registration."""
        self._keys.setdefault(key.key_id, []).append(key)

    def add_all(self, keys: Iterable[EnrolledKey]) -> None:
        """Take in several."""
        for key in keys:
            self.add(key)

    def revoke(self, revoked: RevokedKey) -> None:
        """Take in a key revocation: no delivery of the key may come after it."""
        self._revoked.setdefault(revoked.key_id, revoked.index)

    def speaks_for(self, key_id: KeyId, collector: KeyId) -> bool:
        """Whether a key may deliver what was collected under another one, or under itself."""
        known = self._keys.get(key_id, ())
        return key_id == collector or any(key.speaks_for(collector) for key in known)

    def require_not_revoked(self, entry: StoredEntry, *, key_id: KeyId) -> None:
        """Require that the collector's key of a delivery was not revoked before it."""
        if key_id in self._revoked:
            self._found.add(
                "key_revoked",
                "entry {index}: signed by {key}, which entry {revoked} had revoked",
                index=entry.index,
                key=key_id,
                revoked=self._revoked[key_id],
            )

    def trust(self, trust: SignerTrust) -> None:
        """Take in what the log says of a publisher or laboratory from here on."""
        self._trusts[trust.topic] = trust

    def require_signed(
        self, entry: StoredEntry, *, key_id: KeyId, usage: str, at: datetime
    ) -> None:
        """Require a record's signature to be that of a key enrolled for ``usage`` at the time."""
        key = key_at(self._keys.get(key_id, ()), key_id=key_id, usage=usage, at=at)
        if key is None:
            self._found.add(
                "key",
                "entry {index}: signed by {key}, which was not enrolled as the key of a {usage}",
                index=entry.index,
                key=key_id,
                usage=usage,
            )
        else:
            self._verify(entry, public_key(key.point))

    def require_authority(self, entry: StoredEntry, registration: Record) -> None:
        """Require a registration to be signed by an authority, if authorities are known here."""
        if not self._authorities or not isinstance(
            registration, KeyRegistration | KeyRevocation | DeviceRegistration
        ):
            return
        authority = self._authorities.get(registration.signed_by)
        if authority is None:
            self._found.add(
                "authority",
                "entry {index}: registered by {key}, which is no authority of the trust root",
                index=entry.index,
                key=registration.signed_by,
            )
        else:
            self._verify(entry, authority)

    def require_stated(self, entry: StoredEntry, statement: Statement) -> None:
        """Require a statement to be signed by whoever may make it."""
        signed_by = statement.signed_by
        node = key_at(
            self._keys.get(signed_by, ()),
            key_id=signed_by,
            usage=NODE_USAGE,
            at=statement.stated_at,
        )
        role = trusted_role(statement.content)
        trust = None if role is None else self._trusts.get(trust_topic(role, signed_by))
        key = statement_key(statement, authorities=self._authorities, node=node, trust=trust)
        if key is not None:
            self._verify(entry, key)
        elif self._authorities:  # else it may be an authority that is not known here
            self._found.add(
                "key",
                "entry {index}: signed by {key}, which may not state this",
                index=entry.index,
                key=signed_by,
            )

    def require_received(self, entry: StoredEntry, statement: Statement) -> None:
        """Require a hand-over to be signed by a node of the enterprise that took it over."""
        event = statement.content
        if not isinstance(event, BatchEvent) or event.hand_over is None:
            return
        over = event.hand_over
        known = self._keys.get(over.key, ())
        node = key_at(known, key_id=over.key, usage=NODE_USAGE, at=statement.stated_at)
        if node is None or node.organisation != over.receiver:
            self._found.add(
                "key",
                "entry {index}: handed over to {receiver}, which has no node of key {key}",
                index=entry.index,
                receiver=over.receiver,
                key=over.key,
            )
            return
        self._found.count("signatures")
        self._signatures.add(
            partial(event.verify_receiver, public_key(node.point)),
            partial(self._blame, entry.index),
        )

    def _verify(self, entry: StoredEntry, public: PublicKey) -> None:
        self._found.count("signatures")
        self._signatures.add(
            partial(signed_record.verify, entry.body, public), partial(self._blame, entry.index)
        )

    def _blame(self, index: int, detail: str) -> None:
        self._found.add("signature", "entry {index}: {detail}", index=index, detail=detail)
