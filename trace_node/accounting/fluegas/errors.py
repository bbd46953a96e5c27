"""Errors of flue-gas measurement.

* InputError
  + FlueGasError   a measured value, a constant or a set of stacks breaks a rule; finer codes below
"""

from typing import ClassVar

from trace_node.errors import InputError


class FlueGasError(InputError):
    """A value of a flue-gas measurement is missing, out of range or of another basis."""

    code: ClassVar[str] = "fluegas"
