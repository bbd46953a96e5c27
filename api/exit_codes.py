"""Exit codes of the command line, the same for every command."""

from typing import Final

VERIFIED: Final = 0  # also: done
INVALID: Final = 1  # evidence does not check out, or a command failed
USAGE: Final = 2  # the command line, a setting or a file of the operator is wrong
PENDING: Final = 3  # not done yet, or not checked against a chain
UNREACHABLE: Final = 4  # a chain, a node or a database does not answer
