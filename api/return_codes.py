"""From error to answer: the only table of HTTP status and six-digit return code.

Return code ABCDEF (KSSJ/YY25-2023 9.2.4): A 0 success, 1 system, 2 parameter, 3 business;
BC 00 common, 02 authorisation, 03 business data; DEF is ours, one a kind of error.
"""

from dataclasses import dataclass
from http import HTTPStatus

from trace_node import errors

SUCCESS = "000000"


@dataclass(frozen=True, slots=True)
class Answer:
    """How one kind of error is answered.

    Attributes:
        status: HTTP status.
        code: Six-digit return code.
    """

    status: HTTPStatus
    code: str


# The first class that fits decides, so the finer kinds stand first.
_TABLE: tuple[tuple[type[errors.TraceNodeError], Answer], ...] = (
    (errors.TooLargeError, Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "200002")),
    (errors.InputError, Answer(HTTPStatus.BAD_REQUEST, "200001")),
    (errors.ConflictError, Answer(HTTPStatus.CONFLICT, "303001")),
    (errors.NotFoundError, Answer(HTTPStatus.NOT_FOUND, "303002")),
    (errors.AccessError, Answer(HTTPStatus.FORBIDDEN, "302002")),
    (errors.IntegrityError, Answer(HTTPStatus.UNPROCESSABLE_ENTITY, "303003")),
    (errors.ConfigError, Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "100002")),
    (errors.BusyError, Answer(HTTPStatus.TOO_MANY_REQUESTS, "100004")),
    (errors.UnavailableError, Answer(HTTPStatus.SERVICE_UNAVAILABLE, "100003")),
    (errors.StateError, Answer(HTTPStatus.SERVICE_UNAVAILABLE, "100005")),
    (errors.TraceNodeError, Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "100001")),
)
# Cases that HTTP itself tells apart, by their dotted reason.
_BY_REASON = {
    "access.no_token": Answer(HTTPStatus.UNAUTHORIZED, "302001"),
    "access.bad_token": Answer(HTTPStatus.UNAUTHORIZED, "302003"),
    "input.media_type": Answer(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "200003"),
}
UNEXPECTED = Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "100000")


def answer_to(error: errors.TraceNodeError) -> Answer:
    """The status and return code of ``error``."""
    if found := _BY_REASON.get(error.reason):
        return found
    return next(answer for kind, answer in _TABLE if isinstance(error, kind))
