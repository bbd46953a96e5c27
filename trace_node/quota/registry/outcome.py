"""What a comparison of the ledger with the registries tells."""

from dataclasses import dataclass
from enum import StrEnum

from trace_node.quota.registry.statement import SerialRange


class Cause(StrEnum):
    """How registry and ledger differ.

    Attributes:
        UNKNOWN_ACCOUNT: The ledger has no account of the statement's number.
        MISSING: The registry holds units that the ledger does not.
        SURPLUS: The ledger holds units that the registry does not.
        PLACE: Both hold them in one account, at different places.
        ACCOUNT: The ledger holds them in another account.
        ENDED: In the ledger they were surrendered, cancelled or converted.
    """

    UNKNOWN_ACCOUNT = "unknown_account"
    MISSING = "missing"
    SURPLUS = "surplus"
    PLACE = "place"
    ACCOUNT = "account"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Units that both hold alike.

    Attributes:
        account: Account of the ledger.
        row: Row of the statement.
        lot: The lot.
        quantity: Whole tonnes.
        numbered: Whether the lot carries the registry's range already.
    """

    account: int
    row: int
    lot: int
    quantity: int
    numbered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ToNumber:
    """A lot whose registry range is to be entered on the chain: ``numberLot(lot, digest)``.

    Attributes:
        lot: The lot.
        units: Its units by the registry's serials.
    """

    lot: int
    units: SerialRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Units on which registry and ledger differ.

    Attributes:
        cause: How.
        account: Account of the ledger by the registry's word; 0 where there is none.
        product: Code of the class.
        quantity: Whole tonnes.
        row: Row of the statement; 0 where only the ledger holds them.
        place: Where the registry holds them; empty where it does not.
        lot: The lot of the ledger; 0 where it has none.
        held_in: Account in which the ledger holds them, or in which they ended; 0 for none.
        reserved: An open order holds the lot: it has to end before a correction.
        statement: Number of the registry's statement.
    """

    cause: Cause
    account: int
    product: str
    quantity: int
    row: int
    place: str
    lot: int
    held_in: int
    reserved: bool
    statement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What came out.

    Attributes:
        matches: What agrees.
        to_number: Acts that enter the registry's ranges on the chain.
        differences: What does not agree.
    """

    matches: tuple[Match, ...]
    to_number: tuple[ToNumber, ...]
    differences: tuple[Difference, ...]

    @property
    def is_exact(self) -> bool:
        """Nothing differs."""
        return not self.differences
