"""Hand a signed record to a running node over HTTP."""

import httpx

from trace_node.errors import InputError, UnavailableError

TIMEOUT_S = 30


def post_record(url: str, raw: bytes) -> dict[str, object]:
    """Hand a signed record to a running node, and return what it says of it.

    Raises:
        UnavailableError: The node does not answer, or cannot take it now.
        InputError: The node refuses it.
    """
    try:
        answer = httpx.post(url, content=raw, timeout=TIMEOUT_S, trust_env=False)
        said = answer.json()
        if answer.is_success:
            return dict(said["data"])
        message, code = str(said["message"]), str(said["data"]["reason"])
        cure = str(said["data"].get("remedy") or "")
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise UnavailableError(
            "the node at {url} does not answer: {detail}",
            field="url",
            url=url,
            detail=str(error) or type(error).__name__,
            remedy="look at its log",
        ) from error
    if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise UnavailableError("{message}", message=message, code=code)
    remedy = "{cure}" if cure else ""
    raise InputError("{message}", message=message, cure=cure, remedy=remedy, code=code)


def leaf_of(data: dict[str, object]) -> int:
    """Leaf index of a record that a node took in."""
    return int(str(data["index"]))
