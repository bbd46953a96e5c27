"""Public evidence: checkpoints and hash tiles for all, bundles and entry tiles for the entitled.

Paths of the log follow C2SP tlog-tiles, so any static web server or cache can serve them.
"""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from api.deps import BundleAccess, ScopedDep, ServicesDep, require_log
from trace_node.errors import InputError, NotFoundError
from trace_node.tlog.tiles import TILE_WIDTH, encode_entries

IMMUTABLE = "public, max-age=31536000, immutable"
PRIVATE_IMMUTABLE = "private, max-age=31536000, immutable"
_TILE = re.compile(r"((?:x\d{3}/)*\d{3})(?:\.p/(\d{1,3}))?")
MAX_TILE_PATH = 64


def known_log(log: str, services: ServicesDep) -> None:
    """Refuse the name of a log that this node does not keep."""
    require_log(services, log)


log_router = APIRouter(prefix="/log/{log}", tags=["evidence"], dependencies=[Depends(known_log)])
router = APIRouter(prefix="/evidence/v1", tags=["evidence"])


@log_router.get("/checkpoint", response_class=Response)
def checkpoint(services: ServicesDep) -> Response:
    """The newest signed checkpoint, a C2SP signed note."""
    newest = services.reader.checkpoint()
    if newest is None:
        raise NotFoundError(
            "no checkpoint has been signed yet",
            code="not_found.checkpoint",
            remedy="send readings and wait for the seal interval",
        )
    return _text(newest.note)


@log_router.get("/checkpoint/{size}", response_class=Response)
def checkpoint_of(services: ServicesDep, size: Annotated[int, Path(ge=1)]) -> Response:
    """The signed checkpoint of one size."""
    found = services.reader.checkpoint_of(size)
    if found is None:
        raise NotFoundError(
            "there is no checkpoint of size {size}", code="not_found.checkpoint", size=size
        )
    return _text(found.note)


@log_router.get("/tile/entries/{tile:path}", response_class=Response)
def entry_tile(
    services: ServicesDep, _caller: ScopedDep, tile: Annotated[str, Path(max_length=MAX_TILE_PATH)]
) -> Response:
    """A bundle of up to 256 entries; it holds values and salts, so it needs a token."""
    number, width = parse_tile(tile)
    first = number * TILE_WIDTH
    newest = services.reader.checkpoint()
    if newest is None or first + width > newest.size:
        raise NotFoundError("this entry tile is not published yet", code="not_found.tile")
    entries = services.reader.entries(first, first + width)
    body = encode_entries([entry.body for entry in entries])
    headers = {"Cache-Control": PRIVATE_IMMUTABLE}
    return Response(body, media_type="application/octet-stream", headers=headers)


@log_router.get("/tile/{level}/{tile:path}", response_class=Response)
def hash_tile(
    services: ServicesDep,
    level: Annotated[int, Path(ge=0, le=7)],
    tile: Annotated[str, Path(max_length=MAX_TILE_PATH)],
) -> Response:
    """A tile of up to 256 hashes; it never changes."""
    number, width = parse_tile(tile)
    body = services.reader.tile(level, number, width=width)
    headers = {"Cache-Control": IMMUTABLE}
    return Response(body, media_type="application/octet-stream", headers=headers)


@router.get("/trust-root", response_class=Response)
def trust_root(services: ServicesDep) -> Response:
    """The trust root the operator offers; compare its fingerprint by another way before use."""
    if not services.trust_root.is_file():
        raise NotFoundError(
            "the operator has published no trust root here",
            code="not_found.trust_root",
            remedy="ask for it, or make one with trace-node trust-root make",
        )
    return Response(services.trust_root.read_bytes(), media_type="application/json")


@router.get("/bundles/{index}", dependencies=[BundleAccess], response_class=Response)
def bundle(services: ServicesDep, index: Annotated[int, Path(ge=0)]) -> Response:
    """The proof bundle of one entry, for a token or for the bundle's own link."""
    headers = {"Content-Disposition": f'attachment; filename="{index}.tnproof"'}
    return Response(services.prove(index), media_type="application/json", headers=headers)


def parse_tile(path: str) -> tuple[int, int]:
    """Read the number and width of a tile from its path.

    Raises:
        InputError: The path is not of the form ``x001/x234/067`` or ``x001/067.p/12``.
    """
    matched = _TILE.fullmatch(path)
    width = int(matched[2]) if matched and matched[2] else TILE_WIDTH
    if matched is None or not 1 <= width <= TILE_WIDTH or (matched[2] and width == TILE_WIDTH):
        raise InputError(
            "{field}: not a tile path",
            field="tile",
            code="input.tile_path",
            remedy="write it as C2SP tlog-tiles does, such as 000, x001/067 or 067.p/12",
        )
    return int(matched[1].replace("/", "").replace("x", "")), width


def _text(note: bytes) -> Response:
    return Response(
        note, media_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )
