"""Who may use the PACT exchange: secrets of partners and the access tokens they are given.

A secret is 32 random bytes, shown once and kept as its SM3: there is nothing to guess, so no slow
hash is needed. An access token holds partner and end of life under an HMAC-SM3; the key of it
depends on the partner's secret, so a new secret ends all tokens that were given for the old one.
"""

import hmac
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from trace_node.clock import Clock
from trace_node.crypto.sm3 import hmac_sm3, sm3
from trace_node.ids import to_base64url
from trace_node.ports.pact import Partner
from trace_node.ports.store import Store
from trace_node.services.pact_errors import (
    ClientRefusedError,
    PartnerNotFoundError,
    TokenEndedError,
    TokenRefusedError,
)

TOKEN_LIFE = timedelta(hours=1)
MAX_SECRET = 128
MAX_TOKEN = 256


class PactAccess:
    """Secrets and tokens.

    Args:
        store: The database.
        key: Secret of this node, 32 bytes.
        clock: Time.
    """

    def __init__(self, store: Store, *, key: bytes, clock: Clock) -> None:
        self._store = store
        self._key = hmac_sm3(key, b"pact access token v1")
        self._clock = clock

    def issue(self, partner: Partner) -> str:
        """Check the secret's partner in, as it is described, and return its new secret.

        The secret cannot be shown again; that of a partner of the same name ends.
        """
        secret = to_base64url(secrets.token_bytes(32))
        with self._store.unit_of_work() as work:
            work.partners.put(replace(partner, secret=_digest(secret)))
        return secret

    def revoke(self, name: str) -> None:
        """End a partner's access at once; what it may see is kept.

        Raises:
            PartnerNotFoundError: There is none of that name.
        """
        with self._store.unit_of_work() as work:
            partner = work.partners.get(name)
            if partner is None:
                raise no_partner(name)
            work.partners.put(replace(partner, revoked=self._clock.now()))

    def token(self, name: str, secret: str) -> str:
        """An access token for an hour.

        Raises:
            ClientRefusedError: Name or secret are wrong, or the access was ended.
        """
        with self._store.view() as view:
            partner = view.partners.get(name)
        digest = _digest(secret) if len(secret) <= MAX_SECRET else b""
        kept = bytes(32) if partner is None else partner.secret
        if not hmac.compare_digest(digest, kept) or partner is None or partner.revoked:
            raise ClientRefusedError(
                "{field}: client id or secret are wrong",
                field="Authorization",
                remedy="send them as HTTP Basic credentials; ask the data owner for new ones",
            )
        end = int((self._clock.now() + TOKEN_LIFE).timestamp())
        body = f"{name}.{end}"
        return f"{body}.{to_base64url(self._seal(body, partner))}"

    def partner_of(self, token: str) -> Partner:
        """Who holds an access token.

        Raises:
            TokenRefusedError: It is none of this node, or the access was ended.
            TokenEndedError: It has expired.
        """
        body, _, seal = token.rpartition(".")
        name, _, end = body.rpartition(".")
        with self._store.view() as view:
            partner = view.partners.get(name) if len(token) <= MAX_TOKEN else None
        if (
            partner is None
            or partner.revoked
            or not hmac.compare_digest(
                seal.encode("utf-8", "surrogatepass"),
                to_base64url(self._seal(body, partner)).encode(),
            )
        ):
            raise TokenRefusedError(
                "{field}: no access token of this node",
                field="Authorization",
                remedy="fetch one from /auth/token and send it as Bearer TOKEN",
            )
        if self._clock.now() >= datetime.fromtimestamp(int(end), UTC):
            raise TokenEndedError(
                "{field}: the access token has expired",
                field="Authorization",
                remedy="fetch a new one from /auth/token",
            )
        return partner

    def _seal(self, body: str, partner: Partner) -> bytes:
        return hmac_sm3(self._key, partner.secret + body.encode("utf-8", "surrogatepass"))


def no_partner(name: str) -> PartnerNotFoundError:
    """The refusal of a name that no partner has."""
    return PartnerNotFoundError(
        "{field}: there is no partner {name}",
        field="partner",
        name=name[:64],
        remedy="trace-node pact partners lists those there are",
    )


def _digest(secret: str) -> bytes:
    return sm3(secret.encode("utf-8", "surrogatepass"))
