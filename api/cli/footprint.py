"""``trace-node footprint``: compute, log and recompute footprints; walk back and forward."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.allowance_log import print_logged
from api.cli.options import HomeOption, Output, OutputOption, load, say, show
from trace_node.errors import InputError

if TYPE_CHECKING:
    from trace_node.services.footprint_forward import ForwardWalk
    from trace_node.services.footprints import FootprintDesk

group = typer.Typer(
    no_args_is_help=True,
    help="Product footprints of batches, back to the leaves they rest on.",
)
BatchArgument = Annotated[str, typer.Argument(help="Name of the batch.")]


@group.command("show")
def show_footprint(
    batch: BatchArgument, *, home: HomeOption = None, output: OutputOption = Output.TEXT
) -> None:
    """Compute the footprint of a batch by what is logged now: stages, gaps and leaves."""
    from api.cli.footprint_text import print_footprint
    from trace_node.services.footprint_view import footprint_to_json

    with _open(home) as (desk, _walk):
        found = desk.compute(batch)
    if output is Output.JSON:
        show(footprint_to_json(found), output=output)
    else:
        print_footprint(found)


@group.command("log")
def log_footprint(
    batch: BatchArgument,
    *,
    item: Annotated[str, typer.Option(help="Data-item code of the footprint.")] = "own-1:pcf",
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Compute the footprint of a batch, sign it, and log it as a leaf."""
    from api.cli.stating import statement_desk
    from trace_node.accounting.footprint.record import FootprintRecord
    from trace_node.services.footprints import FootprintDesk

    with statement_desk(home) as desk:
        found = FootprintDesk(store=desk.store).compute(batch)
        print_logged(desk.log(FootprintRecord.of(found, item=item)), output)


@group.command()
def recompute(
    index: Annotated[int, typer.Argument(min=0, help="Leaf index of the footprint.")],
    *,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Compute a footprint on record again: the same digits, or the first difference is named."""
    from trace_node.services.footprint_view import footprint_to_json

    with _open(home) as (desk, _walk):
        found = desk.recompute(index)
    if output is Output.JSON:
        same = footprint_to_json(found.footprint, with_parts=False)
        show({"index": index, "same": True, "footprint": same}, output=output)
    else:
        say(
            "leaf {index}: the footprint of {batch} is the same: {value} kgCO2e/t, {count} leaves",
            index=index,
            batch=found.record.batch,
            value="-" if found.record.gate is None else f"{found.record.gate:f}",
            count=found.record.count,
        )


@group.command()
def bundle(
    index: Annotated[int, typer.Argument(min=0, help="Leaf index of the footprint.")],
    to: Annotated[Path, typer.Option("--to", help="Where the bundle is written.")],
    *,
    home: HomeOption = None,
) -> None:
    """Write all that an outsider computes a footprint from: trace-node verify --recompute."""
    from api.wiring.cosigning import vouched_by

    with _open(home) as (desk, _walk):
        raw = desk.prove(index, vouched=vouched_by(load(home)[1]))
    to.write_bytes(raw)
    say("written: {path}", path=str(to))


@group.command()
def forward(
    *,
    leaf: Annotated[int | None, typer.Option(min=0, help="A leaf, such as a reading.")] = None,
    batch: Annotated[str | None, typer.Option(help="A batch.")] = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show where a reading or a batch went: what rests on it, and every batch that bears it."""
    from trace_node.services.footprint_view import forward_to_json

    with _open(home) as (_desk, walk):
        if leaf is not None and batch is None:
            found = walk.of_leaf(leaf)
        elif batch is not None and leaf is None:
            found = walk.of_batch(batch)
        else:
            raise InputError(
                "{field}: name a leaf or a batch",
                field="--leaf",
                remedy="add --leaf INDEX or --batch NAME, one of them",
                code="input.usage",
            )
    if output is Output.JSON:
        show(forward_to_json(found), output=output)
        return
    for each in found.statements:
        typer.echo(f"{each.index:>9}  {each.kind}  {each.topic}")
    for one in found.batches:
        typer.echo(f"{one.index:>9}  {one.batch}  {one.product}  {one.mass:f} t")


@group.command()
def link(
    batch: BatchArgument,
    *,
    base: Annotated[str, typer.Option(help="Address of the node as customers reach it.")] = "",
    qr: Annotated[Path | None, typer.Option(help="Where a QR code of it is written (SVG).")] = None,
    home: HomeOption = None,
) -> None:
    """Print the link to the public page of a batch: whoever has it can read that page alone."""
    from api.batch_qr import write_qr
    from api.cli.stating import open_log
    from api.links import batch_path
    from api.wiring.keys import read_link_secret

    with open_log(home) as (settings, files, store):
        with store.view() as view:
            known = view.footprints.batches([batch])
        path = batch_path(read_link_secret(files), origin=settings.log_origin, batch=batch)
    if not known:
        raise InputError(
            "there is no batch {batch}",
            field="batch",
            batch=batch,
            remedy="log the event that made it first",
            code="footprint.batch.none",
        )
    typer.echo(base.rstrip("/") + path)
    if qr is not None:
        qr.write_bytes(write_qr(base.rstrip("/") + path))


@contextmanager
def _open(home: Path | None) -> "Iterator[tuple[FootprintDesk, ForwardWalk]]":
    from api.cli.stating import open_log
    from trace_node.services.footprint_forward import ForwardWalk
    from trace_node.services.footprints import FootprintDesk

    with open_log(home) as (_settings, _files, store):
        yield FootprintDesk(store=store), ForwardWalk(store)
