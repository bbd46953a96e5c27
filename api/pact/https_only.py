"""Nothing is answered that did not come over TLS, and nothing of it is read."""

from starlette.types import ASGIApp, Receive, Scope, Send

from api.pact.answers import pact_error

FORWARDED = b"x-forwarded-proto"


class HttpsOnly:
    """Refuses what came in the clear.

    Args:
        app: What answers the rest.
        proxies: Addresses of proxies whose ``X-Forwarded-Proto`` is believed.
    """

    def __init__(self, app: ASGIApp, *, proxies: frozenset[str]) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or self._came_over_tls(scope):
            await self._app(scope, receive, send)
            return
        await pact_error("AccessDenied", "this is answered over HTTPS only")(scope, receive, send)

    def _came_over_tls(self, scope: Scope) -> bool:
        if scope["scheme"] == "https":  # TLS ended in this process
            return True
        client = scope.get("client")
        if client is None or client[0] not in self._proxies:
            return False
        said = [value for name, value in scope["headers"] if name == FORWARDED]
        return said == [b"https"]
