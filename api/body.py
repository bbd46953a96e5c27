"""Read request bodies without ever holding more than was agreed."""

import re

from starlette.requests import Request

from trace_node.errors import TooLargeError

_LENGTH = re.compile(r"[0-9]{1,18}")


async def read_bounded(request: Request, bound: int) -> bytes:
    """Read the body of ``request``, at most ``bound`` bytes.

    Raises:
        TooLargeError: It is longer; reading stopped there.
    """
    declared = declared_length(request)
    if declared is not None and declared > bound:
        raise too_large(bound)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > bound:
            raise too_large(bound)
        parts.append(part)
    return b"".join(parts)


def declared_length(request: Request) -> int | None:
    """What the request says its body takes; None where it says nothing that is a number."""
    text = request.headers.get("content-length", "")
    return int(text) if _LENGTH.fullmatch(text) else None


def too_large(bound: int) -> TooLargeError:
    """The refusal of a body over its bound."""
    return TooLargeError(
        "the body exceeds {bound} bytes", field="body", bound=bound, remedy="send less at a time"
    )
