"""Errors of the board.

* InputError
  + BoardInputError     a question or a plan breaks a rule of the board
* ConfigError
  + BoardRulesError     the thresholds of the operator contradict themselves
* NotFoundError
  + BoardUnknownError   nothing is known of this organisation, alert or plan
* ConflictError
  + BoardConflictError  somebody else wrote first
"""

from typing import ClassVar

from trace_node.errors import ConfigError, ConflictError, InputError, NotFoundError


class BoardInputError(InputError):
    """A question or a plan breaks a rule of the board."""

    code: ClassVar[str] = "board.input"


class BoardRulesError(ConfigError):
    """The thresholds of the operator contradict themselves, or are not for the operator to set."""

    code: ClassVar[str] = "board.rules"


class BoardUnknownError(NotFoundError):
    """Nothing is known of this organisation, alert or plan."""

    code: ClassVar[str] = "board.unknown"


class BoardConflictError(ConflictError):
    """Somebody else wrote first; nothing was stored."""

    code: ClassVar[str] = "board.conflict"
