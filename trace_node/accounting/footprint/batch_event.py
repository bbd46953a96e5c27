"""An event in the life of batches as a leaf: ``batch-event@1``."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Final

from trace_node import canonical_json
from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.arithmetic import precise, total
from trace_node.accounting.footprint.batch_check import require_sound
from trace_node.accounting.footprint.batch_parts import (
    BatchInput,
    BatchOutput,
    Fuel,
    HandOver,
    Leg,
    read_above,
    read_fraction,
    read_link,
    write_link,
)
from trace_node.accounting.footprint.words import Allocation, EventKind, Stage
from trace_node.canonical_json import JsonObject
from trace_node.crypto import sm2
from trace_node.crypto.signer import Signer
from trace_node.ids import OrganisationId
from trace_node.period import Period
from trace_node.record.fields import (
    read_choice,
    read_name,
    read_object,
    read_optional,
    read_printable,
    read_time,
)
from trace_node.record.statement_fields import read_items, read_period
from trace_node.record.writing import write_decimal, write_time

BATCH_EVENT: Final = "batch-event@1"
MOST_BATCHES: Final = 64
MOST_LEGS: Final = 16
MOST_LINKS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEvent:
    """What happened to batches (批次事件), methods.md 10; standard 000 7.2.1.

    Attributes:
        organisation: Whose event it is.
        event: Name of the event.
        item: Data-item code (数据项编码): industry, activity, source, parameter, serial number.
        kind: What happened.
        unit: Process unit or carrier that did it.
        stage: Stage of the life cycle whose emission it shares; None where nothing is emitted.
        period: Period whose stage emission is shared out; None without a stage of its own.
        throughput: Tonnes through the unit in the period: out of the ground for ``extract``, fed in
            for others; None without a stage of its own.
        happened_at: When; whole milliseconds.
        inputs: What goes in; nothing for ``extract``.
        outputs: What comes out; nothing for ``burn``.
        allocation: By what the burden is parted.
        tolerance: How much more may come out than went in, a fraction: what scales differ by.
        legs: Transport, for ``load`` and ``deliver``.
        fuel: What was burnt, for ``burn``.
        links: Leaves that show the masses: weighings, laboratory records, laboratory values.
        hand_over: Signature of the enterprise that took it over; None within one enterprise.
    """

    TYPE: ClassVar[str] = BATCH_EVENT
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {
            *("allocation", "event", "fuel", "hand_over", "happened_at", "inputs", "item", "kind"),
            *("legs", "links", "organisation", "outputs", "period", "stage", "throughput"),
            *("tolerance", "unit"),
        }
    )

    organisation: OrganisationId
    event: str
    item: str
    kind: EventKind
    unit: str
    stage: Stage | None
    period: Period | None
    throughput: Decimal | None
    happened_at: datetime
    inputs: tuple[BatchInput, ...]
    outputs: tuple[BatchOutput, ...]
    allocation: Allocation
    tolerance: Decimal
    legs: tuple[Leg, ...]
    fuel: Fuel | None
    links: tuple[EvidenceLink, ...]
    hand_over: HandOver | None

    @property
    def topic(self) -> str:
        """Organisation and event."""
        return f"{self.organisation} {self.event}"

    @property
    def mass_in(self) -> Decimal:
        """Tonnes that went in."""
        return total(each.mass for each in self.inputs)

    @property
    def mass_out(self) -> Decimal:
        """Tonnes that came out."""
        return total(each.mass for each in self.outputs)

    @property
    def mass_through(self) -> Decimal:
        """Tonnes by which it shares in the throughput of its unit."""
        return self.mass_out if self.kind is EventKind.EXTRACT else self.mass_in

    @property
    def share_of_unit(self) -> Decimal | None:
        """Its part of the emission of its unit in the period; None without a stage of its own."""
        if self.throughput is None:
            return None
        with precise():
            return self.mass_through / self.throughput

    def signed_by_receiver(self, receiver: OrganisationId, signer: Signer) -> "BatchEvent":
        """The same event with the signature of the enterprise that takes it over."""
        value = signer.sign(self.handed_bytes(receiver))
        over = HandOver(receiver=receiver, key=signer.public.key_id, value=value)
        return replace(self, hand_over=over)

    def handed_bytes(self, receiver: OrganisationId) -> bytes:
        """What the receiver signs: the canonical event, with the receiver in place of its word."""
        over: JsonObject = {"hand_over": {"receiver": receiver}, "type": self.TYPE}
        return canonical_json.encode({**self.to_fields(), **over})

    def verify_receiver(self, public: sm2.PublicKey) -> None:
        """Verify the receiver's signature.

        Raises:
            SignatureError: It does not verify.
        """
        if self.hand_over is not None:
            sm2.verify(public, self.handed_bytes(self.hand_over.receiver), self.hand_over.value)

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "BatchEvent":
        """Read its members; what contradicts itself is refused."""
        event = cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            event=read_name(fields, "event"),
            item=read_printable(fields, "item"),
            kind=EventKind(read_choice(fields, "kind", frozenset(EventKind))),
            unit=read_name(fields, "unit"),
            stage=read_optional(fields, "stage", read_stage),
            period=read_optional(fields, "period", read_period),
            throughput=read_optional(fields, "throughput", read_above),
            happened_at=read_time(fields, "happened_at"),
            inputs=read_items(fields, "inputs", BatchInput.from_fields, most=MOST_BATCHES),
            outputs=read_items(fields, "outputs", BatchOutput.from_fields, most=MOST_BATCHES),
            allocation=Allocation(read_choice(fields, "allocation", frozenset(Allocation))),
            tolerance=read_fraction(fields, "tolerance"),
            legs=read_items(fields, "legs", Leg.from_fields, most=MOST_LEGS),
            fuel=read_optional(fields, "fuel", _read_fuel),
            links=read_items(fields, "links", read_link, most=MOST_LINKS),
            hand_over=read_optional(fields, "hand_over", _read_hand_over),
        )
        require_sound(event)
        return event

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "allocation": self.allocation.value,
            "event": self.event,
            "fuel": None if self.fuel is None else self.fuel.to_fields(),
            "hand_over": None if self.hand_over is None else self.hand_over.to_fields(),
            "happened_at": write_time(self.happened_at, field="happened_at"),
            "inputs": [each.to_fields() for each in self.inputs],
            "item": self.item,
            "kind": self.kind.value,
            "legs": [each.to_fields() for each in self.legs],
            "links": [write_link(each) for each in self.links],
            "organisation": self.organisation,
            "outputs": [each.to_fields() for each in self.outputs],
            "period": None if self.period is None else self.period.name,
            "stage": None if self.stage is None else self.stage.value,
            "throughput": write_decimal(self.throughput, field="throughput"),
            "tolerance": write_decimal(self.tolerance, field="tolerance"),
            "unit": self.unit,
        }


def read_stage(fields: JsonObject, key: str) -> Stage:
    """Read a stage of the life cycle."""
    return Stage(read_choice(fields, key, frozenset(Stage)))


def _read_fuel(fields: JsonObject, key: str) -> Fuel:
    return Fuel.from_fields(read_object(fields, key))


def _read_hand_over(fields: JsonObject, key: str) -> HandOver:
    return HandOver.from_fields(read_object(fields, key))
