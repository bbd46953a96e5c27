"""Sign registrations as the authority and hand them to the node, running or not."""

from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING

from api.cli.handing_in import leaf_of, post_record
from api.cli.options import say
from api.home import Home
from api.running import read_running
from api.settings import Settings
from api.wiring import registrations
from trace_node.errors import InputError

if TYPE_CHECKING:
    from api.wiring.keys import Registrar


def registrar_of(settings: Settings, home: Home, *, organisation: str | None = None) -> "Registrar":
    """The authority of the node, which signs with the key in its home.

    Args:
        settings: Of the node.
        home: Its home folder.
        organisation: Whose keys are registered; None for those of the node's organisation.

    Raises:
        RecordError: The organisation is no name.
        KeyFileError: The authority's key is not here, or the passphrase does not open it.
    """
    from api.wiring.keys import Registrar
    from trace_node.clock import SystemClock
    from trace_node.crypto import keys
    from trace_node.ids import OrganisationId, Origin
    from trace_node.record.fields import read_name

    named = settings.organisation
    if organisation is not None:
        named = read_name({"organisation": organisation}, "organisation")
    now = SystemClock().now().astimezone(UTC)
    return Registrar(
        origin=Origin(settings.log_origin),
        organisation=OrganisationId(named),
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
            index = leaf_of(post_record(url, raw))
        except InputError:
            path.unlink()
            raise
        say("enrolled at leaf {index}", index=index)
