"""Forecast, board, stages, emitters and clean energy from the records of a log."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from support.accounts import log_content
from support.builders import ORGANISATION
from support.outlook import LAST, enter, months, tonnes_of, works_of_years
from support.outlook_samples import CONTENTS
from support.plant import Plant

from api.cli.outlook_text import print_board, print_forecast, print_stages
from trace_node.accounting.arithmetic import total
from trace_node.accounting.factors.row import Confidence, FactorKind, FactorRow, FactorStatus
from trace_node.accounting.methods.words import Purpose
from trace_node.accounting.outlook.errors import OutlookError
from trace_node.accounting.outlook.rating import Level, Reference
from trace_node.accounting.outlook.series import number_of
from trace_node.accounting.records.emission_levels import EmissionLevels
from trace_node.accounting.records.factor_entry import FactorEntry
from trace_node.errors import InputError
from trace_node.period import parse_period
from trace_node.services.emission_board import BoardRequest, EmissionBoard, emission_board
from trace_node.services.emission_forecast import ForecastRequest, forecast_emission
from trace_node.services.emitters import emitter_years, year_figures
from trace_node.services.inventory import InventoryRequest, Span
from trace_node.services.stage_analysis import before, stage_analysis, year_before
from trace_node.services.statement_types import parse_statement


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    with works_of_years(tmp_path_factory.mktemp("works")) as here:
        yield here


@pytest.fixture(scope="module")
def per_tonne(here: Plant) -> Decimal:
    """Tonnes of CO2 in the leaf of a month, for each tonne of diesel."""
    found = InventoryRequest(
        organisation=ORGANISATION, boundary="plant", span=Span.parse("2024-01")
    )
    (stage,) = stage_analysis(found, store=here.store)
    return stage.figure.value / tonnes_of("2024-01")


def foretold(**changes: object) -> ForecastRequest:
    values = {
        "organisation": ORGANISATION,
        "boundary": "plant",
        "first": parse_period(LAST).next(),
        "count": 2,
        "purpose": Purpose.ETS,
    }
    return ForecastRequest(**(values | changes))


def board(here: Plant, year: str = "2026", **changes: object) -> EmissionBoard:
    asked = BoardRequest(
        organisation=ORGANISATION, boundary="plant", year=parse_period(year), **changes
    )
    return emission_board(asked, store=here.store, now=here.clock.now())


def test_the_growth_rate_foretells_a_plant_that_grows_by_a_tenth(
    here: Plant, per_tonne: Decimal
) -> None:
    """[S0-7.1.2-b1] [S1-4.4-2]: within the rounding of the market's figure, with its error."""
    found = forecast_emission(foretold(), store=here.store, now=here.clock.now())
    assert found.best is not None
    assert (found.best.method, len(found.series.values)) == ("growth", 34)
    for each in found.best.months:
        expected = SHAPE_OF_2025[each.month] * Decimal("1.1") * per_tonne
        assert abs(each.value / expected - 1) < Decimal("0.005")
    assert found.best.back_test is not None
    assert found.best.back_test.error_met
    assert found.best.back_test.trend_met
    assert [each.method for each in found.forecasts] == ["growth", "seasonal"]


SHAPE_OF_2025 = {
    "2026-11": tonnes_of("2025-11"),
    "2026-12": tonnes_of("2025-12"),
}


def test_a_forecast_can_follow_the_energy(here: Plant, per_tonne: Decimal) -> None:
    """[S0-7.1.2-b1]: from energy data; the emission follows at the tonnes for each unit of it."""
    asked = foretold(energy="diesel.trucks")
    found = forecast_emission(asked, store=here.store, now=here.clock.now())
    assert found.per_energy is not None
    assert abs(found.per_energy / per_tonne - 1) < Decimal("0.005")
    assert found.best is not None
    assert found.best.back_test is not None
    actual = {each.month: each.actual for each in found.best.back_test.foretold}
    assert actual["2026-10"] == found.series.values[number_of(parse_period("2026-10"))]
    expected = SHAPE_OF_2025["2026-11"] * Decimal("1.1") * per_tonne
    assert abs(found.best.months[0].value / expected - 1) < Decimal("0.005")


def test_what_cannot_be_foretold_says_why(here: Plant) -> None:
    with pytest.raises(InputError) as refused:
        forecast_emission(
            foretold(purpose=Purpose.ENTERPRISE), store=here.store, now=here.clock.now()
        )
    assert refused.value.reason == "inventory.figure"
    with pytest.raises(OutlookError):
        forecast_emission(foretold(count=13), store=here.store, now=here.clock.now())
    with pytest.raises(OutlookError) as without:
        forecast_emission(
            foretold(energy="steel.output", first=parse_period("2025-01")),
            store=here.store,
            now=here.clock.now(),
        )
    assert without.value.reason == "outlook.energy"


def require_history(found: EmissionBoard) -> None:
    for rating in (found.to_date, found.expected):
        if rating is not None:
            assert rating.decided is not None
            assert rating.decided.measure.reference is Reference.HISTORY
            assert rating.decided.ratio is not None
            assert abs(rating.decided.ratio - Decimal("1.1")) < Decimal("0.005")
            assert "leaves" in rating.decided.measure.citation


def test_without_levels_on_record_the_own_history_decides(here: Plant) -> None:
    """[S0-7.1.2-b2]: a tenth more than a year before is red, and it is said by what."""
    found = board(here, "2025", purpose=Purpose.ETS)
    assert (found.level, found.levels, found.expected) == (Level.RED, None, None)
    require_history(found)
    lacking = {each.measure.reference for each in found.to_date.rated if each.measure.lacks}
    assert lacking == {Reference.PLAN, Reference.SECTOR, Reference.ADVANCED}
    assert board(here, "2024", purpose=Purpose.ETS).level is None  # nothing before it


def test_the_year_that_runs_is_rated_as_it_is_expected(here: Plant) -> None:
    log_levels(here, order=["history"])
    found = board(here)
    require_history(found)
    assert found.expected is not None
    assert (len(found.to_date.months), len(found.expected.months)) == (10, 12)
    assert found.forecast is not None
    assert found.forecast.total is not None
    parts = [found.to_date.emission, found.forecast.total]
    assert found.expected.emission == total(parts)


def log_levels(here: Plant, **changes: object) -> int:
    fields = {
        "advanced": None,
        "boundary": "plant",
        "gwp_set": None,
        "order": ["plan", "sector", "history"],
        "output": "steel.output",
        "period": "2026",
        "plan": {},
        "purpose": "ets",
        "sector": None,
        "thresholds": None,
    }
    content = EmissionLevels.from_fields(
        CONTENTS["emission levels"].to_fields() | fields | changes  # type: ignore[operator]
    )
    return log_content(here, content).index


def test_a_plan_on_record_decides_and_is_shown(here: Plant) -> None:
    """[S0-7.1.2-b2]: by months, then by the year shared by days."""
    plan = {f"2026-{month:02}": "400" for month in range(1, 13)}
    index = log_levels(here, plan=plan)
    found = board(here)
    assert found.levels is not None
    assert found.levels.index == index
    assert found.to_date.decided is not None
    assert found.to_date.decided.measure.reference is Reference.PLAN
    assert found.to_date.decided.measure.value == 4000
    assert found.to_date.decided.ratio == found.to_date.emission / 4000
    assert f"leaf {index}" in found.to_date.decided.measure.citation
    log_levels(here, plan={"2026": "3650"})
    shared = board(here).to_date.decided
    assert shared is not None
    assert shared.measure.value == 10 * 304  # days from January to October
    assert "304 of 365 days" in shared.measure.citation


def test_a_sector_benchmark_is_cited_and_its_draft_told(here: Plant) -> None:
    """[S0-7.1.2-b2]: a row with its source, times the logged output."""
    row = FactorRow(
        id="own.plant_a.steel.benchmark",
        name_zh="吨钢排放标杆值",
        name_en="benchmark of crude steel",
        kind=FactorKind.BENCHMARK,
        value=Decimal("1.5"),
        unit="tCO2/t",
        region="CN",
        scheme="own.plant_a",
        applies_to=("board",),
        source_year=2026,
        valid_from=date(2026, 1, 1),
        source="sector report 2026, table 4",
        confidence=Confidence.MEDIUM,
        status=FactorStatus.DRAFT,
    )
    entry = CONTENTS_OF_ENTRY | {"row": row}
    log_content(here, FactorEntry(**entry))
    log_levels(here, order=["sector"], sector=row.id)
    assert board(here).level is None  # no output is on record yet
    for month in months("2026-01", LAST):
        enter(here, "steel.output", "400", "t", month)
    found = board(here)
    assert found.to_date.decided is not None
    measure = found.to_date.decided.measure
    assert (measure.reference, measure.value, measure.is_draft) == (
        Reference.SECTOR,
        Decimal(6000),
        True,
    )
    assert "sector report 2026, table 4" in measure.citation
    assert found.expected is not None
    assert found.expected.decided is None  # what will be made is not known


CONTENTS_OF_ENTRY = {
    "organisation": ORGANISATION,
    "entered_by": "王芳",
    "evidence": bytes(32),
    "reason": "the library holds none",
}


@pytest.mark.parametrize(
    ("span", "earlier", "last_year"),
    [
        ("2026-03", "2026-02", "2025-03"),
        ("2026-Q1", "2025-Q4", "2025-Q1"),
        ("2026", "2025", "2025"),
        ("2026-03-01", "2026-02-28", "2025-03-01"),
    ],
)
def test_spans_before(span: str, earlier: str, last_year: str) -> None:
    assert before(Span.parse(span)) == Span.parse(earlier)
    assert year_before(Span.parse(span)) == Span.parse(last_year)


def test_every_stage_is_set_against_the_span_and_the_year_before(here: Plant) -> None:
    """[S0-7.1.2-a1]"""
    asked = InventoryRequest(
        organisation=ORGANISATION, boundary="plant", span=Span.parse("2026-10")
    )
    (stage,) = stage_analysis(asked, store=here.store)
    one = stage.figure
    assert (one.unit, one.purpose, one.share, one.is_whole) == ("works", Purpose.ETS, 1, True)
    assert one.change is not None
    assert abs(one.change - (Decimal(100) / 90 - 1)) < Decimal("0.005")
    assert one.change_on_year is not None
    assert abs(one.change_on_year - Decimal("0.1")) < Decimal("0.005")
    assert stage.rising_months == 3  # 80, 85, 90, 100
    assert {key[0] for key in one.masses} == {"combustion"}


def test_an_emitter_is_key_or_general_by_year(here: Plant) -> None:
    """[S2-5.1]: the list decides; the figure stands beside the threshold with its source."""
    status = CONTENTS["emitter status"]
    log_content(here, status)
    fields = status.to_fields()
    log_content(here, type(status).from_fields({**fields, "period": "2025", "status": "general"}))
    found = emitter_years(ORGANISATION, store=here.store)
    assert [(each.status.period.name, each.status.status.value) for each in found] == [
        ("2025", "general"),
        ("2026", "key"),
    ]
    with here.store.view() as view:
        (body,) = view.entries.bodies(found[1].index, found[1].index + 1)
    assert parse_statement(body).content == status
    (figure,) = year_figures(ORGANISATION, "plant", parse_period("2025"), store=here.store)
    assert (figure.is_whole, figure.reaches) == (True, False)
    assert emitter_years("plant-b", store=here.store) == ()


def test_people_read_colour_reference_and_error(
    here: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    """[S0-7.1.2-b2] [S1-4.4-2]: what decided, both targets beside what was reached, six places."""
    print_board(board(here, "2025", purpose=Purpose.ETS))
    print_forecast(forecast_emission(foretold(), store=here.store, now=here.clock.now()))
    asked = InventoryRequest(organisation=ORGANISATION, boundary="plant", span=Span.parse("2025"))
    print_stages(stage_analysis(asked, store=here.store))
    told = capsys.readouterr().out
    assert "RED: ets, tCO2" in told
    assert "* history   red" in told
    assert "directions of months 100.00 % (target 95 %: yes)" in told
    assert "trend of 34 months: rising, +" in told
    assert "trend accuracy 100.00 % (stated from 95 % on), borne out" in told
    assert "(target 5 %: yes)" in told
    assert not re.search(r"\d\.\d{7}", told)
