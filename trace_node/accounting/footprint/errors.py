"""Errors of product footprints.

* InputError
  + GenealogyError       a batch event contradicts itself or the genealogy; finer codes below it
* NotFoundError
  + BatchNotFoundError   no event or supplier brought the batch
* IntegrityError
  + FootprintAlteredError  a source or figure of a footprint is not what it was
"""

from typing import ClassVar

from trace_node.errors import InputError, IntegrityError, NotFoundError


class GenealogyError(InputError):
    """A batch event contradicts itself or what is logged; nothing of it was taken in."""

    code: ClassVar[str] = "footprint"


class BatchNotFoundError(NotFoundError):
    """No event made the batch and no supplier brought it."""

    code: ClassVar[str] = "footprint.batch.none"


class FootprintAlteredError(IntegrityError):
    """A source or figure of a footprint is not what it was when that was logged."""

    code: ClassVar[str] = "footprint.altered"
