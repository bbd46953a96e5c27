"""Errors of laboratory values.

* InputError
  + LaboratoryError     a value, a basis or a weight breaks a rule; finer codes below it
    + MissingSampleError  a quantity was used of which no sample speaks
"""

from typing import ClassVar

from trace_node.errors import InputError


class LaboratoryError(InputError):
    """A laboratory value cannot be used as it was asked for."""

    code: ClassVar[str] = "laboratory"


class MissingSampleError(LaboratoryError):
    """A quantity was used of which no sample speaks; the method's missing-data rule decides."""

    code = "laboratory.missing_sample"
