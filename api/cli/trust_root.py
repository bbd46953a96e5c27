"""``trace-node trust-root``: show, check, renew and sign trust roots.

A trust root is written by its owner. Nothing here fills one from a bundle or a node.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.examine import read_bounded
from api.cli.options import HomeOption, Output, OutputOption, show
from trace_node.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trace_node.canonical_json import JsonObject
    from trace_node.tlog.trust_root import SignedTrustRoot
    from trace_node.tlog.trust_root_form import UntrustedKey

MOST_DIGITS = 15  # of a leaf index
group = typer.Typer(no_args_is_help=True, help="Show, check, renew and sign trust roots.")

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="A trust root.", show_default=False)
]
OutOption = Annotated[Path, typer.Option("--out", help="File to write.", show_default=False)]


@group.command("show")
def show_root(file: FileArgument, output: OutputOption = Output.TEXT) -> None:
    """Show what a trust root says, and the fingerprint to compare with its owner."""
    show(_summary(_read(file)), output=output)


@group.command()
def check(
    file: FileArgument,
    predecessor: Annotated[
        Path | None, typer.Option(help="The trust root before this one.", show_default=False)
    ] = None,
    fingerprint: Annotated[
        str | None, typer.Option(help="Fingerprint that the owner told you.", show_default=False)
    ] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Check signature, time, succession and fingerprint; exit code 1 when one is wrong."""
    from trace_node.clock import SystemClock
    from trace_node.services.verify_against import Against, open_trust_root

    before = None if predecessor is None else _bytes(predecessor)
    against = Against(
        trust_root=_bytes(file),
        now=SystemClock().now(),
        predecessor=before,
        fingerprint=fingerprint,
    )
    show(_summary(open_trust_root(against)), output=output)


@group.command()
def renew(
    file: FileArgument,
    out: OutOption,
    revoke: Annotated[
        list[str] | None,
        typer.Option(
            help="A collector's key that was revoked, and the leaf that says so. Can be repeated.",
            metavar="KEY_ID@LEAF",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write an unsigned draft of the next version, to be edited and signed."""
    from trace_node.ids import to_base64url
    from trace_node.tlog.trust_root import require_owner
    from trace_node.tlog.trust_root_json import trust_root_to_json

    signed = _read(file)
    require_owner(signed)
    keys = _all_revoked(signed.root.revoked_keys, map(_untrusted, revoke or ()))
    draft = trust_root_to_json(replace(signed.root, revoked_keys=keys))
    draft["version"] = signed.root.version + 1
    draft["predecessor"] = to_base64url(signed.digest)
    out.write_text(json.dumps(draft, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    typer.echo(str(out))


@group.command()
def sign(
    draft: Annotated[Path, typer.Argument(help="Draft in JSON, without signature.")],
    key: Annotated[Path, typer.Option(help="Key file of the owner.", show_default=False)],
    out: OutOption,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Sign a draft with the owner's key."""
    from api import settings as settings_module
    from trace_node.crypto import keys
    from trace_node.tlog.trust_root import sign_trust_root
    from trace_node.tlog.trust_root_json import trust_root_from_json

    try:
        content = json.loads(_bytes(draft))
    except (ValueError, RecursionError) as error:
        raise InputError(
            "{path}: not JSON: {detail}",
            field="draft",
            path=str(draft),
            detail=str(error),
            remedy="correct the text at the place named",
        ) from error
    root = trust_root_from_json(content)
    owner = keys.load(key, settings_module.load(home=home).secret())
    signed = sign_trust_root(root, owner=owner)
    out.write_bytes(signed.raw)
    show(_summary(signed), output=output)


def _all_revoked(
    known: "Iterable[UntrustedKey]", more: "Iterable[UntrustedKey]"
) -> "tuple[UntrustedKey, ...]":
    """Those revoked before and now; a key has one leaf that revokes it.

    Raises:
        InputError: A key is named with two leaves.
    """
    keys: dict[str, UntrustedKey] = {}
    for each in (*known, *more):
        first = keys.setdefault(each.key_id, each)
        if first != each:
            raise InputError(
                "{field}: {key} is revoked at leaf {first}, not {told}",
                field="--revoke",
                key=each.key_id,
                first=first.from_index,
                told=each.from_index,
                remedy="a key is revoked once: take the leaf that trace-node keys revoke printed",
                code="input.revoke",
            )
    return tuple(keys.values())


def _untrusted(text: str) -> "UntrustedKey":
    from api.cli.revoking import told_key_id
    from trace_node.tlog.trust_root_form import UntrustedKey

    key_id, _, index = text.partition("@")
    if not (index.isascii() and index.isdigit() and len(index) <= MOST_DIGITS):
        raise InputError(
            "{field}: must be the id of a key, @, and the leaf index of its revocation",
            field="--revoke",
            remedy="take both from what trace-node keys revoke printed",
            code="input.revoke",
        )
    return UntrustedKey(key_id=told_key_id(key_id, option="--revoke"), from_index=int(index))


def _bytes(path: Path) -> bytes:
    from trace_node.tlog.trust_root import MAX_TRUST_ROOT_BYTES

    return read_bounded(path, bound=MAX_TRUST_ROOT_BYTES)


def _read(path: Path) -> "SignedTrustRoot":
    from trace_node.tlog.trust_root import parse_trust_root

    return parse_trust_root(_bytes(path))


def _summary(signed: "SignedTrustRoot") -> "JsonObject":
    from trace_node.tlog.json_fields import hexadecimal, instant_text
    from trace_node.tlog.trust_root_form import policy_of
    from trace_node.tlog.trust_root_json import SINGLE_OPERATOR

    root, chain = signed.root, signed.root.chain
    shown: JsonObject = {
        "fingerprint": signed.fingerprint,
        "owner": root.owner.name,
        "owner_key": root.owner.public.fingerprint,
        "version": root.version,
        "issued_at": instant_text(root.issued_at),
        "expires_at": instant_text(root.expires_at),
        "origin": root.origin,
        "log_keys": [key.vkey for key in root.log_keys],
        "device_authorities": [
            f"{key.name} {key.public.key_id}" for key in root.device_authorities
        ],
        "node_keys": [f"{key.name} {key.public.key_id}" for key in root.node_keys],
        "quorum": policy_of(root).quorum,
        "revoked_keys": [f"{key.key_id}@{key.from_index}" for key in root.revoked_keys],
    }
    if chain is not None:
        shown |= {
            "engine": chain.engine,
            "chain_id": chain.chain_id,
            "registry": hexadecimal(chain.registry),
            "validators": SINGLE_OPERATOR if chain.is_single_operator else len(chain.validators),
        }
    return shown
