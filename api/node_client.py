"""The exchange interface of a node, as the command line asks it."""

import ssl
from functools import cache
from http import HTTPStatus
from typing import Any

import httpx

from trace_node.canonical_json import JsonObject
from trace_node.errors import (
    AccessError,
    ConfigError,
    ConflictError,
    InputError,
    NotFoundError,
    TraceNodeError,
    UnavailableError,
)

TIMEOUT_S = 60
MAX_ANSWER_BYTES = 4 * 1024 * 1024
_KINDS: dict[int, type[TraceNodeError]] = {
    HTTPStatus.BAD_REQUEST: InputError,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: InputError,
    HTTPStatus.UNAUTHORIZED: AccessError,
    HTTPStatus.FORBIDDEN: AccessError,
    HTTPStatus.NOT_FOUND: NotFoundError,
    HTTPStatus.CONFLICT: ConflictError,
    HTTPStatus.TOO_MANY_REQUESTS: UnavailableError,
    HTTPStatus.SERVICE_UNAVAILABLE: UnavailableError,
}


def ask_node(url: str, name: str, body: JsonObject, *, token: str, language: str) -> Any:  # noqa: ANN401  JSON
    """Ask an interface and return the ``data`` of its answer.

    Args:
        url: Base URL of the node.
        name: Name of the interface.
        body: The query.
        token: Access token.
        language: Language of messages.

    Raises:
        UnavailableError: No answer, one over its bound, or the node says so.
        ConfigError: The URL is none.
        TraceNodeError: What the node refused, with its own reason, message and remedy.
    """
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept-Language": language,
        "Accept-Encoding": "identity",
    }
    target = f"{url.rstrip('/')}/api/v1/{name}"
    try:
        with (
            httpx.Client(timeout=TIMEOUT_S, trust_env=False, verify=tls_context()) as client,
            client.stream("POST", target, json=body, headers=headers) as answer,
        ):
            raw = b""
            for part in answer.iter_bytes():
                raw += part
                if len(raw) > MAX_ANSWER_BYTES:
                    raise _unavailable(url, f"its answer exceeds {MAX_ANSWER_BYTES} bytes")
        envelope = httpx.Response(answer.status_code, content=raw).json()
        data = envelope["data"]
        if answer.status_code == HTTPStatus.OK:
            return data
        refused, message = dict(data), str(envelope["message"])
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise ConfigError(
            "{field}: not the URL of a node", field="--node", remedy="write http://host:port"
        ) from error
    except httpx.HTTPError as error:
        raise _unavailable(url, str(error) or type(error).__name__) from error
    except (ValueError, KeyError, TypeError) as error:
        raise _unavailable(url, "its answer is not that of a node") from error
    kind = _KINDS.get(answer.status_code, TraceNodeError)
    raise _refusal(kind, refused, message)


@cache
def tls_context() -> ssl.SSLContext:
    """The usual checks of TLS, read once a process: that takes longer than an answer."""
    return httpx.create_ssl_context()


def _refusal(kind: type[TraceNodeError], refused: dict[str, Any], message: str) -> TraceNodeError:
    """What the node refused, in its own words."""
    return kind(
        "{answer}",
        field=str(refused.get("field", "")),
        answer=message,
        cure=str(refused.get("remedy", "")),
        remedy="{cure}",
        code=str(refused.get("reason", "unexpected")),
    )


def _unavailable(url: str, detail: str) -> UnavailableError:
    return UnavailableError(
        "{node}: the node gives no answer: {detail}",
        field="--node",
        node=url,
        detail=detail,
        remedy="see that it runs and can be reached; then send the same again",
        code="unavailable.node",
    )
