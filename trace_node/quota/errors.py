"""Errors of the quota domain.

* InputError
  + LibraryError        a rule or method file breaks its form
  + QuotaInputError     a value handed in is missing, unknown or out of its range
* NotFoundError
  + RuleNotFoundError   no such rule or method for this year
* StateError
  + RuleExpiredError    the rule is there, but not in force on that day
"""

from typing import ClassVar

from trace_node.errors import InputError, NotFoundError, StateError


class LibraryError(InputError):
    """A file of rules or methods breaks its form; nothing of it is used."""

    code: ClassVar[str] = "quota.library"


class QuotaInputError(InputError):
    """A value handed in is missing, unknown or out of its range."""

    code: ClassVar[str] = "quota.input"


class RuleNotFoundError(NotFoundError):
    """There is no such rule or method for this year."""

    code: ClassVar[str] = "quota.rule.unknown"


class RuleExpiredError(StateError):
    """The rule exists, but is not in force on the day it is asked for."""

    code: ClassVar[str] = "quota.rule.not_in_force"
