"""``trace-node keys``: make, show and enrol key files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import HomeOption, Output, OutputOption, load, say, show

if TYPE_CHECKING:
    from api.home import Home
    from trace_node.crypto.sm2 import PublicKey

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


@group.command()
def account(
    path: Annotated[Path, typer.Argument(help="File to write; it must not exist.")],
    home: HomeOption = None,
) -> None:
    """Make a key that signs orders or acts on the chain, and print its address.

    The file is an encrypted keystore that only its owner can read.
    """
    from api import settings as settings_module
    from chain.signer_key import create_key

    typer.echo(create_key(path, settings_module.load(home=home).secret()).shown)


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
    subject: Annotated[str, typer.Option(help="Who holds the private key.")],
    path: Annotated[
        Path | None, typer.Argument(help="Key file of the key to enrol.", show_default=False)
    ] = None,
    *,
    point: Annotated[
        str | None,
        typer.Option(
            help="Its public point instead, as trace-node keys show prints it: the private key"
            " need not leave its place.",
            show_default=False,
        ),
    ] = None,
    usage: Annotated[str, typer.Option(help="collector, log, node or witness.")] = "collector",
    replaces: Annotated[
        list[str] | None,
        typer.Option(
            help="Id of a collector's key whose place it takes: it delivers what that one"
            " collected. Can be repeated.",
            metavar="KEY_ID",
            show_default=False,
        ),
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(
            help="Address that anchors the log, for a key of the log (--usage log): that of this"
            " home unless told.",
            show_default=False,
        ),
    ] = None,
    organisation: Annotated[
        str | None,
        typer.Option(
            help="Whose key it is, where it is another enterprise's: it may take batches over, and"
            " speak for itself.",
            show_default=False,
        ),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Let the authority sign a registration of a key, and enrol it.

    A key of the log is bound to the address that anchors it.
    """
    from api.cli.enrolling import enrol_all, registrar_of
    from api.cli.revoking import require_enrollable, told_key_id

    settings, files = load(home)
    public = _public(path, point, settings.secret())
    if usage == "collector":
        require_enrollable(settings, files, public.key_id)
    bound = _bound_address(files, usage=usage, told=address)
    registrar = registrar_of(settings, files, organisation=organisation)
    before = [told_key_id(each, option="--replaces") for each in replaces or ()]
    raw = registrar.key(public, usage=usage, subject=subject, address=bound, replaces=before)
    enrol_all(settings, files, [raw])


@group.command()
def revoke(
    which: Annotated[
        str,
        typer.Argument(metavar="KEY", help="Key id, public point, or who holds the private key."),
    ],
    reason: Annotated[str, typer.Option(help="Why; goes into the log.", show_default=False)],
    since: Annotated[
        str | None,
        typer.Option(help="Since when it is not to be trusted; now unless told.", metavar="TIME"),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Let the authority revoke a collector's key: from then on nothing that it signs is taken in.

    What was acknowledged before stays. A new key, enrolled with --replaces, delivers the rest.
    """
    from api.cli.enrolling import enrol_all, registrar_of
    from api.cli.revoking import require_revocable, revoked_key_id, since_when

    settings, files = load(home)
    registrar = registrar_of(settings, files)
    key_id = revoked_key_id(files, which)
    require_revocable(settings, files, key_id)
    at = since_when(since, now=registrar.now)
    raw = registrar.revocation(key_id, reason=reason, revoked_at=at)
    say("revokes the key {key}", key=key_id)
    enrol_all(settings, files, [raw])
    say(
        "when its leaf is known, tell verifiers: trace-node trust-root renew FILE --revoke"
        " {key}@LEAF",
        key=key_id,
    )


def _bound_address(files: "Home", *, usage: str, told: str | None) -> str | None:
    """The address that a registration binds to a key of the log; None for other keys."""
    from api.wiring.keys import anchor_address
    from chain.addresses import checksum_address, parse_address
    from trace_node.errors import InputError

    if told is None:
        return anchor_address(files) if usage == "log" else None
    if usage != "log":
        raise InputError(
            "{field}: only a key of the log is bound to an address",
            field="--address",
            remedy="leave it out, or give --usage log",
            code="input.what",
        )
    return checksum_address(parse_address(told, field="--address"))


def _public(path: Path | None, point: str | None, passphrase: str) -> "PublicKey":
    from trace_node.crypto import keys
    from trace_node.crypto.curve import POINT_SIZE
    from trace_node.crypto.sm2 import PublicKey
    from trace_node.errors import InputError
    from trace_node.ids import from_base64url

    if (path is None) == (point is None):
        raise InputError(
            "{field}: name the key once",
            field="PATH",
            remedy="by its key file, or by --point",
            code="input.what",
        )
    if path is not None:
        return keys.load(path, passphrase).public
    return PublicKey(from_base64url(point or "", size=POINT_SIZE, field="--point"))


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
