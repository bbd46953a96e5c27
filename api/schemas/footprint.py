"""Wire models: footprints of batches, back to leaves and forward from them."""

from typing import Annotated

from pydantic import Field

from api.schemas.base import DecimalText, Digest, Index, Name, WireModel

Text = Annotated[str, Field(max_length=300)]


class FootprintQuery(WireModel):
    """Of which batch.

    Attributes:
        batch: Name of the batch.
        parts: Whether every part is listed with the leaves and factors it comes from.
    """

    batch: Name
    parts: bool = True


class FootprintRecomputation(WireModel):
    """Which footprint on record.

    Attributes:
        index: Its leaf index.
    """

    index: Index


class FootprintForwardQuery(WireModel):
    """From where; one of both.

    Attributes:
        index: A leaf, such as a reading.
        batch: A batch.
    """

    index: Index | None = None
    batch: Name | None = None


class BatchLinkQuery(WireModel):
    """To the page of which batch.

    Attributes:
        batch: Name of the batch.
    """

    batch: Name


class BatchLink(WireModel):
    """A link that opens the public page of one batch without a token.

    Attributes:
        batch: The batch.
        path: Path and query on this node.
        qr_path: Path and query of a QR code (SVG) of the page.
    """

    batch: Name
    path: str
    qr_path: str


class Leaf(WireModel):
    """A leaf of the log."""

    digest: Digest
    index: Index


class Factor(WireModel):
    """A row of the factor library and the digest of exactly that row."""

    digest: Digest
    row: Text


class Ratings(WireModel):
    """Data quality from 1 (best) to 5."""

    geography: DecimalText
    technology: DecimalText
    time: DecimalText


class SideTotal(WireModel):
    """One side of the gate, in kgCO2e per tonne.

    Attributes:
        value: Sum of the known parts; null where only gaps are known.
        u: Its standard uncertainty.
        per_gj: The value per GJ; null where the net calorific value is not known.
        complete: Whether there is no gap.
    """

    complete: bool
    per_gj: DecimalText | None
    u: DecimalText | None
    value: DecimalText | None


class StageValue(WireModel):
    """A stage on one side of the gate."""

    complete: bool
    side: str
    stage: str
    u: DecimalText | None
    value: DecimalText | None


class Gap(WireModel):
    """What is missing; it counts as unknown, never as zero."""

    code: str
    detail: str
    origin: Leaf | None
    share: DecimalText
    side: str
    stage: str
    where: str


class Flag(WireModel):
    """Why it is to be looked at twice: a draft factor, a provisional or demonstration figure."""

    code: str
    subject: Text


class Part(WireModel):
    """A contribution: ``slope * x`` kgCO2e per tonne, and everything it leads back to."""

    basis: str
    carbon: str
    factors: tuple[Factor, ...]
    links: tuple[Leaf, ...]
    origin: Leaf
    share: DecimalText
    side: str
    slope: DecimalText
    stage: str
    u: DecimalText
    what: str
    where: str
    x: DecimalText


class FootprintAnswer(WireModel):
    """The footprint of a batch per tonne.

    Attributes:
        gate: From cradle to gate: the figure for customers.
        downstream: Transport to the customer and use; never in the figure of the gate.
        coverage: Part of the tonnes on the way that have a figure.
        primary_share: Part of the gate's value that is primary data.
        leaves: Number of leaves it rests on.
    """

    batch: Name
    coverage: DecimalText | None
    downstream: SideTotal
    factors: tuple[Factor, ...]
    flags: tuple[Flag, ...]
    functional_unit: str
    gaps: tuple[Gap, ...]
    gate: SideTotal
    gwp_set: str
    leaves: int
    mass: DecimalText
    ncv: DecimalText | None
    organisation: Name
    parts: tuple[Part, ...] = ()
    primary_share: DecimalText | None
    product: str
    purpose: str
    ratings: Ratings | None
    stages: tuple[StageValue, ...]


class ForwardBatch(WireModel):
    """A batch that bears some of it."""

    batch: Name
    index: Index
    mass: DecimalText
    organisation: Name
    product: str


class ForwardStatement(WireModel):
    """A statement that rests on it."""

    digest: Digest
    index: Index
    kind: str
    topic: str


class ForwardAnswer(WireModel):
    """What rests on a leaf or batch.

    Attributes:
        batches: Batches that bear some of it, in log order.
        ends: Those that nothing was made of.
        statements: Statements that rest on the leaf.
    """

    batches: tuple[ForwardBatch, ...]
    ends: tuple[Name, ...]
    statements: tuple[ForwardStatement, ...]
