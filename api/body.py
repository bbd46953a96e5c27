"""Read request bodies without ever holding more than was agreed."""

import asyncio
import re
from collections.abc import Callable
from typing import Final

from starlette.requests import Request

from trace_node.errors import InputError, TooLargeError

PART_SECONDS: Final = 20  # without any byte of the body
BODY_SECONDS: Final = 300  # for all of it
_LENGTH = re.compile(r"[0-9]{1,18}")


async def read_bounded(
    request: Request, bound: int, *, hold: Callable[[int], None] = lambda _size: None
) -> bytes:
    """Read the body of ``request``, at most ``bound`` bytes, and not for ever.

    Args:
        request: The request.
        bound: Most bytes.
        hold: Called with the size of each part before it is kept; may refuse it by raising.

    Raises:
        TooLargeError: It is longer; reading stopped there.
        InputError: It is encoded, or came too slowly.
    """
    require_identity(request)
    declared = declared_length(request)
    if declared is not None and declared > bound:
        raise too_large(bound)
    parts: list[bytes] = []
    size = 0
    now = asyncio.get_running_loop().time
    end = now() + BODY_SECONDS
    try:
        async with asyncio.timeout(PART_SECONDS) as patience:
            async for part in request.stream():
                patience.reschedule(min(now() + PART_SECONDS, end))
                size += len(part)
                if size > bound:
                    raise too_large(bound)
                hold(len(part))
                parts.append(part)
    except TimeoutError:
        raise InputError(
            "{field}: stood still for {pause} s, or was not whole in {seconds} s",
            field="body",
            pause=PART_SECONDS,
            seconds=BODY_SECONDS,
            remedy="send the request without pauses",
            code="input.slow",
        ) from None
    return b"".join(parts)


def require_identity(request: Request) -> None:
    """Refuse a body that would have to be unpacked first: its size would be anybody's guess.

    Raises:
        InputError: It is encoded.
    """
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise InputError(
            "{field}: bodies are taken as they are, not packed",
            field="Content-Encoding",
            remedy="send the body without this header, unpacked",
            code="input.encoding",
        )


def declared_length(request: Request) -> int | None:
    """What the request says its body takes; None where it says nothing that is a number."""
    text = request.headers.get("content-length", "")
    return int(text) if _LENGTH.fullmatch(text) else None


def too_large(bound: int) -> TooLargeError:
    """The refusal of a body over its bound."""
    return TooLargeError(
        "the body exceeds {bound} bytes", field="body", bound=bound, remedy="send less at a time"
    )
