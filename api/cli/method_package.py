"""``trace-node method publish|export|fetch|import|trust``: signed packages of methods."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.allowance_log import print_logged
from api.cli.method import MethodArgument, group
from api.cli.options import HomeOption, Output, OutputOption, say, show
from api.cli.order_options import TokenOption
from api.cli.trusting import (
    NameOption,
    PointArgument,
    ReasonOption,
    RevokeOption,
    log_trust,
)

if TYPE_CHECKING:
    from api.cli.stating import Desk
    from trace_node.accounting.methods.method import Method
    from trace_node.canonical_json import JsonObject

__all__ = ["group"]

MAX_PACKAGES = 20
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Write the signed package to a file too.")
]


@group.command()
def publish(
    what: Annotated[str, typer.Argument(help="ID@VERSION of the library, or a file (.toml).")],
    out: OutOption = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Release a method: the authority signs it whole, and other nodes find it in this log."""
    from api.cli.stating import statement_desk
    from trace_node.accounting.records.releases import MethodRelease
    from trace_node.services.library import package_of

    with statement_desk(home, by_authority=True) as desk:
        method = _method(what, desk)
        print_logged(desk.log(MethodRelease.of(method)), output)
        if out is not None:
            with desk.store.view() as view:
                out.write_bytes(package_of(view, method.ref))


@group.command()
def export(
    ref: MethodArgument,
    file: Annotated[Path, typer.Argument(help="File to write.")],
    home: HomeOption = None,
) -> None:
    """Write the signed package of a released method to a file, to be carried elsewhere."""
    from api.cli.stating import open_log
    from trace_node.services.library import package_of

    with open_log(home) as (_settings, _files, store), store.view() as view:
        file.write_bytes(package_of(view, ref))
    say("{path} written", path=str(file))


@group.command()
def find(
    node: Annotated[str, typer.Option("--node", help="URL of the publisher's node.")],
    token: TokenOption = "",
    output: OutputOption = Output.TEXT,
) -> None:
    """List the methods that another node has released."""
    rows = [
        {"method": str(each["topic"]), "signed_by": _signer(each["record"])}
        for each in _released(node, token)
    ]
    if output is Output.JSON:
        show(rows, output=output)
        return
    for row in rows:
        typer.echo(f"{row['method']:48} {row['signed_by']}")


@group.command()
def fetch(
    ref: MethodArgument,
    node: Annotated[str, typer.Option("--node", help="URL of the publisher's node.")],
    token: TokenOption = "",
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Download a package from its publisher, verify who signed it, and log it here."""
    from trace_node import canonical_json
    from trace_node.accounting.errors import MethodNotFoundError

    found = _released(node, token, topic=ref)
    if not found:
        raise MethodNotFoundError(
            "{node} has not released {method}",
            field="method",
            node=node,
            method=ref[:90],
            remedy="list what it has: trace-node method find --node URL",
            code="accounting.method.unreleased",
        )
    _take(canonical_json.encode(found[0]["record"]), home, output)


@group.command("import")
def import_package(
    file: Annotated[Path, typer.Argument(help="A signed package.")],
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Take in a package that came as a file: verify who signed it, and log it here."""
    from api.cli.examine import read_bounded
    from trace_node.canonical_json import MAX_RECORD_BYTES

    _take(read_bounded(file, bound=MAX_RECORD_BYTES), home, output)


@group.command()
def trust(
    *,
    point: PointArgument,
    name: NameOption,
    reason: ReasonOption,
    revoke: RevokeOption = False,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Trust a publisher of methods and factors: the authority signs it."""
    from trace_node.accounting.records.signer_trust import SignerRole

    log_trust(
        point,
        role=SignerRole.PUBLISHER,
        name=name,
        reason=reason,
        revoke=revoke,
        home=home,
        output=output,
    )


def _method(what: str, desk: "Desk") -> "Method":
    from api.cli.examine import read_bounded
    from trace_node.accounting.methods.method_library import MAX_BYTES, read_method_file
    from trace_node.services.library import known_method

    if what.endswith(".toml"):
        path = Path(what)
        return read_method_file(read_bounded(path, bound=MAX_BYTES), file=path.name)
    with desk.store.view() as view:
        return known_method(view, what).method


def _take(raw: bytes, home: Path | None, output: Output) -> None:
    """Verify against who is trusted here before anything is logged."""
    from api.cli.options import load
    from api.cli.stating import statement_desk
    from api.wiring.intake import authorities_of
    from trace_node.accounting.records.releases import read_package
    from trace_node.services.library import trusted_publishers

    settings, files = load(home)
    with statement_desk(home) as desk:
        with desk.store.view() as view:
            publishers = [*authorities_of(settings, files), *trusted_publishers(view)]
        read_package(raw, publishers)
        print_logged(desk.take(raw), output)


def _released(node: str, token: str, *, topic: str | None = None) -> list[dict[str, Any]]:
    """The releases of another node, newest last."""
    from api.i18n import of_environment
    from api.node_client import ask_node
    from trace_node.accounting.records.releases import METHOD_RELEASE

    found: list[dict[str, Any]] = []
    while True:
        after = int(found[-1]["index"]) if found else -1
        query: JsonObject = {
            "kind": METHOD_RELEASE,
            "topic": topic,
            "after": after,
            "limit": MAX_PACKAGES,
        }
        page = ask_node(node, "Statements", query, token=token, language=of_environment())
        found += page["statements"]
        if len(page["statements"]) < MAX_PACKAGES:
            return found


def _signer(record: dict[str, Any]) -> str:
    signature = record.get("signature")
    return str(signature.get("key")) if isinstance(signature, dict) else ""
