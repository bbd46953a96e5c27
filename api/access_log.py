"""Structured logs with a request id; secrets never reach them."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

_SECRET_KEY = re.compile(r"token|passphrase|password|secret|authorization|private", re.IGNORECASE)
_SECRET_TEXT = re.compile(
    r"(Bearer\s+|[?&](?:link|token)=|passphrase[=:]\s*|://[^/\s:@]+:(?=[^/\s@]*@))[^\s&@\"']+",
    re.IGNORECASE,
)
MASK = "***"


def mask(text: str) -> str:
    """Replace tokens, link secrets and passwords in ``text`` by ``***``."""
    return _SECRET_TEXT.sub(rf"\g<1>{MASK}", text)


def mask_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The structlog step that masks every event."""
    for key, value in event.items():
        if _SECRET_KEY.search(key):
            event[key] = MASK
        elif isinstance(value, str):
            event[key] = mask(value)
    return event


def configure(*, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Write every log record of this process as one JSON line to ``stream`` (standard error)."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_secrets,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("uvicorn.access").propagate = False
    logging.getLogger("httpx").setLevel(logging.WARNING)
