"""Refusals that HTTP itself gives rise to, for every path alike."""

from api.i18n import choose
from api.settings import Settings
from trace_node.errors import InputError, NotFoundError, TraceNodeError

LONGEST_SHOWN = 120  # characters of a path or name that an answer repeats


def language_for(accepted: str | None, settings: Settings) -> str:
    """The language of an answer: what the caller accepts, else what the operator set."""
    return choose(accepted) if accepted else settings.language


def nothing_at(path: str) -> NotFoundError:
    """The refusal of a path that leads nowhere."""
    return NotFoundError(
        "{field}: there is nothing at {path}",
        field="path",
        code="not_found.path",
        path=path[:LONGEST_SHOWN],
        remedy="see /docs for what is offered",
    )


def wrong_log(known: str, asked: str) -> NotFoundError:
    """The refusal of the name of a log that this node does not keep."""
    return NotFoundError(
        "{field}: this node keeps the log {known}, not {asked}",
        field="log",
        code="not_found.log",
        known=known,
        asked=asked[:LONGEST_SHOWN],
        remedy="use the name of the log in the path",
    )


def wrong_method(method: str, path: str) -> InputError:
    """The refusal of a method that a path does not answer."""
    return InputError(
        "{field}: {method} is not answered at {path}",
        field="method",
        code="input.method",
        method=method[:LONGEST_SHOWN],
        path=path[:LONGEST_SHOWN],
        remedy="see /docs for the methods of this path",
    )


def unexpected() -> TraceNodeError:
    """What a caller is told of a fault of the software: nothing but how it is found."""
    return TraceNodeError(
        "an error of the software, not of the request; it was recorded",
        code="unexpected",
        remedy="give the operator the request id",
    )
