"""A filled-in form is put on record whole: in one commit, all of its rows or none."""

from collections.abc import Callable, Sequence

from trace_node.errors import ConflictError
from trace_node.ports.statements import LoggedStatement
from trace_node.record.statement import Content

LogTogether = Callable[[Sequence[Content]], Sequence[LoggedStatement]]
"""Signs contents and logs them in one commit: all of them or none."""


def log_form(
    read: Callable[[], Sequence[Content]], log_together: LogTogether
) -> Sequence[LoggedStatement]:
    """Log what a form says.

    Where the log moved between reading and writing, the form is read against it again, so that a
    row that fits no longer is named by its cell.

    Args:
        read: Reads the form against the log as it is now.
        log_together: Logs what it says.

    Raises:
        RegistryFileError: Cells break a rule, each of which is named; nothing was logged.
        ConflictError: The log moved twice; nothing was logged.
    """
    contents = read()
    try:
        return log_together(contents)
    except ConflictError:
        return log_together(read())
