"""Three measurements of a kiln line side by side: E_n, which is the figure, what does not conform."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from support.accounts import accounts, log_boundary, log_content, project
from support.accounts import request as of_works
from support.assessments import CLASS_HALF, accuracy
from support.builders import ORGANISATION, Run, key
from support.cement import (
    BEGIN,
    BOUNDARY,
    CALCULATED,
    DAY,
    METHOD,
    SHOWN,
    deliver_flue_gas,
    enter,
    plan,
    register_cems,
    stack_text,
)
from support.plant import Plant, plant
from support.stores import new_store

from trace_node.accounting.boundary.errors import BoundaryError
from trace_node.accounting.comparison.measurement import Approach
from trace_node.accounting.fluegas.errors import FlueGasError
from trace_node.accounting.records.accuracy import SubjectKind
from trace_node.accounting.records.measurement import MeasurementRecord
from trace_node.errors import IntegrityError, NotFoundError
from trace_node.period import parse_period
from trace_node.services.fsck import Fsck
from trace_node.services.measure import Measured, MeasureRequest, measure, recompute

OF_DAY = MeasureRequest(
    organisation=ORGANISATION,
    boundary="plant",
    unit="works",
    method=METHOD,
    period=parse_period(DAY),
)
# (33) of HJ 75 by hand: 20 % dry; 0.9 x 10 m/s x 3.1 m2; 127 degC; 101,000 - 500 Pa; 10 % water.
HOUR = (
    Decimal(44) / Decimal("22.4") * 10 * 20
    * (Decimal("0.9") * 10 * Decimal("3.1") * 3600)
    * Decimal(273) / 400
    * Decimal(100500) / 101325
    * Decimal("0.9")
    / 1_000_000
)  # fmt: skip


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Plant]:
    with new_store("sqlite", tmp_path) as store, plant(store) as here:
        register_cems(here)
        log_boundary(here, BOUNDARY)
        yield here


def measured(here: Plant) -> Measured:
    accounts(here).account(of_works(DAY))
    return measure(
        OF_DAY, store=here.store, log=lambda content: log_content(here, content), clock=here.clock
    )


def by(record: MeasurementRecord) -> dict[Approach, Decimal]:
    return {each.approach: each.co2 for each in record.measurements}


def near(found: Decimal, expected: Decimal) -> bool:
    return abs(found / expected - 1) < Decimal("1e-12")


def state_errors(here: Plant) -> None:
    """The analyser within 2 % of its value, velocity within 3 %, meal within 0.5 %, clinker too."""
    log_content(here, accuracy("cems-1/co2", {"by": "class", "limit": "0.02"}))
    log_content(here, accuracy("cems-1/velocity", {"by": "class", "limit": "0.03"}))
    for name in ("meal", "meal.carbon", "Q_clinker"):
        log_content(here, accuracy(name, CLASS_HALF, subject=SubjectKind.POINT))


def test_all_three_side_by_side_and_cems_is_the_figure(here: Plant) -> None:
    """[S3-5.1-1] [S3-5.1-2] [S3-4.2-4]: all stacks summed, 54 t of biogenic CO2 taken off."""
    enter(here)
    deliver_flue_gas(here)
    state_errors(here)
    log_content(here, plan())
    done = measured(here)
    record = done.record
    values = by(record)
    assert near(values[Approach.CEMS], 24 * HOUR - 54)
    assert near(values[Approach.CALCULATION], CALCULATED)
    balance = (1500 * Decimal("0.0955") - 1000 * Decimal("0.0005")) * 44 / 12
    assert near(values[Approach.MASS_BALANCE], balance)
    assert [each.name for each in record.stacks] == ["tail", "bypass"]
    assert near(sum(each.co2 for each in record.stacks), 24 * HOUR)
    assert record.biogenic == 54
    assert (record.figure, record.passed_over, record.findings) == (Approach.CEMS, (), ())
    (figure,) = record.figures
    assert near(figure.value, 24 * HOUR - 54)
    assert near(figure.calculated, CALCULATED)
    assert len(record.differences) == 3
    assert all(each.en is not None and each.agrees for each in record.differences)
    assert Fsck(store=here.store, authorities=[key("authority").public]).run().is_sound


def test_u_of_the_flue_gas_and_e_n_by_hand(here: Plant) -> None:
    """Both stacks have one analyser: its error is one, not two of half the size."""
    enter(here)
    deliver_flue_gas(here)
    state_errors(here)
    log_content(here, plan())
    record = measured(here).record
    found = {each.approach: each for each in record.measurements}
    cems, balance = found[Approach.CEMS], found[Approach.MASS_BALANCE]
    gross = 24 * HOUR
    u = gross * (Decimal("0.02") ** 2 / 3 + Decimal("0.03") ** 2 / 3).sqrt()
    assert cems.expanded is not None
    assert near(cems.expanded, 2 * u) or abs(cems.expanded / (2 * u) - 1) < Decimal("1e-11")
    assert cems.largest[0] == "meter:cems-1/velocity"
    assert "constant:tail/moisture" in cems.unstated
    assert balance.expanded is not None
    expected = abs(cems.co2 - balance.co2) / (cems.expanded**2 + balance.expanded**2).sqrt()
    (pair,) = (
        each
        for each in record.differences
        if {each.first, each.second} == {Approach.CEMS, Approach.MASS_BALANCE}
    )
    assert pair.en is not None
    assert abs(pair.en - expected) < Decimal("1e-9")


def test_without_u_nobody_says_that_they_agree(here: Plant) -> None:
    enter(here)
    deliver_flue_gas(here)
    log_content(here, plan())
    record = measured(here).record
    assert {(each.en, each.agrees) for each in record.differences} == {(None, None)}
    assert {each.expanded for each in record.measurements} == {None}
    assert record.figure is Approach.CEMS


def test_they_disagree(here: Plant) -> None:
    enter(here)
    deliver_flue_gas(here, shown={"velocity": "20.00"})
    state_errors(here)
    log_content(here, plan())
    record = measured(here).record
    assert "comparison.disagree" in {each.code for each in record.findings}
    assert False in {each.agrees for each in record.differences}


def test_on_trial_the_calculated_figure_counts(here: Plant) -> None:
    enter(here)
    deliver_flue_gas(here)
    log_content(here, plan(rule="calculated_during_trial"))
    record = measured(here).record
    assert record.figure is Approach.CALCULATION
    assert record.rule == "cn.ets.trial@1"
    (figure,) = record.figures
    assert figure.value == figure.calculated


def test_hours_that_were_not_measured_pass_the_flue_gas_over(here: Plant) -> None:
    """19 of 24 hours: below the quota of 20, and 5 hours are missing, not 0; E_n says nothing."""
    enter(here)
    deliver_flue_gas(here, hours=19)
    state_errors(here)
    log_content(here, plan())
    record = measured(here).record
    assert "cems.incomplete" in {each.code for each in record.findings}
    assert {each.missing for each in record.stacks} == {5}
    assert record.figure is Approach.MASS_BALANCE
    assert record.passed_over == (Approach.CEMS,)
    compared = {(each.first, each.second) for each in record.differences if each.en is not None}
    assert compared == {(Approach.CALCULATION, Approach.MASS_BALANCE)}


def test_a_negative_balance_does_not_conform_and_is_not_0(here: Plant) -> None:
    enter(here, **{"meal.carbon": ("0.0001", "1")})
    log_content(here, plan())
    record = measured(here).record
    assert by(record)[Approach.MASS_BALANCE] < 0
    codes = {each.code for each in record.findings}
    assert codes == {"balance.negative", "cems.no_hour"}
    assert record.figure is Approach.CALCULATION
    assert record.passed_over == (Approach.CEMS, Approach.MASS_BALANCE)


def test_a_stream_without_a_value_is_no_stream_of_0(here: Plant) -> None:
    enter(here, **{"meal.carbon": None})
    deliver_flue_gas(here)
    log_content(here, plan())
    record = measured(here).record
    assert Approach.MASS_BALANCE not in by(record)
    assert [each.code for each in record.findings] == ["measurement.missing"]


def test_more_biogenic_than_all_is_refused(here: Plant) -> None:
    enter(here, biogenic=("9999", "t"))
    deliver_flue_gas(here)
    log_content(here, plan())
    with pytest.raises(FlueGasError) as refused:
        measured(here)
    assert refused.value.reason == "fluegas.biogenic"


def test_wet_and_dry_are_told_apart(here: Plant) -> None:
    """The same reading in wet gas is more by 1/(1 - Xsw)."""
    enter(here)
    deliver_flue_gas(here)
    log_content(here, plan(stacks=stack_text("tail", "3.1", basis="wet")))
    assert near(by(measured(here).record)[Approach.CEMS], 24 * HOUR / Decimal("0.9") - 54)


def test_a_system_that_gives_the_flow_itself(here: Plant) -> None:
    """(33) alone: 20 % of CO2 is 392.857 g/Nm3, times 100,000 Nm3/h."""
    enter(here)
    deliver_flue_gas(here)
    text = stack_text("tail", "3.1")
    for quantity, register in (("gauge", "static"), ("barometric", "air")):
        text = text.replace(
            f"""
[[cems.stacks.inputs]]
quantity = "{quantity}"
device = "cems-1"
meter_register = "{register}"
""",
            "",
        )
    text = text.replace('"velocity"\ndevice', '"flow"\ndevice').replace('= "velocity"', '= "flow"')
    log_content(here, plan(stacks=text))
    log_content(here, accuracy("cems-1/flow", {"by": "class", "limit": "0.05"}))
    record = measured(here).record
    gross = 24 * Decimal(44) / Decimal("22.4") * 10 * 20 / 10
    assert near(by(record)[Approach.CEMS], gross - 54)
    found = next(each for each in record.measurements if each.approach is Approach.CEMS)
    assert found.expanded is not None
    assert abs(found.expanded / (2 * gross * Decimal("0.05") / Decimal(3).sqrt()) - 1) < Decimal(
        "1e-9"
    )
    assert "constant:tail/area" not in found.unstated


def test_a_register_that_is_not_there_or_no_gauge_is_refused(here: Plant) -> None:
    enter(here)
    log_content(here, plan(stacks=stack_text("tail", "3.1", device="cems-9")))
    with pytest.raises(BoundaryError) as refused:
        measured(here)
    assert refused.value.reason == "measurement.register"


def test_no_plan_and_no_emission(here: Plant) -> None:
    enter(here)
    with pytest.raises(NotFoundError) as refused:
        measured(here)
    assert refused.value.reason == "measurement.no_plan"


def test_made_again_it_is_the_same_until_a_reading_comes(here: Plant) -> None:
    enter(here)
    deliver_flue_gas(here, hours=23)
    state_errors(here)
    log_content(here, plan())
    done = measured(here)
    log_content(here, accuracy("cems-1/co2", {"by": "class", "limit": "0.001"}))
    assert recompute(done.index, store=here.store, clock=here.clock).record == done.record
    run = Run()
    late = run.reading(
        SHOWN["co2"], device="cems-1", meter_register="co2", unit="%", at=BEGIN.replace(minute=30)
    )
    here.deliver(run.deliver([late]))
    project(here)
    with pytest.raises(IntegrityError) as refused:
        recompute(done.index, store=here.store, clock=here.clock)
    assert refused.value.params["field"] == "stacks.tail.digest"
