"""The report of a year of a plant with 100 sources, in all three forms."""

import time

from measuring import Bench, Figure
from support.reports import big_plant

from trace_node.services.report_files import make_report

SOURCES, MONTHS = 100, 12
CEILING_S = 10


def run(bench: Bench) -> list[Figure]:
    """From results to three files; the results themselves are ``--only accounting``."""
    sources, months = bench.amount(SOURCES, 5), bench.amount(MONTHS, 2)
    facts = big_plant(sources, months)
    runs, size = [], 0
    for _ in range(bench.times):
        began = time.perf_counter()
        made = make_report(facts)
        runs.append(time.perf_counter() - began)
        size = len(made.pdf)
    return [
        Figure(
            name=f"report of {sources} sources by month, PDF/A-3, Word and Excel",
            unit="s",
            runs=runs,
            at_most=CEILING_S,
            note=f"{len(facts.results):,} results; PDF of {size:,} bytes",
        )
    ]
