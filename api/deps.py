"""What a route asks for: the services, the caller, the language."""

import hmac
from typing import Annotated

from fastapi import Depends, Header, Query, Request

from api.i18n import choose
from api.services import Services
from api.tokens import Caller, Role
from trace_node.crypto.sm3 import hmac_sm3
from trace_node.errors import AccessError, NotFoundError
from trace_node.ids import to_base64url


def services_of(request: Request) -> Services:
    """The services the application was made with."""
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(services_of)]


def language_of(
    services: ServicesDep, accept_language: Annotated[str | None, Header(max_length=256)] = None
) -> str:
    """The language the caller reads."""
    return choose(accept_language) if accept_language else services.settings.language


LanguageDep = Annotated[str, Depends(language_of)]


def caller_of(
    services: ServicesDep, authorization: Annotated[str | None, Header(max_length=256)] = None
) -> Caller:
    """The caller behind the bearer token.

    Raises:
        AccessError: There is no token, or it is unknown or expired.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise AccessError(
            "this needs a token",
            code="access.no_token",
            field="Authorization",
            remedy="send the header Authorization: Bearer TOKEN; the operator issues tokens",
        )
    return services.tokens.authenticate(token.strip())


CallerDep = Annotated[Caller, Depends(caller_of)]


def reader_of_organisation(services: ServicesDep, caller: CallerDep) -> Caller:
    """A caller of any role that may see this node's organisation.

    Raises:
        AccessError: Its token is for another organisation.
    """
    caller.require_organisation(services.settings.organisation)
    return caller


ScopedDep = Annotated[Caller, Depends(reader_of_organisation)]


def operator_of(caller: ScopedDep) -> Caller:
    """A caller with the role operator.

    Raises:
        AccessError: It has another role.
    """
    if caller.role is not Role.OPERATOR:
        raise AccessError(
            "this needs the role {needed}; the token has {has}",
            code="access.role",
            needed=Role.OPERATOR.value,
            has=caller.role.value,
            remedy="ask the operator to do it",
        )
    return caller


OperatorDep = Annotated[Caller, Depends(operator_of)]


def require_log(services: Services, log: str) -> None:
    """Check the log's name in a path.

    Raises:
        NotFoundError: This node keeps another log.
    """
    if log != services.settings.log:
        raise NotFoundError(
            "this node keeps the log {known}, not {asked}",
            field="log",
            code="not_found.log",
            known=services.settings.log,
            asked=log,
        )


def link_code(services: Services, index: int) -> str:
    """The unguessable part of the link that opens the bundle of one entry."""
    text = f"bundle:{services.settings.log_origin}:{index}"
    return to_base64url(hmac_sm3(services.link_secret, text.encode("ascii")))


def require_bundle_access(
    index: int,
    services: ServicesDep,
    link: Annotated[str | None, Query(max_length=64)] = None,
    authorization: Annotated[str | None, Header(max_length=256)] = None,
) -> None:
    """Let in whoever holds the bundle's own link, or a token with the organisation's scope.

    Raises:
        AccessError: Neither is the case.
    """
    if link is not None:
        if hmac.compare_digest(link.encode(), link_code(services, index).encode()):
            return
        raise AccessError(
            "the link does not open this bundle",
            field="link",
            code="access.link",
            remedy="ask for a new link",
        )
    caller_of(services, authorization).require_organisation(services.settings.organisation)


BundleAccess = Depends(require_bundle_access)
