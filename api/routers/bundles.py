"""Bundles for verifiers: a link to the bundle of one entry, and the bundle of a period."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.deps import LanguageDep, ScopedDep, ServicesDep, caller_with
from api.envelope import Envelope, success
from api.exchange import PREFIX, ExchangeRoute
from api.links import link_code
from api.schemas.bundles import BundleLink, BundleLinkQuery, PeriodBundleQuery
from api.tokens import Caller, Role
from trace_node.services.prove_period import PeriodRequest

router = APIRouter(prefix=PREFIX, tags=["exchange"], route_class=ExchangeRoute)
Sharer = Annotated[Caller, Depends(caller_with(Role.ENTERPRISE, Role.OPERATOR))]


@router.post("/BundleLink", summary="A link that opens the bundle of one entry without a token")
def bundle_link(
    query: BundleLinkQuery, services: ServicesDep, _caller: Sharer, language: LanguageDep
) -> Envelope[BundleLink]:
    """Whoever has the link can read that entry, and no other; nobody can guess it."""
    services.reader.entry(query.index)
    code = link_code(services.link_secret, origin=services.settings.log_origin, index=query.index)
    path = f"/evidence/v1/bundles/{query.index}?link={code}"
    return success(BundleLink(index=query.index, path=path), language=language)


@router.post(
    "/PeriodBundle",
    summary="The bundle of a period: readings, completeness, findings, one anchor",
    response_class=Response,
    responses={200: {"content": {"application/json": {}}, "description": "The file"}},
)
def period_bundle(query: PeriodBundleQuery, services: ServicesDep, _caller: ScopedDep) -> Response:
    """A file that an outsider verifies with ``trace-node verify``; it is not in an envelope."""
    request = PeriodRequest(
        begin=query.begin,
        end=query.end,
        devices=query.meters,
        organisation=services.settings.organisation,
    )
    body = services.prove_period(request)
    headers = {"Content-Disposition": 'attachment; filename="period.tnproof"'}
    return Response(body, media_type="application/json", headers=headers)
