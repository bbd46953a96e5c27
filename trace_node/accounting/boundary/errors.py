"""Errors of the boundary."""

from typing import ClassVar

from trace_node.errors import InputError, NotFoundError


class BoundaryError(InputError):
    """A boundary contradicts itself, its methods or its meters."""

    code: ClassVar[str] = "boundary"


class BoundaryNotFoundError(NotFoundError):
    """There is no such boundary, or it does not hold for all of the period."""

    code: ClassVar[str] = "boundary.none"
