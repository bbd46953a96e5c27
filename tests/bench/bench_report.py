"""The report of a year of a plant with 100 sources: three forms, bundles, evidence."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from measuring import Bench, Figure
from support.accounts import DIESEL, accounts, log_boundary, log_content, request
from support.builders import ORGANISATION, key
from support.plant import Plant, plant
from support.provable import SIGNER
from support.reports import big_plant
from support.stores import new_store
from support.usual_engine import USUAL

from trace_node.accounting.activity.entry import ActivityEntry
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.accounting.report_kind import ReportKind
from trace_node.accounting.standing import Standing
from trace_node.clock import FixedClock
from trace_node.period import parse_period
from trace_node.services.evidence_package import PackageRequest, make_package
from trace_node.services.prove_emission import Figures
from trace_node.services.report import ReportRequest, facts_of
from trace_node.services.report_files import make_report
from trace_node.services.seal import Seal
from trace_node.store.archive_file import FileArchive

SOURCES, MONTHS = 100, 12
CEILING_S = 10
AFTER = datetime(2027, 1, 2, tzinfo=UTC)
ASKED = ReportRequest(
    organisation=ORGANISATION,
    boundary="plant",
    period="2026",
    kind=ReportKind.INTERNAL,
    prepared_on=date(2027, 1, 2),
)
HEAD = DIESEL[: DIESEL.index("[[units]]")]
INDUSTRY = DIESEL[DIESEL.index("[[industries]]") : DIESEL.index("[[sources]]")]
UNIT = """
[[units]]
id = "shop"
title = "车间"
place = "works"
"""
SOURCE = """
[[sources]]
id = "s{n}"
unit = "shop"
method = "cn.ets.steel.2024.enterprise@1"
category = "combustion"
title = "柴油设备 {n}"
iso14064 = 1
words = {{ fuel = "diesel" }}
[[entries]]
name = "diesel.s{n}"
source = "s{n}"
[[feeds]]
source = "s{n}"
symbol = "FC"
point = "diesel.s{n}"
"""


def run(bench: Bench) -> list[Figure]:
    """From results to three files; then from the leaves of a log, with every bundle inside."""
    sources, months = bench.amount(SOURCES, 5), bench.amount(MONTHS, 2)
    facts = big_plant(sources, months)
    runs, size = [], 0
    for _ in range(bench.times):
        began = time.perf_counter()
        made = make_report(facts)
        runs.append(time.perf_counter() - began)
        size = len(made.pdf)
    written = Figure(
        name=f"report of {sources} sources by month, PDF/A-3, Word and Excel",
        unit="s",
        runs=runs,
        at_most=CEILING_S,
        note=f"{len(facts.results):,} results; PDF of {size:,} bytes",
    )
    return [written, *_from_log(bench, sources, months)]


def _from_log(bench: Bench, sources: int, months: int) -> list[Figure]:
    with (
        TemporaryDirectory(prefix="report") as folder,
        new_store(USUAL, Path(folder)) as store,
        plant(store, clock=FixedClock(AFTER)) as here,
    ):
        _fill(here, Path(folder), sources, months)
        figures = Figures(store=store, factors=packaged_factors(), methods=packaged_methods())
        reports, packages, size = [], [], 0
        asked = replace(ASKED, period=f"2026-01/2026-{months:02}")
        month = PackageRequest(organisation=ORGANISATION, boundary="plant", period="2026-01")
        for _ in range(bench.times):
            began = time.perf_counter()
            size = len(make_report(facts_of(asked, figures=figures)).pdf)
            reports.append(time.perf_counter() - began)
            began = time.perf_counter()
            make_package(month, figures=figures, signer=key("node"))
            packages.append(time.perf_counter() - began)
    return [
        Figure(
            name=f"the same from the log: {sources} sources, {months} months, each computed again",
            unit="s",
            runs=reports,
            at_most=CEILING_S,
            note=f"{months} bundles inside; PDF of {size:,} bytes",
        ),
        Figure(
            name=f"evidence package of a month of {sources} sources",
            unit="s",
            runs=packages,
            at_most=CEILING_S,
        ),
    ]


def _fill(here: Plant, folder: Path, sources: int, months: int) -> None:
    """A document a month for each source, the figure of each month, a checkpoint over all."""
    parts = [UNIT, INDUSTRY.replace('"works"', '"shop"')]
    parts += [SOURCE.format(n=n) for n in range(sources)]
    log_boundary(here, HEAD + "".join(parts))
    for month in range(1, months + 1):
        period = f"2026-{month:02}"
        for n in range(sources):
            entry = ActivityEntry(
                organisation=ORGANISATION,
                activity=f"diesel.s{n}",
                source=f"s{n}",
                period=parse_period(period),
                quantity=Decimal(10 + n + month),
                unit="t",
                standing=Standing.FINAL,
                document=f"invoice {month}-{n}",
                evidence=bytes(32),
                entered_by="bench",
                replaces=None,
            )
            log_content(here, entry)
        accounts(here).account(request(period, unit="shop"))
    archive = FileArchive(folder / "archive")
    try:
        Seal(store=here.store, archive=archive, signers=[SIGNER], clock=here.clock).seal_once()
    finally:
        archive.close()
