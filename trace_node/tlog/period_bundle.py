"""The period bundle ``period-proof@v1``: what some devices reported in a period, in one file.

Every record of the named devices from the last one before the period to the first one after it,
the deliveries that brought them, what the node received and found, one proof for all these leaves,
one checkpoint and one anchor (docs/spec/period-bundle.md). The form in JSON is in
``period_bundle_json``.
"""

from dataclasses import dataclass
from datetime import datetime

from trace_node.tlog.anchor import Anchor

MAX_RECORDS = 200_000  # the file is bounded besides
MAX_DELIVERIES = 100_000
MAX_DEVICES = 4096
MAX_FINDINGS = 10_000
MAX_HISTORY = 4096
SCOPES = frozenset({"organisation", "boundary", "meters"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRecord:
    """A record and where it stands in the log.

    Attributes:
        index: Leaf index.
        body: Exact bytes.
    """

    index: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredRecord:
    """A record of a device.

    Attributes:
        index: Leaf index.
        position: Place in its delivery, from 0.
        body: Exact bytes.
    """

    index: int
    position: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodDelivery:
    """A delivery and those of its records that belong here.

    Attributes:
        record: The ``delivery`` record.
        received: The node's ``received`` record for it.
        records: Records of the named devices, positions ascending; at least one.
        path: Batch proof (``batch_proof``) of these records under the root that the delivery signs.
    """

    record: LoggedRecord
    received: LoggedRecord
    records: tuple[DeliveredRecord, ...]
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodDevice:
    """A device that the bundle speaks for.

    Attributes:
        name: Its name.
        registration: The ``device-registration`` record in force; ``None`` when there is none.
    """

    name: str
    registration: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchoredCheckpoint:
    """An earlier checkpoint and its anchor: when the records below its size first were fixed.

    Attributes:
        checkpoint: The signed note, verbatim.
        anchor: Its anchoring.
    """

    checkpoint: str
    anchor: Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodBundle:
    """Everything needed to check a period, but for the trust root (时段证明包).

    Attributes:
        hash_name: Hash of the log: ``sm3`` or ``sha256``.
        organisation: Whose meters they are.
        scope: How the devices were chosen: ``organisation``, ``boundary`` or ``meters``.
        scope_name: The organisation, or the name of the boundary, which is a claim; empty for
            ``meters``.
        begin: First instant of the period.
        end: First instant after the period.
        devices: The devices, names ascending.
        collectors: ``key-registration`` records of the collectors, their bytes ascending.
        contexts: ``context`` records that records and deliveries name, their bytes ascending.
        deliveries: The deliveries, own leaf index ascending.
        findings: ``finding`` records about these devices and boots, leaf index ascending.
        proof: Batch proof of all leaves above in the tree of the checkpoint.
        checkpoint: The signed note, verbatim.
        anchor: The anchoring of exactly this checkpoint; ``None`` when there was none yet.
        history: Earlier anchored checkpoints, sizes ascending.
    """

    hash_name: str
    organisation: str
    scope: str
    scope_name: str
    begin: datetime
    end: datetime
    devices: tuple[PeriodDevice, ...]
    collectors: tuple[bytes, ...]
    contexts: tuple[bytes, ...]
    deliveries: tuple[PeriodDelivery, ...]
    findings: tuple[LoggedRecord, ...]
    proof: tuple[bytes, ...]
    checkpoint: str
    anchor: Anchor | None
    history: tuple[AnchoredCheckpoint, ...]

    def leaves(self) -> list[tuple[int, bytes]]:
        """Every leaf that the proof is about, as (index, bytes), index ascending."""
        leaves = [(finding.index, finding.body) for finding in self.findings]
        for delivery in self.deliveries:
            leaves += [(delivery.record.index, delivery.record.body)]
            leaves += [(delivery.received.index, delivery.received.body)]
            leaves += [(record.index, record.body) for record in delivery.records]
        return sorted(leaves)
