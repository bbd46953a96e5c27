"""Product footprints: what is in a batch, where a reading went, and the public page of a batch."""

import hmac
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.batch_page import page_of
from api.batch_qr import write_qr
from api.deps import CallerDep, LanguageDep, ServicesDep, require_role
from api.envelope import Envelope, success
from api.exchange import PREFIX, ExchangeRoute
from api.links import batch_code, batch_path
from api.schemas import footprint as wire
from api.schemas.base import WireModel
from api.services import FootprintServices
from api.tokens import Role
from trace_node import canonical_json
from trace_node.canonical_json import JsonObject
from trace_node.errors import AccessError, InputError, NotFoundError
from trace_node.ids import NAME_PATTERN
from trace_node.services.footprint_view import footprint_to_json, forward_to_json
from trace_node.services.prove_leaf import prove_leaf

router = APIRouter(prefix=PREFIX, tags=["exchange"], route_class=ExchangeRoute)
public = APIRouter(prefix="/evidence/v1/batches", tags=["disclosure"])
Model = TypeVar("Model", bound=WireModel)
BatchPath = Annotated[str, Path(pattern=f"^{NAME_PATTERN.pattern}$", max_length=64)]
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'none'"


async def footprints_of(services: ServicesDep) -> FootprintServices:
    """The footprints of this node.

    Raises:
        NotFoundError: Its log takes opaque entries only.
    """
    if services.footprints is None:
        raise NotFoundError(
            "this node keeps no batches",
            code="not_found.footprint",
            remedy="ask a node that serves collectors",
        )
    return services.footprints


FootprintsDep = Annotated[FootprintServices, Depends(footprints_of)]


@router.post("/FootprintQuery", summary="What is in a batch: stages, gaps, back to the leaves")
def footprint(
    query: wire.FootprintQuery, here: FootprintsDep, caller: CallerDep, language: LanguageDep
) -> Envelope[wire.FootprintAnswer]:
    """Computed now from the log; every leaf and factor is verified on the way.

    An enterprise sees its own batches, the regulator and verifiers all.
    """
    found = here.desk.compute(query.batch)
    caller.require_organisation(found.batch.organisation)
    shown = footprint_to_json(found, with_parts=query.parts)
    return success(_read(wire.FootprintAnswer, shown), language=language)


@router.post("/FootprintRecompute", summary="Compute a footprint on record again")
def recompute(
    query: wire.FootprintRecomputation,
    here: FootprintsDep,
    caller: CallerDep,
    language: LanguageDep,
) -> Envelope[wire.FootprintAnswer]:
    """The same digits, or the answer names the leaf, factor or stage that differs."""
    found = here.desk.recompute(query.index)
    caller.require_organisation(found.record.organisation)
    return success(
        _read(wire.FootprintAnswer, footprint_to_json(found.footprint)), language=language
    )


@router.post("/FootprintForward", summary="Where a reading or a batch went")
def forward(
    query: wire.FootprintForwardQuery,
    here: FootprintsDep,
    caller: CallerDep,
    language: LanguageDep,
) -> Envelope[wire.ForwardAnswer]:
    """Everything that rests on a leaf or a batch; a token for one enterprise sees its own part."""
    if query.index is not None and query.batch is None:
        found = here.walk.of_leaf(query.index)
    elif query.batch is not None and query.index is None:
        found = here.walk.of_batch(query.batch)
    else:
        raise InputError(
            "{field}: name a leaf or a batch, one of them",
            field="index",
            remedy="leave the other out",
            code="input.one_of",
        )
    shown = forward_to_json(found.seen_by(caller.organisation))
    return success(_read(wire.ForwardAnswer, shown), language=language)


@router.post("/BatchLink", summary="A link to the public page of a batch, without a token")
def batch_link(
    query: wire.BatchLinkQuery,
    services: ServicesDep,
    here: FootprintsDep,
    caller: CallerDep,
    language: LanguageDep,
) -> Envelope[wire.BatchLink]:
    """Whoever has the link can read the page of that batch, and nothing else."""
    require_role(caller, Role.ENTERPRISE, Role.OPERATOR)
    caller.require_organisation(here.desk.owner(query.batch))
    secret, origin = services.link_secret, services.settings.log_origin
    answer = wire.BatchLink(
        batch=query.batch,
        path=batch_path(secret, origin=origin, batch=query.batch),
        qr_path=batch_path(secret, origin=origin, batch=query.batch, what="qr"),
    )
    return success(answer, language=language)


def require_link(
    batch: BatchPath, services: ServicesDep, link: Annotated[str, Query(max_length=64)]
) -> None:
    """Let in whoever holds the link of that batch.

    Raises:
        AccessError: The link is another.
    """
    code = batch_code(services.link_secret, origin=services.settings.log_origin, batch=batch)
    if not hmac.compare_digest(link.encode(), code.encode()):
        raise AccessError(
            "{field}: does not open this page",
            field="link",
            code="access.link",
            remedy="ask for a new link",
        )


@public.get(
    "/{batch}",
    dependencies=[Depends(require_link)],
    response_class=Response,
    summary="The public page of a batch",
)
def batch_page(
    batch: BatchPath, services: ServicesDep, here: FootprintsDep, language: LanguageDep
) -> Response:
    """Stages, gaps and the way to check them, as HTML in Chinese or English."""
    secret, origin = services.link_secret, services.settings.log_origin
    found = here.desk.compute(batch)
    index = here.desk.newest(found.batch.organisation, batch)
    body = page_of(
        found,
        language=language,
        origin=origin,
        is_on_record=index is not None,
        paths=lambda what: batch_path(secret, origin=origin, batch=batch, what=what),
    )
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": _POLICY,
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }
    return Response(body, media_type="text/html; charset=utf-8", headers=headers)


@public.get(
    "/{batch}/qr",
    dependencies=[Depends(require_link)],
    response_class=Response,
    summary="A QR code of the page of a batch",
)
def batch_qr(batch: BatchPath, request: Request, services: ServicesDep) -> Response:
    """SVG; the code holds the address under which it was asked for."""
    path = batch_path(services.link_secret, origin=services.settings.log_origin, batch=batch)
    body = write_qr(str(request.base_url).rstrip("/") + path)
    return Response(body, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


@public.get(
    "/{batch}/record",
    dependencies=[Depends(require_link)],
    response_class=Response,
    summary="The footprint of a batch on record, byte for byte",
)
def batch_record(batch: BatchPath, services: ServicesDep, here: FootprintsDep) -> Response:
    """The newest record; its SM3 leaf hash is what the proof is of."""
    entry = services.reader.entry(_on_record(here, batch))
    name = f'attachment; filename="{entry.index}.json"'
    headers = {"Cache-Control": "no-store", "Content-Disposition": name}
    return Response(entry.body, media_type="application/json", headers=headers)


@public.get(
    "/{batch}/proof",
    dependencies=[Depends(require_link)],
    response_class=Response,
    summary="The offline proof of that record",
)
def batch_proof(batch: BatchPath, services: ServicesDep, here: FootprintsDep) -> Response:
    """A C2SP tlog-proof: that the record is in the log, under a signed checkpoint."""
    index = _on_record(here, batch)
    name = f'attachment; filename="{index}.tlog-proof"'
    headers = {"Cache-Control": "no-store", "Content-Disposition": name}
    body = prove_leaf(index, reader=services.reader)
    return Response(body, media_type="text/plain; charset=utf-8", headers=headers)


def _on_record(here: FootprintServices, batch: str) -> int:
    index = here.desk.newest(here.desk.owner(batch), batch)
    if index is None:
        raise NotFoundError(
            "no footprint of {batch} is on record yet",
            field="batch",
            batch=batch,
            remedy="log it with trace-node footprint log",
            code="footprint.none",
        )
    return index


def _read(model: type[Model], content: JsonObject) -> Model:
    """The wire model of what the domain shows; that the two agree is checked on the way."""
    return model.model_validate_json(canonical_json.encode(content))
