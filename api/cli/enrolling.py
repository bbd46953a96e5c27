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
        InputError: The node refuses one, which is not kept.
    """
    kept = [(registrations.save(home, raw), raw) for raw in signed]
    running = read_running(home)
    if running is None:
        say(
            "{count} registrations kept; the node enrols them when it starts",
            count=len(signed),
        )
        return
    url = f"{running.url}/ingest/v1/{settings.log}/registrations"
    for path, raw in kept:
        try:
            index = post_record(url, raw)
        except InputError:
            path.unlink()
            raise
        say("enrolled at leaf {index}", index=index)


def post_record(url: str, raw: bytes) -> int:
    """Hand a signed record to a running node, and return its leaf index.

    Raises:
        UnavailableError: The node does not answer, or cannot take it now.
        InputError: The node refuses it.
    """
    from api.node_client import tls_context

    verify = tls_context()
    try:
        answer = httpx.post(url, content=raw, timeout=TIMEOUT_S, trust_env=False, verify=verify)
        said = answer.json()
        if answer.is_success:
            return int(said["data"]["index"])
        message, code = str(said["message"]), str(said["data"]["reason"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise UnavailableError(
            "the node at {url} does not answer: {detail}",
            field="url",
            url=url,
            detail=str(error) or type(error).__name__,
            remedy="look at its log",
        ) from error
    if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise UnavailableError("{message}", message=message, code=code)
    raise InputError("{message}", message=message, code=code)
