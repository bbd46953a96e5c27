"""Errors of the comparison of measurements.

* InputError
  + ComparisonError      what was handed in cannot be compared, balanced or fitted
* StateError
  + NoFigureError        no measurement may stand as the figure
"""

from typing import ClassVar

from trace_node.errors import InputError, StateError


class ComparisonError(InputError):
    """Measurements, streams or training data break a rule."""

    code: ClassVar[str] = "comparison"


class NoFigureError(StateError):
    """No measurement of those at hand may stand as the figure."""

    code: ClassVar[str] = "comparison.no_figure"
