"""Events of ObligationBook: who owes how much, and what was handed in (清缴事件)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionRecord:
    """A verified figure that a verifier entered.

    Attributes:
        organisation: Number of the organisation.
        year: Obligation year (履约年度).
        sector: Number of the covered sector.
        confirmed: A regulator made it the obligation.
        tonnes: Whole tonnes of CO2 equivalent.
        verifier: 20-byte address.
        leaf: 32-byte digest of the figure's leaf.
    """

    organisation: int
    year: int
    sector: int
    confirmed: bool
    tonnes: int
    verifier: bytes
    leaf: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryOver:
    """What a carry-over is computed from, as the registry claims it.

    Attributes:
        organisation: Number of the organisation.
        year: Year into which units are carried.
        confirmed: A regulator confirmed it.
        net_sold: Net sold tonnes (净卖出量).
        holding: Tonnes held at the day.
        officer: 20-byte address of the claiming officer.
        leaf: 32-byte digest of the claim's record.
    """

    organisation: int
    year: int
    confirmed: bool
    net_sold: int
    holding: int
    officer: bytes
    leaf: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrearOpened:
    """Units are owed back that the account did not hold."""

    sequence: int
    arrear: int
    organisation: int
    class_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrearSettled:
    """An arrear was paid wholly or partly; ``open`` is what remains, in tonnes."""

    sequence: int
    arrear: int
    quantity: int
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryOverConfirmed:
    """A regulator confirmed what an organisation may carry over, in tonnes."""

    sequence: int
    claim: int
    limit: int
    base_version: int
    multiplier_version: int
    regulator: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryOverProposed:
    """The registry claimed net sold and held quantities for a carry-over."""

    sequence: int
    claim: int
    content: CarryOver


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryOverRestored:
    """A conversion was taken back; ``used`` is the new total, in tonnes."""

    sequence: int
    organisation: int
    year: int
    quantity: int
    used: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryOverUsed:
    """Units were converted; ``used`` is the new total, in tonnes."""

    sequence: int
    organisation: int
    year: int
    quantity: int
    used: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsetReleased:
    """CCER units set aside were freed; ``total`` set aside and ``used`` remain, in tonnes."""

    sequence: int
    obligation: int
    quantity: int
    total: int
    used: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsetReserved:
    """CCER units were set aside; ``total`` set aside now, in tonnes."""

    sequence: int
    obligation: int
    quantity: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsetUsed:
    """CCER units set aside were used; ``used`` is the new total, in tonnes."""

    sequence: int
    obligation: int
    quantity: int
    used: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodCloseProposed:
    """One regulator asked to close an obligation year."""

    sequence: int
    year: int
    regulator: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodEnded:
    """A second one agreed: the year is closed; what is owed stays owed."""

    sequence: int
    year: int
    regulator: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConfirmed:
    """A figure is the obligation now, or its revision; ``cap`` and ``excess`` in tonnes of CCER."""

    sequence: int
    record: int
    obligation: int
    regulator: bytes
    cap: int
    cap_version: int
    excess: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordProposed:
    """A verifier entered a figure."""

    sequence: int
    record: int
    content: EmissionRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class SurrenderRestored:
    """A surrender was taken back; ``total`` surrendered remain, in tonnes."""

    sequence: int
    obligation: int
    quantity: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Surrendered:
    """Allowances were handed in; ``total`` now, in tonnes; ``late`` after the year's deadline."""

    sequence: int
    obligation: int
    quantity: int
    total: int
    deadline_version: int
    late: bool


ObligationEvent = (
    ArrearOpened
    | ArrearSettled
    | CarryOverConfirmed
    | CarryOverProposed
    | CarryOverRestored
    | CarryOverUsed
    | OffsetReleased
    | OffsetReserved
    | OffsetUsed
    | PeriodCloseProposed
    | PeriodEnded
    | RecordConfirmed
    | RecordProposed
    | SurrenderRestored
    | Surrendered
)
