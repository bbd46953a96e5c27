"""Evaluate again, from the log, the uncertainty that stands beside a figure."""

from trace_node.services.prove_emission import Figures
from trace_node.services.recompute_emission import Recomputed
from trace_node.services.uncertainties import Evaluated, beside, recompute_uncertainty


def recompute_beside(found: Recomputed, index: int, *, figures: Figures) -> Evaluated | None:
    """The uncertainty beside a figure, evaluated again; None where none was evaluated.

    Args:
        found: The figure, computed again.
        index: Its leaf.
        figures: The figures of the log.

    Raises:
        IntegrityError: The uncertainty differs; the first member that does is named.
        UncertaintyError: What is stated of an error does not fit its value.
    """
    evaluated = beside(found.emission, index, store=figures.store)
    if evaluated is None:
        return None
    reader = figures.store.reader()
    named = {*evaluated.record.leaves, *found.emission.leaves}
    recompute_uncertainty(
        evaluated.record,
        found.emission,
        found.result,
        method=figures.methods.get(found.emission.method),
        bodies={each: reader.entry(each).body for each in named},
    )
    return evaluated
