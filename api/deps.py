"""What a route asks for: the services, the caller, the language."""

import hmac
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Header, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.links import link_code
from api.refusals import language_for, wrong_log
from api.services import Services
from api.tokens import Caller, Role
from trace_node.errors import AccessError

_BEARER = HTTPBearer(auto_error=False, description="A token that the operator issued")
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]


async def services_of(request: Request) -> Services:  # async: no thread for a look-up
    """The services the application was made with."""
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(services_of)]


async def language_of(
    services: ServicesDep, accept_language: Annotated[str | None, Header(max_length=256)] = None
) -> str:
    """The language the caller reads."""
    return language_for(accept_language, services.settings)


LanguageDep = Annotated[str, Depends(language_of)]


def caller_of(services: ServicesDep, credentials: _Credentials) -> Caller:
    """The caller behind the bearer token.

    Raises:
        AccessError: There is no token, or it is unknown or expired.
    """
    if credentials is None or not credentials.credentials:
        raise AccessError(
            "{field}: this needs a token",
            code="access.no_token",
            field="Authorization",
            remedy="send the header Authorization: Bearer TOKEN; the operator issues tokens",
        )
    return services.tokens.authenticate(credentials.credentials.strip())


CallerDep = Annotated[Caller, Depends(caller_of)]


def reader_of_organisation(services: ServicesDep, caller: CallerDep) -> Caller:
    """A caller of any role that may see this node's organisation.

    Raises:
        AccessError: Its token is for another organisation.
    """
    caller.require_organisation(services.settings.organisation)
    return caller


ScopedDep = Annotated[Caller, Depends(reader_of_organisation)]


def caller_with(*roles: Role) -> Callable[[Caller], Caller]:
    """A dependency that lets in callers of this organisation with one of ``roles``."""

    def require(caller: ScopedDep) -> Caller:
        require_role(caller, *roles)
        return caller

    return require


def require_role(caller: Caller, *roles: Role) -> None:
    """Let in callers with one of ``roles``.

    Raises:
        AccessError: This caller has another one.
    """
    if caller.role not in roles:
        raise AccessError(
            "{field}: this needs one of the roles {needed}; the token has {has}",
            field="role",
            code="access.role",
            needed=", ".join(role.value for role in roles),
            has=caller.role.value,
            remedy="ask somebody who has that role",
        )


def require_log(services: Services, log: str) -> None:
    """Check the log's name in a path.

    Raises:
        NotFoundError: This node keeps another log.
    """
    if log != services.settings.log:
        raise wrong_log(services.settings.log, log)


def require_bundle_access(
    index: int,
    services: ServicesDep,
    credentials: _Credentials,
    link: Annotated[str | None, Query(max_length=64)] = None,
) -> None:
    """Let in whoever holds the bundle's own link, or a token with the organisation's scope.

    Raises:
        AccessError: Neither is the case.
    """
    if link is not None:
        code = link_code(services.link_secret, origin=services.settings.log_origin, index=index)
        if hmac.compare_digest(link.encode(), code.encode()):
            return
        raise AccessError(
            "{field}: does not open this bundle",
            field="link",
            code="access.link",
            remedy="ask for a new link",
        )
    caller_of(services, credentials).require_organisation(services.settings.organisation)


BundleAccess = Depends(require_bundle_access)
