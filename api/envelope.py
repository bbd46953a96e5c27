"""The envelope ``{code, message, data}`` of every answer (KSSJ/YY25-2023 9.2.3)."""

from typing import Final, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from api.i18n import message_of, remedy_of, translations
from api.return_codes import SUCCESS, Answer, answer_to
from trace_node.errors import BusyError, TooLargeError, TraceNodeError
from trace_node.quota.registry.cells import RegistryFileError

MOST_FAULTS: Final = 1_000  # of one answer
T = TypeVar("T")


class Envelope(BaseModel, Generic[T]):
    """An answer.

    Attributes:
        code: Six-digit return code; ``000000`` is success.
        message: For people, in the language asked for.
        data: The result, or what is known of the error.
    """

    model_config = ConfigDict(extra="forbid")

    code: str = Field(pattern=r"^\d{6}$", examples=[SUCCESS])
    message: str
    data: T | None = None


class Fault(BaseModel):
    """One of several things that are wrong.

    Attributes:
        field: Where: of a table its sheet, column and row, such as ``holdings!E12``.
        message: The rule that is broken, in the reader's language.
        remedy: What to do about it.
    """

    model_config = ConfigDict(extra="forbid")

    field: str
    message: str
    remedy: str


class ErrorData(BaseModel):
    """What is known of an error, for programs.

    Attributes:
        reason: Stable dotted code.
        field: The field, file or argument that is wrong; empty when there is none.
        remedy: What the caller can do; empty when nothing is known.
        request_id: Finds the request in the operator's log.
        retry_after: Seconds to wait before trying again, where waiting helps.
        faults: Every cell of a table that is wrong, at most 1,000; left out of other errors.
    """

    model_config = ConfigDict(extra="forbid")

    reason: str
    field: str = ""
    remedy: str = ""
    request_id: str = ""
    retry_after: int | None = None
    faults: list[Fault] | None = None


def success(data: T, *, language: str = "en") -> Envelope[T]:
    """Wrap a result."""
    return Envelope(code=SUCCESS, message=translations(language).gettext("success"), data=data)


def failure(
    error: TraceNodeError, *, language: str, request_id: str
) -> tuple[Answer, Envelope[ErrorData]]:
    """Wrap an error, and say with which status it is answered."""
    answer = answer_to(error)
    data = ErrorData(
        reason=error.reason,
        field=error.field,
        remedy=remedy_of(error, language),
        request_id=request_id,
        retry_after=error.retry_after if isinstance(error, BusyError) else None,
        faults=_faults(error, language) or None,
    )
    return answer, Envelope(code=answer.code, message=message_of(error, language), data=data)


def _faults(error: TraceNodeError, language: str) -> list[Fault]:
    cells = error.cells if isinstance(error, RegistryFileError) else ()
    return [
        Fault(
            field=cell.place,
            message=message_of(cell, language),
            remedy=remedy_of(cell, language),
        )
        for cell in cells[:MOST_FAULTS]
    ]


def error_response(
    error: TraceNodeError, *, language: str, request_id: str, status: int | None = None
) -> JSONResponse:
    """The HTTP answer to an error.

    Args:
        error: What went wrong.
        language: The language of its message.
        request_id: Finds the request in the operator's log.
        status: Overrides the status of the table of return codes.
    """
    answer, envelope = failure(error, language=language, request_id=request_id)
    shown = envelope.model_dump()
    if shown["data"]["faults"] is None:
        del shown["data"]["faults"]
    response = JSONResponse(shown, status_code=status or int(answer.status))
    if isinstance(error, BusyError):
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, TooLargeError) or error.reason == "input.slow":  # the rest is not awaited
        response.headers["Connection"] = "close"
    if answer.status == 401:  # noqa: PLR2004  # RFC 9110 15.5.2 asks for the header with this one
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
