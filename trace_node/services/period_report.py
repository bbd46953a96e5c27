"""What can be said of the completeness of a period, device by device."""

from dataclasses import dataclass

from trace_node.metering.records.chained import ChainedRecord
from trace_node.tlog.verdict import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLink:
    """A record of a device chain with its digest and place.

    Attributes:
        record: The record.
        digest: Its 32-byte digest.
        index: Its leaf index.
    """

    record: ChainedRecord
    digest: bytes
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Numbers of a device chain that the file does not hold.

    Attributes:
        boot: 16 bytes.
        first: First missing number.
        last: Last missing number.
        recorded: The node found it too and says so in the log.
        skipped: The link over it holds: the collector skipped numbers, no record is missing.
    """

    boot: bytes
    first: int
    last: int
    recorded: bool
    skipped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why completeness does not hold or cannot be established.

    Attributes:
        status: ``FAILED`` or ``NOT_DONE``.
        reason: Stable dotted code.
        message: English template over ``device`` and the parameters.
        params: Its parameters.
    """

    status: Status
    reason: str
    message: str
    params: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterRegisterCount:
    """Readings of one meter register in the period.

    Attributes:
        meter_register: Its name.
        unit: Symbol of its unit; empty when the file holds no reading of it.
        planned: Readings that its interval demands; ``None`` without a registration.
        present: Readings with a value.
        failed: Readings without a value, each with its reason.
        backward: How often a reading is for an earlier instant than the one before it.
    """

    meter_register: str
    unit: str
    planned: int | None
    present: int
    failed: int
    backward: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCompleteness:
    """What is known of one device in the period (完整性).

    Attributes:
        device: Its name.
        expected: Records that its numbering demands between the first and the last in the file.
        held: Records of these that the file holds.
        gaps: What is missing.
        meter_registers: The readings by meter register, names ascending.
        doubts: Why completeness does not hold; empty when it is established.
    """

    device: str
    expected: int
    held: int
    gaps: tuple[Gap, ...]
    meter_registers: tuple[MeterRegisterCount, ...]
    doubts: tuple[Doubt, ...]

    @property
    def status(self) -> Status:
        """Passed without a doubt, failed with a failed one, otherwise not done."""
        statuses = {doubt.status for doubt in self.doubts}
        if Status.FAILED in statuses:
            return Status.FAILED
        return Status.NOT_DONE if statuses else Status.PASSED
