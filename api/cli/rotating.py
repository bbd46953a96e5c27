"""Bind the log's key to the address that anchors it from now on."""

import json

from api.cli.options import say
from api.home import Home
from api.settings import Settings
from api.wiring import registrations


def keep_binding(settings: Settings, home: Home, *, address: str) -> bool:
    """Keep a registration of the log's key with ``address``, unless one is kept; False without one.

    The node enrols it when it starts. The authority may be elsewhere: then it is told what to sign.

    Raises:
        KeyFileError: The log's key or the authority's cannot be opened.
    """
    from api.cli.enrolling import registrar_of
    from trace_node.crypto import keys

    kept = (json.loads(path.read_bytes()) for path in registrations.files(home))
    if any(each.get("address") == address for each in kept):
        return True
    if not home.authority_key.exists():
        say(
            "the authority is not here: let it register the key of the log with the new address:"
            " trace-node keys enrol --point POINT --usage log --address {address} --subject NAME",
            address=address,
            err=True,
        )
        return False
    public = keys.load(home.log_key, settings.secret()).public
    registrar = registrar_of(settings, home)
    registrations.save(
        home, registrar.key(public, usage="log", subject="local-log", address=address)
    )
    return True
