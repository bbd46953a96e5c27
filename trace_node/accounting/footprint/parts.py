"""The parts of a footprint: every contribution with where it came from, and every gap."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.footprint.quality import Ratings
from trace_node.accounting.footprint.stage_emission import UsedFactor
from trace_node.accounting.footprint.words import Origin, Side, Stage
from trace_node.canonical_json import JsonObject


class Basis(StrEnum):
    """What kind of data a part rests on.

    Attributes:
        FIGURE: Logged emission of the process itself: primary data.
        SUPPLIER: What a supplier told.
        TRANSPORT: Distance times a factor.
        FUEL: What the burnt batch was made of.
    """

    FIGURE = "figure"
    SUPPLIER = "supplier"
    TRANSPORT = "transport"
    FUEL = "fuel"


class GapCode(StrEnum):
    """Why a part has no figure (缺口).

    Attributes:
        EMISSION: No emission of the stage is logged.
        SUPPLIER: The supplier told nothing.
        GWP_SET: It was made with another GWP set.
        POTENTIAL: The GWP set has no usable potential of the gas.
        TRANSPORT: Nothing is known of how the batch was carried.
        USE: Not burnt, or not all of it.
    """

    EMISSION = "emission"
    SUPPLIER = "supplier"
    GWP_SET = "gwp_set"
    POTENTIAL = "potential"
    TRANSPORT = "transport"
    USE = "use"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One contribution to a footprint: ``slope * x``.

    Attributes:
        stage: Stage of the life cycle.
        side: On which side of the gate.
        basis: What kind of data.
        origin: Leaf of the event or of the bought batch.
        where: Name of the event or batch.
        what: What ``x`` is, such as ``CH4 mine-air``.
        share: Part of the event that the batch answers for.
        x: The value it is linear in: tonnes of a gas, a factor of transport, kgCO2e per tonne.
        u: Standard uncertainty of ``x``.
        slope: Change of the footprint in kgCO2e/t with ``x``.
        source: What ``x`` is known from: parts of the same source err together.
        links: Leaves that it rests on.
        factors: Rows of the factor library.
        primary_share: Part of it that is primary data, a fraction.
        ratings: Data quality; None where nobody rated it.
        carbon: Where its carbon comes from; fossil where nobody tells.
    """

    stage: Stage
    side: Side
    basis: Basis
    origin: EvidenceLink
    where: str
    what: str
    share: Decimal
    x: Decimal
    u: Decimal
    slope: Decimal
    source: str
    links: tuple[EvidenceLink, ...]
    factors: tuple[UsedFactor, ...]
    primary_share: Decimal
    ratings: Ratings | None
    carbon: Origin = Origin.FOSSIL


class FlagCode(StrEnum):
    """Why a footprint is flagged wherever it is shown (标记).

    Attributes:
        DRAFT_FACTOR: A factor with one source only; its row is named.
        PROVISIONAL: An emission that is settled later; its leaf is named.
        DEMONSTRATION: An emission that was computed for demonstration only; its leaf is named.
    """

    DRAFT_FACTOR = "draft_factor"
    PROVISIONAL = "provisional"
    DEMONSTRATION = "demonstration"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Flag:
    """One reason to look twice.

    Attributes:
        code: Which.
        subject: Row of the factor library, or leaf.
    """

    code: FlagCode
    subject: str

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {"code": self.code.value, "subject": self.subject}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What is missing; it is shown, never counted as zero.

    Attributes:
        code: Why.
        stage: Stage of the life cycle.
        side: On which side of the gate.
        origin: Leaf of the event or bought batch; None where the event itself is missing.
        where: Name of the event or batch.
        detail: What would fill it, such as unit and period.
        share: Part of the event, or of the batch, that it concerns.
    """

    code: GapCode
    stage: Stage
    side: Side
    origin: EvidenceLink | None
    where: str
    detail: str
    share: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Tonnes on the way to a batch before the gate, and whether their stage has a figure."""

    tonnes: Decimal
    is_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """Everything a footprint is summed from.

    Attributes:
        parts: Contributions.
        gaps: What is missing.
        needs: Tonnes that want a figure.
        walked: Leaves of all events and bought batches on the way, whether they emit or not.
    """

    parts: tuple[Part, ...]
    gaps: tuple[Gap, ...]
    needs: tuple[Need, ...]
    walked: tuple[EvidenceLink, ...]
