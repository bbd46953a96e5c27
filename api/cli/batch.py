"""``trace-node batch``: what happened to batches, what suppliers told, emission of stages."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.allowance_log import print_logged
from api.cli.options import HomeOption, Output, OutputOption, say
from trace_node.canonical_json import JsonObject
from trace_node.errors import InputError

if TYPE_CHECKING:
    from api.cli.stating import Desk
    from trace_node.accounting.activity.data import EvidenceLink
    from trace_node.accounting.footprint.batch_event import BatchEvent

group = typer.Typer(
    no_args_is_help=True,
    help="Batches: what happened to them, what suppliers told, emission of their stages.",
)
MAX_FORM = 262_144
MAX_LINE = 4_096
FormArgument = Annotated[Path, typer.Argument(help="A form (TOML); docs/operations.md shows one.")]
EventArgument = Annotated[
    Path, typer.Argument(help="A form (TOML), or an event that was written out (JSON).")
]


@group.command()
def record(
    event: EventArgument, *, home: HomeOption = None, output: OutputOption = Output.TEXT
) -> None:
    """Sign an event of batches and log it: extract, feed, split, blend, rework, load and so on."""
    from api.cli.stating import statement_desk

    with statement_desk(home) as desk:
        print_logged(desk.log(_event(event, desk)), output)


@group.command()
def prepare(
    form: EventArgument,
    to: Annotated[Path, typer.Option("--to", help="Where the event is written.")],
    *,
    home: HomeOption = None,
) -> None:
    """Write a delivery out in full, for the receiver to sign."""
    from api.cli.stating import statement_desk

    with statement_desk(home) as desk:
        _write(_event(form, desk), to)


@group.command()
def countersign(
    event: Annotated[Path, typer.Argument(help="The event that the supplier wrote out (JSON).")],
    to: Annotated[Path, typer.Option("--to", help="Where the signed event is written.")],
    *,
    home: HomeOption = None,
) -> None:
    """Sign a delivery with this node's key: this enterprise takes the batches over."""
    from api.cli.options import load
    from trace_node.crypto import keys
    from trace_node.ids import OrganisationId

    settings, files = load(home)
    signer = keys.load(files.node_key, settings.secret())
    receiver = OrganisationId(settings.organisation)
    _write(_written(event).signed_by_receiver(receiver, signer), to)


@group.command()
def supply(
    form: FormArgument, *, home: HomeOption = None, output: OutputOption = Output.TEXT
) -> None:
    """Log a bought batch and what its supplier told of it; without figures it is a gap."""
    from api.cli.stating import statement_desk
    from trace_node.services.footprint_forms import supply_of

    with statement_desk(home) as desk:
        content = supply_of(_form(form), organisation=desk.organisation)
        print_logged(desk.log(content), output)


@group.command()
def stage(
    form: FormArgument, *, home: HomeOption = None, output: OutputOption = Output.TEXT
) -> None:
    """Log the emission of a process unit in a stage and period, with the leaves it rests on."""
    from api.cli.stating import statement_desk
    from trace_node.ids import OrganisationId
    from trace_node.services.footprint_forms import stage_of
    from trace_node.services.library import factor_library

    with statement_desk(home) as desk:
        organisation = OrganisationId(desk.organisation)
        with desk.store.view() as view:
            library = factor_library(view, organisation=organisation)
        content = stage_of(
            _form(form),
            organisation=desk.organisation,
            leaf=lambda index: _leaf(desk, index),
            library=library,
        )
        print_logged(desk.log(content), output)


@group.command("stage-of")
def stage_of_emission(
    index: Annotated[int, typer.Argument(min=0, help="Leaf index of the computed emission.")],
    stage_name: Annotated[str, typer.Option("--stage", help="Such as mining or washing.")],
    *,
    item: Annotated[str, typer.Option(help="Data-item code.")],
    relative_u: Annotated[
        str, typer.Option(help="Relative standard uncertainty of the masses, such as 0.02.")
    ],
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Log a computed emission as that of a stage: its masses per gas, sinks left out."""
    from api.cli.stating import statement_desk
    from trace_node.accounting.footprint.batch_event import read_stage
    from trace_node.accounting.footprint.batch_parts import read_fraction
    from trace_node.accounting.records.emission import Emission
    from trace_node.services import footprint_emission
    from trace_node.services.statement_types import parse_statement

    asked: JsonObject = {"relative_u": relative_u, "stage": stage_name}
    with statement_desk(home) as desk:
        link = _leaf(desk, index)
        with desk.store.view() as view:
            (entry,) = view.entries.read(index, index + 1)
        if entry.kind != Emission.TYPE:
            raise InputError(
                "{field}: leaf {index} is no computed emission",
                field="index",
                index=index,
                remedy="name the leaf that trace-node account printed",
                code="footprint.emission",
            )
        content = parse_statement(entry.body).content
        assert isinstance(content, Emission)  # noqa: S101 (its kind was looked at)
        made = footprint_emission.stage_of_emission(
            content,
            link,
            stage=read_stage(asked, "stage"),
            item=item,
            relative_u=read_fraction(asked, "relative_u"),
        )
        print_logged(desk.log(made), output)


def _event(path: Path, desk: "Desk") -> "BatchEvent":
    from trace_node.clock import SystemClock
    from trace_node.services.footprint_forms import event_of

    if path.suffix == ".json":
        return _written(path)
    return event_of(
        _form(path),
        organisation=desk.organisation,
        now=SystemClock().now(),
        leaf=lambda index: _leaf(desk, index),
    )


def _leaf(desk: "Desk", index: int) -> "EvidenceLink":
    from trace_node.accounting.activity.data import EvidenceLink

    with desk.store.view() as view:
        found = view.entries.leaf_hashes(index, index + 1)
    if not found:
        raise InputError(
            "{field}: there is no leaf {index}",
            field="links",
            index=index,
            remedy="name a leaf of this log",
            code="footprint.link",
        )
    return EvidenceLink(index=index, digest=found[0])


def _form(path: Path) -> "dict[str, Any]":
    from trace_node.toml_text import read_toml

    return read_toml(_bytes(path), file=path.name, most=MAX_FORM, most_in_a_line=MAX_LINE)


def _written(path: Path) -> "BatchEvent":
    from trace_node.accounting.footprint.batch_event import BatchEvent
    from trace_node.canonical_json import decode_object
    from trace_node.record.fields import require_keys

    fields = decode_object(_bytes(path))
    require_keys({**fields, "type": BatchEvent.TYPE}, BatchEvent.KEYS | {"type"})
    return BatchEvent.from_fields(fields)


def _write(event: "BatchEvent", path: Path) -> None:
    from trace_node.canonical_json import encode

    path.write_bytes(encode(event.to_fields()))
    say("written: {path}", path=str(path))


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise InputError(
            "{path}: there is no such file",
            field="file",
            path=str(path),
            remedy="name a file that is there",
            code="input.file",
        )
    with path.open("rb") as file:
        return file.read(MAX_FORM + 1)
