"""``trace-node init``: make the home of a node with its keys and settings."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import HomeOption, say
from trace_node.errors import ConfigError

CONFIG = """\
# Settings of this node; TN_* variables and flags go before them.
organisation = "{organisation}"
log = "{log}"
port = {port}
chain_port = {chain_port}
"""


def init(
    organisation: Annotated[str, typer.Option(help="Name of the organisation.")] = "organisation",
    log: Annotated[str, typer.Option(help="Name of the log in URLs.")] = "main",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="HTTP port.")] = 8000,
    chain_port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Loopback port of the embedded chain.")
    ] = 8545,
    home: HomeOption = None,
) -> None:
    """Make keys, settings and registrations in a new home folder."""
    make_home(home or Path(), organisation=organisation, log=log, port=port, chain_port=chain_port)
    folder = (home or Path()).absolute()
    say("made {folder}", folder=folder)
    say("keys/authority.pem and keys/owner.json are better kept on another machine")
    say("next: trace-node up --home {folder}", folder=folder)


def make_home(folder: Path, *, organisation: str, log: str, port: int, chain_port: int) -> None:
    """Make a home that does not exist yet.

    Raises:
        ConfigError: There is one already, or a name breaks its rule.
    """
    from datetime import UTC

    from api import settings as settings_module
    from api.home import Home
    from api.wiring import registrations
    from api.wiring.keys import Registrar, make_keys, own_registrations
    from trace_node.clock import SystemClock
    from trace_node.crypto import keys
    from trace_node.ids import OrganisationId, Origin

    home = Home(folder)
    config = folder / settings_module.CONFIG_FILE
    if config.exists():
        raise ConfigError(
            "{path} holds a node already",
            field="home",
            path=str(folder.absolute()),
            remedy="choose another folder",
        )
    folder.mkdir(parents=True, exist_ok=True)
    text = CONFIG.format(organisation=organisation, log=log, port=port, chain_port=chain_port)
    config.write_text(text, encoding="utf-8")
    settings = settings_module.load(home=folder)
    if not settings.passphrase.get_secret_value() and not home.passphrase.exists():
        home.passphrase.touch(mode=0o600)
        home.passphrase.write_text(secrets.token_urlsafe(24) + "\n", encoding="utf-8")
        say("wrote {path}: set TN_PASSPHRASE instead and delete it", err=True, path=home.passphrase)
    make_keys(home, settings.secret())
    now = SystemClock().now().astimezone(UTC)
    registrar = Registrar(
        origin=Origin(settings.log_origin),
        organisation=OrganisationId(organisation),
        authority=keys.load(home.authority_key, settings.secret()),
        now=now.replace(microsecond=now.microsecond // 1000 * 1000),
    )
    for raw in own_registrations(home, registrar, settings.secret()):
        registrations.save(home, raw)
