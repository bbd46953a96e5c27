"""Errors of records, derived from the general kinds in ``trace_node.errors``.

* InputError
  + RecordError           a record breaks a rule of its format; finer code ``record.<field>``
    + RecordVersionError  a type or version this reader does not know
"""

from typing import ClassVar

from trace_node.errors import InputError


class RecordError(InputError):
    """A record breaks a rule of its format; ``reason`` names the field: ``record.<field>``."""

    code = "record"


class RecordVersionError(RecordError):
    """The record's type or version is not known to this reader."""

    code: ClassVar[str] = "record.version"
