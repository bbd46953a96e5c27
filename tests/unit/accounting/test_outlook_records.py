"""What clean-energy@1, emission-levels@1 and emitter-status@1 refuse."""

from copy import deepcopy

import pytest
from support.outlook_samples import CONTENTS, FIELDS

from trace_node.errors import TraceNodeError


def refused(name: str, **changes: object) -> str:
    fields = deepcopy(FIELDS[name]) | changes
    with pytest.raises(TraceNodeError) as caught:
        type(CONTENTS[name]).from_fields(fields)
    return caught.value.reason


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_the_sample_is_read(name: str) -> None:
    assert type(CONTENTS[name]).from_fields(FIELDS[name]) == CONTENTS[name]


@pytest.mark.parametrize("unit", ["t", "kW", "tce", "1"])
def test_clean_energy_is_an_energy(unit: str) -> None:
    assert refused("clean energy", unit=unit) == "record.unit"


def test_clean_energy_is_not_negative_and_of_a_known_kind() -> None:
    assert refused("clean energy", quantity="-1") == "record.quantity"
    assert refused("clean energy", kind="nuclear") == "record.kind"
    assert refused("clean energy", number="") == "record.number"


@pytest.mark.parametrize("name", ["emission levels", "emitter status"])
@pytest.mark.parametrize("period", ["2026-01", "next year", 2026])
def test_a_year_is_a_year(name: str, period: object) -> None:
    assert refused(name, period=period) == "record.period"


@pytest.mark.parametrize(
    "plan",
    [
        {"2027": "1"},
        {"2026-01": "1"},
        {"2026": "1", "2026-01": "1"},
        {"2026": "-1"},
        {f"2026-{month:02}": "1" for month in range(1, 12)},
    ],
)
def test_a_plan_is_for_the_year_or_all_its_months(plan: dict) -> None:
    assert refused("emission levels", plan=plan) == "record.plan"


@pytest.mark.parametrize("order", [[], ["plan", "plan"], ["weather"], "plan", [1]])
def test_an_order_lists_references_once(order: object) -> None:
    assert refused("emission levels", order=order) == "record.order"


def test_a_benchmark_needs_an_output() -> None:
    assert refused("emission levels", output=None) == "record.output"
    assert refused("emission levels", sector="No Row") == "record.sector"


def test_thresholds_do_not_fall() -> None:
    falling = {"orange": "1", "red": "0.9", "yellow": "0.95"}
    assert refused("emission levels", thresholds=falling) == "outlook.thresholds"
    assert refused("emission levels", thresholds={"red": "1"}).startswith("record.")


def test_a_plan_of_months_is_read_in_order() -> None:
    months = {f"2026-{month:02}": str(month) for month in range(12, 0, -1)}
    levels = type(CONTENTS["emission levels"]).from_fields(
        FIELDS["emission levels"] | {"plan": months}
    )
    assert list(levels.plan) == sorted(months)
