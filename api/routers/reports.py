"""Reports and evidence packages as files."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from api.deps import LanguageDep, ScopedDep, ServicesDep, caller_with
from api.envelope import Envelope, success
from api.exchange import PREFIX, ExchangeRoute
from api.schemas import reports as wire
from api.services import Services
from api.tokens import Caller, Role
from trace_node.errors import NotFoundError
from trace_node.ids import from_base64url
from trace_node.period import SHANGHAI
from trace_node.services.evidence_package import PackageRequest
from trace_node.services.report import ReportRequest
from trace_node.services.report_desk import ReportDesk
from trace_node.services.report_zip import steady_archive
from trace_node.services.workbook_tables import MEDIA_TYPE as XLSX

router = APIRouter(prefix=PREFIX, tags=["exchange"], route_class=ExchangeRoute)
Maker = Annotated[Caller, Depends(caller_with(Role.ENTERPRISE, Role.OPERATOR))]
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MEDIA_TYPES = {"pdf": "application/pdf", "docx": _WORD, "xlsx": XLSX, "zip": "application/zip"}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "The file"}
}


@router.post("/Report", summary="Make a report, log it, get it", response_class=Response,
             responses=_FILE)  # fmt: skip
def make(query: wire.ReportQuery, services: ServicesDep, _caller: Maker) -> Response:
    """Every figure is computed again first; the header ``Trace-Node-Leaf`` is where it is logged.

    The same figures and day give the same bytes, and are logged once.
    """
    desk = desk_of(services)
    request = ReportRequest(
        organisation=services.settings.organisation,
        boundary=query.boundary,
        period=query.period,
        kind=query.kind,
        prepared_on=services.clock.now().astimezone(SHANGHAI).date(),
        demonstration=query.demonstration,
        attach=query.attach,
        template=query.template,
    )
    made = desk.report(request)
    forms = {"pdf": made.files.pdf, "docx": made.files.docx, "xlsx": made.files.xlsx}
    name = f"report-{query.period.replace('/', '_').replace(':', '')}"
    if query.form == "zip":
        body = steady_archive({f"{name}.{form}": raw for form, raw in forms.items()})
    else:
        body = forms[query.form]
    answer = _file(body, name=f"{name}.{query.form}", media_type=_MEDIA_TYPES[query.form])
    answer.headers["Trace-Node-Leaf"] = str(made.logged.index)
    return answer


@router.post("/ReportOf", summary="Which report a file belongs to")
def report_of(
    query: wire.ReportOfQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[wire.ReportOf]:
    """Found by the SM3 of the file: a changed file belongs to none."""
    digest = from_base64url(query.sm3, size=32, field="sm3")
    found = desk_of(services).report_of(digest)
    if found is None:
        raise NotFoundError(
            "{field}: no report of this log has a file with SM3 {digest}",
            field="sm3",
            digest=digest.hex(),
            remedy="ask for the file again; a changed file is another file",
            code="report.unknown",
        )
    index, report = found
    answer = wire.ReportOf(index=index, record={**report.to_fields()})
    return success(answer, language=language)


@router.post("/EvidencePackage", summary="All evidence of a month in one file",
             response_class=Response, responses=_FILE)  # fmt: skip
def package(query: wire.PackageQuery, services: ServicesDep, _caller: ScopedDep) -> Response:
    """Bundles of figures, readings and records, for ``trace-node package check``.

    A node does not keep documents: those that records name are told as missing.
    """
    made = desk_of(services).package(
        PackageRequest(
            organisation=services.settings.organisation,
            boundary=query.boundary,
            period=query.period,
        )
    )
    name = f"evidence-{query.period.replace('/', '_').replace(':', '')}.zip"
    return _file(made.body, name=name, media_type=_MEDIA_TYPES["zip"])


def desk_of(services: Services) -> ReportDesk:
    """What makes reports.

    Raises:
        NotFoundError: This log has none.
    """
    if services.reports is None:
        raise NotFoundError(
            "this log has no reports",
            code="not_found.profile",
            remedy="ask a node that serves collectors",
        )
    return services.reports


def _file(body: bytes, *, name: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=media_type, headers=headers)
