"""A whole log in memory: enrolments, deliveries, checkpoints, anchors, a trust root and bundles.

Everything is deterministic (keys, nonces, salts, times), so that vectors made from it are the same
each time. ``World()`` is a log with two devices and nothing delivered; ``small_world()`` one in which
something has happened.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NoReturn

from support.bundle_keys import FixedKey

from trace_node.errors import UnavailableError
from trace_node.ids import DeviceId, KeyId, LeafIndex, OrganisationId, Origin, RegisterId
from trace_node.metering.meter import Meter, MeterRegister
from trace_node.metering.records.context import Context, SeenHead, build_context
from trace_node.metering.records.delivery import Delivery, build_delivery
from trace_node.metering.records.device_registration import (
    DeviceRegistration,
    build_device_registration,
)
from trace_node.metering.records.digests import record_digest
from trace_node.metering.records.event import Event, build_event
from trace_node.metering.records.finding import Finding, build_finding
from trace_node.metering.records.key_registration import KeyRegistration, build_key_registration
from trace_node.metering.records.reading import Reading, build_reading
from trace_node.metering.records.received import Received, build_received
from trace_node.ports.chain import ExpectedRegistry, LiveAnchorResult, LiveCheck, LiveOutcome
from trace_node.tlog import checkpoint as checkpoints
from trace_node.tlog.anchor import Anchor, AnchoredHead
from trace_node.tlog.bundle import DeliveryEvidence, ProofBundle, format_bundle
from trace_node.tlog.checkpoint import Checkpoint
from trace_node.tlog.cosignature import Cosigner, sm2_cosigner
from trace_node.tlog.hasher import SM3
from trace_node.tlog.note_keys import Sm2NoteSigner
from trace_node.tlog.tlog_proof import TlogProof
from trace_node.tlog.tree import MemoryTree
from trace_node.tlog.trust_root import SignedTrustRoot, sign_trust_root
from trace_node.tlog.trust_root_form import LogKey, TrustedChain, TrustedKey, TrustRoot

ORIGIN = Origin("trace-node.example/plant-a/sm3")
ORGANISATION = OrganisationId("example-steel")
START = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
NOW = START + timedelta(days=30)
STEP = timedelta(minutes=15)
DEVICE = DeviceId("meter-1")
OTHER_DEVICE = DeviceId("meter-2")
ENERGY = RegisterId("active_energy")

OWNER = FixedKey("owner")
AUTHORITY = FixedKey("device authority")
LOG_KEY = FixedKey("log")
NODE_KEY = FixedKey("node")
COLLECTOR = FixedKey("collector")
WITNESS = FixedKey("witness")
STRANGER = FixedKey("stranger")

CHAIN = TrustedChain(
    engine="embedded",
    chain_id=20260,
    genesis_hash=hashlib.sha256(b"genesis").digest(),
    registry=hashlib.sha256(b"registry").digest()[:20],
    code_hash=hashlib.sha256(b"code").digest(),
    validators=(),
)
LOG_ID = hashlib.sha256(b"log id").digest()


def meter_of(device: DeviceId) -> Meter:
    """A meter with one counter that is read every quarter of an hour."""
    energy = MeterRegister(
        name=ENERGY,
        quantity="active_energy",
        unit="kWh",
        scale=1,
        kind="counter",
        minimum=Decimal("0.0"),
        maximum=Decimal("999999.9"),
        capacity=Decimal("1000000.0"),
        max_rate=None,
        interval_s=900,
        multiplier=Decimal(1),
    )
    return Meter(
        device=device,
        serial=f"SN-{device}",
        kind="electricity_meter",
        meter_registers=(energy,),
        valid_from=START - timedelta(days=365),
    )


@dataclass(slots=True, kw_only=True)
class Made:
    """One delivery as it stands in the log."""

    record: bytes
    index: int
    received: bytes
    received_index: int
    received_at: datetime
    context: bytes
    context_index: int
    bodies: list[bytes]
    indexes: list[int]


@dataclass(slots=True)
class World:
    """A log and everybody around it."""

    origin: Origin = ORIGIN
    entries: list[bytes] = field(default_factory=list)
    tree: MemoryTree = field(default_factory=lambda: MemoryTree(hasher=SM3))
    deliveries: list[Made] = field(default_factory=list)
    findings: list[int] = field(default_factory=list)
    notes: dict[int, bytes] = field(default_factory=dict)
    sealed_at: dict[int, datetime] = field(default_factory=dict)
    anchors: list[Anchor] = field(default_factory=list)
    chains: dict[str, "Chain"] = field(default_factory=dict)
    registration: bytes = b""
    registration_index: int = -1
    meters: dict[str, tuple[int, bytes, Meter]] = field(default_factory=dict)
    boot: bytes = b""
    context: bytes = b""
    context_index: int = -1
    salts: int = 0

    def __post_init__(self) -> None:
        self.registration = self.enrol_key()
        self.registration_index = self.append(self.registration)
        for device in (DEVICE, OTHER_DEVICE):
            meter = meter_of(device)
            raw = build_device_registration(
                DeviceRegistration(
                    salt=self.random(),
                    origin=self.origin,
                    meter=meter,
                    signed_by=AUTHORITY.public.key_id,
                ),
                signer=AUTHORITY,
            )
            self.meters[device] = (self.append(raw), raw, meter)
        self.reboot()

    def random(self) -> bytes:
        """Sixteen bytes that look random and are the same each time."""
        self.salts += 1
        return hashlib.sha256(b"random %d" % self.salts).digest()[:16]

    def append(self, entry: bytes) -> int:
        """Log an entry."""
        self.entries.append(entry)
        return self.tree.append(self.tree.hasher.leaf(entry))

    def enrol_key(self, **changes: object) -> bytes:
        """The collector's key registration, with changes."""
        fields = KeyRegistration(
            salt=self.random(),
            origin=self.origin,
            key=COLLECTOR.public,
            usage="collector",
            subject="collector-1",
            organisation=ORGANISATION,
            valid_from=START - timedelta(days=1),
            valid_to=START + timedelta(days=365),
            address=None,
            signed_by=AUTHORITY.public.key_id,
        )
        signer = changes.pop("signer", AUTHORITY)
        return build_key_registration(
            replace(fields, signed_by=signer.public.key_id, **changes), signer=signer
        )

    def reboot(self, **changes: object) -> None:
        """The collector starts again: a new boot and a new context."""
        self.boot = self.random()
        for chain in self.chains.values():
            chain.seq = 0
        self.new_context(**changes)

    def new_context(self, **changes: object) -> None:
        """The collector states its context anew."""
        fields = Context(
            salt=self.random(),
            organisation=ORGANISATION,
            collector=COLLECTOR.public.key_id,
            boot=self.boot,
            config=hashlib.sha256(b"points.toml").digest(),
            software="trace-node 0.1.0",
            created_at=START - timedelta(hours=1),
            head=self.newest_head(),
        )
        self.context = build_context(replace(fields, **changes))
        self.context_index = -1

    def newest_head(self) -> SeenHead | None:
        """The head a collector would have seen."""
        if not self.anchors:
            return None
        head = self.anchors[-1].head
        return SeenHead(origin=self.origin, size=head.size, root=head.root)

    def reading(self, at: datetime, device: DeviceId = DEVICE, **changes: object) -> bytes:
        """The next reading of a device."""
        chain = self.chains.setdefault(device, Chain())
        fields = Reading(
            **self._link(chain, at, device),
            meter_register=ENERGY,
            unit="kWh",
            value=Decimal(1000 + 25 * chain.total).scaleb(-1),
            reason=None,
        )
        return chain.close(build_reading(replace(fields, **changes)))

    def event(self, at: datetime, device: DeviceId = DEVICE, **changes: object) -> bytes:
        """The next event of a device."""
        chain = self.chains.setdefault(device, Chain())
        fields = Event(
            **self._link(chain, at, device), event="heartbeat", detail={}, meter_register=None
        )
        return chain.close(build_event(replace(fields, **changes)))

    def _link(self, chain: "Chain", at: datetime, device: DeviceId) -> dict[str, object]:
        return {
            "boot": self.boot,
            "clock": "synchronised",
            "collected_at": at + timedelta(seconds=2),
            "context": record_digest(self.context),
            "device": device,
            "observed_at": at,
            "observed_by": "collector",
            "origin": "modbus-tcp",
            "prev": chain.last,
            "raw": hashlib.sha256(b"raw" + self.random()).digest(),
            "salt": self.random(),
            "seq": chain.seq,
        }

    def deliver(
        self, bodies: Sequence[bytes], *, at: datetime, signer: FixedKey = COLLECTOR
    ) -> Made:
        """Log records as one delivery; records that are logged already keep their index."""
        hashes = [SM3.leaf(body) for body in bodies]
        delivery = Delivery(
            salt=self.random(),
            origin=self.origin,
            collector=KeyId(signer.public.key_id),
            context=record_digest(self.context),
            count=len(bodies),
            root=MemoryTree(hasher=SM3, leaf_hashes=hashes).root(),
        )
        if self.context_index < 0:
            self.context_index = self.append(self.context)
        indexes = [
            self.entries.index(body) if body in self.entries else self.append(body)
            for body in bodies
        ]
        record = build_delivery(delivery, signer=signer)
        index = self.append(record)
        received = build_received(
            Received(
                salt=self.random(),
                delivery=record_digest(record),
                first_index=LeafIndex(indexes[0]),
                count=len(bodies),
                received_at=at,
                signed_by=NODE_KEY.public.key_id,
            ),
            signer=NODE_KEY,
        )
        made = Made(
            record=record,
            index=index,
            received=received,
            received_index=self.append(received),
            received_at=at,
            context=self.context,
            context_index=self.context_index,
            bodies=list(bodies),
            indexes=indexes,
        )
        self.deliveries.append(made)
        return made

    def find(self, **changes: object) -> int:
        """Log a finding of the node."""
        fields = Finding(
            salt=self.random(),
            finding="seq_gap",
            device=DEVICE,
            boot=self.boot,
            seq_from=0,
            seq_to=0,
            subjects=(),
            detail={},
            found_at=START,
            signed_by=NODE_KEY.public.key_id,
        )
        index = self.append(build_finding(replace(fields, **changes), signer=NODE_KEY))
        self.findings.append(index)
        return index

    def seal(self, *, at: datetime, witnessed: bool = False) -> bytes:
        """Sign a checkpoint of everything logged so far."""
        size = self.tree.size
        statement = Checkpoint(origin=self.origin, size=size, root=self.tree.root())
        note = checkpoints.sign(
            statement, signers=[Sm2NoteSigner(name=self.origin, signer=LOG_KEY)]
        )
        if witnessed:
            line = witness().cosign(statement.format(), time=int(at.timestamp()))
            note = note.with_signatures([line])
        self.notes[size] = note.format()
        self.sealed_at[size] = at
        return self.notes[size]

    def anchor(self, *, at: datetime) -> Anchor:
        """Anchor the newest checkpoint."""
        size = max(self.notes)
        previous = self.anchors[-1].head if self.anchors else AnchoredHead(size=0, root=SM3.empty())
        number = len(self.anchors) + 1
        anchor = Anchor(
            engine=CHAIN.engine,
            chain_id=CHAIN.chain_id,
            genesis_hash=CHAIN.genesis_hash,
            contract=CHAIN.registry,
            log_id=LOG_ID,
            transaction_hash=hashlib.sha256(b"transaction %d" % number).digest(),
            block_number=number,
            block_hash=hashlib.sha256(b"block %d" % number).digest(),
            block_time=int(at.timestamp()),
            previous=previous,
            head=AnchoredHead(size=size, root=self.tree.root(size=size)),
        )
        self.anchors.append(anchor)
        return anchor

    def made_for(self, index: int) -> tuple[Made, int]:
        """The delivery that brought an entry, and the entry's place in it."""
        for made in self.deliveries:
            if index in made.indexes:
                return made, made.indexes.index(index)
        raise LookupError(index)

    def bundle(self, index: int) -> ProofBundle:
        """The bundle of an entry, as of the first anchor that covers it, else the newest note."""
        made, place = self.made_for(index)
        anchor = next((anchor for anchor in self.anchors if anchor.head.size > index), None)
        size = max(self.notes) if anchor is None else anchor.head.size
        batch = MemoryTree(hasher=SM3, leaf_hashes=[SM3.leaf(body) for body in made.bodies])
        proof = TlogProof(
            index=index,
            hashes=tuple(self.tree.inclusion(index=index, size=size)),
            checkpoint=self.notes[size],
        )
        return ProofBundle(
            hash_name=self.tree.hasher.name,
            leaf=self.entries[index],
            leaf_index=index,
            context=made.context,
            delivery=DeliveryEvidence(
                record=made.record, index=place, path=tuple(batch.inclusion(index=place))
            ),
            collector=self.registration,
            log_proof=proof.format().decode(),
            anchor=anchor,
        )

    def bundle_file(self, index: int) -> bytes:
        """The file of that bundle."""
        return format_bundle(self.bundle(index))


@dataclass(slots=True)
class Chain:
    """Where the chain of one device stands."""

    seq: int = 0
    last: bytes | None = None
    total: int = 0

    def close(self, raw: bytes) -> bytes:
        """Take a record as the newest."""
        self.seq += 1
        self.total += 1
        self.last = record_digest(raw)
        return raw


def witness() -> Cosigner:
    """The one witness."""
    return sm2_cosigner(name="witness.example/w1", signer=WITNESS)


def witness_policy() -> str:
    """A policy that demands it."""
    return f"witness w1 {witness().key.vkey}\nquorum w1\n"


def trust_root_fields(**changes: object) -> TrustRoot:
    """What the trust root of this world says, with changes."""
    log_vkey = Sm2NoteSigner(name=ORIGIN, signer=LOG_KEY).vkey
    root = TrustRoot(
        owner=TrustedKey(name="Example consortium", point=OWNER.public.point),
        version=1,
        predecessor=None,
        issued_at=START - timedelta(days=10),
        expires_at=START + timedelta(days=700),
        origin=ORIGIN,
        log_id=LOG_ID,
        log_keys=(LogKey(vkey=log_vkey, from_size=0, to_size=None),),
        device_authorities=(TrustedKey(name="Device CA", point=AUTHORITY.public.point),),
        node_keys=(TrustedKey(name="Plant A node", point=NODE_KEY.public.point),),
        witness_policy="",
        chain=CHAIN,
    )
    return replace(root, **changes)


def trust_root(**changes: object) -> SignedTrustRoot:
    """The signed trust root of this world, with changes."""
    signer = changes.pop("signer", OWNER)
    return sign_trust_root(trust_root_fields(**changes), owner=signer)


def small_world() -> World:
    """Three deliveries of two devices in one log, two checkpoints, two anchors.

    The last four entries are anchored by no one: the newest anchor is of the second checkpoint.
    """
    world = World()
    first = [world.reading(START + STEP * step) for step in range(4)]
    world.deliver(first, at=START + timedelta(hours=1))
    world.seal(at=START + timedelta(hours=1, minutes=1))
    world.anchor(at=START + timedelta(hours=1, minutes=2))
    world.new_context()
    second = [
        world.reading(START + STEP * step, device)
        for step in range(4, 8)
        for device in (DEVICE, OTHER_DEVICE)
    ]
    world.deliver(second, at=START + timedelta(hours=2))
    world.seal(at=START + timedelta(hours=2, minutes=1), witnessed=True)
    world.anchor(at=START + timedelta(hours=2, minutes=2))
    world.deliver([world.reading(START + STEP * 8)], at=START + timedelta(hours=3))
    world.seal(at=START + timedelta(hours=3, minutes=1))
    return world


class FakeChain:
    """A chain that holds the anchors it is given, answering as a reader of a live chain does."""

    def __init__(self, anchors: Sequence[Anchor], *, confirmations: int = 3) -> None:
        self.anchors = {anchor.head.size: anchor for anchor in anchors}
        self.confirmations = confirmations
        self.asked = 0

    def check_anchor(self, anchor: Anchor, *, expected: ExpectedRegistry) -> LiveAnchorResult:
        self.asked += 1
        held = self.anchors.get(anchor.head.size)
        questions = (
            ("chain_id", expected.chain_id, CHAIN.chain_id),
            ("genesis", expected.genesis_hash.hex(), CHAIN.genesis_hash.hex()),
            ("code", expected.runtime_code_hash.hex(), CHAIN.code_hash.hex()),
            ("event", anchor, held),
        )
        checks = []
        for name, wanted, found in questions:
            passed = wanted == found
            checks.append(
                LiveCheck(
                    name=name,
                    outcome=LiveOutcome.PASSED if passed else LiveOutcome.FAILED,
                    reason="" if passed else f"chain.{name}",
                    expected=str(wanted)[:66],
                    found=str(found)[:66],
                )
            )
        if not self.confirmations:
            checks.append(
                LiveCheck(name="finality", outcome=LiveOutcome.NOT_DONE, reason="chain.not_final")
            )
        return LiveAnchorResult(
            endpoint="http://127.0.0.1:8545",
            checks=tuple(checks),
            block_time=None if held is None else held.block_time,
            confirmations=self.confirmations,
        )

    def head(self, *, expected: ExpectedRegistry) -> AnchoredHead | None:
        assert expected.log_id == LOG_ID
        return self.anchors[max(self.anchors)].head if self.anchors else None


class DeadChain:
    """A chain that does not answer."""

    def check_anchor(self, *_: object, **__: object) -> NoReturn:
        raise UnavailableError("{field}: no answer", field="rpc", code="chain.unavailable")

    head = check_anchor


def period_world() -> World:
    """Twelve quarter hours of two devices with an event, a reboot and three anchors.

    The period of interest is that from step 2 to step 10; everything in it is anchored.
    """
    world = World()
    hour = timedelta(hours=1)
    for part in range(3):
        if part == 1:
            world.reboot()
        steps = range(4 * part, 4 * part + 4)
        bodies = [
            world.reading(START + STEP * step, device)
            for step in steps
            for device in (DEVICE, OTHER_DEVICE)
        ]
        if part == 1:
            bodies.append(world.event(START + STEP * 7))
        world.deliver(bodies, at=START + hour * (part + 1))
        world.seal(at=START + hour * (part + 1) + timedelta(minutes=1), witnessed=True)
        world.anchor(at=START + hour * (part + 1) + timedelta(minutes=2))
        world.new_context()
    return world
