"""Sign registrations as the authority and hand them to the node, running or not."""

from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING

import httpx

from api.cli.options import say
from api.home import Home
from api.running import read_running
from api.settings import Settings
from api.wiring import registrations
from trace_node.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from api.wiring.keys import Registrar

TIMEOUT_S = 30


def registrar_of(settings: Settings, home: Home) -> "Registrar":
    """The authority of the node, which signs with the key in its home.

    Raises:
        KeyFileError: The authority's key is not here, or the passphrase does not open it.
    """
    from api.wiring.keys import Registrar
    from trace_node.clock import SystemClock
    from trace_node.crypto import keys
    from trace_node.ids import OrganisationId, Origin

    now = SystemClock().now().astimezone(UTC)
    return Registrar(
        origin=Origin(settings.log_origin),
        organisation=OrganisationId(settings.organisation),
        authority=keys.load(home.authority_key, settings.secret()),
        now=now.replace(microsecond=now.microsecond // 1000 * 1000),
    )


def enrol_all(settings: Settings, home: Home, signed: Sequence[bytes]) -> None:
    """Keep registrations, and enrol them now if the node runs.

    Raises:
        UnavailableError: The node runs but does not answer; it enrols them when it starts again.
        InputError: The node refuses one.
    """
    for raw in signed:
        registrations.save(home, raw)
    running = read_running(home)
    if running is None:
        say(
            "{count} registrations kept; the node enrols them when it starts",
            count=len(signed),
        )
        return
    for raw in signed:
        index = _post(f"{running.url}/ingest/v1/{settings.log}/registrations", raw)
        say("enrolled at leaf {index}", index=index)


def _post(url: str, raw: bytes) -> int:
    try:
        answer = httpx.post(url, content=raw, timeout=TIMEOUT_S, trust_env=False)
        said = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise UnavailableError(
            "the node at {url} does not answer: {detail}",
            field="url",
            url=url,
            detail=str(error),
            remedy="look at its log",
        ) from error
    if answer.is_error:
        raise InputError("{message}", message=said["message"], code=said["data"]["reason"])
    return int(said["data"]["index"])
