"""Slopes of a stack against small shifts of every hour: wet and dry, computed flow and given flow."""

from dataclasses import replace
from decimal import Decimal

import pytest
from support.cement import plan, stack_text

from trace_node.accounting.assessment.flue import measured_stack
from trace_node.accounting.records.planned import PlannedStack
from trace_node.accounting.records.stack_inputs import StackQuantity
from trace_node.period import parse_period, to_ms

DAY = parse_period("2026-10-05")
SHIFT = Decimal("1e-12")
FIRST = to_ms(DAY.start) // 60_000
COMPUTED = {
    StackQuantity.CO2: "0.2",
    StackQuantity.VELOCITY: "10",
    StackQuantity.TEMPERATURE: "120",
    StackQuantity.GAUGE: "-500",
    StackQuantity.BAROMETRIC: "101000",
}
GIVEN = {
    StackQuantity.CO2: "0.2",
    StackQuantity.FLOW: "250000",
    StackQuantity.TEMPERATURE: "120",
}


def stack(basis: str, *, has_flow: bool) -> PlannedStack:
    cems = plan(stacks=stack_text("tail", "3.1", basis=basis)).cems
    assert cems is not None
    (found,) = cems.stacks
    if not has_flow:
        return found
    kept = [each for each in found.inputs if each.quantity in {*GIVEN, StackQuantity.MOISTURE}]
    velocity = next(each for each in found.inputs if each.quantity is StackQuantity.VELOCITY)
    return replace(found, inputs=(*kept, replace(velocity, quantity=StackQuantity.FLOW)))


@pytest.mark.parametrize("basis", ["wet", "dry"])
@pytest.mark.parametrize("has_flow", [False, True])
@pytest.mark.parametrize("name", [*COMPUTED, StackQuantity.FLOW, StackQuantity.MOISTURE])
def test_a_shift_of_all_hours(basis: str, name: StackQuantity, *, has_flow: bool) -> None:
    """The derivative by a constant added to every minute, the water's constant too."""
    planned = stack(basis, has_flow=has_flow)
    shown = {name: Decimal(value) for name, value in (GIVEN if has_flow else COMPUTED).items()}
    if name not in shown and name is not StackQuantity.MOISTURE:
        assert (name is StackQuantity.FLOW) != has_flow  # such a stack has none
        return

    def co2(step: Decimal) -> Decimal:
        inputs = tuple(
            replace(each, value=each.value + step)
            if each.quantity is name and each.value is not None
            else each
            for each in planned.inputs
        )
        read = {
            each: {
                FIRST + 60 * hour + minute: value * (100 + hour) / 100
                + (step if each is name else 0)
                for hour in range(24)
                for minute in range(2)
            }
            for each, value in shown.items()
        }
        cems = plan().cems
        assert cems is not None
        done = measured_stack(replace(planned, inputs=inputs), read, DAY, cems.method)
        if not step:
            slopes.update({each.name: each.slope for each in done.sources})
        return done.total.co2

    slopes: dict[str, Decimal] = {}
    base = co2(Decimal(0))
    change = (co2(SHIFT) - base) / SHIFT
    source = next(each.source for each in planned.inputs if each.quantity is name)
    slope = slopes[source or f"constant:tail/{name.value}"]
    assert abs(change - slope) <= abs(slope) * Decimal("1e-9") + Decimal("1e-20")
