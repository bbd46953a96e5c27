"""One statement of each type of docs/spec/measurement-statements.md, as the page shows them."""

from dataclasses import replace
from decimal import Decimal

from support.assessments import CLASS_HALF, accuracy
from support.cement import METHOD, MODEL, plan

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.comparison.choice import CEMS_FIRST
from trace_node.accounting.comparison.measurement import Approach
from trace_node.accounting.comparison.regression import VERSION
from trace_node.accounting.methods.words import Purpose
from trace_node.accounting.records.emission_parts import ActivityItem
from trace_node.accounting.records.measurement import MeasurementRecord
from trace_node.accounting.records.measurement_model import ModelOf
from trace_node.accounting.records.measurement_parts import (
    ChosenFigure,
    DifferenceOf,
    Found,
    MeasuredBy,
    StackOf,
)
from trace_node.accounting.records.uncertainty import Uncertainty
from trace_node.accounting.records.uncertainty_parts import (
    BudgetOf,
    Contribution,
    SourceOf,
    SourcePart,
)
from trace_node.accounting.standing import Standing
from trace_node.accounting.uncertainty.parts import Kind
from trace_node.crypto.sm3 import sm3
from trace_node.ids import OrganisationId
from trace_node.period import parse_period
from trace_node.record.statement import Content

D = Decimal
PLANT = OrganisationId("plant-a")
EMISSION = EvidenceLink(4711, sm3(b"the emission record"))
METER = accuracy(
    "meter-1/energy",
    CLASS_HALF,
    {"by": "repeats", "repeats": ["100.1", "99.9", "100.0"], "document": "check of 3 March"},
    together="substation",
)
WORTH = Uncertainty(
    organisation=PLANT,
    boundary="plant",
    unit="works",
    method="cn.purchased_energy@1",
    period=parse_period("2026-10"),
    emission=EMISSION,
    k=D(2),
    sources=(
        SourceOf(
            name="meter:meter-1/energy",
            value=D("930.00"),
            unit="kWh",
            parts=(
                SourcePart(
                    kind=Kind.B,
                    u=D("2.68467875173"),
                    origin="nameplate",
                    shared="substation",
                    leaves=(4000,),
                ),
            ),
        ),
    ),
    unstated=("factor:cn.grid.avg.national.2023",),
    budgets=(
        BudgetOf(
            figure="total",
            value=D("0.493458"),
            unit="tCO2",
            u_a=D(0),
            u_b=D("0.00142449054567"),
            u=D("0.00142449054567"),
            expanded=D("0.00284898109134"),
            contributions=(
                Contribution(
                    source="meter:meter-1/energy",
                    kind=Kind.B,
                    sensitivity=D("0.0005306"),
                    contribution=D("0.00142449054567"),
                    share=D(1),
                    shared="substation",
                ),
            ),
        ),
    ),
)
SIDE_BY_SIDE = MeasurementRecord(
    organisation=PLANT,
    boundary="plant",
    unit="works",
    method=METHOD,
    period=parse_period("2026-10-05"),
    plan=EvidenceLink(4700, sm3(b"the plan")),
    emission=EMISSION,
    measurements=(
        MeasuredBy(
            approach=Approach.CALCULATION,
            co2=D("523.6385"),
            expanded=None,
            u_a=None,
            u_b=None,
            k=D(2),
            largest=(),
            unstated=("point:Q_clinker",),
            findings=(),
        ),
        MeasuredBy(
            approach=Approach.CEMS,
            co2=D("522.9"),
            expanded=D("24.1"),
            u_a=D(0),
            u_b=D("12.05"),
            k=D(2),
            largest=("meter:cems-1/velocity", "meter:cems-1/co2"),
            unstated=("constant:tail/moisture",),
            findings=(Found(code="cems.incomplete", params=(("missing", "1"),)),),
        ),
        MeasuredBy(
            approach=Approach.MODEL,
            co2=D("525.5"),
            expanded=D("6.2"),
            u_a=D("3.1"),
            u_b=D(0),
            k=D(2),
            largest=("model:residual",),
            unstated=(),
            findings=(),
        ),
    ),
    stacks=(
        StackOf(
            name="tail",
            co2=D("576.9"),
            measured=23,
            missing=1,
            is_valid=True,
            readings=230,
            digest=sm3(b"leaf hashes of the readings"),
        ),
    ),
    biogenic=D(54),
    carbon=None,
    model=ModelOf(
        form=VERSION,
        inputs=("meal", "Q_clinker"),
        target=Approach.CALCULATION,
        first=parse_period("2026-09-28"),
        last=parse_period("2026-10-03"),
        digest=sm3(b"the training rows"),
        coefficients=(D("12.5"), D("0.01"), D("0.5")),
        rmse=D("2.1"),
        scatter=D("2.96984848098"),
        beyond=(),
    ),
    training=(4600, 4610, 4620, 4630, 4640, 4650),
    activity=(
        ActivityItem(
            place=f"{METHOD}/calcination/kiln",
            name="meal",
            provenance="document",
            reference="daily report of the line",
            raw=D("1500"),
            raw_unit="t",
            value=D("1500"),
            unit="t",
            conversion="",
            standing=Standing.FINAL,
            leaves=(4690,),
        ),
    ),
    differences=(
        DifferenceOf(first=Approach.CALCULATION, second=Approach.CEMS, en=None, agrees=None),
        DifferenceOf(first=Approach.CALCULATION, second=Approach.MODEL, en=D("0.3"), agrees=True),
        DifferenceOf(first=Approach.CEMS, second=Approach.MODEL, en=None, agrees=None),
    ),
    findings=(Found(code="cems.incomplete", params=(("missing", "1"),)),),
    figure=Approach.CALCULATION,
    rule=CEMS_FIRST.id,
    clause=CEMS_FIRST.clause,
    passed_over=(Approach.CEMS, Approach.MASS_BALANCE),
    figures=(
        ChosenFigure(
            id="total",
            purpose=Purpose.ENTERPRISE,
            unit="tCO2",
            gwp_set="",
            calculated=D("523.6385"),
            value=D("523.6385"),
        ),
    ),
    leaves=(4000, 4001),
)
PLAN = replace(plan(model=MODEL), confirmed_by="李明")
CONTENTS: dict[str, Content] = {
    "accuracy": METER,
    "measurement": SIDE_BY_SIDE,
    "measurement plan": PLAN,
    "uncertainty": WORTH,
}
