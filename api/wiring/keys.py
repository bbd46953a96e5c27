"""The keys of a new node, and the registrations that enrol them."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.home import Home
from chain.addresses import checksum_address
from chain.signer_key import create_key, stated_address
from trace_node.crypto import keys, secret_file
from trace_node.crypto.sm2 import PrivateKey, PublicKey
from trace_node.errors import ConfigError
from trace_node.ids import KeyId, OrganisationId, Origin
from trace_node.metering.meter import Meter
from trace_node.metering.records.device_registration import (
    DeviceRegistration,
    build_device_registration,
)
from trace_node.metering.records.key_registration import KeyRegistration, build_key_registration
from trace_node.metering.records.key_revocation import KeyRevocation, build_key_revocation

SALT_BYTES = 16
LINK_SECRET_BYTES = 32
YEARS = 5


def make_keys(home: Home, passphrase: str) -> None:
    """Make every key of a node that does not exist yet.

    Raises:
        ParameterError: The passphrase is too short.
    """
    home.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in (home.log_key, home.node_key, home.authority_key, home.collector_key):
        if not path.exists():
            keys.save(path, keys.generate(), passphrase)
    for path in (home.owner_key, home.anchor_key, home.relay_key):
        if not path.exists():
            create_key(path, passphrase)
    if not home.link_secret.exists():
        secret_file.create(home.link_secret, secrets.token_bytes(LINK_SECRET_BYTES))


def read_link_secret(home: Home) -> bytes:
    """The secret behind the links that open one bundle each.

    Raises:
        ConfigError: Missing, readable by others, or not of 32 bytes.
    """
    secret = secret_file.read(home.link_secret)
    if len(secret) != LINK_SECRET_BYTES:
        raise ConfigError(
            "{path}: must hold {size} bytes",
            field="link_secret",
            path=str(home.link_secret),
            size=LINK_SECRET_BYTES,
            remedy="restore it from the backup; a new one ends all links that were given out",
            code="config.link_secret",
        )
    return secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrar:
    """Signs registrations of one log as its authority (登记机构).

    Attributes:
        origin: Origin of the log.
        organisation: Whose keys they are.
        authority: Key that the trust root names.
        now: Beginning of what is registered; whole milliseconds.
    """

    origin: Origin
    organisation: OrganisationId
    authority: PrivateKey
    now: datetime

    def key(
        self,
        public: PublicKey,
        *,
        usage: str,
        subject: str,
        address: str | None = None,
        replaces: Sequence[KeyId] = (),
    ) -> bytes:
        """A key registration that holds for five years."""
        return build_key_registration(
            KeyRegistration(
                salt=secrets.token_bytes(SALT_BYTES),
                origin=self.origin,
                key=public,
                usage=usage,
                subject=subject,
                organisation=self.organisation,
                valid_from=self.now,
                valid_to=self.now + timedelta(days=366 * YEARS),
                address=address,
                signed_by=self.authority.public.key_id,
                replaces=tuple(replaces),
            ),
            signer=self.authority,
        )

    def revocation(self, key_id: KeyId, *, reason: str, revoked_at: datetime) -> bytes:
        """The revocation of a collector's key."""
        return build_key_revocation(
            KeyRevocation(
                salt=secrets.token_bytes(SALT_BYTES),
                origin=self.origin,
                key_id=key_id,
                reason=reason,
                revoked_at=revoked_at,
                signed_by=self.authority.public.key_id,
            ),
            signer=self.authority,
        )

    def meter(self, meter: Meter) -> bytes:
        """A device registration."""
        return build_device_registration(
            DeviceRegistration(
                salt=secrets.token_bytes(SALT_BYTES),
                origin=self.origin,
                meter=meter,
                signed_by=self.authority.public.key_id,
            ),
            signer=self.authority,
        )


def anchor_address(home: Home) -> str:
    """The address that anchors the log, which a registration binds to the log's key."""
    return checksum_address(stated_address(home.anchor_key))


def own_registrations(home: Home, registrar: Registrar, passphrase: str) -> Iterator[bytes]:
    """Registrations of the node's own keys: log, node and the collector on this machine."""
    address = anchor_address(home)
    for path, usage in (
        (home.log_key, "log"),
        (home.node_key, "node"),
        (home.collector_key, "collector"),
    ):
        public = keys.load(path, passphrase).public
        bound = address if usage == "log" else None
        yield registrar.key(public, usage=usage, subject=f"local-{usage}", address=bound)
