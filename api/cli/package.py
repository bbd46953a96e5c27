"""``trace-node package``: all evidence of a month in one file, and whether such a file holds."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import HomeOption, Output, OutputOption, say, show
from api.cli.verify import OfflineOption, RpcOption, TrustRootOption
from trace_node.errors import TooLargeError

if TYPE_CHECKING:
    from trace_node.services.evidence_package_check import PackageReport
    from trace_node.services.evidence_package_form import Manifest
    from trace_node.services.evidence_package_vouchers import Voucher

group = typer.Typer(
    no_args_is_help=True,
    help="Evidence packages: readings, laboratory records, vouchers and figures of a month.",
)
MAX_VOUCHERS_BYTES = 384 * 1024 * 1024
HEX_SHOWN = 16


@group.command()
def make(
    span: Annotated[str, typer.Argument(help="2026-10, or another span as of inventory show.")],
    *,
    boundary: Annotated[str, typer.Option("--boundary", help="Name of the boundary.")],
    out: Annotated[Path, typer.Option("--out", help="File to write, .zip.")],
    vouchers: Annotated[
        Path | None,
        typer.Option(help="Folder with the documents; those that records name go in."),
    ] = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Put all evidence of a span into one file; what is lacking is told."""
    from api.cli.stating import open_log
    from api.wiring.cosigning import vouched_by
    from trace_node.crypto import keys
    from trace_node.services.evidence_package import PackageRequest, make_package
    from trace_node.services.prove_emission import figures_of_log

    found = tuple(_vouchers(vouchers)) if vouchers is not None else ()
    with open_log(home) as (settings, files, store):
        request = PackageRequest(
            organisation=settings.organisation, boundary=boundary, period=span, vouchers=found
        )
        made = make_package(
            request,
            figures=figures_of_log(store),
            signer=keys.load(files.node_key, settings.secret()),
            vouched=vouched_by(files),
        )
    out.write_bytes(made.body)
    if output is Output.JSON:
        show(
            {
                "file": str(out),
                "bytes": len(made.body),
                "unused": list(made.unused),
                "manifest": made.manifest.to_json(),
            },
            output=output,
        )
        return
    _print_contents(made.manifest)
    for name in made.unused:
        say("left out: no record of the span names {name}", name=name)
    say("{path}: {size} bytes", path=str(out), size=len(made.body))


@group.command()
def check(
    file: Annotated[Path, typer.Argument(help="The package (.zip).")],
    *,
    trust_root: TrustRootOption,
    offline: OfflineOption = False,
    rpc: RpcOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Verify every bundle of a package, and that nothing in it was changed or taken out.

    Exit codes are those of verify.
    """
    from api.cli.examine import against_of, read_bounded
    from trace_node.services.evidence_package_check import check_package
    from trace_node.services.evidence_package_form import MAX_PACKAGE_BYTES

    raw = read_bounded(file, bound=MAX_PACKAGE_BYTES)
    with against_of(trust_root=trust_root, offline=offline, rpc=rpc) as against:
        report = check_package(raw, against=against)
    if output is Output.JSON:
        show(report.to_json(), output=output)
    else:
        _print_report(report)
    raise typer.Exit(report.exit_code)


def _vouchers(folder: Path) -> "Iterator[Voucher]":
    """The files of a folder, bounded one by one and together.

    Raises:
        TooLargeError: One or all of them are over their bound.
    """
    from api.cli.examine import read_bounded
    from trace_node.services.evidence_package_form import MAX_DOCUMENT_BYTES
    from trace_node.services.evidence_package_vouchers import Voucher

    total = 0
    for path in sorted(each for each in folder.iterdir() if each.is_file()):
        body = read_bounded(path, bound=MAX_DOCUMENT_BYTES)
        total += len(body)
        if len(body) > MAX_DOCUMENT_BYTES or total > MAX_VOUCHERS_BYTES:
            raise TooLargeError(
                "{field}: more than {bound} bytes of vouchers",
                field=path.name,
                bound=MAX_DOCUMENT_BYTES if len(body) > MAX_DOCUMENT_BYTES else MAX_VOUCHERS_BYTES,
                remedy="scan at a lower resolution, or make packages of shorter periods",
                code="package.vouchers",
            )
        yield Voucher(name=path.name, body=body)


def _print_contents(manifest: "Manifest") -> None:
    for each in manifest.files:
        typer.echo(f"  {each.size:10}  {each.name}  {each.title}")
    for device in manifest.silent:
        say("lacking: no reading of {device} in the span", device=device)
    for unit, method, begin, end in manifest.gaps:
        say("gap: {unit} {method} from {begin} to {end}", unit=unit, method=method, begin=begin,
            end=end)  # fmt: skip
    for missing in manifest.missing:
        say(
            "lacking: the document {digest}… that the leaves {leaves} name",
            digest=missing.evidence.hex()[:HEX_SHOWN],
            leaves=", ".join(map(str, missing.leaves)),
        )


def _print_report(report: "PackageReport") -> None:
    from api.cli.verify_text import Printer
    from api.i18n import message_of, of_environment

    printer = Printer()
    for name, verdict in sorted(report.verdicts.items()):
        printer.line(
            f"{name}  ", printer.say("signed:   "), printer.status(verdict.signed), "  ",
            printer.say("anchored: "), printer.anchored(verdict.anchored),
        )  # fmt: skip
        for check in verdict.checks:
            if check.status.value == "failed":
                printer.line(f"   {check.kind.number} {check.kind.name} [{check.reason}] ",
                             printer.say(check.message, check.params))  # fmt: skip
    for fault in report.faults:
        printer.line((f"{message_of(fault, of_environment())} [{fault.reason}]", "bold red"))
    _print_contents(report.manifest)
