"""Wire models: why to look twice at a result."""

from api.schemas.base import Index, WireModel


class FlagRow(WireModel):
    """Why to look twice: a draft factor, an unconfirmed term, an estimated value.

    Attributes:
        kind: Which.
        subject: Id of the row, step or value.
        approval: The logged act that lifts it; empty without.
    """

    kind: str
    subject: str
    approval: str


class RecordFlagRow(FlagRow):
    """A flag of records.

    Attributes:
        leaves: Leaf indexes of the records.
    """

    leaves: tuple[Index, ...]
