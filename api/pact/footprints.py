"""Action ListFootprints and Action GetFootprint."""

from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.pact.auth import caller_of, desk_of
from trace_node.accounting.pact.criteria import parse_criteria
from trace_node.accounting.pact.errors import CriteriaError
from trace_node.services.pact_footprints import MOST_ON_PAGE

_LIMIT: Final = "limit"
_AFTER: Final = "after"  # ours: only links of ours carry it
_MOST_DIGITS: Final = 15


def list_footprints(request: Request) -> Response:
    """Footprints shared with the caller that meet the filters, in the order of publication."""
    partner = caller_of(request)
    desk = desk_of(request)
    given: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        given.setdefault(name, []).append(value)
    limit = _number(_LIMIT, given.pop(_LIMIT, []), least=1)
    after = _number(_AFTER, given.pop(_AFTER, []), least=0)
    page = desk.footprints.page(
        parse_criteria(given),
        partner=partner.name,
        after=after or 0,
        limit=limit or MOST_ON_PAGE,
    )
    answer = JSONResponse({"data": [each.document(base=desk.base) for each in page.footprints]})
    if page.after is not None:
        query = [(name, value) for name, values in given.items() for value in values]
        query += [] if limit is None else [(_LIMIT, str(limit))]
        link = f"{_own(request)}/3/footprints?{urlencode([*query, (_AFTER, str(page.after))])}"
        answer.headers["Link"] = f'<{link}>; rel="next"'
    return answer


def get_footprint(request: Request) -> Response:
    """One footprint that is shared with the caller."""
    partner = caller_of(request)
    desk = desk_of(request)
    found = desk.footprints.get(request.path_params["id"], partner=partner.name)
    return JSONResponse({"data": found.document(base=desk.base)})


def _own(request: Request) -> str:
    """The public address under the host that the caller used, as the specification demands."""
    base = desk_of(request).base
    scheme, _, rest = base.partition("://")
    own, slash, path = rest.partition("/")
    host = request.headers.get("host", "")
    is_plain = all(letter.isalnum() or letter in ".-:[]" for letter in host)
    return f"{scheme}://{host if host and is_plain else own}{slash}{path}"


def _number(name: str, values: list[str], *, least: int) -> int | None:
    if not values:
        return None
    text = values[0]
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    if len(values) > 1 or not is_number or int(text) < least:
        raise CriteriaError(
            "{field}: must be one whole number from {least} on",
            field=name,
            least=least,
            remedy="docs/spec/pact.md lists the filters",
        )
    return int(text)
