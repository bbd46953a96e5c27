"""``trace-node registry``: statements of the national registries, and the ledger beside them."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.bad_cells import telling_bad_cells
from api.cli.options import HomeOption, Output, OutputOption, say, show

if TYPE_CHECKING:
    from api.schemas.market import ComparisonReport
    from trace_node.store.sql_store import SqlStore

group = typer.Typer(
    no_args_is_help=True, help="Statements of the national registries, compared with the ledger."
)
_DAY_S = 86_400


class Registry(StrEnum):
    """Which registry."""

    ALLOWANCE = "allowance"
    CCER = "ccer"


class StatementKind(StrEnum):
    """What a statement lists."""

    HOLDINGS = "holdings"
    TRANSACTIONS = "transactions"


RegistryOption = Annotated[Registry, typer.Option("--registry", help="Which registry.")]


@group.command()
def template(
    file: Annotated[Path, typer.Argument(help="File to write, .xlsx or .csv.")],
    registry: RegistryOption = Registry.ALLOWANCE,
    kind: Annotated[StatementKind, typer.Option(help="What it lists.")] = StatementKind.HOLDINGS,
) -> None:
    """Write an empty statement in the form that is imported, with Chinese headings."""
    from trace_node.quota.registry.form import template_rows
    from trace_node.services.workbook import CSV, write_csv, write_xlsx

    rows = template_rows(registry.value, kind.value)
    raw = write_csv(rows) if form_of(file) == CSV else write_xlsx(rows, kind=kind.value)
    file.write_bytes(raw)
    say("{path} written", path=str(file))


@group.command("import")
def import_statement(
    file: Annotated[Path, typer.Argument(help="The statement, .xlsx or .csv.")],
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Keep a statement, whole or not at all; every bad cell is named."""
    from api.cli.examine import read_bounded
    from api.schemas.market_rows import file_row
    from trace_node.clock import SystemClock
    from trace_node.services.registry_files import import_file
    from trace_node.services.workbook import MAX_FILE_BYTES

    raw = read_bounded(file, bound=MAX_FILE_BYTES)
    with _store(home) as store, telling_bad_cells():
        found = import_file(raw, file_form=form_of(file), store=store, clock=SystemClock())
    row = file_row(found.file, fresh=found.fresh)
    if output is Output.JSON:
        show(row.model_dump(mode="json"), output=output)
        return
    lines = len(found.statement.holdings) + len(found.statement.transactions)
    say(
        "{number} version {version}, account {account}: {lines} lines",
        number=row.number,
        version=row.version,
        account=row.account,
        lines=lines,
    )
    if not found.fresh:
        say("these bytes were imported before; nothing changed")


@group.command()
def compare(
    registry: RegistryOption = Registry.ALLOWANCE,
    cancellation: Annotated[
        int, typer.Option(min=0, help="Cancellation account for what the registry does not have.")
    ] = 0,
    drafts: Annotated[
        Path | None,
        typer.Option(
            help="Folder that gets each correction as an order file to be signed; there already"
            " is what was drafted before.",
            show_default=False,
        ),
    ] = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Compare the newest statements with the ledger, lot by lot; exit 1 when they differ."""
    from api.schemas.market_rows import report_of
    from trace_node.clock import SystemClock
    from trace_node.services.registry_compare import compare_registry
    from trace_node.store.ledger_mirror import SqlLedgerMirror

    with _store(home) as store:
        report = report_of(
            compare_registry(
                registry=registry.value,
                store=store,
                holdings=SqlLedgerMirror(store.database),
                clock=SystemClock(),
                cancellation=cancellation,
            )
        )
    if output is Output.JSON:
        show(report.model_dump(mode="json"), output=output)
    else:
        _print_report(report)
    if drafts is not None:
        _write_drafts(report, drafts, told=output is Output.TEXT)
    if not report.exact:
        raise typer.Exit(1)


@group.command()
def publish(home: HomeOption = None, output: OutputOption = Output.TEXT) -> None:
    """Publish volume and average price of the months that have ended, once and for good."""
    from api.schemas.market_rows import trade_figure
    from trace_node.clock import SystemClock
    from trace_node.services.allocation import RuleLibrary
    from trace_node.services.disclose import publish_closed
    from trace_node.store.ledger_mirror import SqlLedgerMirror

    with _store(home) as store:
        fresh = publish_closed(
            store=store,
            holdings=SqlLedgerMirror(store.database),
            book=RuleLibrary.packaged().rules,
            clock=SystemClock(),
        )
    rows = [trade_figure(each).model_dump(mode="json") for each in fresh]
    if output is Output.JSON:
        show(rows, output=output)
        return
    for row in rows:
        typer.echo(f"{row['month']}  {row['product']}  {row['volume']} t  {row['average_price']}")
    say("{count} figures published", count=len(rows))


def form_of(file: Path) -> str:
    """The form that a file's name says it has."""
    return file.suffix.lower().removeprefix(".")


@contextmanager
def _store(home: Path | None) -> "Iterator[SqlStore]":
    from api.cli.options import load
    from api.wiring.intake import identity_of
    from trace_node.store.sql_store import open_store

    settings, _files = load(home)
    store = open_store(settings.database, identity=identity_of(settings))
    try:
        yield store
    finally:
        store.close()


def _print_report(report: "ComparisonReport") -> None:
    say(
        "block {block} of {height}, {files} statements:"
        " {matches} matches, {differences} differences",
        block=report.mirror_height,
        height=report.chain_height,
        files=len(report.files),
        matches=len(report.matches),
        differences=len(report.differences),
    )
    for number in report.to_number:
        say(
            "enter on the chain: lot {lot} is {reference}, {digest}",
            lot=number.lot,
            reference=number.reference,
            digest=number.digest,
        )
    for each in report.differences:
        typer.echo(
            f"{each.cause}: {each.product} {each.quantity} t, account {each.account},"
            f" lot {each.lot}, {each.statement} row {each.row}"
        )
    for order in report.corrections:
        parts = ", ".join(f"{part.quantity} of {part.lot}" for part in order.parts)
        typer.echo(f"{order.kind} {order.source} -> {order.target}: {parts}  {order.order_id}")
    for undone in report.undrafted:
        typer.echo(f"{undone.why}: {undone.cause} {undone.product} {undone.quantity} t")
    _print_unconfirmed(report)
    say("The registry is right: a difference is corrected in the ledger by an order, never edited.")


def _write_drafts(report: "ComparisonReport", folder: Path, *, told: bool) -> None:
    """Write each correction under its id; the same one drafted again may have later times."""
    from api.cli.order_options import write_file

    folder.mkdir(parents=True, exist_ok=True)
    for order in report.corrections:
        file = folder / f"{order.order_id[2:]}.tnorder"
        if not file.exists():  # it may carry signatures already
            write_file(file, order.file.encode(), replace=False)
        if told:
            say("{path}: sign it: trace-node order sign {path} --key KEY", path=file)


def _print_unconfirmed(report: "ComparisonReport") -> None:
    for waiting in report.unconfirmed:
        say(
            "unconfirmed for {days} days: {kind} of {quantity} t, {order_id}",
            days=waiting.age_s // _DAY_S,
            kind=waiting.kind,
            quantity=waiting.quantity,
            order_id=waiting.order_id,
        )
        if waiting.confirmation:
            say(
                "  confirm it with {number}: {digest}",
                number=waiting.candidates[0],
                digest=waiting.confirmation,
            )
