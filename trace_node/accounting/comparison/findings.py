"""What does not conform in a comparison: stable codes, each with its sentence.

A record holds code and parameters; the sentence is made where it is shown, in the language of the
reader.
"""

import string
from collections.abc import Mapping
from typing import Final

from trace_node.accounting.nonconformity import NonConformity

NEGATIVE: Final = "balance.negative"
NO_HOUR: Final = "cems.no_hour"
INCOMPLETE: Final = "cems.incomplete"
DISAGREE: Final = "comparison.disagree"
MISSING: Final = "measurement.missing"
BEYOND: Final = "model.beyond"
OF_ANOTHER_KIND: Final = "model.kind"
SINGULAR: Final = "model.singular"
UNTRAINED: Final = "model.untrained"
EARLIER: Final = "comparison.earlier"
NO_FIGURE: Final = "figure.none"
OTHER_FIGURE: Final = "figure.other"
UNMEASURED: Final = "figure.unmeasured"
REPLANNED: Final = "figure.replanned"

TEMPLATES: Final[Mapping[str, str]] = {
    NEGATIVE: "the balance is negative by {co2} t of CO2: more carbon left than came in",
    NO_HOUR: "the flue gas is not at hand: the stacks were measured in no hour",
    INCOMPLETE: "the stacks were not measured in {missing} hours, or too little of a day:"
    " the flue gas does not stand for the period",
    DISAGREE: "{first} and {second} differ by more than their uncertainties: E_n = {en}",
    MISSING: "{approach} is not at hand: {what} has no value",
    BEYOND: "the model was not trained for the values of {what}: it says little of this period",
    OF_ANOTHER_KIND: "the model is not at hand: it is trained by another kind of period, {kind}",
    SINGULAR: "the model is not at hand: its inputs hang together in the training window",
    UNTRAINED: "the model is not at hand: {count} periods train it, it needs {least}",
}
BESIDE: Final[Mapping[str, str]] = {
    EARLIER: "the comparison stands beside an earlier record, leaf {leaf}: measure again",
    NO_FIGURE: "no approach may stand as the figure by {rule} ({clause}): the calculated one is"
    " shown",
    OTHER_FIGURE: "by {rule} ({clause}) the figure for {purpose} is that of {approach}, {value}"
    " {unit}; shown is the calculated one, {calculated} {unit}",
    UNMEASURED: "by {rule} ({clause}) {approach} comes before the calculation, as the plan in leaf"
    " {plan} says, and no comparison of this period was made: the calculated figure is shown",
    REPLANNED: "the plan in leaf {later}, by which {other} comes first, was made after the period"
    " or its first record; by the one before it, leaf {plan}, {approach} came first",
}


def finding(code: str, **params: object) -> NonConformity:
    """A finding of a comparison.

    Args:
        code: One of ``TEMPLATES``.
        params: The parameters of its sentence.
    """
    return NonConformity(code=code, template=TEMPLATES[code], params=params)


def finding_beside(code: str, **params: object) -> NonConformity:
    """A finding of a figure that something was measured beside.

    Args:
        code: One of ``BESIDE``.
        params: The parameters of its sentence.
    """
    return NonConformity(code=code, template=BESIDE[code], params=params)


def parameters_of(template: str) -> frozenset[str]:
    """Names of the parameters of a sentence."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name)
