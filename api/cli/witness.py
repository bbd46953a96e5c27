"""``trace-node witness``: run anywhere else than the node, and cosign what only ever grows."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api import settings as settings_module
from trace_node.errors import ConfigError

if TYPE_CHECKING:
    from trace_node.tlog.cosignature import Cosigner

group = typer.Typer(no_args_is_help=True, help="Make and run a witness of a log.")

Folder = Annotated[Path, typer.Option("--home", help="Folder of the witness's own files.")]


@group.command()
def init(
    name: Annotated[str, typer.Argument(help="Name of the witness, such as witness.example/mee.")],
    home: Folder = Path("trace-node-witness"),
) -> None:
    """Make a key of each kind and print the verifier keys for the trust root's policy."""
    from trace_node.crypto import bls, ed25519, keys, sm2

    passphrase = _passphrase()
    home.mkdir(parents=True, exist_ok=True)
    (home / "name").write_text(f"{name}\n", encoding="utf-8")
    keys.save(home / "sm2.pem", sm2.generate(), passphrase)
    keys.save(home / "ed25519.pem", ed25519.generate(), passphrase)
    keys.save(home / "bls.pem", bls.generate(), passphrase)
    for cosigner in _cosigners(home, passphrase):
        typer.echo(cosigner.key.vkey)


@group.command("keys")
def show_keys(home: Folder = Path("trace-node-witness")) -> None:
    """Print the verifier keys."""
    for cosigner in _cosigners(home, _passphrase()):
        typer.echo(cosigner.key.vkey)


@group.command()
def run(
    log: Annotated[list[str], typer.Option(help="Verifier key of a log to watch; repeatable.")],
    home: Folder = Path("trace-node-witness"),
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen on.")] = 8010,
) -> None:
    """Serve add-checkpoint until stopped."""
    import uvicorn

    from api import access_log
    from api.witness_app import create_witness_app
    from trace_node.clock import SystemClock
    from trace_node.ids import Origin
    from trace_node.store.witness_file import WitnessFile
    from trace_node.tlog.hasher import by_name
    from trace_node.tlog.note_keys import log_verifier
    from trace_node.tlog.witness_state import WitnessedLog

    access_log.configure()
    verifiers = [log_verifier(vkey) for vkey in log]
    logs = {
        Origin(name): WitnessedLog(
            verifiers=[each for each in verifiers if each.name == name],
            hasher=by_name(name.rpartition("/")[2]),
        )
        for name in {each.name for each in verifiers}
    }
    store = WitnessFile(home / "witness.db")
    app = create_witness_app(
        logs=logs, store=store, cosigners=_cosigners(home, _passphrase()), clock=SystemClock()
    )
    try:
        uvicorn.run(app, host=host, port=port, log_config=None, access_log=False)
    finally:
        store.close()


def _cosigners(home: Path, passphrase: str) -> "list[Cosigner]":
    from trace_node.crypto import bls, ed25519, keys, sm2
    from trace_node.tlog import cosignature

    if not (home / "name").is_file():
        raise ConfigError(
            "{path} holds no witness",
            field="home",
            path=str(home),
            remedy="make one with trace-node witness init NAME",
        )
    name = (home / "name").read_text(encoding="utf-8").strip()
    return [
        cosignature.sm2_cosigner(
            name=name, signer=keys.load_as(sm2.PrivateKey, home / "sm2.pem", passphrase)
        ),
        cosignature.ed25519_cosigner(
            name=name, private=keys.load_as(ed25519.PrivateKey, home / "ed25519.pem", passphrase)
        ),
        cosignature.bls_cosigner(
            name=name, private=keys.load_as(bls.PrivateKey, home / "bls.pem", passphrase)
        ),
    ]


def _passphrase() -> str:
    return settings_module.load().secret()
