"""``trace-node account check|publish|find|fetch|import``: boundaries configured by a platform."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.account_points import group
from api.cli.allowance_log import print_logged
from api.cli.options import HomeOption, Output, OutputOption, say, show
from api.cli.order_options import TokenOption
from api.cli.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trace_node.accounting.boundary.boundary import Boundary
    from trace_node.metering.meter import Meter

__all__ = ["group"]

MOST = 50
FileArgument = Annotated[
    Path, typer.Argument(help="The boundary (TOML), see docs/spec/boundary.md.")
]
PointsOption = Annotated[
    list[Path] | None,
    typer.Option("--points", help="Point list (TOML) of the plant, instead of the log."),
]
NodeOption = Annotated[str, typer.Option("--node", help="URL of the platform's node.")]


@group.command()
def check(
    file: FileArgument,
    *,
    points: Annotated[list[Path], typer.Option("--points", help="Point list (TOML) of the plant.")],
    packages: Annotated[
        list[Path] | None, typer.Option("--method", help="Method file (TOML) beside the library.")
    ] = None,
) -> None:
    """Check a boundary against point lists on any computer; needs no node and no log."""
    from api.cli.examine import read_bounded
    from trace_node.accounting.methods.method_library import (
        MAX_BYTES,
        MethodLibrary,
        packaged_methods,
        read_method_file,
    )
    from trace_node.services.boundary_check import require_fitting_meters

    content = _read(file)
    own = [
        read_method_file(read_bounded(path, bound=MAX_BYTES), file=path.name)
        for path in packages or ()
    ]
    methods = MethodLibrary([*packaged_methods(), *own])
    require_fitting_meters(content, meters=_meters(points), methods=methods)
    say("the boundary {name}, version {version}, fits", name=content.name, version=content.version)


@group.command()
def publish(
    file: FileArgument,
    *,
    points: PointsOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the signed boundary to a file too.")
    ] = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Publish a boundary for an enterprise, which fetches it: the authority signs it."""
    from api.cli.stating import statement_desk
    from trace_node.accounting.methods.method_library import MethodLibrary
    from trace_node.services.boundary_check import require_fitting_meters
    from trace_node.services.library import known_methods

    content = _read(file)
    with statement_desk(home, by_authority=True) as desk:
        with desk.store.view() as view:
            methods = MethodLibrary(each.method for each in known_methods(view))
        enrolled = (each.meter for each in desk.store.reader().enrolled_meters())
        meters: Iterable[Meter] = _meters(points) if points else enrolled
        require_fitting_meters(content, meters=meters, methods=methods)
        logged = desk.log(content)
        if out is not None:
            with desk.store.view() as view:
                out.write_bytes(view.entries.bodies(logged.index, logged.index + 1)[0])
        print_logged(logged, output)


@group.command()
def find(node: NodeOption, token: TokenOption = "", output: OutputOption = Output.TEXT) -> None:
    """List the boundaries that a platform has published."""
    rows = [
        {"boundary": str(each["topic"]), "version": each["record"].get("version")}
        for each in _published(node, token)
    ]
    if output is Output.JSON:
        show(rows, output=output)
        return
    for row in rows:
        typer.echo(printable(f"{row['boundary']:64} {row['version']}"))


@group.command()
def fetch(
    name: Annotated[str, typer.Argument(help="Name of the boundary.")],
    *,
    node: NodeOption,
    token: TokenOption = "",
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Download the newest version of a boundary, verify who signed it, and log it here."""
    from api.cli.options import load
    from trace_node import canonical_json
    from trace_node.accounting.boundary.errors import BoundaryNotFoundError

    settings, _files = load(home)
    found = list(_published(node, token, topic=f"{settings.organisation} {name}"))
    if not found:
        raise BoundaryNotFoundError(
            "{node} has published no boundary {name} for {organisation}",
            field="boundary",
            node=node,
            name=name[:64],
            organisation=settings.organisation,
            remedy="list what it has: trace-node account find --node URL",
            code="boundary.unpublished",
        )
    _take(canonical_json.encode(found[-1]["record"]), home, output)


@group.command("import")
def import_boundary(
    file: Annotated[Path, typer.Argument(help="A signed boundary.")],
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Take in a boundary that came as a file: verify who signed it, and log it here."""
    from api.cli.examine import read_bounded
    from trace_node.canonical_json import MAX_RECORD_BYTES

    _take(read_bounded(file, bound=MAX_RECORD_BYTES), home, output)


def _read(file: Path) -> "Boundary":
    from api.cli.examine import read_bounded
    from trace_node.accounting.boundary.boundary_file import MAX_BYTES, read_boundary_file

    return read_boundary_file(read_bounded(file, bound=MAX_BYTES), file=file.name)


def _meters(files: list[Path]) -> "list[Meter]":
    from datetime import UTC, datetime

    from collectors.runtime.config import registrations
    from collectors.runtime.config_reader import load_point_list

    begin = datetime(1970, 1, 1, tzinfo=UTC)
    return [
        meter for path in files for meter in registrations(load_point_list(path), valid_from=begin)
    ]


def _take(raw: bytes, home: Path | None, output: Output) -> None:
    """The node signs what the platform configured: the enterprise confirms it by that."""
    from api.cli.options import load
    from api.cli.stating import statement_desk
    from api.wiring.intake import authorities_of
    from trace_node.accounting.boundary.package import read_boundary_package
    from trace_node.accounting.methods.method_library import MethodLibrary
    from trace_node.ids import OrganisationId
    from trace_node.services.boundary_check import require_fitting
    from trace_node.services.library import known_methods, trusted_publishers

    settings, files = load(home)
    with statement_desk(home) as desk:
        with desk.store.view() as view:
            publishers = [*authorities_of(settings, files), *trusted_publishers(view)]
            methods = MethodLibrary(each.method for each in known_methods(view))
        own = OrganisationId(desk.organisation)
        content = read_boundary_package(raw, publishers, organisation=own)
        require_fitting(content, reader=desk.store.reader(), methods=methods)
        print_logged(desk.log(content), output)


def _published(node: str, token: str, *, topic: str | None = None) -> Iterator[dict[str, Any]]:
    """The boundaries in the log of another node, newest last."""
    from api.i18n import of_environment
    from api.node_client import ask_node
    from trace_node.accounting.boundary.boundary import BOUNDARY

    after, count = -1, MOST
    while count == MOST:
        query: dict[str, Any] = {"kind": BOUNDARY, "topic": topic, "after": after, "limit": MOST}
        page = ask_node(node, "Statements", query, token=token, language=of_environment())
        yield from page["statements"]
        count = len(page["statements"])
        after = int(page["statements"][-1]["index"]) if count else after
