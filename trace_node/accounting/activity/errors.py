"""Errors of activity data.

* InputError
  + ActivityError        a value, rule or point of activity data breaks a rule; finer codes below it
    + MissingDataError   there is no value, and the method's rule gives none
"""

from typing import ClassVar

from trace_node.errors import InputError


class ActivityError(InputError):
    """Activity data cannot be formed as it was asked for."""

    code: ClassVar[str] = "activity"


class MissingDataError(ActivityError):
    """There is no value for the period, and the method's missing-data rule gives none."""

    code = "activity.missing"
