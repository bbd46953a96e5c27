"""Read request bodies without ever holding more than was agreed."""

from fastapi import Request

from trace_node.errors import TooLargeError


async def read_bounded(request: Request, bound: int) -> bytes:
    """Read the body of ``request``, at most ``bound`` bytes.

    Raises:
        TooLargeError: It is longer; reading stopped there.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > bound:
        raise _too_large(bound)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > bound:
            raise _too_large(bound)
        parts.append(part)
    return b"".join(parts)


def _too_large(bound: int) -> TooLargeError:
    return TooLargeError(
        "the body exceeds {bound} bytes", field="body", bound=bound, remedy="send less at a time"
    )
