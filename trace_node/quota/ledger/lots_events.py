"""Events of LotBook: classes, and where each tonne is (批次事件)."""

from dataclasses import dataclass

from trace_node.quota.ledger.kinds import Hold, Instrument, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRegistered:
    """A class of units was registered; ``code`` is text padded with zeros."""

    sequence: int
    class_id: int
    instrument: Instrument
    vintage: int
    code: bytes
    record: bytes
    order_id: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LotIssued:
    """New serials became a lot, in the registry and without a hold."""

    sequence: int
    lot_id: int
    class_id: int
    account: int
    first_serial: int
    quantity: int
    registry_number: bytes
    order_id: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LotMoved:
    """A lot changed account, place, hold or subject."""

    sequence: int
    lot_id: int
    account: int
    place: Place
    hold: Hold
    subject: int
    order_id: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LotNumbered:
    """The registry's serial reference of a lot was entered, as a digest."""

    sequence: int
    lot_id: int
    registry_number: bytes
    officer: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LotSplit:
    """The first ``quantity`` serials of a lot are now another lot, alike in all else."""

    sequence: int
    lot_id: int
    new_lot_id: int
    quantity: int


LotEvent = ClassRegistered | LotIssued | LotMoved | LotNumbered | LotSplit
