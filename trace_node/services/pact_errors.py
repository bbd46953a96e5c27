"""Errors of the verbs of the PACT exchange.

* NotFoundError
  + FootprintNotFoundError   no such footprint
  + PartnerNotFoundError     no such partner
  + RequestNotFoundError     no such request
* ConflictError
  + SupersededError          the footprint is no longer the newest, or the request was answered
* AccessError
  + ClientRefusedError       client id or secret are wrong
  + TokenRefusedError        no access token of this node
  + TokenEndedError          the access token has expired
  + NotSharedError           the footprint is not shared with this partner
* UnavailableError
  + PartnerRefusedError      a partner's host refused an event: it answers, and does not take it
"""

from typing import ClassVar

from trace_node.errors import AccessError, ConflictError, NotFoundError, UnavailableError


class FootprintNotFoundError(NotFoundError):
    """There is no such footprint."""

    code: ClassVar[str] = "pact.none.footprint"


class PartnerNotFoundError(NotFoundError):
    """There is no such partner."""

    code: ClassVar[str] = "pact.none.partner"


class RequestNotFoundError(NotFoundError):
    """There is no such request."""

    code: ClassVar[str] = "pact.none.request"


class SupersededError(ConflictError):
    """The footprint is no longer the newest, or the request was answered before."""

    code: ClassVar[str] = "pact.superseded"


class ClientRefusedError(AccessError):
    """Client id or secret are wrong, or the access was ended."""

    code: ClassVar[str] = "pact.access.client"


class TokenRefusedError(AccessError):
    """It is no access token of this node, or its access was ended."""

    code: ClassVar[str] = "pact.access.token"


class TokenEndedError(AccessError):
    """The access token has expired."""

    code: ClassVar[str] = "pact.access.expired"


class NotSharedError(AccessError):
    """The footprint is not shared with this partner."""

    code: ClassVar[str] = "pact.access.footprint"


class PartnerRefusedError(UnavailableError):
    """A partner's host answers and does not take the event; trying often does not help."""

    code: ClassVar[str] = "unavailable.partner.refused"
