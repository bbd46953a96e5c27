"""Who plays in the show, and with which figures."""

from dataclasses import dataclass
from typing import Final

PRICE: Final = "80"  # yuan a tonne, told to the boards and to the range of the fine
SECTOR: Final = 1  # number of the power sector on the ledger of the show
UNIT_CLASS: Final = "i"
LOAD_PERCENT: Final = "60"  # 50 and more: the load correction is 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterprise:
    """A power company with one generating unit of class I (发电企业).

    Attributes:
        name: Its name in log, tokens and boards.
        before: Verified emission of the year before, in whole tonnes; what pre-allocation goes by.
        electricity: Output of the obligation year, in MWh; what allocation goes by.
        verified: Verified emission of the obligation year, in whole tonnes.
        at_risk: Whether its allowances are issued to a provincial account.
    """

    name: str
    before: int
    electricity: int
    verified: int
    at_risk: bool = False


NORTH: Final = Enterprise(
    name="north-power", before=200_000, electricity=350_000, verified=200_000
)  # a surplus: sells, and carries over up to the limit
RIVER: Final = Enterprise(
    name="river-power", before=180_000, electricity=220_000, verified=190_001
)  # buys, and offsets exactly at the cap
LAKE: Final = Enterprise(
    name="lake-power", before=240_000, electricity=100_000, verified=76_000
)  # ran little: gives back what was allocated in advance
HILL: Final = Enterprise(
    name="hill-power", before=160_000, electricity=170_000, verified=170_000
)  # falls short
COAST: Final = Enterprise(
    name="coast-power", before=100_000, electricity=110_000, verified=80_000, at_risk=True
)  # at risk: the province surrenders for it
ENTERPRISES: Final = (NORTH, RIVER, LAKE, HILL, COAST)

LISTED: Final = 5_000  # tonnes that river-power buys as a listed agreement
AUCTION: Final = 1_657  # and in a one-way auction
BLOCK: Final = 12_000  # tonnes that hill-power buys as a block agreement
LATE: Final = 2_000  # tonnes that hill-power buys and surrenders after the deadline
CCER: Final = 9_600  # CCER of river-power
