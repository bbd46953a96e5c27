"""Excel forms: fetched empty, handed in filled."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.body import read_bounded
from api.deps import LanguageDep, ScopedDep, ServicesDep, caller_with
from api.envelope import Envelope, success
from api.routers.reports import desk_of
from api.schemas.reports import Imported
from api.services import Services
from api.tokens import Caller, Role
from trace_node.crypto.sm3 import sm3
from trace_node.record.statement import Content
from trace_node.services.boundaries import newest_boundary
from trace_node.services.entry_form import ReadForm, form_file, read_form
from trace_node.services.form_cells import FormImport, evidence_by
from trace_node.services.form_log import log_form
from trace_node.services.laboratory_form import LABORATORY, laboratory_form, read_laboratory_form
from trace_node.services.workbook import MAX_FILE_BYTES
from trace_node.services.workbook_tables import MEDIA_TYPE

router = APIRouter(prefix="/forms/v1", tags=["forms"])
Writer = Annotated[Caller, Depends(caller_with(Role.ENTERPRISE, Role.OPERATOR))]
Person = Annotated[str, Query(min_length=1, max_length=64, description="The person who enters it")]
Evidence = Annotated[
    str | None,
    Query(
        pattern="^[0-9a-f]{64}$",
        description="SM3 of the document behind rows that name none; the form itself if left out",
    ),
]
_BINARY: Final = {
    "requestBody": {
        "required": True,
        "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


class FormName(StrEnum):
    """Which form."""

    PRODUCTION = "production"
    PAST_YEARS = "past-years"
    OPENING_BALANCES = "opening-balances"
    LABORATORY = "laboratory"


@router.get(
    "/{name}",
    summary="An empty form",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: {}}, "description": "The form"}},
)
def empty_form(
    *,
    name: FormName,
    services: ServicesDep,
    _caller: ScopedDep,
    boundary: Annotated[str | None, Query(max_length=64)] = None,
    period: Annotated[str, Query(max_length=24)] = "",
) -> Response:
    """A workbook with Chinese headings; with a boundary its entered activity data is filled in."""
    if name is FormName.LABORATORY:
        body = laboratory_form()
    else:
        named = None
        if boundary is not None:
            organisation = services.settings.organisation
            named = newest_boundary(organisation, boundary, store=services.market.store)
        body = form_file(name.value, boundary=named, period=period)
    headers = {"Content-Disposition": f'attachment; filename="{name.value}.xlsx"'}
    return Response(body, media_type=MEDIA_TYPE, headers=headers)


@router.post(
    "/activity", status_code=201, summary="Hand in a form of activity data", openapi_extra=_BINARY
)
async def take_activity(
    *,
    request: Request,
    services: ServicesDep,
    _caller: Writer,
    language: LanguageDep,
    by: Person,
    evidence: Evidence = None,
    correct: bool = False,
) -> Envelope[Imported]:
    """Log every row, or none and tell each bad cell; a correction names the entry it corrects."""
    raw = await read_bounded(request, MAX_FILE_BYTES)
    given = _given(raw, services, by=by, evidence=evidence, corrects=correct)

    def take() -> Imported:
        """Read the form and log its rows."""
        forms: list[ReadForm] = []

        def read() -> Sequence[Content]:
            """Against the log as it is now."""
            with services.market.store.view() as view:
                forms.append(read_form(raw, view, given))
            return forms[-1].entries

        return Imported(leaves=_log(services, read), empty=forms[-1].empty)

    return success(await run_in_threadpool(take), language=language)


@router.post(
    f"/{LABORATORY}",
    status_code=201,
    summary="Hand in a form of laboratory records",
    openapi_extra=_BINARY,
)
async def take_laboratory(
    request: Request,
    services: ServicesDep,
    _caller: Writer,
    language: LanguageDep,
    evidence: Evidence = None,
) -> Envelope[Imported]:
    """Log every report, or none and tell each bad cell; one of a known sample corrects it."""
    raw = await read_bounded(request, MAX_FILE_BYTES)
    given = _given(raw, services, by="", evidence=evidence, corrects=False)

    def take() -> Imported:
        """Read the form and log its reports."""
        leaves = _log(services, lambda: read_laboratory_form(raw, given))
        return Imported(leaves=leaves, empty=0)

    return success(await run_in_threadpool(take), language=language)


def _given(
    raw: bytes, services: Services, *, by: str, evidence: str | None, corrects: bool
) -> FormImport:
    default = sm3(raw) if evidence is None else bytes.fromhex(evidence)
    return FormImport(
        organisation=services.settings.organisation,
        evidence=evidence_by({}, default=default),
        entered_by=by,
        corrects=corrects,
    )


def _log(services: Services, read: Callable[[], Sequence[Content]]) -> tuple[int, ...]:
    return tuple(each.index for each in log_form(read, desk_of(services).log_together))
