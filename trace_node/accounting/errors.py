"""Errors of the factor and method libraries.

* InputError
  + LibraryFileError        a factor or method file breaks its form
  + DimensionError          an expression adds or compares what is not alike, or a unit is unknown
  + CaseError               what was handed in does not fit the method
    + PrecedenceError       the method does not let this parameter come from there
    + IncompleteError       a source category is neither given nor declared not occurring
* NotFoundError
  + FactorNotFoundError     no row answers the query
  + MethodNotFoundError     no such method
* ConflictError
  + FactorAmbiguousError    more than one row answers the query
* StateError
  + FactorUnusableError     the row is there, but may not be used here
* IntegrityError
  + RecomputeError          a rebuilt figure differs
"""

from typing import ClassVar

from trace_node.errors import ConflictError, InputError, IntegrityError, NotFoundError, StateError


class LibraryFileError(InputError):
    """A factor or method file breaks its form; nothing of it is used."""

    code: ClassVar[str] = "accounting.library"


class DimensionError(InputError):
    """A unit is unknown, or an expression adds or compares what is not alike."""

    code: ClassVar[str] = "accounting.dimension"


class CaseError(InputError):
    """What was handed in does not fit the method; nothing was computed."""

    code: ClassVar[str] = "accounting.case"


class PrecedenceError(CaseError):
    """The method does not let this parameter come from there."""

    code: ClassVar[str] = "accounting.precedence"


class IncompleteError(CaseError):
    """A source category is neither given nor declared not occurring."""

    code: ClassVar[str] = "accounting.incomplete"


class FactorNotFoundError(NotFoundError):
    """No row of the library answers the query."""

    code: ClassVar[str] = "accounting.factor.none"


class MethodNotFoundError(NotFoundError):
    """There is no such method, or no such version of it."""

    code: ClassVar[str] = "accounting.method.none"


class FactorAmbiguousError(ConflictError):
    """More than one row answers the query."""

    code: ClassVar[str] = "accounting.factor.ambiguous"


class FactorUnusableError(StateError):
    """The row is there, but may not be used here: expired, forbidden, superseded or unapproved."""

    code: ClassVar[str] = "accounting.factor.unusable"


class RecomputeError(IntegrityError):
    """A rebuilt figure differs from the stored one; the first difference is named."""

    code: ClassVar[str] = "accounting.recompute"
