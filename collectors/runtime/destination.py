"""Speak to one destination over HTTP: hand over a delivery, ask how far its log is.

Answers are untrusted: read up to a bound, and believed only where they name our own delivery.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Final, NamedTuple

import httpx
import orjson

from collectors.runtime.report_rule import ReportRule
from trace_node.errors import InputError
from trace_node.ids import Origin, from_base64url
from trace_node.metering.records.wire import MEDIA_TYPE
from trace_node.tlog.anchor import AnchoredHead

MOST_ANSWER_BYTES: Final = 262_144
LONGEST_WAIT_S: Final = 3_600
_AT_ONCE: Final = ReportRule()
_OWN_LEAVES: Final = 2  # a delivery is followed by its own leaf and the node's record of receipt
_HOLD: Final = frozenset({401, 403, 404, 405, 407, 415})
_LATER: Final = frozenset({408, 425, 429})

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationConfig:
    """Where records go.

    Attributes:
        name: Name, unique in the collector.
        url: Address of the node, without path; empty where files are carried there.
        log: Name of the log in URLs.
        origin: Origin of the log, which deliveries name.
        most_count: Greatest number of records in a delivery, 1 to 4096.
        linger_ms: How long to gather records before a delivery that is not full is packed.
        timeout_ms: How long to wait for an answer.
        state_ms: How often to ask how far the log is.
        report: When records go there.
    """

    name: str
    url: str
    log: str
    origin: Origin
    most_count: int
    linger_ms: int
    timeout_ms: int
    state_ms: int
    report: ReportRule = _AT_ONCE


class Kind(Enum):
    """What an answer means for the delivery."""

    ACCEPTED = "accepted"
    LATER = "later"
    HOLD = "hold"
    REFUSED = "refused"


class Answer(NamedTuple):
    """The answer to a delivery.

    Attributes:
        kind: What it means.
        status: HTTP status.
        body: Its bytes, cut at the bound.
        next_index: Index in the log behind the delivery; None if it was not accepted.
        final: Size of the log below which nothing can change any more; None if not told.
        wait_s: Seconds after which the destination asks to be tried again; None if it does not say.
        doubt: Why an answer of success is not believed; empty for any other.
    """

    kind: Kind
    status: int
    body: bytes
    next_index: int | None
    final: int | None
    wait_s: int | None
    doubt: str

    @property
    def told(self) -> str:
        """The answer in one line for the operator."""
        return f"HTTP {self.status}: {self.doubt}" if self.doubt else told(self.status, self.body)


class LogState(NamedTuple):
    """How far the log of a destination is.

    Attributes:
        size: Entries committed.
        final: Newest anchored head that cannot change any more; None before the first.
    """

    size: int
    final: AnchoredHead | None


class Destination:
    """One node.

    Args:
        config: Where it is.
        client: Sends the requests; closed by whoever made it.
    """

    def __init__(self, config: DestinationConfig, client: httpx.AsyncClient) -> None:
        self.config = config
        self._client = client
        self._base = f"{config.url.rstrip('/')}/ingest/v1/{config.log}"

    async def deliver(self, body: bytes, *, digest: str, now: datetime) -> Answer:
        """Hand over a delivery.

        Args:
            body: Its wire form.
            digest: Record digest of the delivery record, base64url; the answer must name it.
            now: For a Retry-After that is a date.

        Raises:
            httpx.HTTPError: No answer.
        """
        status, headers, answer = await self._request(
            "POST", f"{self._base}/deliveries", content=body, headers={"Content-Type": MEDIA_TYPE}
        )
        return read_answer(status, headers, answer, digest=digest, now=now)

    async def state(self) -> LogState | None:
        """How far its log is; None if the destination does not tell.

        Raises:
            httpx.HTTPError: No answer.
        """
        status, _, body = await self._request("GET", f"{self._base}/state")
        data = _member(_envelope(body), "data")
        size, final = data.get("size"), data.get("final")
        if status != httpx.codes.OK or not _is_count(size):
            logger.warning("state_not_told destination=%s status=%s", self.config.name, status)
            return None
        return LogState(size=int(str(size)), final=_read_head(final))

    async def _request(
        self, method: str, url: str, **options: object
    ) -> tuple[int, httpx.Headers, bytes]:
        received = bytearray()
        timeout = self.config.timeout_ms / 1000
        async with self._client.stream(method, url, timeout=timeout, **options) as response:  # type: ignore[arg-type]
            async for chunk in response.aiter_bytes():
                received += chunk[: MOST_ANSWER_BYTES - len(received)]
                if len(received) >= MOST_ANSWER_BYTES:
                    break
            return response.status_code, response.headers, bytes(received)


def read_answer(
    status: int, headers: httpx.Headers, body: bytes, *, digest: str, now: datetime
) -> Answer:
    """What an answer to a delivery means."""
    data = _member(_envelope(body), "data")
    wait_s = _retry_after(headers.get("Retry-After", ""), now=now)
    if 200 <= status < 300:  # noqa: PLR2004 - the class of success
        first, count, final = (data.get(name) for name in ("first_index", "count", "final"))
        if data.get("delivery") != digest or not _is_count(first) or not _is_count(count):
            doubt = "the answer does not name the delivery"
            return Answer(Kind.LATER, status, body, None, None, wait_s, doubt)
        told = data.get("next_index")
        behind = int(str(first)) + int(str(count)) + _OWN_LEAVES
        next_index = int(str(told)) if _is_count(told) else behind
        known = int(str(final)) if _is_count(final) else None
        return Answer(Kind.ACCEPTED, status, body, next_index, known, None, "")
    return Answer(_kind(status), status, body, None, None, wait_s, "")


def told(status: int, body: bytes) -> str:
    """What an answer that took nothing says, in one line for the operator."""
    envelope = _envelope(body)
    reason = _line(_member(envelope, "data").get("reason", ""), most=100)
    words = _line(envelope.get("message", ""), most=300)
    code = f"HTTP {status} {reason}".strip()
    return f"{code}: {words}" if words else code


def _kind(status: int) -> Kind:
    """Later: the destination cannot just now. Hold: it is set up wrongly. Refused: it will not."""
    if status in _LATER or status >= 500:  # noqa: PLR2004 - the class of server errors
        return Kind.LATER
    if status in _HOLD or status < 400:  # noqa: PLR2004 - redirections
        return Kind.HOLD
    return Kind.REFUSED


def _envelope(body: bytes) -> dict[str, object]:
    """The envelope of an answer; empty if the body is none."""
    try:
        envelope = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return envelope if isinstance(envelope, dict) else {}


def _member(envelope: dict[str, object], name: str) -> dict[str, object]:
    """An object inside an envelope; empty if it has none."""
    found = envelope.get(name)
    return found if isinstance(found, dict) else {}


def _line(text: object, *, most: int) -> str:
    """Foreign text as one line that cannot steer a terminal."""
    return "".join(char if char.isprintable() else " " for char in str(text)[:most]).strip()


def _read_head(value: object) -> AnchoredHead | None:
    if not isinstance(value, dict) or not _is_count(value.get("size")):
        return None
    try:
        root = from_base64url(str(value.get("root", "")), size=32, field="root")
    except InputError:
        return None
    return AnchoredHead(size=int(str(value["size"])), root=root) if value["size"] else None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _retry_after(text: str, *, now: datetime) -> int | None:
    """Seconds of a Retry-After header, at most an hour; None without a usable one (RFC 9110)."""
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), LONGEST_WAIT_S)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0, min(int((at - now).total_seconds()), LONGEST_WAIT_S))
