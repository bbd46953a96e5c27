"""``trace-node witness``: run anywhere else than the node, and cosign what only ever grows."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import say
from api.cli.serving import listening, stop_on_sigterm
from trace_node.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trace_node.ids import Origin
    from trace_node.tlog.cosignature import Cosigner
    from trace_node.tlog.witness_state import WitnessedLog

MOST_CONNECTIONS = 256
STOP_SECONDS = 10

group = typer.Typer(no_args_is_help=True, help="Make and run a witness of a log.")

Folder = Annotated[Path, typer.Option("--home", help="Folder of the witness's own files.")]
HOME = Path("trace-node-witness")


class Kind(StrEnum):
    """A kind of key of a witness; also the name of its key file."""

    SM2 = "sm2"
    ED25519 = "ed25519"
    BLS = "bls"


@group.command()
def init(
    name: Annotated[str, typer.Argument(help="Name of the witness, such as witness.example/mee.")],
    home: Folder = HOME,
) -> None:
    """Make a key of each kind and print the verifier keys for the trust root's policy."""
    from trace_node.crypto import bls, ed25519, keys, sm2
    from trace_node.store.witness_file import WitnessFile
    from trace_node.tlog.note import require_key_name

    require_key_name(name)
    if (home / "name").exists():
        raise ConfigError(
            "{path} holds a witness already",
            field="home",
            path=str(home),
            remedy="choose another folder",
        )
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    passphrase = _passphrase(home, make=True)
    keys.save(_key_file(home, Kind.SM2), sm2.generate(), passphrase)
    keys.save(_key_file(home, Kind.ED25519), ed25519.generate(), passphrase)
    keys.save(_key_file(home, Kind.BLS), bls.generate(), passphrase)
    WitnessFile.create(home / "witness.db").close()
    (home / "name").write_text(f"{name}\n", encoding="utf-8")  # last: now the witness is whole
    for cosigner in _cosigners(home):
        typer.echo(cosigner.key.vkey)


@group.command("keys")
def show_keys(
    home: Folder = HOME,
    kind: Annotated[Kind | None, typer.Option(help="Only the key of this kind.")] = None,
) -> None:
    """Print the verifier keys: SM2, Ed25519, BLS12-381."""
    for each, cosigner in zip(Kind, _cosigners(home), strict=True):
        if kind in {None, each}:
            typer.echo(cosigner.key.vkey)


@group.command()
def run(
    log: Annotated[list[str], typer.Option(help="Verifier key of a log to watch; repeatable.")],
    home: Folder = HOME,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port; 0 for any.")] = 8010,
) -> None:
    """Serve add-checkpoint until stopped."""
    import uvicorn

    from api import access_log
    from api.http_protocol import BoundedHead
    from api.witness_app import create_witness_app
    from trace_node.clock import SystemClock
    from trace_node.store.witness_file import WitnessFile

    access_log.configure()
    cosigners = _cosigners(home)
    logs = _watched(log, cosigners)
    with stop_on_sigterm(), listening(host, port) as (listener, url):
        store = WitnessFile(home / "witness.db")
        app = create_witness_app(logs=logs, store=store, cosigners=cosigners, clock=SystemClock())
        config = uvicorn.Config(
            app,
            http=BoundedHead,
            ws="none",
            log_config=None,
            access_log=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        typer.echo(f"{cosigners[0].key.name} {url}")
        try:
            uvicorn.Server(config).run(sockets=[listener])
        finally:
            store.close()


def _watched(vkeys: list[str], cosigners: "Sequence[Cosigner]") -> "Mapping[Origin, WitnessedLog]":
    """The logs by their origins; a log that would vouch for itself is refused."""
    from trace_node.ids import Origin
    from trace_node.tlog.hasher import by_name
    from trace_node.tlog.note_keys import LogKeyVerifier, parse_vkey
    from trace_node.tlog.policy import Policy, PolicyLog, PolicyWitness
    from trace_node.tlog.witness_state import WitnessedLog

    policy = Policy(
        logs=tuple(PolicyLog(key=parse_vkey(vkey)) for vkey in vkeys),
        witnesses=tuple(
            PolicyWitness(label=str(kind), key=cosigner.key)
            for kind, cosigner in zip(Kind, cosigners, strict=True)
        ),
    )
    verifiers = [LogKeyVerifier(each.key) for each in policy.logs]
    return {
        Origin(name): WitnessedLog(
            verifiers=[each for each in verifiers if each.name == name],
            hasher=by_name(name.rpartition("/")[2]),
        )
        for name in {each.name for each in verifiers}
    }


def _cosigners(home: Path) -> "list[Cosigner]":
    """A cosigner for each kind, in the order of ``Kind``."""
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
    secret = _passphrase(home, make=False)
    sm2_key = keys.load_as(sm2.PrivateKey, _key_file(home, Kind.SM2), secret)
    ed25519_key = keys.load_as(ed25519.PrivateKey, _key_file(home, Kind.ED25519), secret)
    bls_key = keys.load_as(bls.PrivateKey, _key_file(home, Kind.BLS), secret)
    return [
        cosignature.sm2_cosigner(name=name, signer=sm2_key),
        cosignature.ed25519_cosigner(name=name, private=ed25519_key),
        cosignature.bls_cosigner(name=name, private=bls_key),
    ]


def _key_file(home: Path, kind: Kind) -> Path:
    return home / f"{kind}.pem"


def _passphrase(home: Path, *, make: bool) -> str:
    """The passphrase as set, or of the file ``passphrase`` in ``home``, made if it may be."""
    from api import settings as settings_module

    settings = settings_module.load(home=home)
    path = home / "passphrase"
    if make and not settings.passphrase.get_secret_value() and not path.exists():
        import secrets

        from trace_node.crypto import secret_file

        secret_file.create(path, f"{secrets.token_urlsafe(24)}\n".encode())
        say("wrote {path}: set TN_PASSPHRASE instead and delete it", err=True, path=path)
    return settings.secret()
