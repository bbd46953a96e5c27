"""A witness over HTTP.

What answers there may be broken or hostile: the whole exchange has one deadline and one bound,
nothing is decompressed and no redirection is followed. Certificates are those that the system
trusts; ``SSL_CERT_FILE`` names others, such as a private authority's.
"""

import asyncio
import ssl

import httpx

from trace_node.errors import ConfigError, UnavailableError
from trace_node.ports.witness import WitnessAnswer

MAX_ANSWER_BYTES = 16_384
TIMEOUT_S = 10


class HttpWitness:
    """Speaks add-checkpoint with one witness.

    Args:
        url: Its base URL (submission prefix).
        timeout: Seconds for a whole exchange, from resolving the name to the last byte.

    Raises:
        ConfigError: Not an HTTP URL.
    """

    def __init__(self, url: str, *, timeout: float = TIMEOUT_S) -> None:
        self._url = f"{url.rstrip('/')}/add-checkpoint"
        self._timeout = timeout
        self._tls = ssl.create_default_context()
        self.name = _without_user(url)

    def add_checkpoint(self, request: bytes, *, time: int) -> WitnessAnswer:
        """Send a request and return the answer.

        Raises:
            UnavailableError: No answer in time, or one over the bound.
        """
        try:
            return asyncio.run(self._exchange(request, time))
        except TimeoutError as error:
            raise self._unavailable(f"no whole answer within {self._timeout} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeDecodeError) as error:
            raise self._unavailable(str(error) or type(error).__name__) from error

    async def _exchange(self, request: bytes, time: int) -> WitnessAnswer:
        async with (
            asyncio.timeout(self._timeout),
            httpx.AsyncClient(timeout=self._timeout, trust_env=False, verify=self._tls) as client,
            client.stream(
                "POST",
                self._url,
                params={"time": time},
                content=request,
                headers={"accept-encoding": "identity"},
            ) as answer,
        ):
            body = b""
            async for part in answer.aiter_raw():
                body += part
                if len(body) > MAX_ANSWER_BYTES:
                    raise self._unavailable("its answer exceeds the bound")
            return WitnessAnswer(status=answer.status_code, body=body.decode("utf-8"))

    def _unavailable(self, detail: str) -> UnavailableError:
        return UnavailableError(
            "the witness {name} gave no answer: {detail}",
            field="witnesses",
            code="unavailable.witness",
            name=self.name,
            detail=detail,
            remedy="check its address; checkpoints go on without its cosignature",
        )


def _without_user(url: str) -> str:
    """The URL for logs and messages: without the password it may hold."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL()
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ConfigError(
            "setting {field}: each must be the base URL of a witness, such as https://w.example",
            field="witnesses",
        )
    return str(parsed.copy_with(userinfo=b"")).rstrip("/")
