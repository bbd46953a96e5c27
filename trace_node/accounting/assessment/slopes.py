"""How a figure changes with each value of its result: the graph walked backwards, exactly.

Every node of a result says of which nodes it was made, and those stand before it. Walked from the
last to the first, each hands its own slope on, times its derivative by what it was made of (reverse
mode). Rounding counts as the identity, as in ``uncertainty.gradient``.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from trace_node.accounting.arithmetic import precise
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.result import Node, Result
from trace_node.accounting.uncertainty.gradient import differentiate
from trace_node.formula import parse

_TOTAL = "total"
_SUM = "sum"


def slopes_of(result: Result, method: Method, seeds: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The derivative of a weighted sum of nodes by every node.

    Args:
        result: The result.
        method: The method it is by.
        seeds: Weight of each node in the sum, such as ``{"total.ets": 1}``.

    Raises:
        UncertaintyError: A step has no derivative at these values.
        KeyError: A seed is no node of the result.
    """
    slopes = {result.nodes[name].id: weight for name, weight in seeds.items()}
    for node in reversed(tuple(result.nodes.values())):
        slope = slopes.get(node.id)
        if not slope:
            continue
        with precise():
            for name, derivative in _derivatives(node, result, method):
                slopes[name] = slopes.get(name, Decimal(0)) + slope * derivative
    return slopes


def _derivatives(node: Node, result: Result, method: Method) -> Iterator[tuple[str, Decimal]]:
    """What a node was made of, and its derivative by each."""
    if node.choice == _TOTAL:
        yield from _of_total(node, result, method)
    elif node.choice == _SUM:
        yield from ((name, Decimal(1)) for name in node.inputs)
    elif node.formula:
        by_symbol = {name.rsplit(".", 1)[-1]: name for name in node.inputs}
        values = {symbol: result.nodes[name].value for symbol, name in by_symbol.items()}
        dual = differentiate(parse(node.formula), values)
        yield from ((by_symbol[symbol], slope) for symbol, slope in dual.slopes.items() if slope)


def _of_total(node: Node, result: Result, method: Method) -> Iterator[tuple[str, Decimal]]:
    """A mass of one gas is a sum with signs; a figure is a sum of masses times potentials."""
    _, total_id, *gas = node.id.split(".", 2)
    if gas:
        taken_off = set(method.totals[total_id].subtract)
        for name in node.inputs:
            yield name, Decimal(-1 if name.rsplit(".", 1)[-1] in taken_off else 1)
        return
    masses = [name for name in node.inputs if name.startswith(f"{node.id}.")]
    weights = {name.rsplit(".", 1)[-1]: name for name in node.inputs if name not in masses}
    for mass in masses:
        weight = weights.get(mass.rsplit(".", 1)[-1])
        if weight is None:
            yield mass, Decimal(1)
            continue
        yield mass, result.nodes[weight].value
        yield weight, result.nodes[mass].value
