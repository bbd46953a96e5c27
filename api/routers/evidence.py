"""Public evidence: checkpoints and hash tiles for all, bundles and entry tiles for the entitled.

Paths of the log follow C2SP tlog-tiles, so any static web server or cache can serve them.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from api.deps import BundleAccess, ScopedDep, ServicesDep, require_log
from api.schemas.base import LAST_INDEX
from api.visible import require_visible
from trace_node.errors import NotFoundError
from trace_node.tlog.tiles import TILE_WIDTH, parse_path

IMMUTABLE = "public, max-age=31536000, immutable"
PRIVATE_IMMUTABLE = "private, max-age=31536000, immutable"
MAX_TILE_PATH = 64


def known_log(log: str, services: ServicesDep) -> None:
    """Refuse the name of a log that this node does not keep."""
    require_log(services, log)


log_router = APIRouter(prefix="/log/{log}", tags=["evidence"], dependencies=[Depends(known_log)])
router = APIRouter(prefix="/evidence/v1", tags=["evidence"])


@log_router.get("/checkpoint", response_class=Response, summary="The newest signed checkpoint")
def checkpoint(services: ServicesDep) -> Response:
    """A C2SP signed note."""
    newest = services.reader.checkpoint()
    if newest is None:
        raise NotFoundError(
            "no checkpoint has been signed yet",
            code="not_found.checkpoint",
            remedy="send readings and wait for the seal interval",
        )
    return _text(newest.note)


@log_router.get("/checkpoint/{size}", response_class=Response, summary="The checkpoint of one size")
def checkpoint_of(
    services: ServicesDep, size: Annotated[int, Path(ge=1, le=LAST_INDEX)]
) -> Response:
    """A C2SP signed note; other sizes than those that were signed have none."""
    found = services.reader.checkpoint_of(size)
    if found is None:
        raise NotFoundError(
            "there is no checkpoint of size {size}", code="not_found.checkpoint", size=size
        )
    return _text(found.note)


@log_router.get(
    "/tile/entries/{tile:path}", response_class=Response, summary="A bundle of up to 256 entries"
)
def entry_tile(
    services: ServicesDep, caller: ScopedDep, tile: Annotated[str, Path(max_length=MAX_TILE_PATH)]
) -> Response:
    """Entries hold values and salts, so this needs a token; the content never changes.

    A tile with what other organisations state of themselves is for the regulator and the operator.
    """
    wanted = parse_path(f"tile/entries/{tile}")
    first = wanted.index * TILE_WIDTH
    require_visible(services, caller, first=first, end=first + wanted.width)
    body = services.reader.read_tile(wanted)
    return _binary(body, PRIVATE_IMMUTABLE)


@log_router.get(
    "/tile/{level}/{tile:path}", response_class=Response, summary="A tile of up to 256 hashes"
)
def hash_tile(
    services: ServicesDep,
    level: Annotated[str, Path(max_length=1)],
    tile: Annotated[str, Path(max_length=MAX_TILE_PATH)],
) -> Response:
    """Hashes of the tree, for everybody; the content never changes."""
    body = services.reader.read_tile(parse_path(f"tile/{level}/{tile}"))
    return _binary(body, IMMUTABLE)


@router.get("/trust-root", response_class=Response, summary="The trust root the operator offers")
def trust_root(services: ServicesDep) -> Response:
    """Compare its fingerprint by another way before use."""
    if not services.trust_root.is_file():
        raise NotFoundError(
            "the operator has published no trust root here",
            code="not_found.trust_root",
            remedy="ask for it, or make one with trace-node trust-root make",
        )
    return Response(services.trust_root.read_bytes(), media_type="application/json")


@router.get(
    "/bundles/{index}",
    dependencies=[BundleAccess],
    response_class=Response,
    summary="The proof bundle of one entry",
)
def bundle(services: ServicesDep, index: Annotated[int, Path(ge=0, le=LAST_INDEX)]) -> Response:
    """A file for ``trace-node verify``; for a token, or for whoever has the bundle's own link."""
    headers = {"Content-Disposition": f'attachment; filename="{index}.tnproof"'}
    return Response(services.prove(index), media_type="application/json", headers=headers)


def _binary(body: bytes, cache: str) -> Response:
    return Response(body, media_type="application/octet-stream", headers={"Cache-Control": cache})


def _text(note: bytes) -> Response:
    return Response(
        note, media_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )
