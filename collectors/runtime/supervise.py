"""Keep a task going: an error ends one run of it, is recorded, and the task begins again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

FIRST_WAIT_S: Final = 1
LAST_WAIT_S: Final = 60

logger = logging.getLogger(__name__)


async def supervise(
    name: str,
    run: Callable[[], Awaitable[None]],
    *,
    on_failure: Callable[[Exception], None],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Run until the task ends by itself or is cancelled; begin it again after any error.

    Args:
        name: Name of the task, for the operator's log.
        run: One run of it.
        on_failure: Told the error, to record it.
        sleep: Waits a number of seconds: 1, 2, 4 … 60.
    """
    wait = FIRST_WAIT_S
    while True:
        try:
            await run()
        except Exception as error:
            logger.exception("task_failed task=%s", name)
            on_failure(error)
            await sleep(wait)
            wait = min(2 * wait, LAST_WAIT_S)
        else:
            return
