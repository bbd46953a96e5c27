"""From error to answer: the only table of HTTP status and six-digit return code.

Return code ABCDEF (KSSJ/YY25-2023 9.2.4): A 0 success, 1 system, 2 parameter, 3 business;
BC 00 common, 02 authorisation, 03 business data; DEF is ours, one a reason. Codes are never given
to another reason; docs/spec/http.md lists them.
"""

from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from api.return_codes_board import BOARD_REASONS
from api.return_codes_ledger import LEDGER_REASONS
from api.return_codes_market import MARKET_REASONS
from trace_node import errors

SUCCESS: Final = "000000"


@dataclass(frozen=True, slots=True)
class Answer:
    """How one kind of error is answered.

    Attributes:
        status: HTTP status.
        code: Six-digit return code.
    """

    status: HTTPStatus
    code: str


# What a kind of error is answered with; the first class that fits, so the finer kinds stand first.
KINDS: Final[tuple[tuple[type[errors.TraceNodeError], Answer], ...]] = (
    (errors.TooLargeError, Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "200002")),
    (errors.InputError, Answer(HTTPStatus.BAD_REQUEST, "200001")),
    (errors.ConflictError, Answer(HTTPStatus.CONFLICT, "303001")),
    (errors.NotFoundError, Answer(HTTPStatus.NOT_FOUND, "303002")),
    (errors.AccessError, Answer(HTTPStatus.FORBIDDEN, "302001")),
    (errors.IntegrityError, Answer(HTTPStatus.UNPROCESSABLE_ENTITY, "303003")),
    (errors.ConfigError, Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "100002")),
    (errors.BusyError, Answer(HTTPStatus.TOO_MANY_REQUESTS, "100004")),
    (errors.UnavailableError, Answer(HTTPStatus.SERVICE_UNAVAILABLE, "100003")),
    (errors.StateError, Answer(HTTPStatus.SERVICE_UNAVAILABLE, "100005")),
    (errors.TraceNodeError, Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "100001")),
)

# Return codes of single reasons. A reason that is not here has that of the longest part of it that
# is (``record.value`` that of ``record``), else that of its kind.
REASONS: Final = MappingProxyType(
    {
        # 1 00 system
        "unexpected": "100000",
        "store": "100010",
        "store.busy": "100011",
        "store.full": "100012",
        "store.io": "100013",
        "store.corrupt": "100014",
        "ingest.commit": "100020",
        "ingest.stopped": "100021",
        "ingest.head": "100022",
        "unavailable.node_key": "100023",
        # 2 00 parameters of a request
        "input.media_type": "200003",
        "input.json": "200004",
        "input.missing_field": "200005",
        "input.unknown_field": "200006",
        "input.field": "200007",
        "input.method": "200008",
        "input.http": "200009",
        "tlog.tile.format": "200010",
        "input.choice": "200011",
        "input.range": "200012",
        "input.page": "200013",
        "log.range": "200014",
        "log.scale": "200015",
        "totals.range": "200016",
        "totals.periods": "200017",
        "totals.readings": "200018",
        "prove.period": "200019",
        "prove.period_too_long": "200020",
        "prove.unknown_device": "200021",
        "prove.organisation": "200022",
        "input.slow": "200023",
        "input.head": "200024",
        "input.encoding": "200025",
        # 2 03 what is wrong with a delivery, a record or a registration
        "delivery.wire": "203001",
        "delivery.wire.cut_off": "203002",
        "delivery.wire.empty": "203003",
        "delivery.wire.empty_entry": "203004",
        "delivery.too_large": "203005",
        "delivery.too_many": "203006",
        "delivery.count": "203007",
        "delivery.context": "203008",
        "input.canonical": "203010",
        "input.canonical.repeated_key": "203011",
        "input.record": "203012",
        "input.key": "203013",
        "ingest.delivery": "203020",
        "ingest.log": "203021",
        "ingest.context": "203022",
        "ingest.root": "203023",
        "ingest.record_context": "203024",
        "ingest.record_boot": "203025",
        "ingest.device": "203026",
        "ingest.meter_register": "203027",
        "ingest.twice": "203028",
        "record": "203040",
        "record.version": "203041",
        "record.type": "203042",
        "record.unknown_member": "203043",
        "record.unit": "203044",
        "record.scale": "203045",
        "record.future": "203046",
        "record.value": "203047",
        "record.value_or_reason": "203048",
        "meter": "203060",
        "unit": "203061",
        "enrol.registration": "203070",
        "enrol.revoked": "203071",
        "enrol.unknown_key": "203072",
        # 3 02 authorisation
        "access.no_token": "302002",
        "access.bad_token": "302003",
        "access.role": "302004",
        "access.scope": "302005",
        "access.link": "302006",
        "access.leaf": "302007",
        "ingest.key": "302010",
        "ingest.organisation": "302011",
        "ingest.stream": "302012",
        "enrol.authority": "302013",
        "ingest.key_revoked": "302014",
        "integrity.signature": "302020",
        # 3 03 business data
        "ingest.conflict": "303010",
        "not_found.path": "303020",
        "not_found.log": "303021",
        "not_found.checkpoint": "303022",
        "log.no_tile": "303023",
        "not_found.trust_root": "303024",
        "not_found.point": "303025",
        "not_found.profile": "303026",
        "log.no_entry": "303027",
        "totals.unknown_meter_register": "303028",
        "prove.not_delivered": "303030",
        "prove.no_registration": "303031",
        "prove.not_sealed": "303032",
        "prove.projection_lag": "303033",
        **LEDGER_REASONS,
        **BOARD_REASONS,
        **MARKET_REASONS,
    }
)

# Statuses of single reasons, where HTTP tells apart what the kinds of errors do not.
STATUSES: Final = MappingProxyType(
    {
        "access.no_token": HTTPStatus.UNAUTHORIZED,
        "access.bad_token": HTTPStatus.UNAUTHORIZED,
        "input.media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "input.encoding": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "input.slow": HTTPStatus.REQUEST_TIMEOUT,
        "input.head": HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "input.method": HTTPStatus.METHOD_NOT_ALLOWED,
        "prove.not_sealed": HTTPStatus.CONFLICT,
        "prove.projection_lag": HTTPStatus.CONFLICT,
    }
)


def answer_to(error: errors.TraceNodeError) -> Answer:
    """The status and return code of ``error``."""
    kind = next(answer for kind, answer in KINDS if isinstance(error, kind))
    return Answer(STATUSES.get(error.reason, kind.status), _code_of(error.reason) or kind.code)


def _code_of(reason: str) -> str | None:
    """The code of the longest part of ``reason`` that has one."""
    while reason:
        if found := REASONS.get(reason):
            return found
        reason = reason.rpartition(".")[0]
    return None
