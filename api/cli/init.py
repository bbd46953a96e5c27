"""``trace-node init``: make the home of a node with its keys and settings."""

import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import HomeOption, say
from trace_node.errors import ConfigError

if TYPE_CHECKING:
    from api.home import Home
    from api.settings import Settings

CONFIG = """\
# Settings of this node; TN_* variables and flags go before them.
organisation = {organisation}
log = {log}
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
    """Make a home that does not exist yet; after a failure it can be made again.

    Raises:
        ConfigError: There is one already, a name breaks its rule, or the folder cannot be written.
        ParameterError: The passphrase is too short.
    """
    from api import settings as settings_module
    from api.home import Home

    config = folder / settings_module.CONFIG_FILE
    if config.exists():
        raise ConfigError(
            "{path} holds a node already",
            field="home",
            path=str(folder.absolute()),
            remedy="choose another folder",
        )
    given = {"organisation": organisation, "log": log, "port": port, "chain_port": chain_port}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        quoted = {name: json.dumps(value) for name, value in given.items()}
        config.write_text(CONFIG.format(**quoted), encoding="utf-8")
        try:
            _fill(Home(folder), settings_module.load(home=folder, **given))
        except BaseException:
            config.unlink()
            raise
    except OSError as error:
        raise ConfigError(
            "{path}: cannot be written: {detail}",
            field="home",
            path=str(error.filename or folder.absolute()),
            detail=error.strerror or type(error).__name__,
            remedy="choose a folder that this user may write to",
            code="config.home",
        ) from error


def _fill(home: "Home", settings: "Settings") -> None:
    """Make passphrase, keys and registrations; those that are there already are kept."""
    from datetime import UTC

    from api.wiring import registrations
    from api.wiring.keys import Registrar, make_keys, own_registrations
    from trace_node.clock import SystemClock
    from trace_node.crypto import keys, secret_file
    from trace_node.ids import OrganisationId, Origin

    if not settings.passphrase.get_secret_value() and not home.passphrase.exists():
        secret_file.create(home.passphrase, f"{secrets.token_urlsafe(24)}\n".encode())
        say("wrote {path}: set TN_PASSPHRASE instead and delete it", err=True, path=home.passphrase)
    make_keys(home, settings.secret())
    now = SystemClock().now().astimezone(UTC)
    registrar = Registrar(
        origin=Origin(settings.log_origin),
        organisation=OrganisationId(settings.organisation),
        authority=keys.load(home.authority_key, settings.secret()),
        now=now.replace(microsecond=now.microsecond // 1000 * 1000),
    )
    for raw in own_registrations(home, registrar, settings.secret()):
        registrations.save(home, raw)
