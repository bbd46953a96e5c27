"""Laboratory records: carbon and heat value on their bases (S0-5.2.2-b, S0-5.2.2-c), dates, weights."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from support import accounting_samples as samples
from support.measuring import decimals, worked_example

from trace_node.accounting.arithmetic import half_up, precise
from trace_node.accounting.laboratory.basis import Basis, SampleState, convert
from trace_node.accounting.laboratory.dates import date_findings
from trace_node.accounting.laboratory.errors import LaboratoryError, MissingSampleError
from trace_node.accounting.laboratory.latest import latest_valid, provisional_value
from trace_node.accounting.laboratory.parameter import LabValue, Parameter
from trace_node.accounting.laboratory.record import LaboratoryRecord, SampledFrom
from trace_node.accounting.laboratory.values import pooled_type_a, state_of, type_a_of, value_of
from trace_node.accounting.laboratory.weighting import Weighting, month_value, year_value
from trace_node.accounting.standing import Standing
from trace_node.accounting.uncertainty.errors import UncertaintyError
from trace_node.accounting.uncertainty.parts import Kind
from trace_node.errors import InputError
from trace_node.formula import parse
from trace_node.period import Period, parse_period

D = Decimal
CONTENT = samples.CONTENTS["laboratory record"]
assert isinstance(CONTENT, LaboratoryRecord)
RECORD: LaboratoryRecord = CONTENT
CARBON = RECORD.values[0]


def sample(name: str, value: str, quantity: str = "1", **changes: object) -> LaboratoryRecord:
    ncv = LabValue(parameter=Parameter.NCV, value=D(value), basis=Basis.AR, standard="GB/T 213")
    return replace(RECORD, sample=name, quantity=D(quantity), values=(ncv,), **changes)


def ncv(records: list[LaboratoryRecord], weighting: Weighting, **fired: str) -> Decimal:
    days = {parse_period(f"2025-12-{day[1:]}"): D(value) for day, value in fired.items()}
    return month_value(
        records, parameter=Parameter.NCV, basis=Basis.AR, weighting=weighting, fired=days
    )


class TestBasis:
    """D05: carbon of the air-dry basis converted to as received, and what rounding moves."""

    @pytest.fixture
    def example(self, data_dir: Path) -> dict:
        return worked_example(data_dir, "D05")

    def test_the_worked_month(self, example: dict) -> None:
        given, expected = decimals(example["inputs"]), decimals(example["expected"])
        state = SampleState(moisture_ar=given["Mar_pct"] / 100, moisture_ad=given["Mad_pct"] / 100)
        carbon = convert(given["Cad"], source=Basis.AD, target=Basis.AR, state=state)
        emission = parse("coal * carbon * of * 44 / 12")

        def tonnes(value: Decimal) -> Decimal:
            return emission.evaluate({"coal": given["coal_t"], "of": given["of"], "carbon": value})

        found = {
            "Car": carbon,
            "Car_4_decimals": half_up(carbon, 4),
            "tCO2_with_rounded_Car": tonnes(half_up(carbon, 4)),
            "tCO2_unrounded": tonnes(carbon),
        }
        assert found.keys() == expected.keys()
        for name, value in found.items():
            assert abs(value - expected[name]) <= D(example["tolerance"]["abs"]), name

    def test_each_basis_by_hand(self) -> None:
        state = SampleState(moisture_ar=D("0.2"), moisture_ad=D("0.04"), ash_d=D("0.25"))
        dry = D("0.6")
        by_hand = {"ar": D("0.48"), "ad": D("0.576"), "d": dry, "daf": D("0.8")}
        for basis, value in by_hand.items():
            found = convert(dry, source=Basis.D, target=Basis(basis), state=state)
            assert abs(found - value) < D("1e-40")

    def test_a_record_converts_by_its_own_moisture(self) -> None:
        assert state_of(RECORD) == SampleState(moisture_ar=D("0.125"), moisture_ad=D("0.023"))
        found = value_of(RECORD, Parameter.CARBON, Basis.AR)
        with precise():
            assert abs(found - D("0.612") * D("0.875") / D("0.977")) < D("1e-45")
        assert value_of(RECORD, Parameter.CARBON, Basis.AD) == D("0.6120")
        assert value_of(RECORD, Parameter.NCV, Basis.AR) == D("20.908")

    def test_ash_of_the_air_dry_sample_gives_that_of_the_dry_one(self) -> None:
        ash = LabValue(
            parameter=Parameter.ASH, value=D("0.1954"), basis=Basis.AD, standard="GB/T 212"
        )
        found = value_of(replace(RECORD, values=(*RECORD.values, ash)), Parameter.CARBON, Basis.DAF)
        with precise():  # C_daf = C_ad / (1 - M_ad - A_ad), the same by another way
            assert abs(found - D("0.612") / D("0.7816")) < D("1e-45")


class TestDates:
    def test_in_order(self) -> None:
        assert date_findings(RECORD, anchored_on=date(2025, 12, 12)) == ()
        assert date_findings(RECORD, anchored_on=None) == ()

    def test_one_day_for_all_is_in_order(self) -> None:
        day = RECORD.sampled_on
        same = replace(RECORD, tested_on=day, issued_on=day, received_on=day)
        assert date_findings(same, anchored_on=day) == ()

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"sampled_on": date(2025, 12, 10)}, "laboratory.tested_before_sampled"),
            ({"tested_on": date(2025, 12, 12)}, "laboratory.issued_before_tested"),
            ({"issued_on": date(2025, 12, 13)}, "laboratory.received_before_issued"),
            ({"received_on": date(2025, 12, 21)}, "laboratory.anchored_before_received"),
        ],
    )
    def test_out_of_order(self, changes: dict, code: str) -> None:
        (found,) = date_findings(replace(RECORD, **changes), anchored_on=date(2025, 12, 20))
        assert found.code == code
        assert "2025-12-07-A" in found.message

    def test_a_re_dated_sample_is_flagged(self) -> None:
        later = replace(RECORD, sampled_on=date(2025, 12, 8), tested_on=date(2025, 12, 10))
        (found,) = date_findings(later, anchored_on=None, earlier=[RECORD])
        assert found.code == "laboratory.re_dated"
        assert found.message == (
            "sample 2025-12-07-A: sampled, tested, issued, received on"
            " 2025-12-08, 2025-12-10, 2025-12-11, 2025-12-12; an earlier record says"
            " 2025-12-07, 2025-12-09, 2025-12-11, 2025-12-12"
        )

    def test_other_samples_and_the_same_days_are_not(self) -> None:
        other = replace(RECORD, sample="other", sampled_on=date(2025, 12, 1))
        assert date_findings(RECORD, anchored_on=None, earlier=[other, RECORD]) == ()


class TestWeights:
    def test_batches_by_what_was_received(self) -> None:
        records = [sample("a", "20", "3000"), sample("b", "24", "1000")]
        assert ncv(records, Weighting.RECEIVED) == 21
        assert ncv(records, Weighting.ARITHMETIC) == 22

    def test_days_by_what_was_fired(self) -> None:
        records = [
            sample(f"s{day}", value, sampled_from=SampledFrom.FIRED, period=parse_period(day))
            for day, value in (("2025-12-01", "20"), ("2025-12-02", "24"), ("2025-12-03", "99"))
        ]
        assert ncv(records, Weighting.FIRED, d01="10", d02="30", d03="0") == 23

    def test_a_sample_of_the_month_speaks_of_every_day(self) -> None:
        month = sample("m", "21", sampled_from=SampledFrom.FIRED, period=parse_period("2025-12"))
        assert ncv([month], Weighting.FIRED, d01="10", d02="30") == 21

    def test_a_day_without_a_sample_is_named(self) -> None:
        records = [sample("a", "20", sampled_from=SampledFrom.FIRED)]  # of 2025-12-07
        with pytest.raises(MissingSampleError) as caught:
            ncv(records, Weighting.FIRED, d07="10", d08="30", d09="0")
        assert caught.value.params["names"] == "2025-12-08"

    def test_a_year_by_what_each_month_consumed(self) -> None:
        january, february = parse_period("2025-01"), parse_period("2025-02")
        months: dict[Period, Decimal | None] = {january: D(20), february: D(22)}
        consumed = {january: D(1), february: D(3)}
        assert year_value(months, consumed=consumed) == D("21.5")
        with pytest.raises(MissingSampleError):
            year_value(months | {february: None}, consumed=consumed)


def test_parallel_determinations_give_the_random_part() -> None:
    part = type_a_of(CARBON, origin="duplicates")
    assert part is not None
    assert part.kind is Kind.A
    assert abs(part.u - D("0.0007")) < D("1e-40")  # half the difference of two
    assert type_a_of(RECORD.values[1], origin="none") is None


def test_parallel_determinations_of_many_samples_are_pooled() -> None:
    def record(*repeats: str) -> LaboratoryRecord:
        value = replace(CARBON, repeats=tuple(map(D, repeats)))
        return replace(RECORD, values=(value, *RECORD.values[1:]))

    three = record("0.1", "0.5", "0.9")  # of three, so it does not count
    part = pooled_type_a(
        [record("0.60", "0.62"), record("0.61", "0.57"), record(), three],
        Parameter.CARBON,
        origin="year",
    )
    with precise():  # d^2 = 0.0004 and 0.0016, over 4 n = 8
        assert abs(part.u**2 - D("0.00025")) < D("1e-40")
    with pytest.raises(UncertaintyError):
        pooled_type_a([record()], Parameter.CARBON, origin="none")


class TestLatest:
    def test_the_one_sampled_last_of_those_at_hand(self) -> None:
        old = replace(RECORD, sample="old", sampled_on=date(2025, 12, 1))
        late = replace(RECORD, sample="late", received_on=date(2026, 1, 5))
        wrong = replace(RECORD, sample="wrong", sampled_on=date(2025, 12, 30))
        found = latest_valid(
            [old, RECORD, late, wrong], parameter=Parameter.CARBON, on=date(2025, 12, 31)
        )
        assert found == RECORD

    def test_a_value_that_stands_in_says_so(self) -> None:
        found = provisional_value(
            [RECORD], parameter=Parameter.CARBON, basis=Basis.AR, on=date(2025, 12, 31)
        )
        assert found.value == value_of(RECORD, Parameter.CARBON, Basis.AR)
        assert (found.standing, found.record) == (Standing.PROVISIONAL, RECORD)

    def test_none(self) -> None:
        with pytest.raises(MissingSampleError):
            latest_valid([RECORD], parameter=Parameter.CARBON, on=date(2025, 12, 11))
        with pytest.raises(MissingSampleError):
            latest_valid([RECORD], parameter=Parameter.SULPHUR, on=date(2025, 12, 31))


def state(**values: str) -> SampleState:
    return SampleState(**{name: D(value) for name, value in values.items()})


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: state(moisture_ar="12.5"), "laboratory.percent"),
        (lambda: state(moisture_ar="1"), "laboratory.percent"),
        (lambda: state(moisture_ad="-0.01"), "laboratory.percent"),
        (lambda: state(moisture_ar="0.02", moisture_ad="0.12"), "laboratory.moisture"),
        (
            lambda: convert(D("61.2"), source=Basis.AD, target=Basis.AR, state=state()),
            "laboratory.percent",
        ),
        (
            lambda: convert(
                D("0.6"), source=Basis.AD, target=Basis.AR, state=state(moisture_ad="0.1")
            ),
            "laboratory.state",
        ),
        (lambda: value_of(RECORD, Parameter.CARBON, Basis.DAF), "laboratory.state"),
        (lambda: value_of(RECORD, Parameter.NCV, Basis.D), "laboratory.parameter"),
        (lambda: value_of(RECORD, Parameter.SULPHUR, Basis.D), "laboratory.parameter"),
        (lambda: ncv([], Weighting.RECEIVED), "laboratory.weight"),
        (
            lambda: ncv([sample("a", "1", sampled_from=SampledFrom.FIRED)], Weighting.RECEIVED),
            "laboratory.place",
        ),
        (lambda: ncv([sample("a", "1")], Weighting.FIRED, d07="1"), "laboratory.place"),
        (
            lambda: ncv([sample("a", "1"), sample("b", "1", unit="kg")], Weighting.RECEIVED),
            "laboratory.place",
        ),
        (
            lambda: ncv(
                [sample(name, "1", sampled_from=SampledFrom.FIRED) for name in "ab"],
                Weighting.FIRED,
                d07="1",
            ),
            "laboratory.overlap",
        ),
        (
            lambda: ncv(
                [sample("a", "1", sampled_from=SampledFrom.FIRED)], Weighting.FIRED, d07="-1"
            ),
            "laboratory.weight",
        ),
    ],
)
def test_refusals(call: Callable[[], object], code: str) -> None:
    with pytest.raises(LaboratoryError) as caught:
        call()
    assert caught.value.reason == code
    assert caught.value.remedy


VALUE = samples.FIELDS["laboratory record"]["values"][0]
GAS = {"parameter": "ncv_gas", "unit": "GJ/10^4Nm3", "basis": None, "value": "389", "repeats": []}


def test_sixteen_parallel_determinations_fit() -> None:
    assert len(LabValue.from_fields(VALUE | {"repeats": ["0.61"] * 16}).repeats) == 16


def test_the_value_of_a_gas_has_no_basis() -> None:
    assert LabValue.from_fields(VALUE | GAS).basis is None
    assert LabValue.from_fields(VALUE | GAS | {"value": "0"}).value == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"values": []}, "record.values"),
        ({"values": [VALUE, VALUE]}, "record.values"),
        ({"values": [VALUE | {"unit": "%"}]}, "record.unit"),
        ({"values": [VALUE | {"value": "61.2"}]}, "laboratory.percent"),
        ({"values": [VALUE | {"value": "1.0001"}]}, "laboratory.percent"),
        ({"values": [VALUE | {"repeats": ["61.13", "61.27"]}]}, "laboratory.percent"),
        ({"values": [VALUE | {"repeats": ["0.61"]}]}, "record.repeats"),
        ({"values": [VALUE | {"repeats": ["0.61"] * 17}]}, "record.repeats"),
        ({"values": [VALUE | {"basis": None}]}, "record.basis"),
        ({"values": [VALUE | {"basis": "dry"}]}, "record.basis"),
        ({"values": [VALUE | GAS | {"basis": "ar"}]}, "record.basis"),
        ({"values": [VALUE | GAS | {"value": "-1"}]}, "record.value"),
        ({"values": [VALUE | {"parameter": "colour"}]}, "record.parameter"),
        ({"quantity": "0"}, "record.quantity"),
        ({"unit": "tons"}, "record.unit"),
        ({"period": "2025-13"}, "record.period"),
        ({"period": 2025}, "record.period"),
        ({"sampled_from": "belt"}, "record.sampled_from"),
        ({"certificates": [{"scheme": "ISO", "number": "1"}]}, "record.scheme"),
        ({"evidence": None}, "record.evidence"),
        ({"tested_on": "2025-02-30"}, "record.tested_on"),
    ],
)
def test_bad_records(changes: dict, code: str) -> None:
    with pytest.raises(InputError) as caught:
        LaboratoryRecord.from_fields(samples.FIELDS["laboratory record"] | changes)
    assert caught.value.reason == code
    assert caught.value.remedy
