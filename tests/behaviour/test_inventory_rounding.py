"""A method that rounds its total: one figure of a span, and what rounding took or gave beside."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from support.accounts import DIESEL, accounts, log_boundary, log_diesel, request
from support.builders import ORGANISATION
from support.plant import Plant, plant
from support.sealed_log import SIGNER
from support.stores import new_store

from api.cli.figures_text import print_figures
from api.inventory_json import inventory_json
from api.live_json import live_json
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.accounting.report.compose import compose
from trace_node.accounting.report.content import Report, text_of
from trace_node.accounting.report_kind import ReportKind
from trace_node.services.inventory import InventoryRequest, Span, inventory_of
from trace_node.services.live_figures import LiveRequest, live_figures
from trace_node.services.prove_emission import Figures
from trace_node.services.report import ReportRequest, facts_of
from trace_node.services.seal import Seal
from trace_node.store.archive_file import FileArchive

MONTHS = ("2026-07", "2026-08", "2026-09")
FIGURE = {
    "of_records": "378", "rounding": "-0.09", "rounding_of_records": "-1.09",
    "unrounded": "379.09", "value": "379",
}  # fmt: skip


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Plant]:
    """Three months of 126.36 t, which the method rounds to a whole number."""
    with new_store("sqlite", tmp_path) as store, plant(store) as here:
        log_boundary(here, DIESEL)
        for month in MONTHS:
            log_diesel(here, "trucks", "30", period=month)
            log_diesel(here, "loaders", "10", period=month)
            accounts(here).account(request(month))
        yield here


def shortened(row: dict) -> dict:
    """Two places of each of its numbers."""
    return {
        name: f"{Decimal(row[name]).quantize(Decimal('0.01')).normalize():f}" for name in FIGURE
    }


def quarter(here: Plant):  # noqa: ANN201
    asked = InventoryRequest(
        organisation=ORGANISATION, boundary="plant", span=Span.parse("2026-Q3")
    )
    return inventory_of(asked, store=here.store)


def rows_of(report: Report, name: str) -> list[tuple[str, ...]]:
    table = next(one for one in report.tables if one.id == name)
    return [tuple(map(text_of, row)) for row in table.rows]


def test_a_quarter_is_rounded_once_and_tells_what_its_records_add_up_to(
    here: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    """[S0-5.1.1-b2]: formula (1) of the steel guide is a whole number for the period it is of."""
    found = quarter(here)
    (figure,) = inventory_json(found)["figures"]
    assert shortened(figure) == FIGURE
    ((gross, sinks, _net),) = found.net().values()
    assert (gross, sinks) == (Decimal(figure["unrounded"]), 0)
    print_figures(found.span_figures())
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in told[:1]] == [["ets", "379"]]
    assert ("379.0909" in told[1], "-0.0909" in told[1]) == (True, True)
    assert ("378 tCO2" in told[2], "this is not the figure" in told[2]) == (True, True)


def test_figures_up_to_now_round_the_same_way(here: Plant) -> None:
    asked = LiveRequest(
        organisation=ORGANISATION, boundary="plant", unit="works", span=Span.parse("2026-Q3")
    )
    (figure,) = live_json(live_figures(asked, store=here.store, clock=here.clock))["figures"]
    assert shortened(figure) == FIGURE


def test_a_report_explains_its_two_totals(here: Plant, tmp_path: Path) -> None:
    archive = FileArchive(tmp_path / "archive")
    try:
        Seal(store=here.store, archive=archive, signers=[SIGNER], clock=here.clock).seal_once()
    finally:
        archive.close()
    asked = ReportRequest(
        organisation=ORGANISATION, boundary="plant", period="2026-Q3", kind=ReportKind.INTERNAL,
        prepared_on=date(2026, 11, 20), attach=False,
    )  # fmt: skip
    library = Figures(store=here.store, factors=packaged_factors(), methods=packaged_methods())
    report = compose(facts_of(asked, figures=library))
    ((_purpose, whole, *_rest),) = rows_of(report, "报告期合计")
    ((_one, _unit, value, before, rounding, of_records, of_each),) = rows_of(report, "修约")
    assert (whole, value, of_records) == ("379", "379", "378")
    (gross,) = [row[1] for row in rows_of(report, "总量碳汇净值")]
    assert before == gross == "379.090976"
    assert (rounding, of_each) == ("-0.090976", "-1.090976")
    notes = [block for part in report.sections for block in part.blocks if isinstance(block, str)]
    assert any("修约差 -0.090976 tCO2" in note for note in notes)
