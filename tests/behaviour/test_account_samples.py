"""Carbon of a fuel from laboratory records, and gas from a flow meter, in figures of a plant."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support.accounts import DIESEL, accounts, log_boundary, log_content, project, request
from support.builders import Run
from support.kiln import (
    kiln_boundary,
    kiln_meter,
    kiln_method,
    read_daily,
    release,
    sample,
)
from support.plant import Plant, plant
from support.stores import new_store
from support.usual_engine import USUAL

from trace_node.accounting.activity.entry import ActivityEntry
from trace_node.accounting.boundary.boundary_file import read_boundary_file
from trace_node.accounting.boundary.errors import BoundaryError
from trace_node.accounting.errors import IncompleteError, PrecedenceError, RecomputeError
from trace_node.accounting.laboratory.errors import MissingSampleError
from trace_node.accounting.laboratory.parameter import Parameter
from trace_node.accounting.laboratory.record import SampledFrom
from trace_node.accounting.methods.method import Method
from trace_node.accounting.standing import Standing
from trace_node.clock import FixedClock
from trace_node.errors import InputError
from trace_node.period import parse_period
from trace_node.services import gauge_lists
from trace_node.services.account import Accounted
from trace_node.services.boundary_check import require_fitting
from trace_node.services.library import method_library
from trace_node.services.prove_emission import figures_of_log
from trace_node.services.recompute_emission import recompute_emission

FIRST = date(2026, 10, 1)
DURING, AFTER = "2026-10-20", "2026-11-05"  # AFTER: the month is over, reports are due on the 11th
OCTOBER = ["100", "300"]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Plant]:
    with new_store(USUAL, tmp_path) as store, plant(store) as here:
        kiln_meter(here)
        yield here


def at(day: str) -> FixedClock:
    return FixedClock(parse_period(day).start + timedelta(hours=12))


def month(here: Plant, *, on: str | None = None, period: str = "2026-10") -> Accounted:
    clock = here.clock if on is None else at(on)
    (done,) = accounts(here, clock=clock).account(request(period))
    figures_of_log(here.store).recompute(done.index)
    return done


def start(here: Plant, method: Method | None = None, **boundary: object) -> None:
    release(here, method or kiln_method(), by="authority")
    log_boundary(here, kiln_boundary(**boundary))


def burn(here: Plant, tonnes: list[str]) -> None:
    read_daily(here, Run(), tonnes, first=FIRST)
    project(here)


def carbon(done: Accounted) -> Decimal:
    return next(each.value for each in done.emission.activity if each.name == "coal.carbon")


def whole_october() -> list[str]:
    return [*OCTOBER, *["0"] * 29]


def test_a_month_is_weighted_by_what_was_fired_each_day(here: Plant) -> None:
    """(100 x 0.5 + 300 x 0.7) / 400 = 0.65; a plain mean would say 0.6."""
    start(here)
    burn(here, whole_october())
    log_content(here, sample("2026-10-01", "0.5"))
    record = log_content(here, sample("2026-10-02", "0.7"))
    done = month(here)
    assert carbon(done) == Decimal("0.65")
    assert done.emission.standing is Standing.FINAL
    assert round(done.emission.figures[0].value, 9) == Decimal("953.333333333")
    item = next(each for each in done.emission.activity if each.name == "coal.carbon")
    assert (item.provenance, item.raw_unit, item.unit) == ("laboratory", "1", "tC/t")
    assert record.index in item.leaves
    assert item.findings == ()


def test_a_month_is_weighted_by_what_was_received(here: Plant) -> None:
    start(here, weighting="received")
    burn(here, whole_october())
    received = SampledFrom.RECEIVED
    log_content(here, sample("2026-10-01", "0.5", quantity="900", sampled_from=received))
    log_content(here, sample("2026-10-02", "0.7", quantity="100", sampled_from=received))
    log_content(here, sample("2026-10-03", "0.1", quantity="9999"))  # fired: another place
    assert carbon(month(here)) == Decimal("0.52")


def test_the_last_valid_value_stands_in_and_is_settled_when_the_report_arrives(here: Plant) -> None:
    """Provisional until the reports are due; the month's own value then makes it final."""
    start(here)
    burn(here, whole_october())
    log_content(here, sample("2026-09-30", "0.6", tested_on=date(2026, 9, 1)))  # days out of order
    log_content(here, sample("2026-09-29", "0.4"))
    first = month(here, on=AFTER)
    assert carbon(first) == Decimal("0.4")
    assert first.emission.standing is Standing.PROVISIONAL
    item = next(each for each in first.emission.activity if each.name == "coal.carbon")
    assert item.findings == ("laboratory.last_valid",)
    assert item.conversion == "last valid value for: 2026-10"
    log_content(here, sample("2026-10-01", "0.5"))
    log_content(here, sample("2026-10-02", "0.7"))
    assert month(here, on=AFTER).emission.standing is Standing.PROVISIONAL
    last = month(here)
    assert (carbon(last), last.emission.standing) == (Decimal("0.65"), Standing.FINAL)
    assert last.emission.replaces is not None


def test_a_month_without_a_sample_takes_what_the_method_says(here: Plant) -> None:
    start(here)
    burn(here, whole_october())
    log_content(here, sample("2026-09-29", "0.4"))
    done = month(here)
    assert done.lacking == ("coal.carbon",)
    assert [each.kind.value for each in done.result.flags] == ["conservative"]
    assert done.emission.figures[0].value == Decimal("0.9") * 400 * 44 / 12


def test_a_day_without_a_sample_takes_the_conservative_value(here: Plant) -> None:
    """(100 x 0.5 + 300 x 0.9) / 400 = 0.8: the mean is not taken over what is there."""
    start(here)
    burn(here, whole_october())
    log_content(here, sample("2026-10-01", "0.5"))
    done = month(here)
    assert carbon(done) == Decimal("0.8")
    item = next(each for each in done.emission.activity if each.name == "coal.carbon")
    assert item.findings == ("laboratory.conservative",)
    assert item.conversion == "conservative value for: 2026-10-02"


def test_a_method_with_nothing_for_a_missing_sample_refuses_the_figure(here: Plant) -> None:
    start(here, kiln_method(precedence='["measured"]'))
    burn(here, whole_october())
    log_content(here, sample("2026-09-29", "0.4"))
    with pytest.raises(IncompleteError) as refused:
        month(here)
    assert refused.value.reason == "account.missing"
    log_content(here, sample("2026-10-01", "0.5"))
    with pytest.raises(MissingSampleError) as missing:
        month(here)
    assert missing.value.remedy
    assert carbon(month(here, on=AFTER)) == Decimal("0.5")  # still provisional


def test_a_corrected_and_a_re_dated_report_are_seen(here: Plant) -> None:
    start(here)
    burn(here, ["100"])
    log_content(here, sample("2026-10-01", "0.5"))
    log_content(here, sample("2026-10-01", "0.55", issued_on=date(2026, 10, 9),
                             received_on=date(2026, 10, 9)))  # fmt: skip
    done = month(here, period="2026-10-01")
    assert carbon(done) == Decimal("0.55")
    item = next(each for each in done.emission.activity if each.name == "coal.carbon")
    assert item.findings == ("laboratory.re_dated",)


def test_hour_day_and_year_take_the_samples_that_speak_of_them(here: Plant) -> None:
    """An hour takes the sample of its day; a year its months, weighted by what each burnt."""
    start(here)
    run = Run()
    opening = run.reading(
        "0.00", meter_register="coal", unit="t", at=parse_period("2026-01-01").start
    )
    here.deliver(run.deliver([opening]))
    read_daily(here, run, ["100", *["0"] * 30, "300"], first=FIRST)
    project(here)
    log_content(here, sample("2026-10-01", "0.5"))
    log_content(here, sample("2026-11-01", "0.7"))
    assert carbon(month(here, period="2026-10-01")) == Decimal("0.5")
    year = month(here, period="2026")
    assert carbon(year) == Decimal("0.65")
    assert year.emission.standing is Standing.PROVISIONAL


def test_a_laboratory_value_that_was_altered_is_named(here: Plant) -> None:
    start(here)
    burn(here, ["100"])
    record = log_content(here, sample("2026-10-01", "0.5"))
    done = month(here, period="2026-10-01")
    figures = figures_of_log(here.store)
    reader = here.store.reader()
    bodies = {index: reader.entry(index).body for index in done.emission.leaves}
    wrong = bodies[record.index].replace(b'"value":"0.5"', b'"value":"0.6"')
    assert wrong != bodies[record.index]
    with pytest.raises(RecomputeError) as refused:
        recompute_emission(
            done.emission,
            bodies | {record.index: wrong},
            figures.methods.get("own.kiln@1"),
            figures.factors,
        )
    assert refused.value.params["field"] == "activity.coal.carbon.raw"


def test_a_value_that_stands_in_cannot_be_called_final(here: Plant) -> None:
    """How far a value stands is taken from the record, but not against what it rests on."""
    start(here)
    burn(here, whole_october())
    log_content(here, sample("2026-09-29", "0.4"))
    emission = month(here, on=AFTER).emission
    figures = figures_of_log(here.store)
    bodies = {index: here.store.reader().entry(index).body for index in emission.leaves}
    parts = (figures.methods.get("own.kiln@1"), figures.factors)
    final = replace(emission, standing=Standing.FINAL)
    with pytest.raises(RecomputeError) as refused:
        recompute_emission(final, bodies, *parts)
    assert refused.value.params["field"] == "standing"
    items = tuple(replace(each, standing=Standing.FINAL) for each in emission.activity)
    with pytest.raises(RecomputeError) as refused:
        recompute_emission(replace(final, activity=items), bodies, *parts)
    assert refused.value.params["field"] == "activity.coal.carbon"


def flow(here: Plant, hours: dict[int, str]) -> None:
    begin = parse_period("2026-10-01").start
    run = Run()
    here.deliver(
        run.deliver(
            [
                run.reading(
                    rate, meter_register="flow", unit="Nm3/h", at=begin + timedelta(hours=hour)
                )
                for hour, rate in hours.items()
            ]
        )
    )
    project(here)


def gas(here: Plant) -> None:
    log_content(
        here,
        sample("2026-10-01", "5.9", parameter=Parameter.CARBON_GAS, substance="natural_gas"),
    )


@pytest.mark.parametrize(("between", "volume"), [("linear", "2880"), ("hold", "2760")])
def test_a_flow_is_integrated_to_a_volume(here: Plant, between: str, volume: str) -> None:
    """[S2-8.3.2-1]: 0, 10, ... 240 Nm3/h over 24 hours; by steps half a step less each hour."""
    start(here, coal=False, gas=True, between=between)
    gas(here)
    flow(here, {hour: f"{10 * hour}.0" for hour in range(25)})
    done = month(here, period="2026-10-01")
    item = next(each for each in done.emission.activity if each.name == "gas.flow")
    expected = Decimal(volume)
    assert (item.value, item.unit, item.standing) == (expected, "Nm3", Standing.FINAL)
    assert len(item.leaves) == 26
    assert done.emission.figures[0].value == expected / 10_000 * Decimal("5.9") * 44 / 12


def test_a_gap_is_no_zero_and_is_filled_only_where_the_method_allows(here: Plant) -> None:
    """[S2-12.4-2] [S2-12.4-3]: from the values around it, and the record says so."""
    start(here, coal=False, gas=True)
    gas(here)
    rates = {hour: "100.0" for hour in range(25) if not 5 < hour < 12}
    flow(here, rates)
    with pytest.raises(IncompleteError):
        month(here, period="2026-10-01")


def test_an_interpolated_gap_is_flagged(here: Plant) -> None:
    """[S2-12.4-2] [S2-12.4-3]"""
    start(here, kiln_method(estimates=True), coal=False, gas=True)
    gas(here)
    flow(here, {hour: "100.0" for hour in range(25) if not 5 < hour < 12})
    done = month(here, period="2026-10-01")
    item = next(each for each in done.emission.activity if each.name == "gas.flow")
    assert (item.raw, item.value) == (Decimal(1700), Decimal(2400))
    assert item.conversion == "integrated, linear; interpolated over 25200 s of gaps"
    assert "estimated" in {each.kind.value for each in done.result.flags}


def test_more_readings_than_a_figure_rests_on_are_refused_and_never_left_out(
    here: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invalid ones among them do not make room: the last of the day would be left out unseen."""
    start(here, coal=False, gas=True)
    gas(here)
    flow(here, {hour: "999999.0" if hour == 3 else "100.0" for hour in range(25)})
    monkeypatch.setattr(gauge_lists, "MOST_LISTED", 23)
    with pytest.raises(BoundaryError) as refused:
        month(here, period="2026-10-01")
    assert refused.value.reason == "account.readings"


def test_a_running_day_is_what_was_measured_so_far(here: Plant) -> None:
    start(here, coal=False, gas=True)
    gas(here)
    flow(here, dict.fromkeys(range(11), "100.0"))
    done = month(here, on="2026-10-01", period="2026-10-01")
    item = next(each for each in done.emission.activity if each.name == "gas.flow")
    assert (item.value, item.standing) == (Decimal(1000), Standing.PROVISIONAL)


@pytest.mark.parametrize(
    ("boundary", "change", "code"),
    [
        ({"weighting": "arithmetic"}, ("", ""), "boundary.weighting"),
        ({}, ('basis = "ar"', 'basis = "ad"'), "boundary.weighting"),
        (
            {"coal": False, "gas": True},
            ('integrate = { unit = "Nm3", between = "linear", longest_gap_s = 7200 }', ""),
            "boundary.integral",
        ),
        (
            {"coal": False, "gas": True},
            ('unit = "Nm3", between', 'unit = "t", between'),
            "activity.integral",
        ),
    ],
)
def test_what_does_not_fit_the_method_is_refused_before_it_is_logged(
    here: Plant, boundary: dict[str, object], change: tuple[str, str], code: str
) -> None:
    release(here, kiln_method(), by="authority")
    text = kiln_boundary(**boundary)
    assert change[0] in text
    content = read_boundary_file(text.replace(*change).encode(), file="kiln.toml")
    with here.store.view() as view:
        methods = method_library(view)
    with pytest.raises(InputError) as refused:
        require_fitting(content, reader=here.store.reader(), methods=methods)
    assert refused.value.reason == code


STEEL = (
    DIESEL[: DIESEL.index("[[sources]]")]
    + """
[[sources]]
id = "coal"
unit = "works"
method = "cn.ets.steel.2024.enterprise@1"
category = "combustion"
title = "无烟煤"
iso14064 = 1
words = { fuel = "anthracite" }

[[entries]]
name = "coal.bought"
source = "coal"

[[laboratory]]
name = "coal.ncv"
source = "coal"
substance = "coal.anthracite"
parameter = "ncv"
basis = "ar"
weighting = "received"

[[feeds]]
source = "coal"
symbol = "FC"
point = "coal.bought"

[[feeds]]
source = "coal"
symbol = "NCV"
point = "coal.ncv"
"""
)


def bought(here: Plant, period: str) -> None:
    entry = ActivityEntry(
        organisation=request().organisation,
        activity="coal.bought",
        source="coal",
        period=parse_period(period),
        quantity=Decimal(100),
        unit="t",
        standing=Standing.FINAL,
        document="invoice 1",
        evidence=bytes(32),
        entered_by="王芳",
        replaces=None,
    )
    log_content(here, entry)


def test_a_measured_value_cannot_go_back_to_the_default_inside_the_year(here: Plant) -> None:
    """CETS-AG-03.01-V01-2024: August has the default, September a report, October lacks one."""
    log_boundary(here, STEEL)
    for period in ("2026-08", "2026-09", "2026-10"):
        bought(here, period)
    record = sample(
        "2026-09-10",
        "25.000",
        parameter=Parameter.NCV,
        substance="coal.anthracite",
        sampled_from=SampledFrom.RECEIVED,
    )
    log_content(here, record)
    august = month(here, period="2026-08")
    assert august.lacking == ("coal.ncv",)
    september = month(here, period="2026-09")
    assert (september.lacking, september.emission.earlier) == ((), ())
    with pytest.raises(PrecedenceError) as refused:
        month(here, period="2026-10")
    assert refused.value.reason == "accounting.precedence.sticky"
    log_content(here, replace(record, sample="later", period=parse_period("2026-10")))
    october = month(here, period="2026-10")
    assert october.emission.earlier == ("fuels[coal].NCV",)


RULES = {
    "sum": 'rule = "add"\ninputs = ["sum.1", "sum.2"]',
    "rest": 'rule = "subtract"\ninputs = ["rest.1", "rest.2"]',
    "typical": 'rule = "multiply"\ninputs = ["typical.1"]\nfactor = "0.25"\nunit = "t"',
    "ratio": 'rule = "divide"\ninputs = ["ratio.1", "ratio.2"]\nunit = "t"',
    "left": 'rule = "apportion"\ninputs = ["shared"]\nshares = { left = "0.75", right = "0.25" }',
    "right": 'rule = "apportion"\ninputs = ["shared"]\nshares = { left = "0.75", right = "0.25" }',
}
ENTERED = {
    "sum.1": ("sum", "10", "t"),
    "sum.2": ("sum", "2500", "kg"),
    "rest.1": ("rest", "10", "t"),
    "rest.2": ("rest", "4", "t"),
    "typical.1": ("typical", "80", "t"),
    "ratio.1": ("ratio", "90", "t"),
    "ratio.2": ("ratio", "8", "t"),
    "shared": ("left", "16", "t"),
}


def of_rules() -> str:
    """Six diesel sources, each with its quantity by another rule."""
    fuel = "cn.ets.steel.2024.enterprise@1"
    parts = [DIESEL[: DIESEL.index("[[sources]]")]]
    for name, rule in RULES.items():
        parts.append(
            f'[[sources]]\nid = "{name}"\nunit = "works"\nmethod = "{fuel}"\ntitle = "x"\n'
            'category = "combustion"\niso14064 = 1\nwords = { fuel = "diesel" }\n'
            f'[[rules]]\nname = "{name}.used"\nsource = "{name}"\n{rule}\n'
            f'[[feeds]]\nsource = "{name}"\nsymbol = "FC"\npoint = "{name}.used"\n'
        )
    parts += [
        f'[[entries]]\nname = "{name}"\nsource = "{source}"\n'
        for name, (source, _quantity, _unit) in ENTERED.items()
    ]
    return "".join(parts)


def test_every_rule_makes_the_quantity_of_a_source(here: Plant) -> None:
    """[S2-8.3.2-1] [S2-8.3.2-a] [S2-8.3.2-b] [S2-8.3.2-c] [S2-8.3.2-d]: raw values stay beside."""
    log_boundary(here, of_rules())
    for name, (source, quantity, unit) in ENTERED.items():
        entry = ActivityEntry(
            organisation=request().organisation,
            activity=name,
            source=source,
            period=parse_period("2026-10"),
            quantity=Decimal(quantity),
            unit=unit,
            standing=Standing.FINAL,
            document="invoice 1",
            evidence=bytes(32),
            entered_by="王芳",
            replaces=None,
        )
        log_content(here, entry)
    done = month(here)
    values = {each.name: each.value for each in done.emission.activity}
    used = {name: values[f"{name}.used"] for name in RULES}
    assert used == {
        "sum": Decimal("12.5"),
        "rest": Decimal(6),
        "typical": Decimal(20),
        "ratio": Decimal("11.25"),
        "left": Decimal(12),
        "right": Decimal(4),
    }
    assert values["sum.2"] == 2500
    masses = {each.source: each.mass for each in done.emission.items}
    assert round(masses["left"] / masses["right"], 9) == 3
