"""Action Authenticate: OAuth 2 client credentials (RFC 6749, 4.4), and where it is found."""

import base64
import binascii
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, unquote_plus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.body import read_bounded
from api.pact.answers import token_refusal
from api.pact.desk import PactDesk
from trace_node.ports.pact import Partner
from trace_node.services.pact_access import TOKEN_LIFE
from trace_node.services.pact_errors import ClientRefusedError, TokenRefusedError

MAX_FORM: Final = 4_096
TOKEN_PATH: Final = "/auth/token"  # noqa: S105  # a path
_FORM: Final = "application/x-www-form-urlencoded"


def desk_of(request: Request) -> PactDesk:
    """The verbs the application was made with."""
    desk: PactDesk = request.app.state.desk
    return desk


def caller_of(request: Request) -> Partner:
    """The partner behind the bearer token.

    Raises:
        TokenRefusedError: There is no token, or it is none of this node.
        TokenEndedError: It has expired.
        BusyError: The partner asks too often.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenRefusedError(
            "{field}: this needs an access token",
            field="Authorization",
            remedy="fetch one from /auth/token and send it as Bearer TOKEN",
        )
    desk = desk_of(request)
    partner = desk.access.partner_of(token.strip())
    desk.rate.take(partner.name)
    return partner


async def discovery(request: Request) -> Response:
    """The OpenID Provider Configuration Document: where the token endpoint is."""
    base = desk_of(request).base
    return JSONResponse(
        {
            "issuer": base,
            "token_endpoint": base + TOKEN_PATH,
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": ["token"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }
    )


async def token(request: Request) -> Response:
    """Give an access token for client id and secret."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        return _bad_request(f"the body must be {_FORM}")
    raw = await read_bounded(request, MAX_FORM)
    try:
        form = parse_qs(raw.decode("ascii"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return _bad_request("the body is no form")
    grants = form.get("grant_type", [])
    if len(grants) != 1:
        return _bad_request("grant_type must be given once")
    if grants != ["client_credentials"]:
        return token_refusal(
            "unsupported_grant_type", "only client_credentials", HTTPStatus.BAD_REQUEST
        )
    name, secret = _basic(request.headers.get("authorization", ""))
    desk = desk_of(request)
    given = await run_in_threadpool(desk.access.token, name, secret)
    desk.rate.take(name)  # after the secret: a stranger cannot use a partner's requests up
    return JSONResponse(
        {
            "access_token": given,
            "token_type": "bearer",
            "expires_in": int(TOKEN_LIFE.total_seconds()),
        },
        headers={"Cache-Control": "no-store"},
    )


def _bad_request(description: str) -> Response:
    return token_refusal("invalid_request", description, HTTPStatus.BAD_REQUEST)


def _basic(header: str) -> tuple[str, str]:
    """Client id and secret of HTTP Basic credentials.

    Raises:
        ClientRefusedError: There are none that can be read.
    """
    scheme, _, coded = header.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise ValueError  # noqa: TRY301  # one refusal for all
        text = base64.b64decode(coded.strip(), validate=True).decode("utf-8")
        name, colon, secret = text.partition(":")
        if not colon:
            raise ValueError  # noqa: TRY301
    except (ValueError, binascii.Error):
        raise ClientRefusedError(
            "{field}: client id and secret must come as HTTP Basic credentials",
            field="Authorization",
            remedy="send Authorization: Basic with base64 of id, colon and secret",
        ) from None
    return unquote_plus(name), unquote_plus(secret)
