"""Hand a signed record to a running node over HTTP."""

from collections.abc import Mapping

import httpx

from api.i18n import of_environment
from trace_node.errors import InputError, TraceNodeError, UnavailableError

TIMEOUT_S = 30
_EACH_S = 0.02


def post_record(
    url: str, raw: bytes, *, media_type: str = "application/json", count: int = 1
) -> dict[str, object]:
    """Hand a signed record to a running node, and return what it says of it.

    Args:
        url: Where.
        raw: The record, or what else is handed in.
        media_type: What that is.
        count: Number of records in it: each signature takes the node its time.

    Raises:
        UnavailableError: The node does not answer, or cannot take it now.
        InputError: The node refuses it, in the reader's language.
    """
    try:
        timeout = TIMEOUT_S + count * _EACH_S
        headers = {"Accept-Language": of_environment(), "Content-Type": media_type}
        answer = httpx.post(url, content=raw, headers=headers, timeout=timeout, trust_env=False)
        said = answer.json()
        if answer.is_success:
            return dict(said["data"])
        message, refusal = str(said["message"]), dict(said["data"])
        code, cure = str(refusal["reason"]), str(refusal.get("remedy", ""))
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise UnavailableError(
            "the node at {url} does not answer: {detail}",
            field="url",
            url=url,
            detail=str(error) or type(error).__name__,
            remedy="look at its log",
        ) from error
    kind: type[TraceNodeError] = InputError
    if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        kind = UnavailableError
    raise kind("{answer}", answer=message, remedy="{cure}", cure=cure, code=code)


def leaf_of(data: Mapping[str, object]) -> int:
    """Leaf index of a record that a node took in."""
    return int(str(data["index"]))
