"""The hosts of partners: a token is fetched there, and the event posted with it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx
import orjson

from api.node_client import tls_context
from trace_node.errors import UnavailableError
from trace_node.ports.pact import Partner
from trace_node.services.pact_errors import PartnerRefusedError

TIMEOUT_S: Final = 20
MAX_ANSWER: Final = 65_536
_HTTPS: Final = "https://"
_MAY_PASS: Final = frozenset({401, 403, 408, 425, 429})  # may be another way next time


class HttpPartnerHost:
    """See ``trace_node.ports.pact.PartnerHost``.

    Certificates are checked against the system's; ``SSL_CERT_FILE`` names others.

    Args:
        secret_of: The secret of this node at a partner's host.
    """

    def __init__(self, secret_of: Callable[[str], str]) -> None:
        self._secret_of = secret_of

    def send(self, partner: Partner, event: Mapping[str, Any]) -> None:
        """Post an event to a partner's host, with a token fetched from it.

        Raises:
            UnavailableError: It did not arrive; trying again later can help. Where the host refused
                it, ``PartnerRefusedError``.
            ConfigError: The secret for that host is not on record.
        """
        secret = self._secret_of(partner.name)
        try:
            with httpx.Client(timeout=TIMEOUT_S, trust_env=False, verify=tls_context()) as client:
                token = self._token(client, partner, secret)
                status, _ = _ask(
                    client,
                    "POST",
                    f"{partner.address}/3/events",
                    content=orjson.dumps(event),
                    headers={
                        "Authorization": f"Bearer {token}",
                        "Content-Type": "application/cloudevents+json; charset=UTF-8",
                    },
                )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _failed(partner, str(error) or type(error).__name__) from error
        if httpx.codes.is_client_error(status) and status not in _MAY_PASS:
            raise PartnerRefusedError(
                "{partner}: refuses the event: HTTP {status}",
                field="partner",
                partner=partner.name,
                status=status,
                remedy="ask the partner what it takes; trace-node pact outbox shows the event",
            )
        if not httpx.codes.is_success(status):
            raise _failed(partner, f"HTTP {status}")

    def _token(self, client: httpx.Client, partner: Partner, secret: str) -> str:
        endpoint = _endpoint(client, partner)
        status, raw = _ask(
            client,
            "POST",
            endpoint,
            data={"grant_type": "client_credentials"},
            auth=(partner.client, secret),
            headers={"Accept": "application/json"},
        )
        found = _object(raw).get("access_token")
        if status != httpx.codes.OK or not isinstance(found, str) or not found.isascii():
            raise _failed(partner, f"no access token: HTTP {status}")
        return found


def _endpoint(client: httpx.Client, partner: Partner) -> str:
    """Where tokens are given: as the host's configuration says, else at the usual path."""
    document = f"{partner.address}/.well-known/openid-configuration"
    status, raw = _ask(client, "GET", document)
    stated = _object(raw).get("token_endpoint") if status == httpx.codes.OK else None
    if isinstance(stated, str) and stated.startswith(_HTTPS):
        return stated
    return f"{partner.address}/auth/token"


def _ask(client: httpx.Client, method: str, url: str, **what: Any) -> tuple[int, bytes]:  # noqa: ANN401  # httpx's own
    """Status and body, of which no more than the bound is read."""
    with client.stream(method, url, **what) as answer:
        raw = b""
        for part in answer.iter_bytes():
            raw += part
            if len(raw) > MAX_ANSWER:
                break
        return answer.status_code, raw


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _failed(partner: Partner, detail: str) -> UnavailableError:
    return UnavailableError(
        "{partner}: {detail}",
        field="partner",
        partner=partner.name,
        detail=" ".join(detail.split())[:200],
        remedy="see to it that its address and our credentials there are right",
        code="unavailable.partner",
    )
