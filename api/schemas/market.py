"""Wire models of the market: registry files, comparisons, openings, disclosure."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.base import DecimalText, Time, WireModel

Hex32 = Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$", min_length=66, max_length=66)]
Registry = Literal["allowance", "ccer"]
LAST_ACCOUNT = 2**53 - 1


class RegistryFile(WireModel):
    """An imported statement of a national registry.

    Attributes:
        digest: SM3 of the file.
        registry: Which registry.
        kind: ``holdings`` or ``transactions``.
        account: Account number in the registry.
        number: Number of the statement.
        version: 1 for the first file of this number.
        as_of: Instant it holds for.
        imported_at: When it was imported.
        fresh: Whether this import kept it; false where it was kept before.
    """

    digest: Hex32
    registry: str
    kind: str
    account: str
    number: str
    version: int
    as_of: Time
    imported_at: Time
    fresh: bool


class FilesQuery(WireModel):
    """The files imported last."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50


class RegistryFiles(WireModel):
    """Imported files, newest first."""

    files: tuple[RegistryFile, ...]


class ComparisonQuery(WireModel):
    """Which registry is compared.

    Attributes:
        registry: Which registry.
        cancellation: Cancellation account of the ledger for what the registry does not have.
        deadline: Last second at which a correction may be executed; a week from now if left out.
    """

    registry: Registry
    cancellation: Annotated[int, Field(ge=0, le=LAST_ACCOUNT)] = 0
    deadline: Annotated[int, Field(ge=0, le=LAST_ACCOUNT)] = 0


class MatchRow(WireModel):
    """Units that registry and ledger hold alike."""

    account: int
    row: int
    lot: int
    quantity: int
    numbered: bool


class NumberRow(WireModel):
    """A lot whose registry reference is to be entered on the chain."""

    lot: int
    reference: str
    digest: Hex32


class DifferenceRow(WireModel):
    """Units on which they differ; the registry is right."""

    cause: str
    account: int
    product: str
    quantity: int
    row: int
    place: str
    lot: int
    held_in: int
    reserved: bool
    statement: str


class UndraftedRow(WireModel):
    """A difference that no correction removes."""

    cause: str
    account: int
    product: str
    quantity: int
    why: str


class PartRow(WireModel):
    """A quantity of one lot."""

    lot: int
    quantity: int


class CorrectionRow(WireModel):
    """The content of a correction order, to be signed by a registry officer and a regulator.

    Attributes:
        file: The same as the text of an order file, ready for ``trace-node order sign``.
    """

    chain_id: int
    order_id: Hex32
    kind: str
    source: int
    target: int
    parts: tuple[PartRow, ...]
    quantity: int
    registry_number: Hex32
    reason: Hex32
    deadline: int
    file: str


class UnconfirmedRow(WireModel):
    """An executed order without the number of a registry or of the exchange.

    Attributes:
        order_id: Its id.
        kind: What it did.
        product: Code of the class; empty for several.
        quantity: Whole tonnes.
        age_s: Seconds since it could be executed.
        candidates: Numbers that fit.
        confirmation: Digest to confirm it with; null unless exactly one number fits.
    """

    order_id: Hex32
    kind: str
    product: str
    quantity: int
    age_s: int
    candidates: tuple[str, ...]
    confirmation: Hex32 | None


class ComparisonReport(WireModel):
    """A comparison with all that follows from it.

    Attributes:
        note: Which book is the legal one, and who can read this one.
        mirror_height: Block up to which the ledger was compared.
        chain_height: Newest block of the chain when it was last asked.
        final_height: Newest final block then; less than 0 for none.
        exact: Nothing differs.
        files: The statements compared.
        matches: What agrees.
        to_number: Registry references to be entered on the chain.
        differences: What does not agree.
        corrections: Drafts of orders that bring the ledger to what the registry says.
        undrafted: Differences that none of them removes.
        unconfirmed: Executed orders without an outside number, oldest first.
    """

    note: str
    mirror_height: int
    chain_height: int
    final_height: int
    exact: bool
    files: tuple[RegistryFile, ...]
    matches: tuple[MatchRow, ...]
    to_number: tuple[NumberRow, ...]
    differences: tuple[DifferenceRow, ...]
    corrections: tuple[CorrectionRow, ...]
    undrafted: tuple[UndraftedRow, ...]
    unconfirmed: tuple[UnconfirmedRow, ...]


class OpeningQuery(WireModel):
    """Which commitment is to be opened."""

    commitment: Hex32


class OpeningAnswer(WireModel):
    """What was committed to."""

    commitment: Hex32
    order_id: Hex32
    content: dict[str, str]


class KeptOpening(WireModel):
    """An opening that is kept for its parties."""

    commitment: Hex32
    parties: tuple[str, ...]


class TradeFigure(WireModel):
    """Volume and average price of a product and month.

    Attributes:
        product: Code of the class.
        month: Such as 2026-01.
        trades: Number of trades.
        volume: Whole tonnes.
        average_price: CNY a tonne, weighted by tonnes.
        published_at: When the figure was published; it does not change afterwards.
    """

    product: str
    month: str
    trades: int
    volume: int
    average_price: DecimalText
    published_at: Time


class TradeFigures(WireModel):
    """Published figures.

    Attributes:
        note: What is shown and what is not.
        least_trades: Fewest trades of a figure.
        least_parties: Fewest organisations on each side of a figure.
        figures: By month and product.
    """

    note: str
    least_trades: int
    least_parties: int
    figures: tuple[TradeFigure, ...]


class ProductRow(WireModel):
    """A class of units in circulation; whole tonnes of all holders together."""

    product: str
    instrument: str
    vintage: int
    issued: int
    circulating: int
    surrendered: int
    cancelled: int
    converted: int


class Products(WireModel):
    """Allowances, CCER and other carbon assets on the ledger."""

    note: str
    products: tuple[ProductRow, ...]
