"""Errors of the evaluation of uncertainty.

* InputError
  + UncertaintyError   a part, a correlation or a formula cannot be evaluated; finer codes below it
"""

from typing import ClassVar

from trace_node.errors import InputError


class UncertaintyError(InputError):
    """What was handed in to an evaluation of uncertainty breaks a rule."""

    code: ClassVar[str] = "uncertainty"
