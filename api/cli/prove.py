"""``trace-node prove``, ``knowledge`` and ``export``: evidence out of a node, and out of a file."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.examine import examine, read_bounded
from api.cli.options import HomeOption, Output, OutputOption, load, show
from api.cli.verify import FileArgument, OfflineOption, RpcOption, TrustRootOption
from trace_node.errors import InputError

if TYPE_CHECKING:
    from trace_node.ports.log_reader import LogReader
    from trace_node.services.prove import Vouched

OutOption = Annotated[Path | None, typer.Option("--out", help="File to write.", show_default=False)]


def prove(
    *,
    index: Annotated[
        int | None, typer.Argument(min=0, help="Leaf index.", show_default=False)
    ] = None,
    device: Annotated[str | None, typer.Option(help="Name of the device.")] = None,
    boot: Annotated[str | None, typer.Option(help="Run of the collector, base64url.")] = None,
    seq: Annotated[int | None, typer.Option(min=0, help="Number in the device chain.")] = None,
    meter_register: Annotated[str | None, typer.Option(help="Name of the meter register.")] = None,
    at: Annotated[str | None, typer.Option(help="Instant the reading is for, RFC 3339.")] = None,
    period: Annotated[
        str | None,
        typer.Option(help="Prove a period: 2026, 2026-11, 2026-11-21, … in the time of China."),
    ] = None,
    begin: Annotated[str | None, typer.Option("--from", help="… or from here, RFC 3339")] = None,
    end: Annotated[str | None, typer.Option("--to", help="… up to, not including, here.")] = None,
    meter: Annotated[
        list[str] | None, typer.Option(help="A device of the period bundle; repeatable.")
    ] = None,
    boundary: Annotated[
        Path | None, typer.Option(help="TOML file with a name and meters, instead of --meter.")
    ] = None,
    organisation: Annotated[str | None, typer.Option(help="All devices of it.")] = None,
    out: OutOption = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Write the proof of a reading, or of everything that meters reported in a period.

    A reading is named by its leaf index, by --device, --boot and --seq, or by --device,
    --meter-register and --at.
    """
    from api.cli.prove_what import period_request, reading_index

    with _log(home) as (reader, vouched):
        if period or begin or end:
            request = period_request(
                period=period,
                begin=begin,
                end=end,
                meters=tuple(meter or ()),
                boundary=boundary,
                organisation=organisation,
            )
            from trace_node.services.prove_period import prove_period

            raw = prove_period(request, reader=reader, vouched=vouched)
            stamp = f"{_day(request.begin)}-{_day(request.end)}"
            _write(raw, path=out or Path(f"period-{stamp}.tnproof"), output=output)
            return
        leaf = reading_index(
            reader, index=index, device=device, boot=boot, seq=seq, name=meter_register, at=at
        )
        from trace_node.services.prove import prove_entry

        raw = prove_entry(leaf, reader=reader, vouched=vouched)
        _write(raw, path=out or Path(f"leaf-{leaf}.tnproof"), output=output)


def knowledge(
    *,
    file: FileArgument,
    trust_root: TrustRootOption,
    offline: OfflineOption = False,
    rpc: RpcOption = None,
    late_after: Annotated[
        int, typer.Option(min=0, help="Hours from the reading to the block that are late.")
    ] = 24,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show who could know of each reading when, out of a verified bundle.

    Exit codes are those of verify.
    """
    from trace_node.services.knowledge import knowledge_table

    report = examine(file, trust_root=trust_root, offline=offline, rpc=rpc)
    table = knowledge_table(report, late_after=timedelta(hours=late_after))
    if output is Output.JSON:
        show(
            {
                "outcome": {
                    "signed": report.verdict.signed.value,
                    "anchored": report.verdict.anchored.value,
                },
                "exit_code": report.verdict.exit_code,
                **table.to_json(),
            },
            output=output,
        )
    else:
        from api.cli.knowledge_text import print_knowledge

        print_knowledge(table, report)
    raise typer.Exit(report.verdict.exit_code)


def export(
    *,
    file: FileArgument,
    form: Annotated[str, typer.Option("--format", help="chainpoint")] = "chainpoint",
    out: OutOption = None,
) -> None:
    """Write a bundle's inclusion proof for other tools. A receipt is not a proof; the bundle is."""
    from trace_node.services.chainpoint import NOTICE, chainpoint_receipt
    from trace_node.services.verify_proof import open_proof
    from trace_node.tlog.bundle_file import CARBON_PROOF, MAX_BYTES

    if form != "chainpoint":
        raise InputError(
            "{field}: {form} is not a form of export", field="--format", form=form,
            remedy="use chainpoint",
        )  # fmt: skip
    raw = read_bounded(file, bound=MAX_BYTES[CARBON_PROOF])
    opened, bundle, _ = open_proof(raw)
    opened.require_digest()
    text = json.dumps(chainpoint_receipt(bundle), indent=1)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(f"{text}\n", encoding="utf-8")
    typer.echo(NOTICE, err=True)


@contextmanager
def _log(home: Path | None) -> "Iterator[tuple[LogReader, Vouched | None]]":
    """The log of a node, running or not, and which of its checkpoints have their quorum."""
    from api.wiring.cosigning import vouched_by
    from api.wiring.intake import identity_of
    from trace_node.store.sql_store import open_store

    settings, files = load(home)
    vouched = vouched_by(files)
    store = open_store(settings.database, identity=identity_of(settings))
    try:
        yield store.reader(), vouched
    finally:
        store.close()


def _day(instant: datetime) -> str:
    return instant.strftime("%Y%m%dT%H%M")


def _write(raw: bytes, *, path: Path, output: Output) -> None:
    from trace_node.ids import to_base64url
    from trace_node.tlog.bundle_file import read_bundle_file

    digest = to_base64url(read_bundle_file(raw).digest)
    path.write_bytes(raw)
    show({"file": str(path), "bytes": len(raw), "digest": digest}, output=output)
