"""The stage of the show: a new home, keys for everybody, the contracts, and a node that runs."""

import json
import secrets
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from api import settings as settings_module
from api.cli.demo_ledger.cast import ENTERPRISES
from api.cli.demo_ledger.commands import Commands
from api.cli.demo_ledger.officers import ADMINISTRATORS, OFFICES, KeyRing, Officers
from api.cli.demo_ledger.world import World
from api.cli.options import say
from api.demo.processes import Processes
from api.demo.waiting import wait_for_node
from api.home import Home
from trace_node.crypto import secret_file
from trace_node.errors import ConfigError
from trace_node.period import SHANGHAI

ROLE_DELAY_S = 1
NODE = "show-authority"
SETTINGS = """\
seal_interval = 1
anchor_interval = 2
ledger_senders = {senders}

[ledger_organisations]
{organisations}
"""


def set_stage(folder: Path, *, port: int, processes: Processes, stack: ExitStack) -> World:
    """Make the home, deploy the ledger and start the node.

    Args:
        folder: Home of the node; must be empty or not there.
        port: HTTP port; 0 for any.
        processes: Where the node is started.
        stack: Closes the connections of the officers.

    Raises:
        ConfigError: Something is in the folder.
        UnavailableError: The node does not start.
    """
    _require_empty(folder)
    commands, home = Commands(folder), Home(folder)
    folder.mkdir(parents=True, exist_ok=True)
    secret_file.create(home.passphrase, f"{secrets.token_urlsafe(24)}\n".encode())
    passphrase = settings_module.load(home=folder).secret()
    keys = KeyRing(home, passphrase)
    keys.make_node_keys()
    commands.run(
        *("init", "--organisation", NODE, "--log", NODE),
        *("--port", port, "--chain-port", 0),
    )
    _make_keys(keys)
    _write_settings(folder, keys)
    say("home: {path}, new", path=folder)
    say("the keys of everybody in the show were made by the show (custodial): never do that else")
    _deploy(commands, keys)
    processes.start("node", "up", "--home", str(folder), "--port", str(port))
    running = wait_for_node(home, processes)
    say(
        "node: {url}, its chain: {chain_url} (embedded, single operator)",
        url=running.url,
        chain_url=running.chain_url,
    )
    return World(
        home=home,
        running=running,
        commands=commands,
        keys=keys,
        officers=Officers(
            home, url=running.chain_url, keys=keys, passphrase=passphrase, stack=stack
        ),
        tokens=_issue_tokens(commands),
        year=datetime.now(SHANGHAI).year - 1,
    )


def _deploy(commands: Commands, keys: KeyRing) -> None:
    administrators = [
        w for each in ADMINISTRATORS for w in ("--administrator", keys.addresses[each])
    ]
    deployed = commands.ask("ledger", "deploy", *administrators, "--role-delay", ROLE_DELAY_S)
    say(
        "five contracts deployed from block {block} on; three administrators, role delay {delay} s",
        block=deployed["first_block"],
        delay=ROLE_DELAY_S,
    )


def _require_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(
            "{path} holds something else than the show",
            field="home",
            path=str(folder),
            remedy="remove it, or choose another folder with --home",
        )


def _make_keys(keys: KeyRing) -> None:
    keys.make(*ADMINISTRATORS, *OFFICES)
    for enterprise in ENTERPRISES:
        keys.make(f"{enterprise.name}-initiator", f"{enterprise.name}-approver")


def _write_settings(folder: Path, keys: KeyRing) -> None:
    """Who may send to the chain, and who is which organisation on the ledger."""
    senders = [keys.addresses[name] for name in (*ADMINISTRATORS, *OFFICES)]
    numbers = [f'"{each.name}" = {place}' for place, each in enumerate(ENTERPRISES, start=1)]
    with (folder / settings_module.CONFIG_FILE).open("a", encoding="utf-8") as file:
        file.write(SETTINGS.format(senders=json.dumps(senders), organisations="\n".join(numbers)))


def _issue_tokens(commands: Commands) -> dict[str, str]:
    tokens = {"regulator": commands.run("tokens", "issue", "regulator", "--role", "regulator")}
    for each in ENTERPRISES:
        options = ("--role", "enterprise", "--organisation", each.name)
        tokens[each.name] = commands.run("tokens", "issue", each.name, *options)
    return {name: token.strip() for name, token in tokens.items()}
