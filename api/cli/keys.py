"""``trace-node keys``: make, show and enrol key files."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import HomeOption, Output, OutputOption, load, show

group = typer.Typer(no_args_is_help=True, help="Make, show and enrol keys.")


@group.command()
def generate(
    path: Annotated[Path, typer.Argument(help="File to write; it must not exist.")],
    home: HomeOption = None,
) -> None:
    """Make an SM2 key in an encrypted file that only its owner can read."""
    from api import settings as settings_module
    from trace_node.crypto import keys

    keys.save(path, keys.generate(), settings_module.load(home=home).secret())
    _show_key(path, home, Output.TEXT)


@group.command("show")
def show_key(
    path: Annotated[Path, typer.Argument(help="Key file.")],
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show the public half of a key file."""
    _show_key(path, home, output)


@group.command()
def enrol(
    path: Annotated[Path, typer.Argument(help="Key file of the key to enrol.")],
    subject: Annotated[str, typer.Option(help="Who holds the private key.")],
    usage: Annotated[str, typer.Option(help="collector, log, node or witness.")] = "collector",
    home: HomeOption = None,
) -> None:
    """Let the authority sign a registration of a key, and enrol it."""
    from api.cli.enrolling import enrol_all, registrar_of
    from trace_node.crypto import keys

    settings, files = load(home)
    public = keys.load(path, settings.secret()).public
    raw = registrar_of(settings, files).key(public, usage=usage, subject=subject)
    enrol_all(settings, files, [raw])


@group.command("log")
def show_log_key(home: HomeOption = None) -> None:
    """Print the verifier key of the log, for its witnesses."""
    from trace_node.crypto import keys
    from trace_node.tlog.note_keys import Sm2NoteSigner

    settings, files = load(home)
    key = keys.load(files.log_key, settings.secret())
    typer.echo(Sm2NoteSigner(name=settings.log_origin, signer=key).vkey)


def _show_key(path: Path, home: HomeOption, output: Output) -> None:
    from api import settings as settings_module
    from trace_node.crypto import keys
    from trace_node.ids import to_base64url

    public = keys.load(path, settings_module.load(home=home).secret()).public
    show(
        {
            "key_id": public.key_id,
            "fingerprint": public.fingerprint,
            "point": to_base64url(public.point),
        },
        output=output,
    )
