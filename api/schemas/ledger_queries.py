"""Wire models: what is asked of the ledger."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.base import LAST_INDEX, Name, WireModel
from api.schemas.ledger import Hex32
from trace_node.quota.ledger.order_file import MAX_FILE_BYTES

Number = Annotated[int, Field(ge=1, le=LAST_INDEX, examples=[7])]
Limit = Annotated[int, Field(ge=1, le=500)]
PlaceName = Literal[
    "REGISTRY", "TRADING", "FROZEN", "PENDING", "SURRENDERED", "CANCELLED", "CONVERTED"
]


class LedgerOrder(WireModel):
    """An order file, with at least one signature; sent again it does nothing new.

    Attributes:
        file: The text of a ``.tnorder`` file, unchanged.
    """

    file: Annotated[str, Field(min_length=2, max_length=MAX_FILE_BYTES)]


class LedgerOrderQuery(WireModel):
    """Which orders: one by its id, those of an account, or the newest that were handed in here.

    Attributes:
        order_id: Id of one order.
        account: Orders on the ledger from or to this account.
        limit: Most rows.
    """

    order_id: Hex32 | None = None
    account: Number | None = None
    limit: Limit = 100


class LedgerBalanceQuery(WireModel):
    """Whose balances.

    Attributes:
        account: One account; else all that the caller may see.
        after: Account number; only greater ones.
        limit: Most accounts.
    """

    account: Number | None = None
    after: Annotated[int, Field(ge=0, le=LAST_INDEX)] = 0
    limit: Limit = 100


class LedgerLotQuery(WireModel):
    """Which lots of an account.

    Attributes:
        account: The account.
        class_id: Only of this class.
        place: Only in this place.
        after: Lot number; only greater ones.
        limit: Most rows.
    """

    account: Number
    class_id: Number | None = None
    place: PlaceName | None = None
    after: Annotated[int, Field(ge=0, le=LAST_INDEX)] = 0
    limit: Limit = 100


class LedgerObligationQuery(WireModel):
    """Which obligations.

    Attributes:
        organisation: Name of an organisation; else all that the caller may see.
        year: Only of this year.
        after: Obligation number; only greater ones.
        limit: Most rows.
    """

    organisation: Name | None = None
    year: Annotated[int, Field(ge=2000, le=2200)] | None = None
    after: Annotated[int, Field(ge=0, le=LAST_INDEX)] = 0
    limit: Limit = 100
