"""``trace-node pact publish|list|deprecate|share|unshare``: product footprints for partners."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import HomeOption, Output, OutputOption, say, show
from trace_node.errors import InputError

if TYPE_CHECKING:
    from trace_node.accounting.pact.draft import Draft
    from trace_node.accounting.pact.footprint import Footprint
    from trace_node.ports.store import Store

group = typer.Typer(no_args_is_help=True, help="Exchange product footprints by PACT 3.")
MAX_FILE_BYTES = 1024 * 1024
FootprintArgument = Annotated[str, typer.Argument(help="Id of the footprint.")]
PartnerArgument = Annotated[str, typer.Argument(help="Name of the partner.")]


@group.command()
def publish(
    file: Annotated[
        Path,
        typer.Argument(help="JSON file: footprint, stages and proof; with --footprint a sheet."),
    ],
    by: Annotated[str, typer.Option(help="Who publishes it.")],
    *,
    footprint: Annotated[
        int | None,
        typer.Option(min=0, help="Leaf of a footprint on record, whose figures are taken."),
    ] = None,
    bundle: Annotated[
        str, typer.Option(help="https address of the bundle of that footprint.")
    ] = "",
    supersedes: Annotated[
        str | None, typer.Option(help="Id of the version it takes the place of.")
    ] = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Publish a footprint; nobody sees it before it is shared."""
    from api.cli.pact_desk import open_exchange
    from trace_node.accounting.pact.draft import parse_draft

    value = _read_json(file)
    if footprint is None and bundle:
        raise InputError(
            "{field}: belongs to a footprint on record",
            field="--bundle",
            remedy="name its leaf with --footprint INDEX",
        )
    draft = parse_draft(value) if footprint is None else None
    with open_exchange(home) as counter:
        if draft is not None:
            _require_foreign(draft, counter.store)
        else:
            draft = _draft_on_record(counter.store, footprint or 0, value, bundle=bundle)
        made = counter.desk.footprints.publish(draft, by=by, supersedes=supersedes)
    show(_row(made), output=output)


@group.command("list")
def list_footprints(home: HomeOption = None, output: OutputOption = Output.TEXT) -> None:
    """List what was published, oldest first, and with whom it is shared."""
    from api.cli.pact_desk import open_exchange

    rows, after = [], 0
    with open_exchange(home) as counter, counter.store.view() as view:
        while found := view.published.after(after, limit=200):
            after = found[-1].number
            rows += [
                {**_row(each), "shared": ", ".join(view.published.shared_with(each.lineage))}
                for each in found
            ]
    if output is Output.JSON:
        show(rows, output=output)
        return
    for row in rows:
        typer.echo("  ".join(row.values()))


@group.command()
def deprecate(
    footprint: FootprintArgument, home: HomeOption = None, output: OutputOption = Output.TEXT
) -> None:
    """Withdraw a footprint without a newer version."""
    from api.cli.pact_desk import open_exchange

    with open_exchange(home) as counter:
        counter.desk.footprints.deprecate(footprint)
    show({"id": footprint, "status": "Deprecated"}, output=output)


@group.command()
def share(footprint: FootprintArgument, partner: PartnerArgument, home: HomeOption = None) -> None:
    """Let a partner see a footprint in all its versions."""
    from api.cli.pact_desk import open_exchange

    with open_exchange(home) as counter:
        fresh = counter.desk.footprints.share(footprint, partner)
    if fresh:
        say("{partner} may see it from now on", partner=partner)
    else:
        say("{partner} may see it already", partner=partner)


@group.command()
def unshare(
    footprint: FootprintArgument, partner: PartnerArgument, home: HomeOption = None
) -> None:
    """Take that back; what was fetched before stays with the partner."""
    from api.cli.pact_desk import open_exchange

    with open_exchange(home) as counter:
        done = counter.desk.footprints.unshare(footprint, partner)
    if done:
        say("{partner} may see it no more", partner=partner)
    else:
        say("{partner} might not see it anyway", partner=partner)


def _read_json(file: Path) -> dict[str, Any]:
    import orjson

    from api.cli.examine import read_bounded

    try:
        value = orjson.loads(read_bounded(file, bound=MAX_FILE_BYTES))
    except orjson.JSONDecodeError as error:
        raise InputError(
            "{field}: is not JSON", field="FILE", remedy="hand in one JSON object in UTF-8"
        ) from error
    if not isinstance(value, dict):
        raise InputError("{field}: is no JSON object", field="FILE", remedy="hand in one object")
    return value


def _require_foreign(draft: "Draft", store: "Store") -> None:
    """Of this log, figure and proof come from the leaf together, never from a file."""
    if draft.proof is not None and draft.proof["origin"] == store.identity.origin:
        raise InputError(
            "{field}: is of this log; its figures come from the leaf itself",
            field="proof.origin",
            remedy="publish it with --footprint INDEX and a sheet",
            code="pact.proof",
        )


def _draft_on_record(store: "Store", index: int, sheet: dict[str, Any], *, bundle: str) -> "Draft":
    from trace_node.services.library import factors_of_log
    from trace_node.services.pact_of_footprint import FootprintDrafts

    with store.view() as view:
        library = factors_of_log(view)
    return FootprintDrafts(store, library=library).draft(index, sheet, bundle=bundle)


def _row(footprint: "Footprint") -> dict[str, str]:
    from trace_node.accounting.pact.footprint import rfc3339

    product = footprint.draft.product
    return {
        "id": footprint.id,
        "status": footprint.status.value,
        "created": rfc3339(footprint.created),
        "kgCO2e": str(product["pcf"]["pcfExcludingBiogenicUptake"]),
        "product": str(product["productNameCompany"]),
        "by": footprint.published_by,
    }
