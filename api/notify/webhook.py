"""Alerts to a program: a signed POST (docs/spec/http.md)."""

from urllib.parse import urlsplit, urlunsplit

import httpx

from api.notify.errors import ChannelError
from api.notify.message import body_of
from trace_node.clock import Clock
from trace_node.crypto.sm3 import hmac_sm3
from trace_node.quota.board.alert import Alert

TIMEOUT_S = 10
SIGNATURE = "X-Trace-Node-Signature"
TIMESTAMP = "X-Trace-Node-Timestamp"
NUMBER = "X-Trace-Node-Alert"


class Webhook:
    """Posts alerts to one URL.

    The header ``X-Trace-Node-Signature`` is ``sm3=`` and the HMAC-SM3, in hex, of the timestamp
    (seconds since the epoch), a dot and the body, under the secret that both sides know.

    Args:
        url: Where to.
        secret: The secret.
        origin: Origin of the log, so that a receiver knows which node tells it.
        language: Language of the sentence in it.
        clock: Time of the signature.
    """

    name = "webhook"

    def __init__(
        self, url: str, *, secret: bytes, origin: str, language: str, clock: Clock
    ) -> None:
        self._url = url
        self._secret = secret
        self._origin = origin
        self._language = language
        self._clock = clock

    @property
    def target(self) -> str:
        """The URL without user, password and query, which may be secrets."""
        parts = urlsplit(self._url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path, "", ""))

    def send(self, alert: Alert, *, attempt: int) -> None:
        """Post it; any answer but 2xx is a failure, and a redirection is not followed.

        Raises:
            ChannelError: It did not arrive.
        """
        body = body_of(alert, attempt=attempt, origin=self._origin, language=self._language)
        timestamp = str(int(self._clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            NUMBER: str(alert.number),
            TIMESTAMP: timestamp,
            SIGNATURE: f"sm3={signature(self._secret, timestamp, body)}",
        }
        try:
            with (
                httpx.Client(timeout=TIMEOUT_S, trust_env=False) as client,
                client.stream("POST", self._url, content=body, headers=headers) as answer,
            ):
                status = answer.status_code  # the body is left unread: it may be of any length
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._failed(_plain(str(error) or type(error).__name__)) from error
        if not httpx.codes.is_success(status):
            raise self._failed(f"HTTP {status}")

    def _failed(self, detail: str) -> ChannelError:
        return ChannelError(
            "{target}: {detail}",
            field="board_webhooks",
            target=self.target,
            detail=detail,
            remedy="see to it that the address is right and answers 2xx",
        )


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """HMAC-SM3 over timestamp, dot and body, in hex."""
    return hmac_sm3(secret, timestamp.encode("ascii") + b"." + body).hex()


def _plain(text: str) -> str:
    return " ".join(text.split())[:200]
